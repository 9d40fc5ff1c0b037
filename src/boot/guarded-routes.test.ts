import { request } from 'node:http';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { record } from '../services/audit.ts';
import { signOut } from '../services/auth/sign-out.ts';
import { eventually, openTestBed, type TestBed } from './test-bed.ts';

interface Answer {
  status: number;
  headers: NodeJS.Dict<string | string[]>;
  body: string;
}

type Ask = { method?: string; path: string; headers?: Record<string, string>; body?: string; port: number };

function ask({ method = 'GET', path, headers = {}, body, port }: Ask): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const host = `localhost:${port}`;
    const req = request({ host: '127.0.0.1', port, method, path, headers: { host, ...headers } }, (res) => {
      let text = '';
      res.setEncoding('utf8');
      res.on('data', (chunk: string) => {
        text += chunk;
      });
      res.on('end', () => resolve({ status: res.statusCode ?? 0, headers: res.headers, body: text }));
      res.on('error', reject);
    });
    req.on('upgrade', (res, socket) => {
      socket.destroy();
      resolve({ status: res.statusCode ?? 0, headers: res.headers, body: '' });
    });
    req.on('error', reject);
    req.end(body);
  });
}

const JSON_BODY = { 'content-type': 'application/json' };
const link = (port: number, headers: Record<string, string> = {}) =>
  ask({
    ...{ method: 'POST', path: '/api/auth/link', port, body: '{"secret":"0123456789abcdef0123"}' },
    headers: { ...JSON_BODY, 'sec-fetch-site': 'same-origin', ...headers },
  });

describe('behind a proxy', () => {
  let bed: TestBed;
  afterEach(() => bed.close());
  const open = async (env: Record<string, string>) => {
    bed = await openTestBed({ env: { RATE_LIMIT_SIGN_IN: 'address=20+1/h', ...env } });
  };

  it('a forged address changes nothing: neither limits nor the trail', async () => {
    await open({});
    const statuses: number[] = [];
    for (let i = 0; i < 3; i += 1)
      statuses.push(
        (await link(bed.port, { 'x-forwarded-for': `203.0.113.${i}`, forwarded: `for=203.0.113.${i}` })).status,
      );
    // Each failure costs ten of twenty.
    expect(statuses).toEqual([401, 401, 429]);
    const ada = await bed.signIn('ada');
    const headers = {
      ...JSON_BODY,
      cookie: ada.cookie,
      'sec-fetch-site': 'same-origin',
      'x-forwarded-for': '203.0.113.9',
    };
    await ask({ method: 'POST', path: '/api/trpc/profile.update', port: bed.port, headers, body: '{"name":"Ada"}' });
    const [entry] = bed.container.deps.db.drizzle.all<{ address: string }>(
      "select address from audit where action = 'user.update' or action like 'profile%' order by rowid desc limit 1",
    );
    expect(entry?.address).toBe('127.0.0.1');
  });

  it('a proxy that the operator named tells clients apart', async () => {
    await open({ TRUSTED_PROXIES: 'loopback' });
    const from = async (address: string) => (await link(bed.port, { 'x-forwarded-for': address })).status;
    expect([await from('203.0.113.1'), await from('203.0.113.1'), await from('203.0.113.1')]).toEqual([401, 401, 429]);
    // What the client wrote itself stands left of what the proxy saw.
    expect([await from('203.0.113.2'), await from('198.51.100.9, 203.0.113.1')]).toEqual([401, 429]);
  });

  it('takes neither its scheme nor its name from a request', async () => {
    await open({ TRUSTED_PROXIES: 'loopback' });
    const headers = {
      'x-forwarded-proto': 'https',
      'x-forwarded-host': 'evil.example',
      'x-forwarded-for': '203.0.113.1',
    };
    const page = await ask({ path: '/open/env-00000000000000000000', port: bed.port, headers });
    expect(page.headers.location).toMatch(/^\/sign-in\?/);
    expect(page.headers['strict-transport-security']).toBeUndefined();
    const other = { host: 'evil.example', 'x-forwarded-host': `localhost:${bed.port}` };
    expect((await ask({ path: '/', port: bed.port, headers: other })).status).toBe(421);
  });
});

describe('requests of other sites', () => {
  let bed: TestBed;
  let cookie: string;
  beforeAll(async () => {
    bed = await openTestBed();
    cookie = (await bed.signIn('ada')).cookie;
  });
  afterAll(() => bed.close());

  const foreign = { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' };
  const back = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' };

  it('come back from an issuer in a window of their own', async () => {
    const answer = await ask({
      path: '/api/auth/callback/memory?code=x',
      port: bed.port,
      headers: { ...back, cookie },
    });
    expect(answer.status).not.toBe(403);
  });

  it.each<[string, string, Record<string, string>]>([
    ['GET', '/api/auth/callback/memory', { ...back, 'sec-fetch-dest': 'iframe' }],
    ['GET', '/api/auth/callback/memory', { ...back, 'sec-fetch-mode': 'cors' }],
    ['GET', '/api/auth/callback/memory', { ...back, 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image' }],
    ['POST', '/api/auth/callback/memory', back],
    ['GET', '/api/auth/callback/memory/../../../trpc/profile.me', back],
    ['GET', '/api/auth/callback/', back],
    ['GET', '/api/auth/callback/memory/x', back],
    ['GET', '/api/auth/callbacks/memory', back],
    ['GET', '/api/auth/issuer-sign-out/memory', back],
    ['POST', '/api/auth/sign-in/memory', back],
    ['GET', '/api/trpc/profile.me', back],
    ['GET', '/api/audit/export', back],
    ['GET', '/api/storages/sto-00000000000000000000/objects?key=a', back],
    ['POST', '/api/auth/sign-out', foreign],
    ['POST', '/api/auth/link', foreign],
    ['PUT', '/api/storages/sto-00000000000000000000/objects?key=a', foreign],
    ['POST', '/api/trpc/profile.signOutEverywhere', foreign],
    ['DELETE', '/', foreign],
  ])('reach nothing else: %s %s %j', async (method, path, headers) => {
    const answer = await ask({ method, path, port: bed.port, headers: { ...headers, cookie } });
    expect(answer.status).toBe(403);
    expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control-'))).toEqual([]);
  });

  it.each([
    '/',
    '/healthz',
    '/api/trpc/profile.update',
    '/api/auth/link',
    '/api/audit/export',
    '/api/storages/sto-00000000000000000000/objects?key=a',
  ])('get no word about methods and headers in a preflight of %s', async (path) => {
    const headers = { ...foreign, 'access-control-request-method': 'POST', 'access-control-request-headers': 'x-a' };
    const answer = await ask({ method: 'OPTIONS', path, port: bed.port, headers });
    expect(answer.status === 403 || answer.status === 405 || path === '/healthz').toBe(true);
    expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control-'))).toEqual([]);
    const read = await ask({ path, port: bed.port, headers: { origin: 'https://evil.example', cookie } });
    expect(Object.keys(read.headers).filter((name) => name.startsWith('access-control-'))).toEqual([]);
  });

  it('open no socket', async () => {
    const upgrade = {
      connection: 'Upgrade',
      upgrade: 'websocket',
      'sec-websocket-version': '13',
      'sec-websocket-key': 'x',
    };
    for (const path of ['/', '/api/trpc/live.watch', '/_next/webpack-hmr']) {
      const { status } = await ask({ path, port: bed.port, headers: { ...foreign, ...upgrade, cookie } });
      expect(status).toBe(404);
    }
    const host = `lab.localhost:${bed.port}`;
    const { status } = await ask({ path: '/', port: bed.port, headers: { ...foreign, ...upgrade, host } });
    expect([403, 404]).toContain(status);
  });
});

describe('what every answer carries behind TLS', () => {
  let bed: TestBed;
  let cookie: string;
  beforeAll(async () => {
    bed = await openTestBed({ env: { BASE_DOMAIN: 'lab.example.org', APPS_DOMAIN: 'lab-apps.net' } });
    cookie = (await bed.signIn('ada')).cookie.replace('cmbcluster_', '__Host-cmbcluster_');
    await bed.signIn('ada');
  });
  afterAll(() => bed.close());

  it.each<[string, string, Record<string, string>]>([
    ['a page', '/', {}],
    ['an answer of the API', '/api/trpc/profile.me', {}],
    ['a refusal of the API', '/api/trpc/admin.users.list', { cookie: '' }],
    ['an unknown procedure', '/api/trpc/no.such', {}],
    ['an unknown route', '/api/none', {}],
    ['a refusal of files', '/api/storages/sto-00000000000000000000/objects?key=a', {}],
    ['an export', '/api/activity/export', {}],
    ['a refused export', '/api/activity/export', { cookie: '' }],
    ['a redirect', '/open/env-00000000000000000000', { cookie: '' }],
    ['a foreign request', '/api/trpc/profile.me', { 'sec-fetch-site': 'cross-site' }],
    ['a foreign host', '/', { host: 'evil.example' }],
  ])('%s', async (_name, path, headers) => {
    const asked = { host: 'lab.example.org', 'sec-fetch-site': 'same-origin', cookie, ...headers };
    const answer = await ask({ path, port: bed.port, headers: asked });
    expect(answer.headers).toMatchObject({
      'strict-transport-security': 'max-age=31536000',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'SAMEORIGIN',
      'referrer-policy': expect.stringMatching(/^(same-origin|no-referrer)$/),
      'content-security-policy': expect.stringContaining("frame-ancestors 'self'"),
    });
    expect(answer.headers['content-security-policy']).toMatch(
      path === '/' && !headers.host ? /'nonce-/ : /default-src 'none'/,
    );
  });

  it('a status page of an environment', async () => {
    const headers = { host: 'nobody.lab-apps.net', accept: 'text/html', 'sec-fetch-mode': 'navigate' };
    expect((await ask({ path: '/', port: bed.port, headers })).headers).toMatchObject({
      'strict-transport-security': 'max-age=31536000',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'content-security-policy': expect.stringContaining("frame-ancestors 'self' https://lab.example.org"),
    });
  });
});

describe('what runs when a session ends', () => {
  let bed: TestBed;
  let person: Awaited<ReturnType<TestBed['signIn']>>;
  let id: string;
  beforeEach(async () => {
    bed = await openTestBed();
    person = await bed.signIn('ada');
    id = (await eventually(async () => (await person.api.storages.list()).find((row) => row.status === 'active'))).id;
  });
  afterEach(() => bed.close());

  const path = () => `/api/storages/${id}/objects?key=big.bin&via=server`;
  const own = () => ({ host: `localhost:${bed.port}`, cookie: person.cookie, 'sec-fetch-site': 'same-origin' });

  it('is an upload: it is refused in the middle and leaves nothing', async () => {
    const answered = new Promise<number>((resolve, reject) => {
      const headers = { ...own(), 'content-length': '1000000' };
      const req = request({ host: '127.0.0.1', port: bed.port, method: 'PUT', path: path(), headers }, (res) => {
        res.resume();
        resolve(res.statusCode ?? 0);
        req.destroy();
      });
      req.on('error', reject);
      // Once the route listens, the upload is under way.
      const { revocations } = bed.container.deps;
      const { subscribe } = revocations;
      revocations.subscribe = (listener) => {
        revocations.subscribe = subscribe;
        setImmediate(() => signOut(bed.container.deps, person.actor));
        return subscribe(listener);
      };
      req.write('only this');
    });
    expect(await answered).toBe(401);
    const again = await bed.signIn('ada');
    const headers = { ...own(), cookie: again.cookie };
    expect((await ask({ path: path(), port: bed.port, headers })).status).toBe(404);
  });

  it('is a download: it is cut, and shows as broken', async () => {
    const size = 32 * 1024 * 1024;
    const { deps } = bed.container;
    const row = deps.storages.find(id as never);
    await deps
      .storageOf('memory')
      .bucket(row?.bucket ?? '')
      .put('big.bin', Buffer.alloc(size));
    const received = await new Promise<number>((resolve, reject) => {
      const req = request({ host: '127.0.0.1', port: bed.port, path: path(), headers: own() }, (res) => {
        let bytes = 0;
        res.once('data', (chunk: Buffer) => {
          bytes += chunk.length;
          res.pause();
          signOut(deps, person.actor);
          res.on('data', (more: Buffer) => {
            bytes += more.length;
          });
          res.resume();
        });
        res.on('error', () => {});
        res.on('close', () => resolve(bytes));
      });
      req.on('error', reject);
      req.end();
    });
    expect(received).toBeLessThan(size);
  });

  /** Reads until the first bytes are there, ends the session, reads on: how much came, and whether it looked whole. */
  function cut(address: string): Promise<{ bytes: number; whole: boolean }> {
    return new Promise((resolve, reject) => {
      const req = request({ host: '127.0.0.1', port: bed.port, path: address, headers: own() }, (res) => {
        let bytes = 0;
        res.on('error', () => {});
        res.on('close', () => resolve({ bytes, whole: res.complete }));
        res.once('data', () => {
          res.pause();
          signOut(bed.container.deps, person.actor);
          res.resume();
        });
        res.on('data', (more: Buffer) => {
          bytes += more.length;
        });
      });
      req.on('error', reject);
      req.end();
    });
  }

  it('is a zip: it is cut, and shows as broken', async () => {
    const { deps } = bed.container;
    const bucket = deps.storageOf('memory').bucket(deps.storages.find(id as never)?.bucket ?? '');
    for (let i = 0; i < 16; i += 1) await bucket.put(`maps/${i}.bin`, Buffer.alloc(2 * 1024 * 1024));
    const { bytes, whole } = await cut(`/api/storages/${id}/zip?prefix=maps%2F`);
    expect(bytes).toBeGreaterThan(0);
    expect(bytes).toBeLessThan(32 * 1024 * 1024);
    expect(whole).toBe(false);
  });

  it.each(['/api/audit/export?format=jsonl', '/api/activity/export?format=csv'])(
    'is an export: it is cut, and shows as broken: %s',
    async (address) => {
      const { deps } = bed.container;
      const entries = 8_000;
      const targetName = 'x'.repeat(4_000);
      deps.db.write(() => {
        for (let i = 0; i < entries; i += 1)
          record(deps, person.actor, { action: 'storage.ready', ownerId: person.userId, targetId: null, targetName });
      });
      const { bytes, whole } = await cut(address);
      expect(bytes).toBeGreaterThan(0);
      expect(bytes).toBeLessThan(entries * targetName.length);
      expect(whole).toBe(false);
    },
  );

  it('goes on for others, and for oneself while the session holds', async () => {
    const ben = await bed.signIn('ben');
    const put = ask({ method: 'PUT', path: path(), port: bed.port, headers: own(), body: 'x'.repeat(100_000) });
    signOut(bed.container.deps, ben.actor);
    bed.container.deps.revocations.announce({ userId: person.userId });
    expect((await put).status).toBe(200);
  });
});
