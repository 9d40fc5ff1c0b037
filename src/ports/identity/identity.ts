/**
 * What a sign-in provider must do. Every way in ends in services/auth/exchange, which turns an Identity into a user, a session
 * row and one cookie. Issuers with tokens (OIDC) share one verifier in this folder; the local link has its own proof.
 */
import type { Identity } from '../../domain/user.ts';

export interface IdentityProvider {
  /** The value of AUTH_PROVIDER. */
  readonly name: string;
  /** Shown on its button. */
  readonly label: string;
  /** `link`: a one-time secret minted by this deployment. `oidc`: authorization code flow. */
  readonly kind: 'link' | 'oidc';
  /** Exact issuer strings whose subjects this provider vouches for. */
  readonly issuers: readonly string[];
  /** Verifies a proof (link secret, id_token) completely. @throws unauthenticated when it is unknown, used, expired or altered */
  validateToken(token: string): Promise<Identity>;
  /** kind `link` only: a new one-time secret for this person, in URL-safe text. The plain secret is never stored. */
  mintLink?(identity: Identity): Promise<{ secret: string; expiresAt: number }>;
}

/** Where link secrets are kept until redeemed: services/auth implements it over the database, the in-memory one serves tests. */
export interface LinkStore {
  /** Stores the hash of a secret; `expiresAt` in Unix milliseconds. */
  add(link: { hash: string; identity: Identity; expiresAt: number }): Promise<void>;
  /** Removes and returns in one step, so that only one of two racing calls gets it. */
  take(hash: string): Promise<{ identity: Identity; expiresAt: number } | null>;
}
