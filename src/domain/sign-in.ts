/** Which sign-in providers a deployment has. Pure: boot tells what each provider says of itself. */

export interface SignInOption {
  name: string;
  /** Whether any of its variables is set. */
  configured: boolean;
  /** Lower comes first; null: never chosen by itself. */
  autoOrder: number | null;
}

/** The value of AUTH_PROVIDER that leaves the choice. */
export const AUTOMATIC = 'auto';

/**
 * In the order in which people see them: (1) those that are named, as named; else (2) all that are configured, by their order;
 * else (3) the cloud's own. Empty only when there is none of them.
 */
export function chooseSignIn(choice: {
  named: readonly string[];
  options: readonly SignInOption[];
  cloudDefault: string | null;
}): string[] {
  const named = choice.named.filter((name) => name !== AUTOMATIC);
  if (named.length > 0) return [...new Set(named)];
  const configured = choice.options
    .flatMap(({ name, configured, autoOrder }) => (configured && autoOrder !== null ? [{ name, autoOrder }] : []))
    .sort((a, b) => a.autoOrder - b.autoOrder || (a.name < b.name ? -1 : 1))
    .map(({ name }) => name);
  if (configured.length > 0) return configured;
  return choice.cloudDefault === null ? [] : [choice.cloudDefault];
}
