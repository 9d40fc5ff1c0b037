/**
 * Sign-in with a user pool of Amazon Cognito. Only data and quirks
 * (https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-tokens-verifying-a-jwt.html): the
 * verifier is everyone's. Opened by boot/container when AUTH_PROVIDER chooses it.
 */
import { z } from 'zod';
import { ISSUER_URL_ADVICE, isIssuerUrl } from '../../ports/identity/issuer-url.ts';
import { createOidcIdentity } from '../../ports/identity/oidc.ts';
import type { OidcRules } from '../../ports/identity/oidc-rules.ts';
import type { Provider } from '../../ports/provider.ts';
import { MARK } from './mark.ts';

const POOL_ID = /^([a-z]{2,}(?:-[a-z]+)+-\d+)_[0-9A-Za-z]+$/;
const POOL_ADVICE = 'Use the ID of the user pool, such as eu-central-1_AbCdEfGhI.';

/** A pool has one of two issuers: the second, once it is replicated to other regions. */
function issuersOf(poolId: string): { plain: string; multiRegion: string } {
  const region = POOL_ID.exec(poolId)?.[1] ?? '';
  return {
    plain: `https://cognito-idp.${region}.amazonaws.com/${poolId}`,
    multiRegion: `https://issuer-cognito-idp.${region}.amazonaws.com/${poolId}`,
  };
}

export const config = z
  .object({
    COGNITO_USER_POOL_ID: z
      .string({ error: 'Set COGNITO_USER_POOL_ID to the ID of the user pool, such as eu-central-1_AbCdEfGhI.' })
      .regex(POOL_ID, POOL_ADVICE),
    COGNITO_CLIENT_ID: z
      .string({ error: 'Set COGNITO_CLIENT_ID to the ID of the app client of the user pool.' })
      .trim(),
    COGNITO_CLIENT_SECRET: z
      .string({ error: 'Set COGNITO_CLIENT_SECRET to the secret of the app client of the user pool.' })
      .trim(),
    COGNITO_ISSUER: z.string().refine(isIssuerUrl, ISSUER_URL_ADVICE).optional(),
  })
  .superRefine(({ COGNITO_USER_POOL_ID: poolId, COGNITO_ISSUER: issuer }, context) => {
    if (issuer === undefined || !/\.amazonaws\.com(\.cn)?$/.test(new URL(issuer).hostname)) return;
    const { plain, multiRegion } = issuersOf(poolId);
    if (issuer === plain || issuer === multiRegion) return;
    context.addIssue({
      code: 'custom',
      path: ['COGNITO_ISSUER'],
      message: `The user pool of COGNITO_USER_POOL_ID has another issuer. Leave it out, or use ${plain}.`,
    });
  });

export type CognitoConfig = z.infer<typeof config>;

export function cognitoRules(settings: CognitoConfig): OidcRules {
  const { plain, multiRegion } = issuersOf(settings.COGNITO_USER_POOL_ID);
  const issuer = settings.COGNITO_ISSUER ?? plain;
  const others = [plain, multiRegion].filter((other) => other !== issuer);
  // Another address stands for the pool as a whole, as a test's does: then it is the only one.
  const also = others.length === 1 ? others : [];
  return {
    name: 'cognito',
    label: 'Amazon Cognito',
    mark: MARK,
    issuer,
    alsoIssuers: also.map((iss) => ({ iss, url: iss })),
    // Whoever moves the pool to several regions finds the same people.
    accountIssuer: also.length === 1 ? plain : issuer,
    keysOf: (issuerUrl) => `${issuerUrl.replace(/\/$/, '')}/.well-known/jwks.json`,
    clientId: settings.COGNITO_CLIENT_ID,
    clientSecret: settings.COGNITO_CLIENT_SECRET,
    scopes: ['openid', 'email', 'profile'],
    algorithms: ['RS256'],
    namesTokenUse: true,
    accessTokens: 'client_id',
    parameters: {},
    groupsClaim: 'cognito:groups',
    asksUserinfo: false,
    // Tokens of some flows say it in a string.
    emailVerified: ({ email_verified }) => email_verified === true || email_verified === 'true',
    refusal: () => null,
    // The sign-in pages are on a domain of the pool's own, which only discovery knows.
    signOutUrl({ authorization }, { clientId, returnTo }) {
      const url = new URL(authorization.replace(/\/oauth2\/authorize$/, '/logout'));
      url.search = new URLSearchParams({ client_id: clientId, logout_uri: returnTo }).toString();
      return url.href;
    },
  };
}

export const provider: Provider<CognitoConfig> = {
  name: 'cognito',
  label: 'Amazon Cognito accounts',
  config,
  configured: (env) =>
    [env.COGNITO_USER_POOL_ID, env.COGNITO_CLIENT_ID, env.COGNITO_CLIENT_SECRET, env.COGNITO_ISSUER].some(Boolean),
  autoOrder: 20,
  defaultIdentity: null,
  embedded: false,
  open: async (settings, { now }) => ({
    identity: createOidcIdentity(cognitoRules(settings), { now }),
    close: async () => {},
  }),
};
