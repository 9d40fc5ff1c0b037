/**
 * What makes one OIDC issuer differ from another, as data: a folder under providers/ writes these down and `createOidcIdentity`
 * does the rest. Whoever adds a field here adds its case to the verifier, never a branch on a provider's name.
 */
import type { JWTPayload } from 'jose';
import type { OidcEndpoints } from './identity.ts';

/** An issuer as tokens spell it in `iss`, and as the web is asked for its documents. */
export interface IssuerSpelling {
  iss: string;
  /** Address that `.well-known/openid-configuration` is put behind. */
  url: string;
}

export interface OidcRules {
  /** The value of AUTH_PROVIDER. */
  name: string;
  label: string;
  /** Its mark on the button, an image as a `data:` address. */
  mark: string;
  /** The issuer of the code flow; discovery must repeat it exactly. */
  issuer: string;
  /** Further exact spellings in tokens of the same people. */
  alsoIssuers: readonly IssuerSpelling[];
  /** One of the spellings: people are kept under it, so it must not change when the code flow's issuer does. */
  accountIssuer: string;
  /** Where the keys of an issuer are by its maker's word; null: where discovery says. */
  keysOf: ((issuerUrl: string) => string) | null;
  clientId: string;
  clientSecret: string | null;
  scopes: readonly string[];
  /** Signature algorithms of its tokens; public-key ones only. */
  algorithms: readonly string[];
  /** Whether every token says in `token_use` what it is for; elsewhere the claim is checked where present. */
  namesTokenUse: boolean;
  /** `client_id`: access tokens are JWTs without an audience that name the client; they are verified when at hand. */
  accessTokens: 'opaque' | 'client_id';
  /** Hints in the authorization request. */
  parameters: Readonly<Record<string, string>>;
  /** Claim with the names of the person's groups; null: not asked. */
  groupsClaim: string | null;
  /** Whether the issuer leaves e-mail and name out of the id_token and tells them at its userinfo endpoint. */
  asksUserinfo: boolean;
  /** Whether the e-mail of these claims is surely the person's own. */
  emailVerified(claims: JWTPayload): boolean;
  /** A sentence for a person who is who they say and still may not come in; null for everybody else. */
  refusal(claims: JWTPayload): string | null;
  signOutUrl(endpoints: OidcEndpoints, request: { clientId: string; returnTo: string }): string | null;
}
