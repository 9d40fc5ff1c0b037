/**
 * Three issuers at once, each with what its model in the world does otherwise than the others. Tests point the providers at them
 * by GOOGLE_ISSUER, COGNITO_ISSUER and OIDC_ISSUER.
 */
import { type IssuerQuirks, startIssuer, type TestIssuer } from './issuer.ts';

export const POOL_ID = 'eu-central-1_TestPool1';

/** Tokens name the authorized party; there is no address to end a session. */
const GOOGLE: IssuerQuirks = {
  name: 'google',
  path: '',
  routes: { authorization: '/o/oauth2/v2/auth', token: '/token', userinfo: '/v1/userinfo', jwks: '/oauth2/v3/certs' },
  endsSessions: false,
  idClaims: ({ groups: _, ...claims }, { claims: own }, clientId) => ({ ...claims, azp: clientId, ...own }),
  accessClaims: null,
};

/** Tokens say what they are for; access tokens have no audience; groups and truth values are written in its own way. */
const COGNITO: IssuerQuirks = {
  name: 'cognito',
  path: `/${POOL_ID}`,
  routes: {
    authorization: '/oauth2/authorize',
    token: '/oauth2/token',
    userinfo: '/oauth2/userInfo',
    jwks: '/.well-known/jwks.json',
  },
  endsSessions: false,
  idClaims: ({ groups, ...claims }, person) => ({
    ...claims,
    token_use: 'id',
    'cognito:username': person.subject,
    ...(groups === undefined && !person.groups ? {} : { 'cognito:groups': groups ?? person.groups }),
    email_verified: String(claims.email_verified),
    ...person.claims,
  }),
  accessClaims: (claims, clientId) => ({ ...claims, token_use: 'access', client_id: clientId, scope: 'openid email' }),
  serve(request, response, { issuer, clientId, redirectUris }) {
    const url = new URL(request.url ?? '/', issuer);
    if (url.pathname !== `/${POOL_ID}/logout`) return false;
    const target = url.searchParams.get('logout_uri') ?? '';
    const known = redirectUris.some((uri) => new URL(uri).origin === (URL.canParse(target) && new URL(target).origin));
    if (url.searchParams.get('client_id') !== clientId || !known) {
      response.writeHead(400).end('invalid request');
      return true;
    }
    const past = 'Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly';
    response
      .writeHead(302, {
        location: target,
        'set-cookie': [`cognito_session=; ${past}`, `cognito_session.sig=; ${past}`],
      })
      .end();
    return true;
  },
};

/** To the letter. */
const GENERIC: IssuerQuirks = {
  name: 'generic',
  path: '/realms/lab',
  routes: {},
  endsSessions: true,
  idClaims: (claims, { claims: own }) => ({ ...claims, ...own }),
  accessClaims: null,
};

export interface Issuers {
  google: TestIssuer;
  cognito: TestIssuer;
  generic: TestIssuer;
  /** What a deployment needs to sign people in with all three. */
  env: Record<string, string>;
  stop(): Promise<void>;
}

export async function startIssuers(): Promise<Issuers> {
  const [google, cognito, generic] = await Promise.all([
    startIssuer(GOOGLE),
    startIssuer(COGNITO),
    startIssuer(GENERIC),
  ]);
  return {
    google,
    cognito,
    generic,
    env: {
      GOOGLE_ISSUER: google.issuer,
      GOOGLE_CLIENT_ID: google.clientId,
      GOOGLE_CLIENT_SECRET: google.clientSecret,
      COGNITO_ISSUER: cognito.issuer,
      COGNITO_USER_POOL_ID: POOL_ID,
      COGNITO_CLIENT_ID: cognito.clientId,
      COGNITO_CLIENT_SECRET: cognito.clientSecret,
      OIDC_ISSUER: generic.issuer,
      OIDC_CLIENT_ID: generic.clientId,
      OIDC_CLIENT_SECRET: generic.clientSecret,
    },
    stop: async () => {
      await Promise.all([google, cognito, generic].map((issuer) => issuer.stop()));
    },
  };
}
