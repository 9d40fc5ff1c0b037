/** How people may sign in here: data of the deployment, in the order in which it offers them. */
export interface SignInProvider {
  name: string;
  label: string;
  /** An image as a `data:` address. */
  mark: string | null;
  kind: 'link' | 'oidc';
}
