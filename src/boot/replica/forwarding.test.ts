/** What a replica that does not lead answers: everything that the leader would, and when there is none, that. */
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import { EventSource } from 'eventsource';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { StorageId } from '../../domain/ids.ts';
import { grantOf, MemoryAuthorizer, routeTo, wire } from '../../gateway/test-harness.ts';
import { mintSignInLink } from '../../services/auth/links.ts';
import { eventually, openTestBed, type TestBed } from '../test-bed.ts';
import { createPass, FORWARDED, REFUSED } from './pass.ts';
import { CONTROL_KEY, leads, openFollower, type TestFollower } from './test-follower.ts';

interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  text: string;
}

interface Call {
  port: number;
  method?: string;
  path?: string;
  headers?: Record<string, string>;
  body?: string | Buffer;
}

function call({ port, method = 'GET', path = '/', headers = {}, body }: Call): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const own = { host: `localhost:${port}`, 'sec-fetch-site': 'same-origin', ...headers };
    const req = request({ host: '127.0.0.1', port, method, path, headers: own, agent: false });
    req.on('error', reject);
    req.on('response', (res) => {
      const chunks: Buffer[] = [];
      res.on('data', (chunk: Buffer) => chunks.push(chunk));
      res.on('error', reject);
      res.on('end', () =>
        resolve({ status: res.statusCode ?? 0, headers: res.headers, text: Buffer.concat(chunks).toString('utf8') }),
      );
    });
    req.end(body);
  });
}

const create = (displayName: string) => ({
  method: 'POST',
  path: '/api/trpc/storages.create',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ displayName }),
});

describe('a replica that does not lead', () => {
  let bed: TestBed;
  let follower: TestFollower;
  let person: Awaited<ReturnType<TestBed['signIn']>>;
  let others: Server[];
  beforeEach(async () => {
    others = [];
    bed = await openTestBed({ reconcile: false });
    person = await bed.signIn('ada');
    follower = await openFollower(bed, { holdMs: 10_000, graceMs: 50 });
    follower.watch.set(leads(bed, 'leader-1'));
  });
  afterEach(async () => {
    await follower.close();
    await bed.close();
    for (const server of others) {
      server.closeAllConnections();
      server.close();
    }
  });

  /** In its place one that knows of no leader, and holds nothing for long. */
  async function impatient(): Promise<void> {
    await follower.close();
    follower = await openFollower(bed, { holdMs: 100 });
  }

  const ask = (options: Omit<Call, 'port'>) =>
    call({ ...options, port: follower.port, headers: { cookie: person.cookie, ...options.headers } });

  /** A program that listens like a leader; its address. */
  async function stub(handler: (req: IncomingMessage, res: ServerResponse) => void): Promise<string> {
    const server = createServer(handler);
    server.on('checkContinue', (req, res) => handler(req, res));
    others.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    return `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
  }

  it('passes queries, changes, pages and refusals on', async () => {
    const me = await ask({ path: '/api/trpc/profile.me' });
    expect(me.status).toBe(200);
    expect(me.text).toContain('ada');
    expect(me.headers['x-content-type-options']).toBe('nosniff');
    expect((await ask(create('Through another'))).status).toBe(200);
    expect((await person.api.storages.list()).map(({ displayName }) => displayName)).toContain('Through another');
    expect((await ask({ path: '/some/page' })).text).toBe('page');
    expect((await ask({ path: '/api/unknown' })).status).toBe(404);
    const foreign = await ask({ ...create('Foreign'), headers: { 'sec-fetch-site': 'cross-site' } });
    expect(foreign.status).toBe(403);
  });

  it('passes files on, both ways, whatever their size', async () => {
    await eventually(async () => {
      await bed.container.reconciler.start(bed.container.spawners);
      return (await person.api.storages.list())[0]?.status === 'active';
    });
    const storage = (await person.api.storages.list())[0]?.id as StorageId;
    const path = `/api/storages/${storage}/objects?key=large.bin`;
    const body = Buffer.alloc(3_000_000, 'some content');
    expect(
      (await ask({ method: 'PUT', path, body, headers: { 'content-length': String(body.length) } })).status,
    ).toBeLessThan(300);
    const chunked = { 'transfer-encoding': 'chunked' };
    const expected = { expect: '100-continue', 'content-length': String(body.length) };
    expect((await ask({ method: 'PUT', path, body, headers: chunked })).status).toBeGreaterThan(0);
    expect((await ask({ method: 'PUT', path, body, headers: expected })).status).toBeLessThan(300);
    const read = await ask({ path });
    expect(read.status).toBe(200);
    expect(read.text.length).toBe(body.length);
  });

  it('passes the live stream on', async () => {
    const messages: unknown[] = [];
    const url = `${follower.origin}/api/trpc/live.watch?input=${encodeURIComponent(JSON.stringify({}))}`;
    const stream = new EventSource(url, {
      fetch: (input, init) =>
        fetch(input, { ...init, headers: { ...init.headers, cookie: person.cookie, 'sec-fetch-site': 'same-origin' } }),
    });
    stream.addEventListener('message', (event) => messages.push(JSON.parse(event.data)));
    try {
      await eventually(() => messages.length > 0);
      const before = messages.length;
      await person.api.storages.create({ displayName: 'Second' });
      await eventually(() => messages.length > before);
    } finally {
      stream.close();
    }
  });

  it('signs people in, and says where they come from', async () => {
    const { deps } = bed.container;
    const secret = (await mintSignInLink(deps, 'grace@example.org')).url.split('#link=')[1];
    const answer = await call({
      port: follower.port,
      method: 'POST',
      path: '/api/auth/link',
      headers: { 'content-type': 'application/json', 'x-db-client': '6.6.6.6' },
      body: JSON.stringify({ secret }),
    });
    expect(answer.status).toBe(200);
    expect(String(answer.headers['set-cookie'])).toContain('cmbcluster_session=');
    expect(JSON.stringify(deps.audit.page({}, { before: null, limit: 50 }))).not.toContain('6.6.6.6');
  });

  it('asks for links with the key of its own data folder', async () => {
    const control = (key: string) =>
      call({
        port: follower.port,
        method: 'POST',
        path: '/api/control/link',
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
        body: '{}',
      });
    expect((await control('wrong')).status).toBe(401);
    const answer = await control(CONTROL_KEY);
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.text).url).toContain('#link=');
  });

  it('answers for itself what needs no leader', async () => {
    follower.watch.set(null);
    expect((await ask({ path: '/healthz' })).status).toBe(200);
    const ready = await ask({ path: '/readyz' });
    expect(ready.status).toBe(503);
    expect(JSON.parse(ready.text)).toMatchObject({ role: 'follower', notReady: ['leader'] });
  });

  it('says for a program and for a person that nobody leads, after waiting', async () => {
    await impatient();
    const program = await ask({ path: '/api/trpc/profile.me' });
    expect(program.status).toBe(503);
    expect(program.headers['retry-after']).toBe('3');
    expect(JSON.parse(program.text).code).toBe('unavailable');
    const person = await ask({ path: '/environments', headers: { accept: 'text/html' } });
    expect(person.status).toBe(503);
    expect(person.headers.refresh).toBe('3');
    expect(person.text).toContain('Back in a few seconds');
    const change = await ask(create('Nowhere'));
    expect(change.status).toBe(503);
  });

  it('holds requests until somebody leads', async () => {
    const leader = follower.watch.leader;
    follower.watch.set(null);
    const held = [ask({ path: '/api/trpc/profile.me' }), ask(create('Held'))];
    await eventually(async () => (await follower.server.connections()) >= 2);
    follower.watch.set(leader);
    expect((await Promise.all(held)).map(({ status }) => status)).toEqual([200, 200]);
  });

  it('serves what it held by itself, once it leads', async () => {
    follower.watch.set(null);
    const held = [ask({ path: '/api/trpc/profile.me' }), ask(create('Its own'))];
    await eventually(async () => (await follower.server.connections()) >= 2);
    const pages = { handle: async () => {}, upgrade: null };
    follower.server.serve(bed.container, pages);
    follower.here = bed.container;
    follower.watch.set(null);
    expect((await Promise.all(held)).map(({ status }) => status)).toEqual([200, 200]);
  });

  it('sends a change again that a former leader refused, body and all', async () => {
    const leader = follower.watch.leader;
    let refused = 0;
    const url = await stub((_req, res) => {
      refused += 1;
      res.writeHead(503, { [REFUSED]: 'not-leader' }).end('{}');
      follower.watch.set(leader);
    });
    follower.watch.set({ url, owner: 'former' });
    expect((await ask(create('Sent again'))).status).toBe(200);
    expect(refused).toBe(1);
    expect((await person.api.storages.list()).filter(({ displayName }) => displayName === 'Sent again')).toHaveLength(
      1,
    );
  });

  it('tries the next leader when this one cannot be reached', async () => {
    const leader = follower.watch.leader;
    follower.watch.set({ url: 'http://127.0.0.1:1', owner: 'dead' });
    const held = ask(create('Reached'));
    await eventually(async () => (await follower.server.connections()) >= 1);
    follower.watch.set(leader);
    expect((await held).status).toBe(200);
  });

  it('does not send a change again that a leader may have made, but a read', async () => {
    const leader = follower.watch.leader;
    let seen = 0;
    const url = await stub((req, res) => {
      seen += 1;
      if (req.headers.expect) res.writeContinue();
      req.on('data', () => undefined);
      req.on('end', () => {
        follower.watch.set(leader);
        req.destroy();
      });
    });
    follower.watch.set({ url, owner: 'dying' });
    const change = await ask(create('Perhaps'));
    expect(change.status).toBe(503);
    expect(change.text).toContain('may have been done');
    follower.watch.set({ url, owner: 'dying' });
    expect((await ask({ path: '/api/trpc/profile.me' })).status).toBe(200);
    expect(seen).toBe(2);
  });

  it('gives a leader up that stands still, once another leads', async () => {
    const leader = follower.watch.leader;
    const url = await stub(() => follower.watch.set(leader));
    follower.watch.set({ url, owner: 'frozen' });
    expect((await ask({ path: '/api/trpc/profile.me' })).status).toBe(200);
  });

  it('gives its own assets if it has them', async () => {
    const one = await openFollower(bed, {
      assetOf: (path) => (path === '/_next/static/a.js' ? import.meta.filename : null),
    });
    one.watch.set(follower.watch.leader);
    try {
      expect((await call({ port: one.port, path: '/_next/static/a.js' })).text).toBe('own asset');
      expect((await call({ port: one.port, path: '/_next/static/b.js' })).text).toBe('page');
    } finally {
      await one.close();
    }
  });

  it('is known to the leader until it is gone', async () => {
    await eventually(() => bed.server.followers().length === 1);
    const one = await openFollower(bed);
    one.watch.set(follower.watch.leader);
    await eventually(() => bed.server.followers().length === 2);
    expect(bed.server.followers()).toEqual(Array(2).fill({ address: '127.0.0.1', since: expect.any(Number) }));
    await one.close();
    await eventually(() => bed.server.followers().length === 1);
  });

  describe('before environments', () => {
    let authorizer: MemoryAuthorizer;
    let seen: number;
    let asked: number;
    beforeEach(async () => {
      seen = 0;
      asked = 0;
      const url = await stub((_req, res) => {
        seen += 1;
        res.end('from the environment');
      });
      others.at(-1)?.on('upgrade', (_req, socket) => {
        socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
        socket.on('error', () => undefined);
      });
      authorizer = new MemoryAuthorizer();
      authorizer.grants.set('good', grantOf('usr-a', 'ses-a'));
      authorizer.tickets.set('ticket', { cookie: 'fresh', grant: grantOf('usr-a', 'ses-a') });
      authorizer.onRevoked((revoked) => bed.container.deps.revocations.announce(revoked));
      const endpoint = { kind: 'tcp', host: '127.0.0.1', port: Number(new URL(url).port), header: null } as const;
      const resolver = {
        resolve: (slug: string) => {
          asked += 1;
          return slug === 'work' ? routeTo(endpoint) : null;
        },
      };
      const pages = { handle: async () => {}, upgrade: null };
      const membership = { owner: 'leader-1', pass: createPass(bed.container.deps.keys) };
      bed.server.serve({ ...bed.container, resolver, authorizer }, pages, membership);
      await eventually(() => bed.server.followers().length === 1);
    });

    const host = 'work.localhost';
    const visit = (path = '/', cookie = 'cmbcluster_environment=good', name = host) =>
      call({ port: follower.port, path, headers: { host: name, cookie, 'sec-fetch-site': 'none' } });

    it('carries traffic by itself, after asking the leader once', async () => {
      for (let i = 0; i < 3; i += 1) expect((await visit()).text).toBe('from the environment');
      expect([seen, asked]).toEqual([3, 1]);
      expect((await visit('/', 'cmbcluster_environment=bad')).status).toBe(403);
      expect((await visit('/', 'cmbcluster_environment=good', 'other.localhost')).status).toBe(404);
    });

    it('redeems tickets', async () => {
      const entered = await visit('/.cmbcluster/enter?ticket=ticket&to=%2F', '');
      expect(entered.status).toBe(303);
      expect(String(entered.headers['set-cookie'])).toContain('fresh');
    });

    it('cuts what is open as soon as the leader takes the right away', async () => {
      const socket =
        'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: eA==\r\n';
      const own = `Host: ${host}:${follower.port}\r\nOrigin: ${bed.origin.replace('//', '//work.').replace(/:\d+$/, `:${follower.port}`)}\r\n`;
      const one = wire(follower.port, `GET / HTTP/1.1\r\n${own}Cookie: cmbcluster_environment=good\r\n${socket}\r\n`);
      expect(await one.until('\r\n\r\n')).toContain('101 Switching');
      authorizer.revoke({ userId: grantOf('usr-a', 'ses-a').userId });
      await one.closed;
      expect((await visit()).status).toBe(403);
    });

    it('says that nobody can decide while nobody leads', async () => {
      await impatient();
      const answer = await visit();
      expect(answer.status).toBe(503);
      expect(answer.headers['retry-after']).toBe('2');
      expect(seen).toBe(0);
    });
  });

  describe('and those who claim to be one', () => {
    const token = (owner: string) =>
      createPass(bed.container.deps.keys).fieldsFor(owner, { client: '192.0.2.1', operator: true });
    const claim = (fields: string[]) =>
      Object.fromEntries(fields.flatMap((name, at) => (at % 2 ? [] : [[name, fields[at + 1] ?? '']])));

    it('are refused by the leader without its token', async () => {
      for (const forged of ['1', 'a.b.c', claim(token('another process'))[FORWARDED] ?? '']) {
        const headers = { [FORWARDED]: forged, 'x-db-operator': '1' };
        expect((await call({ port: bed.port, path: '/api/trpc/profile.me', headers })).status).toBe(403);
      }
      const right = { ...claim(token('leader-1')), 'content-type': 'application/json' };
      expect(
        (await call({ port: bed.port, method: 'POST', path: '/api/control/link', headers: right, body: '{}' })).status,
      ).toBe(200);
    });

    it('reach nothing of the replicas’ own', async () => {
      const body = JSON.stringify({ ask: 'resolve', slug: 'work' });
      const headers = { 'content-type': 'application/json', 'content-length': String(body.length) };
      const path = '/api/replica/gateway';
      expect((await call({ port: bed.port, method: 'POST', path, headers, body })).status).toBe(404);
      expect((await ask({ method: 'POST', path, headers, body })).status).toBe(404);
    });

    it('are sent nowhere: one hop only', async () => {
      const answer = await ask({ path: '/api/trpc/profile.me', headers: claim(token('leader-1')) });
      expect(answer.status).toBe(503);
      expect(answer.headers[REFUSED]).toBe('not-leader');
    });

    it('cannot slip fields of ours through', async () => {
      let got: NodeJS.Dict<string | string[]> = {};
      const url = await stub((req, res) => {
        got = req.headers;
        res.end('{}');
      });
      follower.watch.set({ url, owner: 'looking' });
      await ask({
        path: '/api/x',
        headers: { 'x-db-operator': '1', X_Db_Client: '6.6.6.6', 'x-db-new': '1', connection: 'x-own', 'x-own': '1' },
      });
      const ours = Object.keys(got).filter((name) => name.replaceAll('_', '-').startsWith('x-db-'));
      expect(ours.sort()).toEqual(['x-db-client', FORWARDED]);
      expect(got['x-db-client']).toBe('127.0.0.1');
      expect(got['x-own']).toBeUndefined();
      expect(got.cookie).toBe(person.cookie);
    });
  });
});
