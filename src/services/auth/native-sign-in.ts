/**
 * How programs without a browser sign in: they got an id_token for this deployment's client from an issuer by themselves, and
 * exchange it once for a session.
 */
import { createHash } from 'node:crypto';
import { AppError } from '../../domain/errors.ts';
import type { UserId } from '../../domain/ids.ts';
import { providerOfToken } from '../../ports/identity/by-issuer.ts';
import type { Deps } from '../deps.ts';
import { type Client, exchange } from './exchange.ts';

/** Older id_tokens are refused; so long their use is remembered. */
const MAX_AGE_MS = 10 * 60_000;
const MOST_REMEMBERED = 20_000;

export interface NativeProof {
  idToken: string;
  nonce?: string | undefined;
  accessToken?: string | undefined;
}

export type NativeSignIn = (
  deps: Deps,
  proof: NativeProof,
  /** `admit` is told who it is, of those who have an account, before anything is made of it; it may refuse. */
  by: { client: Client; admit: (userId: UserId) => void },
) => Promise<{ token: string; userId: UserId; expiresAt: number }>;

export function createNativeSignIn(): NativeSignIn {
  /** Hashes of tokens that were exchanged, oldest first, with the time until which they could be again. */
  const used = new Map<string, number>();

  /** @throws unauthenticated the second time; what `admit` throws: then the token is not used up */
  function once(token: string, now: number, admit: () => void): void {
    for (const [hash, until] of used) {
      if (until > now && used.size < MOST_REMEMBERED) break;
      used.delete(hash);
    }
    // What is signed, without the signature: that can be written in several ways (RFC 4648 §3.5).
    const hash = createHash('sha256')
      .update(token.slice(0, token.lastIndexOf('.')))
      .digest('base64url');
    if (used.has(hash)) throw new AppError('unauthenticated', 'This token was exchanged already. Get a new one.');
    admit();
    // The verifier lets clocks differ a little.
    used.set(hash, now + MAX_AGE_MS + 60_000);
  }

  return async (deps, { idToken, nonce, accessToken }, { client, admit }) => {
    const provider = providerOfToken(deps.identityProviders, idToken);
    const identity = await provider.validateToken(idToken, {
      ...(nonce === undefined ? {} : { nonce }),
      ...(accessToken === undefined ? {} : { accessToken }),
      maxAgeMs: MAX_AGE_MS,
    });
    const known = deps.people.findByIdentity(identity.issuer, identity.subject);
    once(idToken, deps.now(), () => known && admit(known.id));
    const { token, userId } = await exchange(deps, { identity, client });
    return { token, userId, expiresAt: deps.now() + deps.deployment.sessionTtlMs };
  };
}
