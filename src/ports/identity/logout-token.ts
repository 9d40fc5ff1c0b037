/**
 * Tokens by which an issuer ends sessions (OpenID Connect Back-Channel Logout 1.0, 2.4 and 2.6). The verifier of all tokens checks
 * signature, issuer, audience and times; here is what makes one a logout token and no other, and that it works once.
 */
import type { IdentityProvider } from './identity.ts';
import { checkAuthorizedParty, isName, LEEWAY_MS, type OidcVerifier, refused } from './oidc-verifier.ts';

const EVENT = 'http://schemas.openid.net/event/backchannel-logout';
/** The standard asks for two minutes at most; issuers send it at once. */
export const MAX_LOGOUT_AGE_MS = 5 * 60_000;
const MOST_LOGOUTS_REMEMBERED = 20_000;
/** What an issuer that names its tokens in a claim calls this one. */
const OWN_TYPES: readonly unknown[] = [undefined, 'logout', 'logout+jwt', 'jwt'];

type ValidateLogoutToken = NonNullable<IdentityProvider['validateLogoutToken']>;

export function createLogoutTokens(
  verifier: OidcVerifier,
  { clientId, accountIssuer, now }: { clientId: string; accountIssuer: string; now: () => number },
): ValidateLogoutToken {
  /** Names of tokens that were used, with the time from which they are too old anyway; oldest first. */
  const used = new Map<string, number>();

  function once(name: string): void {
    const time = now();
    for (const [known, until] of used) {
      if (until > time && used.size < MOST_LOGOUTS_REMEMBERED) break;
      used.delete(known);
    }
    if (used.has(name)) throw refused('jti was used');
    // A token may come from a clock that is ahead, and is then taken for longer.
    used.set(name, time + MAX_LOGOUT_AGE_MS + 2 * LEEWAY_MS);
  }

  return async (token) => {
    const { issuer, claims } = await verifier.signed(
      token,
      { audience: clientId, requiredClaims: ['iss', 'aud', 'iat', 'jti'], maxTokenAge: MAX_LOGOUT_AGE_MS / 1000 },
      'logout+jwt',
    );
    checkAuthorizedParty(claims, clientId);
    const { events, nonce, sub, sid, jti, typ } = claims;
    if (!isObject(events) || !isObject(Object.getOwnPropertyDescriptor(events, EVENT)?.value))
      throw refused('events do not end a session');
    // So that nobody can use an id_token as one, nor one as an id_token.
    if (nonce !== undefined) throw refused('nonce belongs to other tokens');
    if (!OWN_TYPES.includes(typeof typ === 'string' ? typ.toLowerCase() : typ))
      throw refused('typ is of another token');
    if (sub === undefined && sid === undefined) throw refused('neither sub nor sid');
    if ((sub !== undefined && !isName(sub)) || (sid !== undefined && !isName(sid)) || !isName(jti))
      throw refused('sub, sid or jti is malformed');
    once(`${issuer} ${jti}`);
    return { issuer: accountIssuer, subject: sub ?? null, issuerSession: sid ?? null };
  };
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
