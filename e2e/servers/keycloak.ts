/**
 * Keycloak: an issuer that is not ours, with its own pages, keys and sessions. It starts with an empty database in memory; the
 * realm of the tests is made over its admin API, by which tests also do what an administrator would do there.
 */
import { type RunningServer, startServer } from './server.ts';

const ADMIN = { username: 'admin', password: 'admin-of-the-tests' };
const REALM = 'lab';
const CLIENT_ID = 'cmbcluster';
const CLIENT_SECRET = 'keycloak-client-secret-of-the-tests';

export interface KeycloakPerson {
  /** The subject of tokens, too. */
  id: string;
  username: string;
  password: string;
  email: string;
  emailVerified: boolean;
  name: string;
  groups: readonly string[];
}

/** Seconds that its tokens live. */
export const KEYCLOAK_TOKEN_SECONDS = 300;

const PASSWORD = 'correct horse battery';
export const ADA: KeycloakPerson = {
  ...{ id: 'ada', username: 'ada', password: PASSWORD, name: 'Ada', groups: ['astronomers', 'admins'] },
  ...{ email: 'ada@example.org', emailVerified: true },
};
/** Has the same address as Ada, as people of one family may. */
export const BOB: KeycloakPerson = { ...ADA, id: 'bob', username: 'bob', name: 'Bob', groups: [] };
export const EVE: KeycloakPerson = {
  ...{ id: 'eve', username: 'eve', password: PASSWORD, name: 'Eve', groups: ['astronomers'] },
  ...{ email: 'eve@example.org', emailVerified: false },
};

export interface KeycloakClient {
  redirectUris?: readonly string[];
  /** Whether its logout tokens name the session that ended; else they name the person only. */
  namesSessions?: boolean;
}

export interface Keycloak {
  readonly server: RunningServer;
  readonly issuer: string;
  readonly clientId: string;
  /** Variables of a deployment that signs people in with it. */
  readonly env: Readonly<Record<string, string>>;
  /** The client's addresses are those of this deployment from now on. */
  register(origin: string, options?: KeycloakClient): Promise<void>;
  /** As an administrator there ends all sessions of a person. */
  signOut(person: KeycloakPerson): Promise<void>;
  /** Names of the sessions that a person has there. */
  sessionsOf(person: KeycloakPerson): Promise<string[]>;
  endSession(session: string): Promise<void>;
  /** Signs with a new key from now on. */
  rotateKeys(): Promise<void>;
  stop(): Promise<void>;
}

export async function startKeycloak(): Promise<Keycloak> {
  const server = await startServer({
    program: 'keycloak',
    executable: 'kc.sh',
    args: ({ port }) => [
      ...['start', '--optimized', '--cache=local', '--hostname-strict=false', '--log-level=warn'],
      ...['--http-enabled=true', '--http-host=127.0.0.1', `--http-port=${port}`],
    ],
    env: ({ folder }) => ({
      KC_BOOTSTRAP_ADMIN_USERNAME: ADMIN.username,
      KC_BOOTSTRAP_ADMIN_PASSWORD: ADMIN.password,
      JAVA_OPTS_KC_HEAP: '-Xms64m -Xmx384m',
      // It lives for a minute: what a compiler would gain comes too late.
      JAVA_OPTS_APPEND: `-XX:TieredStopAtLevel=1 -Djava.io.tmpdir=${folder}`,
    }),
    readyPath: '/realms/master',
    readyWithinMs: 240_000,
  });
  try {
    return await withRealm(server);
  } catch (error) {
    await server.stop();
    throw error;
  }
}

async function withRealm(server: RunningServer): Promise<Keycloak> {
  const call = adminOf(server.url);
  const realm = `/admin/realms/${REALM}`;
  await call('POST', '/admin/realms', realmOfTests());
  // Ada has one name only.
  const profile = await call<{ attributes: { name: string; required?: object }[] }>('GET', `${realm}/users/profile`);
  await call('PUT', `${realm}/users/profile`, {
    ...profile,
    attributes: profile.attributes.map(({ required: _, ...attribute }) => attribute),
  });
  const issuer = `${server.url}/realms/${REALM}`;
  return {
    server,
    issuer,
    clientId: CLIENT_ID,
    env: { OIDC_ISSUER: issuer, OIDC_CLIENT_ID: CLIENT_ID, OIDC_CLIENT_SECRET: CLIENT_SECRET },
    async register(origin, { redirectUris = [`${origin}/api/auth/callback/oidc`], namesSessions = true } = {}) {
      const [client] = await call<{ id: string; attributes: object }[]>(
        'GET',
        `${realm}/clients?clientId=${CLIENT_ID}`,
      );
      await call('PUT', `${realm}/clients/${client?.id}`, {
        ...client,
        redirectUris,
        attributes: {
          ...client?.attributes,
          'post.logout.redirect.uris': `${origin}/sign-in`,
          'backchannel.logout.session.required': String(namesSessions),
          'backchannel.logout.url': `${origin}/api/auth/back-channel-logout/oidc`,
        },
      });
    },
    signOut: ({ id }) => call('POST', `${realm}/users/${id}/logout`),
    async sessionsOf({ id }) {
      return (await call<{ id: string }[]>('GET', `${realm}/users/${id}/sessions`)).map((session) => session.id);
    },
    endSession: (session) => call('DELETE', `${realm}/sessions/${session}`),
    async rotateKeys() {
      const { id } = await call<{ id: string }>('GET', realm);
      const config = { priority: [String(Date.now())], enabled: ['true'], active: ['true'], algorithm: ['RS256'] };
      const key = { providerId: 'rsa-generated', providerType: 'org.keycloak.keys.KeyProvider', parentId: id, config };
      await call('POST', `${realm}/components`, { name: 'newer', ...key });
    },
    stop: () => server.stop(),
  };
}

type AdminCall = <T = void>(method: string, path: string, body?: object) => Promise<T>;

function adminOf(url: string): AdminCall {
  return async (method, path, body) => {
    // Its tokens live for a minute: a new one for each deed.
    const form = new URLSearchParams({ grant_type: 'password', client_id: 'admin-cli', ...ADMIN });
    const token = await fetch(`${url}/realms/master/protocol/openid-connect/token`, { method: 'POST', body: form });
    const { access_token }: { access_token?: string } = await token.json();
    const answer = await fetch(url + path, {
      method,
      headers: { authorization: `Bearer ${access_token}`, 'content-type': 'application/json' },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text.slice(0, 300)}`);
    return text === '' ? undefined : JSON.parse(text);
  };
}

function realmOfTests(): object {
  return {
    realm: REALM,
    enabled: true,
    sslRequired: 'none',
    accessTokenLifespan: KEYCLOAK_TOKEN_SECONDS,
    duplicateEmailsAllowed: true,
    loginWithEmailAllowed: false,
    groups: ['astronomers', 'admins'].map((name) => ({ name })),
    users: [ADA, BOB, EVE].map(({ id, username, password, email, emailVerified, name, groups }) => ({
      ...{ id, username, email, emailVerified, firstName: name, enabled: true },
      credentials: [{ type: 'password', value: password, temporary: false }],
      groups: groups.map((group) => `/${group}`),
    })),
    clients: [
      {
        clientId: CLIENT_ID,
        secret: CLIENT_SECRET,
        publicClient: false,
        standardFlowEnabled: true,
        directAccessGrantsEnabled: false,
        attributes: { 'pkce.code.challenge.method': 'S256' },
        protocolMappers: [
          {
            name: 'groups',
            protocol: 'openid-connect',
            protocolMapper: 'oidc-group-membership-mapper',
            config: { 'claim.name': 'groups', 'full.path': 'false', 'id.token.claim': 'true' },
          },
        ],
      },
    ],
  };
}

/** What its sign-in page posts, and where. */
export function answerKeycloak(
  page: string,
  { username, password }: KeycloakPerson,
): { url: string; form: Record<string, string> } {
  const action = /<form id="kc-form-login"[^>]* action="([^"]+)"/.exec(page)?.[1];
  if (action === undefined) throw new Error(`no sign-in form of Keycloak: ${page.slice(0, 300)}`);
  return { url: action.replaceAll('&amp;', '&'), form: { username, password, credentialId: '' } };
}
