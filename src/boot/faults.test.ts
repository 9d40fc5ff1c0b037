/**
 * Bad input and bad clients over real sockets: each gets a clear answer in bounded time, nobody else notices, and the server is
 * still there afterwards.
 */
import { connect, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { eventually, openTestBed, type TestBed } from './test-bed.ts';

const CUT_MS = 600;
/** For those who dribble a body, and for silence in the middle of one. */
const SLOW = { callBodyMs: 400, jsonBodyMs: 400, uploadSilenceMs: 400, discardMs: 400 };

describe('bad clients', () => {
  let bed: TestBed;
  let person: Awaited<ReturnType<TestBed['signIn']>>;
  let storage: string;
  const sockets = new Set<Socket>();
  beforeAll(async () => {
    bed = await openTestBed({
      deadlines: { headersTimeout: CUT_MS, keepAliveTimeout: CUT_MS, connectionsCheckingInterval: 100, ...SLOW },
    });
    person = await bed.signIn('ada');
    storage = (await eventually(async () => (await person.api.storages.list()).find((row) => row.status === 'active')))
      .id;
  });
  afterEach(async () => {
    for (const socket of sockets) socket.destroy();
    sockets.clear();
    expect(await ask('GET', '/healthz')).toMatchObject({ status: 200 });
  });
  afterAll(() => bed.close());

  interface Answer {
    status: number;
    head: string;
    body: string;
  }

  function open(): { socket: Socket; text: () => string; closed: Promise<void> } {
    const socket = connect(bed.port, '127.0.0.1');
    sockets.add(socket);
    let text = '';
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
    });
    socket.on('error', () => {});
    const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
    return { socket, text: () => text, closed };
  }

  /** Sends bytes as they are; resolves with all that came back until the server closed. */
  async function raw(request: string | Buffer): Promise<Answer> {
    const { socket, text, closed } = open();
    socket.write(request);
    await closed;
    return parse(text());
  }

  function parse(text: string): Answer {
    const [head = '', ...rest] = text.split('\r\n\r\n');
    const sent = rest.join('\r\n\r\n');
    const body = /transfer-encoding: chunked/i.test(head) ? joined(sent) : sent;
    return { status: Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1] ?? 0), head, body };
  }

  function joined(chunks: string): string {
    const [, size = '', rest = ''] = /^([0-9a-f]+)\r\n(.*)$/is.exec(chunks) ?? [];
    const length = Number.parseInt(size, 16);
    return length > 0 ? rest.slice(0, length) + joined(rest.slice(length + 2)) : '';
  }

  const headOf = (method: string, path: string, headers: Record<string, string>) =>
    [`${method} ${path} HTTP/1.1`, ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`), '', ''].join(
      '\r\n',
    );
  const base = () => ({ host: `localhost:${bed.port}`, connection: 'close', 'sec-fetch-site': 'same-origin' });
  const own = () => ({ ...base(), cookie: person.cookie });

  function ask(
    method: string,
    path: string,
    { headers = {}, body = '' }: { headers?: Record<string, string>; body?: string | Buffer } = {},
  ): Promise<Answer> {
    const bytes = Buffer.from(body);
    const length: Record<string, string> = bytes.length > 0 ? { 'content-length': String(bytes.length) } : {};
    return raw(
      Buffer.concat([Buffer.from(headOf(method, path, { ...base(), ...length, ...headers }), 'latin1'), bytes]),
    );
  }
  const post = (procedure: string, body: string | Buffer, headers: Record<string, string> = {}) =>
    ask('POST', `/api/trpc/${procedure}`, {
      body,
      headers: { cookie: person.cookie, 'content-type': 'application/json', ...headers },
    });
  const objects = (key: string) => `/api/storages/${storage}/objects?key=${key}`;

  describe('slow and silent ones', () => {
    it('are cut while they dribble their headers, and others are served meanwhile', async () => {
      const slow = Array.from({ length: 20 }, () => open());
      for (const { socket } of slow) socket.write(`GET / HTTP/1.1\r\nhost: localhost:${bed.port}\r\nx-`);
      const dribble = setInterval(() => {
        for (const { socket } of slow) socket.write('a');
      }, 50);
      const started = Date.now();
      expect((await ask('GET', '/api/trpc/profile.me', { headers: own() })).status).toBe(200);
      expect(Date.now() - started).toBeLessThan(CUT_MS);
      await Promise.all(slow.map(({ closed }) => closed));
      clearInterval(dribble);
      expect(Date.now() - started).toBeLessThan(CUT_MS * 5);
      expect(slow.every(({ text }) => text() === '' || parse(text()).status === 408)).toBe(true);
    });

    it.each([
      ['a call', 'POST', () => '/api/trpc/profile.update', true],
      ['a sign-in', 'POST', () => '/api/auth/link', true],
      ['an upload, when nothing more comes', 'PUT', () => objects('slow.bin'), false],
      ['a refused body', 'PUT', () => objects('../x'), true],
    ])('are cut in the middle of %s', async (_name, method, path, dribbles) => {
      const { socket, closed } = open();
      const headers = { ...own(), connection: 'keep-alive', 'content-type': 'application/json' };
      socket.write(headOf(method, path(), { ...headers, 'content-length': '900' }));
      socket.write('{"secret":"');
      const dribble = setInterval(() => dribbles && socket.write('a'), 50);
      const started = Date.now();
      await closed;
      clearInterval(dribble);
      expect(Date.now() - started).toBeGreaterThan(300);
      expect(Date.now() - started).toBeLessThan(4_000);
    });

    it('are cut when they say nothing, or nothing more', async () => {
      const silent = open();
      const idle = open();
      idle.socket.write(headOf('GET', '/healthz', { host: `localhost:${bed.port}` }));
      const started = Date.now();
      await Promise.all([silent.closed, idle.closed]);
      expect(parse(idle.text()).status).toBe(200);
      expect(Date.now() - started).toBeLessThan(CUT_MS * 5);
    });

    it('leave nothing behind: 5,000 abandoned sockets', { timeout: 60_000 }, async () => {
      const before = process.memoryUsage().rss;
      const silent = ['', 'GET / HT'];
      const lasting = { ...own(), connection: 'keep-alive' };
      const halfway = [
        headOf('POST', '/api/trpc/profile.update', { ...lasting, 'content-length': '900000' }),
        `${headOf('PUT', objects('never.bin'), { ...lasting, 'content-length': '1000' })}half`,
      ];
      const abandoned: Socket[] = [];
      for (let i = 0; i < 5_000; i += 1) {
        const socket = connect(bed.port, '127.0.0.1').on('error', () => {});
        sockets.add(socket);
        const head = i % 25 === 0 ? halfway[(i / 25) % 2] : silent[i % 2];
        if (head) socket.write(head);
        abandoned.push(socket);
        if (i % 500 === 499) await new Promise((resolve) => socket.once('connect', resolve));
      }
      expect((await ask('GET', '/api/trpc/profile.me', { headers: own() })).status).toBe(200);
      // Both ends of every socket are in this process.
      expect(process.memoryUsage().rss - before).toBeLessThan(400 * 1024 * 1024);
      // Those that never finished their headers go by the clock, the rest with their client.
      await eventually(async () => (await bed.server.connections()) <= 200, 20_000);
      for (const socket of abandoned) socket.destroy();
      await eventually(async () => (await bed.server.connections()) === 0, 20_000);
      expect((await ask('GET', objects('never.bin'), { headers: own() })).status).toBe(404);
    });

    it('reset an upgrade that nobody answers, without ending the process', async () => {
      const upgrade = headOf('GET', '/', { ...base(), connection: 'upgrade', upgrade: 'websocket' });
      for (let i = 0; i < 20; i += 1) {
        const { socket } = open();
        await new Promise((resolve) => socket.once('connect', resolve));
        socket.write(upgrade);
        socket.resetAndDestroy();
      }
      // The other end stays half open: the server does not wait for it.
      const half = connect({ port: bed.port, host: '127.0.0.1', allowHalfOpen: true });
      sockets.add(half);
      let answer = '';
      half.on('error', () => {});
      half.on('data', (chunk: Buffer) => {
        answer += chunk.toString();
      });
      half.write(upgrade);
      await eventually(async () => answer !== '' && (await bed.server.connections()) === 0);
      expect(answer).toMatch(/^HTTP\/1\.1 404/);
    });

    it('send half a JSON body and go: the route forgets them', async () => {
      for (const path of ['/api/auth/link', '/api/trpc/profile.update', '/api/trpc/live.watch']) {
        const { socket } = open();
        socket.write(headOf('POST', path, { ...own(), 'content-type': 'application/json', 'content-length': '500' }));
        await new Promise((resolve) => socket.write('{"secret":"', resolve));
        socket.destroy();
      }
      await eventually(async () => (await bed.server.connections()) <= 1);
    });
  });

  describe('bodies', () => {
    it('over the limit are refused with an answer, on every kind of route', async () => {
      const large = 'x'.repeat(3 * 1024 * 1024);
      const trpc = await post('profile.update', large);
      expect(trpc.status).toBe(413);
      const link = await ask('POST', '/api/auth/link', { body: JSON.stringify({ secret: large }) });
      expect([link.status, JSON.parse(link.body).message]).toEqual([400, 'The request is larger than 1024 bytes.']);
    });

    it.each([
      ['nothing', ''],
      ['no JSON', 'hello'],
      ['half of it', '{"name":"x"'],
      ['a number', '5'],
      ['null', 'null'],
      ['a list', '[]'],
      ['deep lists', '['.repeat(200_000)],
      ['deep lists, closed', `{"name":${'['.repeat(100_000)}${']'.repeat(100_000)}}`],
      ['deep objects', `${'{"name":'.repeat(50_000)}1${'}'.repeat(50_000)}`],
      ['a prototype', '{"__proto__":{"name":"x"},"constructor":{"prototype":{"role":"admin"}}}'],
      ['a path into the prototype', '{"json":{"name":"x"},"meta":{"values":{"__proto__.role":["Date"]}}}'],
      [
        'equalities of the prototype',
        '{"json":{"name":"x"},"meta":{"referentialEqualities":{"name":["__proto__.x"]}}}',
      ],
      ['invalid UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x7d])],
      ['a wrong type', '{"name":5}'],
      ['an unknown field', '{"name":"x","role":"admin"}'],
      ['a name of control characters', '{"name":"a\\u0000b"}'],
      ['a name of half a character', '{"name":"\\ud800"}'],
    ])('of %s are refused as wrong input', async (_name, body) => {
      for (const answer of [await post('profile.update', body), await ask('POST', '/api/auth/link', { body })]) {
        expect([400, 401, 413], answer.body.slice(0, 300)).toContain(answer.status);
        expect(answer.body).not.toMatch(/node_modules|\bat \w+ \(|src\//);
      }
      expect((await person.api.profile.me()).name).toBe('ada');
      expect(Object.hasOwn(Object.prototype, 'role')).toBe(false);
    });

    it.each(['text/plain', 'application/x-www-form-urlencoded', 'application/xml', ''])(
      'of content type %j are refused',
      async (type) => {
        const answer = await post('profile.update', '{"name":"Eve"}', { 'content-type': type });
        expect([400, 415]).toContain(answer.status);
        expect((await person.api.profile.me()).name).toBe('ada');
      },
    );

    it('of a form or bytes change nothing either', async () => {
      const form = '--b\r\ncontent-disposition: form-data; name="name"\r\n\r\nEve\r\n--b--\r\n';
      for (const [type, body] of [
        ['multipart/form-data; boundary=b', form],
        ['multipart/form-data', form],
        ['application/octet-stream', '{"name":"Eve"}'],
      ] as const) {
        const { status } = await post('profile.update', body, { 'content-type': type });
        expect(status, type).toBeGreaterThanOrEqual(400);
        expect(status, type).toBeLessThan(500);
      }
      expect((await person.api.profile.me()).name).toBe('ada');
    });

    it('with many calls in one are bounded', async () => {
      const calls = (n: number) => Array.from({ length: n }, () => 'profile.me').join(',');
      const get = (n: number) => ask('GET', `/api/trpc/${calls(n)}?batch=1&input=%7B%7D`, { headers: own() });
      expect((await get(50)).status).toBe(200);
      expect((await get(51)).status).toBe(400);
      const bomb = await post(`${calls(2_000)}?batch=1`, '{}');
      expect([400, 414, 431]).toContain(bomb.status);
      // A stream cannot hide in a batch.
      expect(
        (await ask('GET', '/api/trpc/profile.me,live.watch?batch=1&input=%7B%7D', { headers: own() })).status,
      ).toBeGreaterThanOrEqual(400);
    });

    it.each([
      ['two lengths', 'content-length: 5\r\ncontent-length: 6'],
      ['a length and chunks', 'content-length: 5\r\ntransfer-encoding: chunked'],
      ['a negative length', 'content-length: -1'],
      ['a length of letters', 'content-length: abc'],
      ['unknown coding', 'transfer-encoding: gzip, identity'],
    ])('of %s are no request', async (_name, lines) => {
      const answer = await raw(`POST /api/auth/link HTTP/1.1\r\nhost: localhost:${bed.port}\r\n${lines}\r\n\r\nhello`);
      expect(answer.status).toBe(400);
    });
  });

  describe('paths and names', () => {
    it.each([
      '/api/trpc/%',
      '/api/trpc/%ff%fe',
      '/api/trpc/',
      '/api/trpc/__proto__',
      '/api/trpc/constructor.name',
      '/api/trpc/profile.me?input=%7B',
      '/api/trpc/profile.update',
      '/api/trpc/environments.get?input=%7B%22json%22%3A%7B%22id%22%3A%22env-%00%22%7D%7D',
      '/api/storages/%2e%2e/objects?key=a',
      '/api/storages/sto-x/objects',
      '/open/%',
      '/open/env-%ff',
      '/open/../../etc/passwd',
      '/api/%ff',
      '/api/auth/link',
    ])('%s is refused with a status of its own', async (path) => {
      const { status, body } = await ask('GET', path, { headers: own() });
      expect(status, body).toBeGreaterThanOrEqual(400);
      expect(status, body).toBeLessThan(500);
    });

    it.each(['%ff', 'a%fe.txt', '%c3%28', '%ed%a0%80', '%', 'a%zz', '%00', 'a%0d%0ax-evil:1'])(
      'a file name %s is refused rather than changed',
      async (key) => {
        const put = await ask('PUT', objects(key), { headers: own(), body: 'x' });
        expect([put.status, JSON.parse(put.body).code], put.body).toEqual([400, 'invalid_argument']);
      },
    );

    it('a file name injects no header', async () => {
      const names = ['a"; filename=evil.html', "a'*()%.txt", 'ä\u2028ö.txt', 'semi;colon,comma', '\u202egnp.exe'];
      for (const name of names) {
        expect((await ask('PUT', objects(encodeURIComponent(name)), { headers: own(), body: 'x' })).status).toBe(200);
        const { head } = await ask('GET', objects(encodeURIComponent(name)), { headers: own() });
        const [line = ''] = head.split('\r\n').filter((text) => text.toLowerCase().startsWith('content-disposition'));
        const match =
          /^content-disposition: attachment; filename="([^"\\%]*)"(?:; filename\*=UTF-8''([\w%.~!-]*))?$/i.exec(line);
        expect(decodeURIComponent(match?.[2] ?? match?.[1] ?? ''), line).toBe(name);
      }
    });

    it.each([
      'GET http://evil.example/ HTTP/1.1',
      'GET * HTTP/1.1',
      'OPTIONS * HTTP/1.1',
      'TRACE / HTTP/1.1',
      'CONNECT evil.example:80 HTTP/1.1',
    ])('%s hangs nothing', async (line) => {
      const { status, body } = await raw(`${line}\r\nhost: localhost:${bed.port}\r\nconnection: close\r\n\r\n`);
      expect(status === 0 || (status >= 400 && status < 500), String(status)).toBe(true);
      expect(body).not.toContain('evil.example');
    });

    it('headers over the limit are refused', async () => {
      expect((await ask('GET', '/', { headers: { 'x-large': 'y'.repeat(40_000) } })).status).toBe(431);
    });
  });

  describe('cookies', () => {
    const me = (...lines: string[]) =>
      raw(
        `${[`GET /api/trpc/profile.me HTTP/1.1`, `host: localhost:${bed.port}`, 'connection: close', 'sec-fetch-site: same-origin', ...lines.map((line) => `cookie: ${line}`)].join('\r\n')}\r\n\r\n`,
      );

    it.each([
      '',
      '=',
      ';;;;',
      'cmbcluster_session',
      'cmbcluster_session=',
      'cmbcluster_session=.',
      'cmbcluster_session=a.b.c',
      'cmbcluster_session=%00%ff',
      `cmbcluster_session=${'x'.repeat(20_000)}`,
      'cmbcluster_session="quoted"',
      '__Host-cmbcluster_session=x',
      'CMBCLUSTER_SESSION=x; __proto__=y; constructor=z',
      '\u00ff\u00fe=\u00fd',
      'a'.repeat(10) + '=b; '.repeat(5_000),
    ])('that mean nothing sign nobody in (%#)', async (cookie) => {
      expect((await me(cookie)).status).toBe(401);
    });

    it('others beside it do no harm; two of a name that differ count as none, since one of them was planted', async () => {
      const [name, token] = person.cookie.split(/=(.*)/s);
      expect((await me(`other=1; ${person.cookie}; junk; =x`)).status).toBe(200);
      expect((await me(`${person.cookie}; ${person.cookie}`)).status).toBe(200);
      expect((await me(`${person.cookie}; ${name}=forged`)).status).toBe(401);
      expect((await me(`${name}=forged; ${person.cookie}`)).status).toBe(401);
      expect((await me(person.cookie, `${name}=forged`)).status).toBe(401);
      expect((await me(`x${name}=${token}`)).status).toBe(401);
    });
  });

  it.each(['POST', 'PUT', 'DELETE', 'PATCH'])('lets nobody %s to a page', async (method) => {
    const { status, head } = await ask(method, '/some/page', { headers: { ...own(), 'next-action': 'x' }, body: '{}' });
    expect([status, /^allow: (.*)$/im.exec(head)?.[1]]).toEqual([405, 'GET, HEAD']);
  });

  it('answers pipelined requests in their order', async () => {
    const one = (path: string, connection: string) => headOf('GET', path, { ...own(), connection });
    const { socket, text, closed } = open();
    const paths = ['/healthz', '/api/trpc/profile.me', '/api/unknown', '/some/page', '/healthz'];
    socket.write(paths.map((path, i) => one(path, i === paths.length - 1 ? 'close' : 'keep-alive')).join(''));
    await closed;
    expect([...text().matchAll(/HTTP\/1\.1 (\d{3})/g)].map((match) => match[1])).toEqual([
      '200',
      '200',
      '404',
      '200',
      '200',
    ]);
  });

  it('tells a client what was wrong in words, and nothing of its own', async () => {
    const body = JSON.stringify({ id: 'env-nope' });
    const answer = await post('environments.stop', body);
    expect(answer.status).toBe(400);
    expect(JSON.parse(answer.body).error).toMatchObject({
      message: expect.stringContaining('This id does not have the right form.'),
      data: { facts: { code: 'invalid_argument', retryable: false } },
    });
    expect(answer.body).not.toContain('stack');
  });
});
