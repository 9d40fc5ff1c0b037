import { request } from 'node:http';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mintSignInLink } from '../services/auth/links.ts';
import { eventually, openTestBed, type TestBed } from './test-bed.ts';

interface Answer {
  status: number;
  headers: NodeJS.Dict<string | string[]>;
  body: string;
}

describe('the HTTP server', () => {
  let bed: TestBed;
  let person: Awaited<ReturnType<TestBed['signIn']>>;
  let storage: string;
  beforeAll(async () => {
    bed = await openTestBed();
    person = await bed.signIn('ada');
    storage = (await eventually(async () => (await person.api.storages.list()).find((row) => row.status === 'active')))
      .id;
  });
  afterAll(() => bed.close());

  function ask(
    method: string,
    path: string,
    headers: Record<string, string> = {},
    body?: string | Buffer,
  ): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const req = request(
        { host: '127.0.0.1', port: bed.port, method, path, headers: { host: `localhost:${bed.port}`, ...headers } },
        (res) => {
          const chunks: Buffer[] = [];
          res.on('data', (chunk: Buffer) => chunks.push(chunk));
          res.on('end', () =>
            resolve({ status: res.statusCode ?? 0, headers: res.headers, body: Buffer.concat(chunks).toString() }),
          );
          res.on('error', reject);
        },
      );
      req.on('error', reject);
      req.end(body);
    });
  }
  const own = () => ({ cookie: person.cookie, 'sec-fetch-site': 'same-origin', 'content-type': 'application/json' });
  const objects = (key: string) => `/api/storages/${storage}/objects?key=${encodeURIComponent(key)}`;

  it('names its providers in readiness', async () => {
    const { status, body } = await ask('GET', '/readyz');
    expect([status, JSON.parse(body)]).toEqual([
      200,
      { status: 'ready', providers: { spawner: 'memory', storage: 'memory', identity: ['memory'] }, notReady: [] },
    ]);
  });

  it.each([
    ['another site', { 'sec-fetch-site': 'cross-site' }],
    ['an environment of the same site', { 'sec-fetch-site': 'same-site' }],
    ['a foreign origin without fetch metadata', { origin: 'https://evil.example' }],
    ['a browser that sends neither', {}],
  ])('refuses a change that comes from %s', async (_name, headers) => {
    const { status } = await ask(
      'POST',
      '/api/trpc/profile.signOutEverywhere',
      { cookie: person.cookie, 'content-type': 'application/json', ...headers },
      undefined,
    );
    expect(status).toBe(403);
    expect((await person.api.profile.me()).name).toBe('ada');
  });

  it('refuses reads of the API by other sites', async () => {
    expect(
      (await ask('GET', '/api/trpc/profile.me', { cookie: person.cookie, 'sec-fetch-site': 'same-site' })).status,
    ).toBe(403);
  });

  it('refuses a host name that is not its own (DNS rebinding)', async () => {
    expect((await ask('GET', '/', { host: 'evil.example' })).status).toBe(421);
  });

  it('sends pages asked for by bare address to localhost, where cookies and environments live', async () => {
    const { status, headers } = await ask('GET', '/x?y=1', { host: `127.0.0.1:${bed.port}` });
    expect([status, headers.location]).toEqual([307, `${bed.origin}/x?y=1`]);
  });

  it('sets the security headers on pages and API', async () => {
    const page = await ask('GET', '/', own());
    expect(page.headers['content-security-policy']).toMatch(/script-src 'self' 'nonce-[^']{16}' 'strict-dynamic'/);
    const api = await ask('GET', '/api/trpc/profile.me', own());
    expect(api.headers['content-security-policy']).toMatch(/^default-src 'none';/);
    for (const { headers } of [page, api]) expect(headers['x-content-type-options']).toBe('nosniff');
  });

  it('refuses bodies over the limit and fields that it does not know', async () => {
    const large = await ask(
      'POST',
      '/api/trpc/profile.update',
      own(),
      JSON.stringify({ name: 'x'.repeat(2 * 1024 * 1024) }),
    );
    expect(large.status).toBe(413);
    const unknown = await ask('POST', '/api/trpc/profile.update', own(), JSON.stringify({ role: 'admin' }));
    expect(unknown.status).toBe(400);
    expect((await person.api.profile.me()).role).toBe('admin');
  });

  it('signs in by link once, with a cookie that scripts cannot read', async () => {
    const link = await mintSignInLink(bed.container.deps, 'ben@example.org');
    expect(
      bed.container.deps.audit
        .page({ action: 'session.link' }, { before: null, limit: 1 })
        .rows.map(({ targetName }) => targetName),
    ).toEqual(['ben@example.org']);
    const body = JSON.stringify({ secret: link.url.split('#link=')[1] });
    const headers = { 'content-type': 'application/json', 'sec-fetch-site': 'same-origin' };
    const first = await ask('POST', '/api/auth/link', headers, body);
    expect(first.status).toBe(200);
    expect(String(first.headers['set-cookie'])).toMatch(
      /^cmbcluster_session=[\w.-]+; Path=\/; HttpOnly; SameSite=Lax; Max-Age=\d+$/,
    );
    const again = await ask('POST', '/api/auth/link', headers, body);
    expect([again.status, JSON.parse(again.body).code]).toEqual([401, 'unauthenticated']);
  });

  it('gives fresh links to holders of the control key only', async () => {
    const post = (authorization: string) =>
      ask('POST', '/api/control/link', { authorization, 'content-type': 'application/json' }, '{}');
    expect((await post('Bearer wrong')).status).toBe(401);
  });

  it('streams files in and out: ranges, conditions, names', async () => {
    const put = (key: string, headers: Record<string, string> = {}) =>
      ask('PUT', objects(key), { ...own(), ...headers }, 'hello world');
    expect((await put('a b+ü.txt', { 'if-none-match': '*' })).status).toBe(200);
    expect((await put('a b+ü.txt', { 'if-none-match': '*' })).status).toBe(409);
    const whole = await ask('GET', objects('a b+ü.txt'), own());
    expect([whole.status, whole.body, whole.headers['content-disposition']]).toEqual([
      200,
      'hello world',
      `attachment; filename="a b+_.txt"; filename*=UTF-8''a%20b%2B%C3%BC.txt`,
    ]);
    const part = await ask('GET', objects('a b+ü.txt'), { ...own(), range: 'bytes=6-8' });
    expect([part.status, part.body, part.headers['content-range']]).toEqual([206, 'wor', 'bytes 6-8/11']);
    const tail = await ask('GET', objects('a b+ü.txt'), { ...own(), range: 'bytes=-3' });
    expect(tail.body).toBe('rld');
    expect((await ask('GET', objects('a b+ü.txt'), { ...own(), range: 'bytes=50-' })).status).toBe(416);
  });

  it.each(['../x', 'a/../../x', '/x', 'a\0b', `${'p'.repeat(256)}`])('refuses the key %j', async (key) => {
    const { status, body } = await ask('PUT', objects(key), own(), 'x');
    expect([status, JSON.parse(body).code]).toEqual([400, 'invalid_argument']);
  });

  it('serves what people stored as inert content only', async () => {
    await ask('PUT', objects('evil.html'), own(), '<script>alert(1)</script>');
    for (const path of [objects('evil.html'), `${objects('evil.html')}&preview=1`]) {
      const { headers } = await ask('GET', path, own());
      expect(headers['content-type']).not.toContain('html');
      expect(headers['content-security-policy']).toContain('sandbox');
      expect(headers['x-content-type-options']).toBe('nosniff');
    }
  });

  it('leaves nothing of an upload that breaks off', async () => {
    const socket = connect(bed.port, '127.0.0.1');
    socket.write(
      `PUT ${objects('half.bin')} HTTP/1.1\r\nhost: localhost:${bed.port}\r\ncookie: ${person.cookie}\r\nsec-fetch-site: same-origin\r\ncontent-length: 1000000\r\n\r\nonly this`,
    );
    await new Promise((resolve) => setTimeout(resolve, 50));
    socket.destroy();
    await expect(ask('GET', objects('half.bin'), own())).resolves.toMatchObject({ status: 404 });
  });

  /** Fifty changes in one call, each refused for its input: they count all the same. */
  const changes = (cookie: string) =>
    ask('POST', `/api/trpc/${Array(50).fill('profile.update').join(',')}?batch=1`, { ...own(), cookie }, '{}');

  it('hands out no endless supply of tickets', async () => {
    const eve = await bed.signIn('eve');
    const open = () => ask('GET', '/open/env-00000000000000000000', { cookie: eve.cookie });
    expect((await open()).status).toBe(404);
    const many = await Promise.all(Array.from({ length: 140 }, open));
    const refused = many.find(({ status }) => status === 429);
    expect(refused?.headers['retry-after']).toBe('1');
  });

  it('bounds the changes and the live streams of one browser, and nobody else', async () => {
    const eve = await bed.signIn('eve2');
    const headers = { ...own(), cookie: eve.cookie };
    const many = await Promise.all(Array.from({ length: 6 }, () => changes(eve.cookie)));
    const refused = many.find(({ status }) => status === 429);
    expect(refused?.headers).toMatchObject({
      'ratelimit-policy': '"changes";q=200;w=10',
      ratelimit: expect.stringMatching(/^"changes";r=0;t=[1-3]$/),
      'retry-after': refused?.headers['ratelimit-reset'],
    });
    expect(JSON.parse(refused?.body ?? '[]')[0].error.data.facts).toMatchObject({ code: 'resource_exhausted' });
    expect((await ask('POST', '/api/trpc/profile.update', own(), '{"name":"ada"}')).status).toBe(200);

    const stream = () =>
      new Promise<{ open: boolean; end(): void }>((resolve, reject) => {
        const host = `localhost:${bed.port}`;
        const path = '/api/trpc/live%2Ewatch';
        const req = request({ host: '127.0.0.1', port: bed.port, path, headers: { ...headers, host } }, (res) => {
          let text = '';
          res.on('error', () => {});
          res.on('data', (chunk: Buffer) => {
            text += chunk.toString();
            const open = text.includes('hello');
            if (open || text.includes('resource_exhausted')) resolve({ open, end: () => req.destroy() });
          });
        });
        req.on('error', reject);
        req.end();
      });
    const streams = await Promise.all(Array.from({ length: 20 }, stream));
    expect(streams.every(({ open }) => open)).toBe(true);
    const tooMany = await stream();
    expect(tooMany.open).toBe(false);
    for (const { end } of [...streams, tooMany]) end();
    const again = await eventually(async () => {
      const one = await stream();
      return one.open ? one : null;
    });
    again.end();
  });

  it('says nothing of its database when that cannot be read', async () => {
    const eve = await bed.signIn('eve3');
    const { people } = bed.container.deps;
    const { findSessionActor } = people;
    people.findSessionActor = () => {
      throw new Error('SQLITE_IOERR: disk I/O error in /secret/path');
    };
    const { status, body } = await ask('GET', '/api/trpc/profile.me', { ...own(), cookie: eve.cookie });
    people.findSessionActor = findSessionActor;
    expect([status, body.includes('SQLITE')]).toEqual([500, false]);
  });

  it('answers for a file that is stored, even when the audit cannot be written', async () => {
    const { drizzle } = bed.container.deps.db;
    drizzle.run("create trigger full before insert on audit begin select raise(abort, 'full'); end");
    const put = await ask('PUT', objects('kept.txt'), own(), 'kept');
    drizzle.run('drop trigger full');
    expect(put.status).toBe(200);
    expect((await ask('GET', objects('kept.txt'), own())).body).toBe('kept');
  });

  it('forgets a signed-out session at once, on open streams too', async () => {
    const ben = await bed.signIn('ben2');
    const stream = new Promise<string>((resolve, reject) => {
      const input = encodeURIComponent(JSON.stringify({}));
      request(
        {
          host: '127.0.0.1',
          port: bed.port,
          path: `/api/trpc/live.watch?input=${input}`,
          headers: { host: `localhost:${bed.port}`, cookie: ben.cookie, 'sec-fetch-site': 'same-origin' },
        },
        (res) => {
          let text = '';
          res.on('data', (chunk: Buffer) => {
            text += chunk.toString();
            if (text.includes('hello'))
              void ask('POST', '/api/auth/sign-out', { cookie: ben.cookie, 'sec-fetch-site': 'same-origin' });
          });
          res.on('end', () => resolve(text));
          res.on('error', reject);
        },
      ).end();
    });
    expect(await stream).toContain('Your session has ended');
    expect((await ask('GET', '/api/trpc/profile.me', { ...own(), cookie: ben.cookie })).status).toBe(401);
  });
});
