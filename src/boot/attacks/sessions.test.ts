/**
 * Sessions and tickets under attack: cookies that somebody planted, proofs that were stolen, used twice, or meant for something
 * else. Classes: CVE-2021-41247, CVE-2026-40934 (sign-out), CVE-2026-54321 (late revocation), CVE-2024-28179, CVE-2023-26114
 * (websockets), CVE-2025-47269 (a proxied program gets the session), CVE-2026-48545 (cookies of neighbours).
 */
import { createHmac, randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { mintSignInLink } from '../../services/auth/links.ts';
import { openTestBed } from '../test-bed.ts';
import { cookieSet, send, sendBytes, statusOf } from './test-attacker.ts';
import { INVITATION, openScene, type Person, type Scene } from './test-scene.ts';

const SESSION = 'cmbcluster_session';
const ENVIRONMENT = 'cmbcluster_environment';

let scene: Scene;
let skew = 0;
beforeAll(async () => {
  scene = await openScene({}, () => Date.now() + skew);
});
afterEach(() => {
  skew = 0;
});
afterAll(() => scene.close());

const port = () => scene.bed.port;
const deps = () => scene.bed.container.deps;
const me = async (cookie: string | undefined) => {
  const { status, body } = await send(port(), { path: '/api/trpc/profile.me', cookie });
  return status === 200 ? String(JSON.parse(body).result.data.name) : status;
};
const linkOf = async (email: string) => (await mintSignInLink(deps(), email)).url.split('#link=')[1] ?? '';
const redeem = (secret: string, cookie?: string, headers: Record<string, string | undefined> = {}) =>
  send(port(), { method: 'POST', path: '/api/auth/link', cookie, headers, body: JSON.stringify({ secret }) });

describe('a session that somebody planted', () => {
  it('is not kept over a sign-in: the browser gets a new one, of the person who signed in', async () => {
    const secret = await linkOf('fay@example.org');
    const planted = await scene.bed.signIn('mallory');
    const answer = await redeem(secret, planted.cookie);
    const token = cookieSet(answer, SESSION);
    expect([answer.status, token?.length]).toEqual([200, planted.cookie.split('=')[1]?.length]);
    expect(planted.cookie).not.toContain(String(token));
    expect(await me(`${SESSION}=${token}`)).toBe('fay');
    // What the planted cookie opened was mallory's; it is over, too, and never becomes fay's.
    expect(await me(planted.cookie)).toBe(401);
  });

  it('beside a real one is not taken for it, in whatever order and spelling', async () => {
    const mallory = (await scene.bed.signIn('mallory')).cookie;
    const { cookie } = scene.ada;
    for (const both of [
      `${mallory}; ${cookie}`,
      `${cookie}; ${mallory}`,
      `${SESSION} = ${mallory.split('=')[1]}; ${cookie}`,
    ])
      expect(['ada', 401], both).toContain(await me(both));
    // The same one twice is no question.
    expect(await me(`${cookie}; ${cookie}`)).toBe('ada');
  });

  it.each([
    '__Host-cmbcluster_session',
    '__Secure-cmbcluster_session',
    'CMBCLUSTER_SESSION',
    'xcmbcluster_session',
    '',
  ])('under the name %j is none', async (name) => {
    expect(await me(`${name}=${scene.ada.cookie.split('=')[1]}`)).toBe(401);
  });

  it('cannot be planted by a neighbour on https: only a __Host- cookie counts there', async () => {
    const bed = await openTestBed({ env: { BASE_DOMAIN: 'cluster.example.org' } });
    try {
      const { cookie } = await bed.signIn('ada');
      const token = cookie.split('=')[1];
      const ask = (sent: string) =>
        send(bed.port, { path: '/api/trpc/profile.me', cookie: sent, headers: { host: 'cluster.example.org' } });
      expect((await ask(`cmbcluster_session=${token}`)).status).toBe(401);
      expect((await ask(`__Host-cmbcluster_session=${token}`)).status).toBe(200);
      const secret = (await mintSignInLink(bed.container.deps, 'ben@example.org')).url.split('#link=')[1];
      const answer = await send(bed.port, {
        method: 'POST',
        path: '/api/auth/link',
        headers: { host: 'cluster.example.org' },
        body: JSON.stringify({ secret }),
      });
      const line = [answer.headers['set-cookie'] ?? []].flat().find((one) => one.includes('_session='));
      expect(line).toMatch(/^__Host-cmbcluster_session=[\w.-]+; Path=\/; HttpOnly; SameSite=Lax; Max-Age=\d+; Secure$/);
    } finally {
      await bed.close();
    }
  });
});

describe('signing somebody in as somebody else (login CSRF)', () => {
  it.each<[string, Record<string, string | undefined>]>([
    ['a form of another site', { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }],
    ['an old browser’s form', { 'sec-fetch-site': undefined, origin: 'https://evil.example' }],
    ['a sandboxed frame', { 'sec-fetch-site': undefined, origin: 'null' }],
    ['an environment', { 'sec-fetch-site': 'same-site', origin: 'http://x.localhost' }],
    ['a form that poses as JSON', { 'sec-fetch-site': 'cross-site', 'content-type': 'text/plain' }],
  ])('is refused from %s, and the link stays good', async (_, headers) => {
    const secret = await linkOf('gus@example.org');
    const answer = await redeem(secret, undefined, headers);
    expect([answer.status, answer.headers['set-cookie']]).toEqual([403, undefined]);
    expect((await redeem(secret)).status).toBe(200);
  });

  it('cannot be done by an address', async () => {
    const secret = await linkOf('gus@example.org');
    for (const path of [`/api/auth/link?secret=${secret}`, `/sign-in?link=${secret}`]) {
      const answer = await send(port(), { path });
      expect(answer.headers['set-cookie'], path).toBeUndefined();
    }
    expect((await redeem(secret)).status).toBe(200);
  });
});

describe('links and unknown accounts', () => {
  it('unknown, used and made-up secrets are answered alike, by one look-up of a hash', async () => {
    const used = await linkOf('hal@example.org');
    await redeem(used);
    const { people } = deps();
    const { takeLink } = people;
    const looked: string[] = [];
    people.takeLink = (hash) => {
      looked.push(hash);
      return takeLink(hash);
    };
    const answers = [];
    const secrets = [used, randomBytes(24).toString('base64url'), 'x'.repeat(64), `${used.slice(0, -1)}~`];
    for (const secret of secrets) answers.push(await redeem(secret));
    people.takeLink = takeLink;
    const plain = answers.map(({ status, body }) => [status, body.replace(/"correlationId":"[^"]*"/, '')].join());
    expect(new Set(plain).size).toBe(1);
    expect(answers[0]?.status).toBe(401);
    expect(looked).toHaveLength(secrets.length);
    expect(new Set(looked.map((hash) => hash.length))).toEqual(new Set([43]));
  });

  it('let one of many racing browsers in', async () => {
    const secret = await linkOf('ian@example.org');
    const statuses = (await Promise.all(Array.from({ length: 20 }, () => redeem(secret)))).map(({ status }) => status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(1);
  });

  it('no secret that opens something stands in the database', async () => {
    const link = await linkOf('jan@example.org');
    const { ticket } = await open(scene.ada);
    const tables = deps().db.drizzle.all<{ name: string }>("select name from sqlite_master where type = 'table'");
    const text = tables.map(({ name }) => JSON.stringify(deps().db.drizzle.all(`select * from "${name}"`))).join('\n');
    expect(text).toContain(scene.ada.sessionId);
    const secrets = [link, ticket, INVITATION, scene.ada.cookie.split('=')[1] ?? ''];
    for (const secret of secrets) {
      expect(secret.length).toBeGreaterThan(15);
      expect(text).not.toContain(secret);
    }
  });
});

describe('proofs for one thing are none for another', () => {
  it('a session is made with its own key, and names a row', async () => {
    const { keys } = deps();
    const forge = (purpose: 'sessions' | 'gateway' | 'sign-in', header: object, payload: object) => {
      const text = [header, payload].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
      return `${text}.${createHmac('sha256', keys.signing(purpose).key).update(text).digest('base64url')}`;
    };
    const { kid } = keys.signing('sessions');
    const header = { alg: 'HS256', kid, typ: 'session' };
    const payload = { jti: scene.ada.sessionId, iat: Math.floor(Date.now() / 1000) };
    expect(await me(`${SESSION}=${forge('sessions', header, payload)}`)).toBe('ada');
    for (const token of [
      forge('gateway', header, payload),
      forge('sign-in', header, payload),
      forge('sessions', { ...header, typ: 'JWT' }, payload),
      forge('sessions', { ...header, kid: '../../dev/null' }, payload),
      forge('sessions', { ...header, kid: '__proto__' }, payload),
      forge('sessions', header, { sub: scene.ada.userId, role: 'admin' }),
      forge('sessions', header, { jti: scene.ada.userId }),
      `${forge('sessions', { ...header, alg: 'none' }, payload)
        .split('.')
        .slice(0, 2)
        .join('.')}.`,
      keys.sign('gateway', scene.ada.sessionId),
    ])
      expect(await me(`${SESSION}=${token}`), token).toBe(401);
  });

  it('a role in a token is nobody’s role: the row says it', async () => {
    expect(await me(scene.ben.cookie)).toBe('ben');
    const { status } = await send(port(), { path: '/api/trpc/admin.users.list?input={}', cookie: scene.ben.cookie });
    expect(status).toBe(403);
  });
});

/** The way into ada's environment, up to the address with the ticket. */
async function open(person: Person) {
  const { environmentId } = scene.adas;
  const { headers } = await send(port(), { path: `/open/${environmentId}`, cookie: person.cookie });
  const url = new URL(String(headers.location));
  return { host: url.host, path: url.pathname + url.search, ticket: url.searchParams.get('ticket') ?? '' };
}

const enter = (host: string, path: string, headers: Record<string, string> = {}) =>
  send(port(), { path, headers: { host, accept: 'text/html', 'sec-fetch-site': undefined, ...headers } });

describe('a ticket into an environment', () => {
  it('is good once', async () => {
    const { host, path } = await open(scene.ada);
    expect(cookieSet(await enter(host, path), ENVIRONMENT)).toBeTruthy();
    const again = await enter(host, path);
    expect([again.status, cookieSet(again, ENVIRONMENT)]).toEqual([403, null]);
  });

  it('is given to its owner only', async () => {
    const { environmentId } = scene.adas;
    const { status, headers } = await send(port(), { path: `/open/${environmentId}`, cookie: scene.ben.cookie });
    expect([status, headers.location]).toEqual([404, undefined]);
  });

  it('is worth nothing on another environment’s host, and spent by the try', async () => {
    const { applicationId } = scene.adas;
    const size = { cpuMillicores: 500, memoryMiB: 512, gpus: 0 };
    const loot = { applicationId, name: 'Loot', size, storage: { kind: 'automatic' } as const };
    const bens = await scene.ben.api.environments.launch({ ...loot, clientKey: 'bens-environment' });
    const adasOther = await scene.ada.api.environments.launch({ ...loot, clientKey: 'adas-other-environment' });
    for (const { url } of [bens, adasOther]) {
      const { host, path } = await open(scene.ada);
      expect(cookieSet(await enter(new URL(url).host, path), ENVIRONMENT)).toBeNull();
      expect(cookieSet(await enter(host, path), ENVIRONMENT)).toBeNull();
    }
    // Nor is the cookie of one environment worth anything on the other.
    const again = await open(scene.ada);
    const cookie = `${ENVIRONMENT}=${cookieSet(await enter(again.host, again.path), ENVIRONMENT)}`;
    const program = { cookie, accept: '*/*' };
    for (const { url } of [bens, adasOther]) expect((await enter(new URL(url).host, '/', program)).status).toBe(403);
    expect((await enter(again.host, '/', program)).status).toBe(502);
  });

  it('dies with the session, with the account, and by itself', async () => {
    const leaving = await scene.bed.signIn('ada');
    const first = await open(leaving);
    await send(port(), { method: 'POST', path: '/api/auth/sign-out', cookie: leaving.cookie });
    expect(cookieSet(await enter(first.host, first.path), ENVIRONMENT)).toBeNull();
    const second = await open(scene.ada);
    skew = 31_000;
    expect(cookieSet(await enter(second.host, second.path), ENVIRONMENT)).toBeNull();
  });

  it('the cookie that it gave ends with the session that asked for it', async () => {
    const leaving = await scene.bed.signIn('ada');
    const { host, path } = await open(leaving);
    const cookie = `${ENVIRONMENT}=${cookieSet(await enter(host, path), ENVIRONMENT)}`;
    expect((await enter(host, '/', { cookie, accept: '*/*' })).status).toBe(502);
    await send(port(), { method: 'POST', path: '/api/auth/sign-out', cookie: leaving.cookie });
    expect((await enter(host, '/', { cookie, accept: '*/*' })).status).toBe(403);
  });

  it('a session is no way into an environment, and an environment’s cookie none into the app', async () => {
    const { host, path } = await open(scene.ada);
    const token = cookieSet(await enter(host, path), ENVIRONMENT);
    expect(await me(`${SESSION}=${token}`)).toBe(401);
    const session = scene.ada.cookie.split('=')[1];
    for (const cookie of [scene.ada.cookie, `${ENVIRONMENT}=${session}`])
      expect([401, 403]).toContain((await enter(host, '/', { cookie, accept: '*/*' })).status);
  });

  it('a websocket takes the cookie and the environment’s own origin', async () => {
    const { host, path } = await open(scene.ada);
    const cookie = `cookie: ${ENVIRONMENT}=${cookieSet(await enter(host, path), ENVIRONMENT)}\r\n`;
    const socket = (fields: string, to = host) =>
      sendBytes(
        port(),
        `GET /events HTTP/1.1\r\nhost: ${to}\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n${fields}\r\n`,
      ).then(statusOf);
    expect(await socket(`${cookie}origin: http://${host}\r\n`)).toBe(502);
    for (const origin of ['https://evil.example', `http://localhost:${port()}`, `http://${host}.evil.example`, 'null'])
      expect(await socket(`${cookie}origin: ${origin}\r\n`), origin).toBe(403);
    expect(await socket(`origin: http://${host}\r\n`)).toBe(401);
    // The app itself speaks no websocket.
    expect(await socket(`cookie: ${scene.ada.cookie}\r\norigin: https://evil.example\r\n`, `localhost:${port()}`)).toBe(
      404,
    );
  });
});
