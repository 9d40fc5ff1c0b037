/**
 * An OIDC issuer as a sign-in provider: discovery, keys and the verifier put together by the rules that a folder under providers/
 * wrote down. Nothing is fetched before somebody signs in, so an issuer that is down never keeps the server from starting.
 */
import type { JWTPayload } from 'jose';
import { z } from 'zod';
import { AppError } from '../../domain/errors.ts';
import type { Identity } from '../../domain/user.ts';
import { createDiscovery } from './discovery.ts';
import type { IdentityProvider, OidcClient, OidcEndpoints } from './identity.ts';
import { createLogoutTokens } from './logout-token.ts';
import type { OidcRules } from './oidc-rules.ts';
import { createOidcVerifier, isName, refused, type VerifiedToken } from './oidc-verifier.ts';
import { fetchJson, type RemoteDocument, unavailable } from './remote-document.ts';
import { createRemoteKeys, type RemoteKeys } from './remote-keys.ts';

const MOST_GROUPS = 500;
const USERINFO = z.looseObject({ sub: z.string(), email: z.unknown(), email_verified: z.unknown() });

export interface OidcOptions {
  now: () => number;
  /** How long an issuer may take to answer. */
  answerMs?: number;
}

export function createOidcIdentity(
  rules: OidcRules,
  options: OidcOptions,
): IdentityProvider & { readonly client: OidcClient } {
  const { name, label, mark, clientId, issuer } = rules;
  const sources = new Map<string, Source>();
  const sourceOf = (url: string): Source => {
    const known = sources.get(url);
    if (known) return known;
    const made = openSource(url, rules, options);
    sources.set(url, made);
    return made;
  };
  const spellings = [{ iss: issuer, url: issuer }, ...rules.alsoIssuers];
  const own = sourceOf(issuer);
  const issuers = new Map(spellings.map(({ iss, url }) => [iss, sourceOf(url).keys]));
  const verifier = createOidcVerifier({ ...rules, issuers }, options.now);
  const validateLogoutToken = createLogoutTokens(verifier, { ...rules, now: options.now });

  /** The claims of the token, and what only the userinfo endpoint tells: never another person's (OIDC Core 1.0, 5.3.4). */
  async function allClaims({ claims, subject }: VerifiedToken, accessToken: string | undefined): Promise<JWTPayload> {
    if (!rules.asksUserinfo || accessToken === undefined || claims.email !== undefined) return claims;
    const { userinfo } = await own.discovery.read();
    if (userinfo === null) return claims;
    const told = await fetchJson(userinfo, {
      answerMs: options.answerMs,
      headers: { authorization: `Bearer ${accessToken}` },
    });
    const { success, data } = USERINFO.safeParse(told);
    if (!success) throw unavailable(new Error('userinfo is not what it should be'));
    if (data.sub !== subject) throw refused('userinfo is about somebody else');
    // An address counts as verified only by the word of whoever told it.
    return { ...data, ...claims, email: data.email, email_verified: data.email_verified };
  }

  return {
    name,
    label,
    mark,
    kind: 'oidc',
    issuers: [...issuers.keys()],
    async validateToken(token, context = {}) {
      const verified = await verifier.idToken(token, context);
      if (context.accessToken !== undefined && rules.accessTokens === 'client_id') {
        const { subject } = await verifier.accessToken(context.accessToken);
        if (subject !== verified.subject) throw refused('the access token is somebody else’s');
      }
      const claims = await allClaims(verified, context.accessToken);
      const refusal = rules.refusal(claims);
      if (refusal !== null) throw new AppError('permission_denied', refusal);
      return identityOf(rules, verified.subject, claims);
    },
    validateLogoutToken,
    client: {
      id: clientId,
      secret: rules.clientSecret,
      scopes: rules.scopes,
      checks: ['pkce', 'state', 'nonce'],
      parameters: rules.parameters,
      endpoints: () => own.discovery.read(),
      signOutUrl: async (returnTo) => rules.signOutUrl(await own.discovery.read(), { clientId, returnTo }),
      async check() {
        await own.discovery.fetchAnew();
        await own.keys.check();
      },
    },
  };
}

interface Source {
  discovery: RemoteDocument<OidcEndpoints>;
  keys: RemoteKeys;
}

function openSource(url: string, { keysOf }: OidcRules, options: OidcOptions): Source {
  const discovery = createDiscovery({ ...options, issuer: url });
  const keys = createRemoteKeys({
    ...options,
    url: async () => (keysOf ? keysOf(url) : (await discovery.read()).keys),
  });
  return { discovery, keys };
}

/** At most so many characters of what an issuer says, without control characters. */
function text(value: unknown, most: number): string {
  return typeof value === 'string'
    ? value
        .replace(/\p{Cc}/gu, ' ')
        .trim()
        .slice(0, most)
    : '';
}

function identityOf(rules: OidcRules, subject: string, claims: JWTPayload): Identity {
  const told = text(claims.email, 255);
  const email = /^[^\s@]{1,64}@[^\s@]{1,190}$/.test(told) ? told : '';
  const full = [claims.given_name, claims.family_name].map((part) => text(part, 100)).filter(Boolean);
  const names = [text(claims.name, 200), full.join(' '), text(claims.preferred_username, 200), email.split('@')[0]];
  const identity: Identity = {
    issuer: rules.accountIssuer,
    subject,
    email,
    emailVerified: email !== '' && rules.emailVerified(claims),
    name: names.find(Boolean) ?? subject,
    ...(isName(claims.sid) ? { issuerSession: claims.sid } : {}),
  };
  const groups = rules.groupsClaim === null ? undefined : claims[rules.groupsClaim];
  if (!Array.isArray(groups)) return identity;
  return {
    ...identity,
    groups: groups
      .map((group) => text(group, 200))
      .filter(Boolean)
      .slice(0, MOST_GROUPS),
  };
}
