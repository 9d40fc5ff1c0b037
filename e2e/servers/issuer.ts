/**
 * One issuer in this process: oidc-provider, which keeps strictly to OpenID Connect, with sign-in pages that know passwords, and
 * with what an issuer of the world does to those who rely on it: quirks in tokens, new keys, wrong clocks, silence and garbage.
 */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { decodeJwt } from 'jose';
import { interactionPolicy, Provider } from 'oidc-provider';
import { accessTokenHash, type IssuerKey, newKey, type Signer, signToken } from './issuer-keys.ts';
import { serveSignInPage } from './issuer-page.ts';
import { issuerState, type Person } from './issuer-state.ts';

export type Claims = Record<string, unknown>;
/** How the address of the keys answers. `elsewhere`: with a redirect to another origin, which has the keys. */
export type KeysMode = 'normal' | 'silent' | 'drip' | 'huge' | 'garbage' | 'error' | 'none' | 'elsewhere' | 'nearby';

export interface IssuerQuirks {
  name: string;
  /** Path of the issuer on its server: '' or '/something'. */
  path: string;
  routes: Record<string, string>;
  endsSessions: boolean;
  /** Claims of an id_token as this issuer writes them. */
  idClaims(claims: Claims, person: Person, clientId: string): Claims;
  /** Claims of its access tokens when they are JWTs; null: they are opaque. */
  accessClaims: ((claims: { iss: string; sub: string; iat: number; exp: number }, clientId: string) => Claims) | null;
  /** What it serves beside OpenID Connect; true when it was one of those. */
  serve?(request: IncomingMessage, response: ServerResponse, issuer: TestIssuer): boolean;
}

export interface TestIssuer {
  /** `http://127.0.0.1:<port><path>` */
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly redirectUris: readonly string[];
  /** Who can sign in, by e-mail and password. */
  readonly people: Person[];
  /** Only these addresses get codes; the last ones count. */
  register(redirectUris: readonly string[], signOutUris?: readonly string[]): void;
  /** Its tokens tell a time so much ahead. */
  skewMs: number;
  keysMode: KeysMode;
  /** Hangs up on everybody. */
  down: boolean;
  /** Last change to the claims of each id_token that the code flow gives. */
  alter: (claims: Claims) => Claims;
  /** How often its keys were asked for. */
  readonly keyRequests: number;
  readonly discoveryRequests: number;
  /** As if every code had been given long ago. */
  expireCodes(): void;
  /** Signs with a new key from now on; the old one stays published unless it is withdrawn. */
  rotateKeys(options?: { withdraw?: boolean }): void;
  /** All claims of a valid id_token for this person now. */
  claimsOf(person: Omit<Person, 'password'>, nowMs?: number): Claims;
  sign(claims: Claims, options?: { header?: Record<string, unknown>; signer?: Signer }): string;
  readonly publicKey: IssuerKey['publicJwk'];
  stop(): Promise<void>;
}

const TOKEN_SECONDS = 3_600;

export async function startIssuer(quirks: IssuerQuirks): Promise<TestIssuer> {
  const people: Person[] = [];
  const clientId = `${quirks.name}-client`;
  const clientSecret = `${quirks.name}-client-secret-of-the-tests`;
  const state = issuerState();
  let keys: IssuerKey[] = [newKey()];
  let redirectUris: readonly string[] = ['http://127.0.0.1/callback'];
  let signOutUris: readonly string[] = [];
  let keyRequests = 0;
  let discoveryRequests = 0;
  const waiting = new Set<NodeJS.Timeout>();

  const server = createServer((request, response) => {
    serve(request, response).catch((error: unknown) => {
      if (!response.headersSent) response.statusCode = 500;
      response.end(String(error));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port was given');
  const issuer = `http://127.0.0.1:${address.port}${quirks.path}`;
  const keysPath = `${quirks.path}${quirks.routes.jwks ?? '/jwks'}`;

  const currentKey = (): IssuerKey => {
    const [key] = keys;
    if (!key) throw new Error('an issuer has a key');
    return key;
  };

  /** The answer of the token endpoint, written as this issuer writes it. */
  function rewrite(body: unknown): unknown {
    if (typeof body !== 'object' || body === null || !('id_token' in body) || typeof body.id_token !== 'string')
      return body;
    const claims: Claims = decodeJwt(body.id_token);
    const person = people.find(({ subject }) => subject === claims.sub);
    if (!person) return body;
    const iat = Math.floor((Date.now() + self.skewMs) / 1000);
    const times = { iat, exp: iat + TOKEN_SECONDS };
    const accessToken =
      quirks.accessClaims === null
        ? 'access_token' in body
          ? String(body.access_token)
          : ''
        : self.sign({
            jti: randomUUID(),
            ...quirks.accessClaims({ iss: issuer, sub: person.subject, ...times }, clientId),
          });
    const own = quirks.idClaims({ ...claims, ...times, at_hash: accessTokenHash(accessToken) }, person, clientId);
    return { ...body, access_token: accessToken, id_token: self.sign(self.alter(own)) };
  }

  function build(): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
    const policy = interactionPolicy.base();
    policy.add(new interactionPolicy.Prompt({ name: 'select_account', requestable: true }), 0);
    const provider = new Provider(issuer, {
      adapter: state.adapter,
      clients: [
        {
          client_id: clientId,
          client_secret: clientSecret,
          redirect_uris: redirectUris,
          post_logout_redirect_uris: signOutUris,
          grant_types: ['authorization_code'],
          response_types: ['code'],
        },
      ],
      // Hosts of a machine share cookies whatever their port.
      cookies: {
        keys: [`${quirks.name}-cookies`],
        names: Object.fromEntries(['interaction', 'resume', 'session'].map((kind) => [kind, `${quirks.name}_${kind}`])),
      },
      jwks: { keys: keys.map(({ privateJwk }) => privateJwk) },
      claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'], groups: ['groups'] },
      scopes: ['openid', 'email', 'profile', 'groups'],
      conformIdTokenClaims: false,
      findAccount: (_: unknown, subject: string) => {
        const person = people.find((one) => one.subject === subject);
        if (!person) return undefined;
        const { email, emailVerified, name, groups } = person;
        return {
          accountId: subject,
          claims: async () => ({ sub: subject, email, email_verified: emailVerified, name, groups, ...person.claims }),
        };
      },
      async loadExistingGrant({
        oidc,
      }: {
        oidc: { provider: Provider; client?: { clientId: string }; session?: { accountId?: string } };
      }) {
        const grant = new oidc.provider.Grant({ clientId: oidc.client?.clientId, accountId: oidc.session?.accountId });
        grant.addOIDCScope('openid email profile groups');
        await grant.save();
        return grant;
      },
      interactions: { policy, url: (_: unknown, { uid }: { uid: string }) => `${quirks.path}/interaction/${uid}` },
      pkce: { required: () => true },
      routes: quirks.routes,
      ttl: {
        AuthorizationCode: 60,
        AccessToken: TOKEN_SECONDS,
        IdToken: TOKEN_SECONDS,
        Session: 86_400,
        Grant: 86_400,
        Interaction: 3_600,
      },
      features: { devInteractions: { enabled: false }, rpInitiatedLogout: { enabled: quirks.endsSessions } },
      renderError: (context: { type: string; body: string }, out: { error: string }) => {
        context.type = 'text/plain';
        context.body = out.error;
      },
    });
    provider.use(async (context, next) => {
      await next();
      context.body = rewrite(context.body);
    });
    const callback = provider.callback();
    return async (request, response) => {
      const path = (request.url ?? '/').slice(quirks.path.length);
      if (path.startsWith('/interaction/'))
        return serveSignInPage({ request, response, provider, people, title: quirks.name });
      Object.assign(request, { originalUrl: request.url, url: path || '/' });
      await callback(request, response);
    };
  }

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname } = new URL(request.url ?? '/', issuer);
    if (self.down) {
      request.socket.destroy();
      return;
    }
    if (pathname.endsWith('/.well-known/openid-configuration')) discoveryRequests += 1;
    if (pathname === keysPath) {
      keyRequests += 1;
      if (serveKeys(response)) return;
    }
    if (pathname === `${keysPath}-behind-a-redirect`) {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ keys: keys.map(({ publicJwk }) => publicJwk) }));
      return;
    }
    if (quirks.serve?.(request, response, self)) return;
    await handle(request, response);
  }

  /** True when the switch has answered; false leaves it to the issuer. */
  function serveKeys(response: ServerResponse): boolean {
    const { port } = new URL(issuer);
    const redirect = (host: string) =>
      response.writeHead(302, { location: `http://${host}:${port}${keysPath}-behind-a-redirect` }).end();
    const modes: Record<KeysMode, () => unknown> = {
      normal: () => {},
      silent: () => {},
      drip: () => {
        response.writeHead(200, { 'content-type': 'application/json' });
        const timer = setInterval(() => response.write(' '), 20);
        waiting.add(timer);
        response.on('close', () => clearInterval(timer));
      },
      huge: () =>
        response.end(`{"keys":[${JSON.stringify(currentKey().publicJwk)}],"padding":"${'x'.repeat(8 << 20)}"}`),
      garbage: () => response.end('<!doctype html><title>Maintenance</title>'),
      error: () => response.writeHead(500).end('{"keys":[]}'),
      none: () => response.end('{"keys":[]}'),
      elsewhere: () => redirect('localhost'),
      nearby: () => redirect('127.0.0.1'),
    };
    modes[self.keysMode]();
    return self.keysMode !== 'normal';
  }

  const self: TestIssuer = {
    issuer,
    clientId,
    clientSecret,
    people,
    skewMs: 0,
    keysMode: 'normal',
    down: false,
    alter: (claims) => claims,
    get redirectUris() {
      return redirectUris;
    },
    get keyRequests() {
      return keyRequests;
    },
    get discoveryRequests() {
      return discoveryRequests;
    },
    get publicKey() {
      return currentKey().publicJwk;
    },
    register(uris, outUris = []) {
      redirectUris = [...uris];
      signOutUris = [...outUris];
      handle = build();
    },
    expireCodes: () => state.expire('AuthorizationCode'),
    rotateKeys({ withdraw = false } = {}) {
      keys = [newKey(), ...(withdraw ? [] : keys)];
      handle = build();
    },
    claimsOf(person, nowMs = Date.now()) {
      const iat = Math.floor(nowMs / 1000);
      const { subject, email, emailVerified, name, groups, claims } = person;
      return quirks.idClaims(
        {
          iss: issuer,
          sub: subject,
          aud: clientId,
          iat,
          exp: iat + TOKEN_SECONDS,
          email,
          email_verified: emailVerified,
          name,
          ...(groups ? { groups } : {}),
          ...claims,
        },
        { ...person, password: '' },
        clientId,
      );
    },
    sign: (claims, options) => signToken(claims, { key: currentKey(), ...options }),
    async stop() {
      for (const timer of waiting) clearInterval(timer);
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  let handle = build();
  return self;
}
