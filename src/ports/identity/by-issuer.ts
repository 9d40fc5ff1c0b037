/** Which provider a token belongs to: the one that vouches for its issuer, and none by any other sign. */
import { decodeJwt } from 'jose';
import type { IdentityProvider } from './identity.ts';
import { refused } from './oidc-verifier.ts';

/** The token is not believed here, only asked whom to ask. @throws unauthenticated when no provider vouches for its issuer */
export function providerOfToken(providers: readonly IdentityProvider[], token: string): IdentityProvider {
  const issuer = issuerOf(token);
  const provider = providers.find(
    ({ kind, issuers }) => kind === 'oidc' && issuer !== null && issuers.includes(issuer),
  );
  if (!provider) throw refused('no provider vouches for the issuer');
  return provider;
}

function issuerOf(token: string): string | null {
  if (token.length > 16 * 1024) return null;
  try {
    return decodeJwt(token).iss ?? null;
  } catch {
    return null;
  }
}
