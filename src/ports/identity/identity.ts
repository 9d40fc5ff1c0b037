/**
 * What a sign-in provider must do. Every way in ends in services/auth/exchange, which turns an Identity into a user, a session
 * row and one cookie. Issuers with tokens (OIDC) share one verifier in this folder; the local link has its own proof.
 */
import type { Identity } from '../../domain/user.ts';

/** What the caller knows of the sign-in that a token came from; whatever is told is checked. */
export interface TokenContext {
  /** The nonce that was sent with the request: the token must carry the same. */
  nonce?: string;
  /** The access token of the same answer: `at_hash` must fit it, and it fetches what the id_token leaves out. */
  accessToken?: string;
  /** Refuses tokens issued longer ago; default and most: an hour. */
  maxAgeMs?: number;
}

export interface IdentityProvider {
  /** The value of AUTH_PROVIDER. */
  readonly name: string;
  /** Shown on its button. */
  readonly label: string;
  /** Shown before the label: an image as a `data:` address. */
  readonly mark?: string;
  /** `link`: a one-time secret minted by this deployment. `oidc`: authorization code flow. */
  readonly kind: 'link' | 'oidc';
  /** Exact issuer strings whose subjects this provider vouches for, in every spelling that a token may have. */
  readonly issuers: readonly string[];
  /**
   * Verifies a proof (link secret, id_token) completely. The identity's issuer is always the same one of `issuers`, however the
   * token spelled it, so that a person stays the same person.
   * @throws unauthenticated when it is unknown, used, expired, altered or somebody else's, always with the same words; unavailable
   * when the issuer's keys could not be fetched; permission_denied when the person is known and may not come in
   */
  validateToken(token: string, context?: TokenContext): Promise<Identity>;
  /**
   * kind `oidc` only: verifies, once, what an issuer sends to end sessions (OpenID Connect Back-Channel Logout 1.0).
   * @throws unauthenticated, unavailable as `validateToken` does
   */
  validateLogoutToken?(token: string): Promise<LogoutNotice>;
  /** kind `link` only: a new one-time secret for this person, in URL-safe text. The plain secret is never stored. */
  mintLink?(identity: Identity): Promise<{ secret: string; expiresAt: number }>;
  /** kind `oidc` only: what the code flow needs. It holds the secret: nothing of it is ever sent to a browser as it stands. */
  readonly client?: OidcClient;
}

/** What is over at an issuer: one session there, or all of a person. At least one of the two is told. */
export interface LogoutNotice {
  /** As in identities of the same provider. */
  issuer: string;
  subject: string | null;
  issuerSession: string | null;
}

/** This deployment as the issuer knows it. */
export interface OidcClient {
  readonly id: string;
  /** null: a public client, which proves itself by PKCE alone. */
  readonly secret: string | null;
  readonly scopes: readonly string[];
  /** What the code flow must check on the way back. */
  readonly checks: readonly ('pkce' | 'state' | 'nonce')[];
  /** Put into the authorization request besides the standard ones; only hints to the issuer. */
  readonly parameters: Readonly<Record<string, string>>;
  /** By discovery, cached. @throws unavailable */
  endpoints(): Promise<OidcEndpoints>;
  /**
   * Where the browser goes to end the session at the issuer, too; null when the issuer has no such address. `returnTo` must be
   * registered there. @throws unavailable
   */
  signOutUrl(returnTo: string): Promise<string | null>;
  /** Whether people could sign in now: discovery and keys are fetched anew. @throws unavailable, with what is wrong in its cause */
  check(): Promise<void>;
}

export interface OidcEndpoints {
  /** As the discovery document says it; the code flow compares it with the token's. */
  issuer: string;
  authorization: string;
  token: string;
  keys: string;
  userinfo: string | null;
  endSession: string | null;
}

/** Where link secrets are kept until redeemed: services/auth implements it over the database, the in-memory one serves tests. */
export interface LinkStore {
  /** Stores the hash of a secret; `expiresAt` in Unix milliseconds. */
  add(link: { hash: string; identity: Identity; expiresAt: number }): Promise<void>;
  /** Removes and returns in one step, so that only one of two racing calls gets it. */
  take(hash: string): Promise<{ identity: Identity; expiresAt: number } | null>;
}
