/** Websockets: who may open one, what passes, and that nothing of them stays behind. */
import { createServer } from 'node:http';
import type { Socket } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import {
  COOKIE,
  ENVIRONMENT,
  eventually,
  grantOf,
  type Harness,
  listen,
  raw,
  routeTo,
  SECRET,
  startHarness,
  type Wire,
  wire,
} from './test-harness.ts';

const KEY = 'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n';
const UPGRADE = `Connection: Upgrade\r\nUpgrade: websocket\r\n${KEY}`;
let h: Harness;
/** Upgraded sockets at the environment, which speak plain bytes after the handshake. */
let tunnels: Socket[];

beforeEach(async () => {
  tunnels = [];
  h = await startHarness((_req, res) => res.writeHead(404).end('no socket here'));
  h.environment.on('upgrade', (req, socket: Socket, head: Buffer) => {
    h.seen.push(req);
    if (req.url === '/refuse') {
      socket.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\nSet-Cookie: cmbcluster_session=x\r\n\r\nno');
      return;
    }
    // Without a reader a socket never notices its end.
    socket.resume();
    if (req.url === '/silent') {
      socket.on('error', () => undefined);
      socket.on('end', () => socket.end());
      return;
    }
    tunnels.push(socket);
    socket.on('error', () => undefined);
    socket.write(
      'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: a\r\nSet-Cookie: cmbcluster_session=x\r\nX-Endpoint-Secret: leak\r\n\r\nhello ',
    );
    socket.write(head);
    if (req.url !== '/hold') socket.on('data', (chunk: Buffer) => socket.write(chunk));
    if (req.url !== '/hold') socket.on('end', () => socket.end('bye'));
  });
});
afterEach(async () => {
  await h.close();
  for (const tunnel of tunnels) tunnel.destroy();
});

const open = (target = '/', fields = COOKIE): Wire =>
  wire(h.port, `GET ${target} HTTP/1.1\r\nHost: ${h.host}\r\n${fields}${UPGRADE}\r\n`);

describe('the handshake', () => {
  it('reaches the environment cleaned, and its answer the client', async () => {
    const one = open(
      '/',
      `${COOKIE}Origin: http://${h.host}\r\nAuthorization: x\r\nX-Endpoint-Secret: evil\r\nSec-WebSocket-Protocol: p\r\n`,
    );
    const answer = await one.until('hello');
    expect(answer).toMatch(
      /^HTTP\/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: a\r\n/,
    );
    expect(answer).not.toMatch(/cmbcluster_session|leak/);
    const fields = h.seen[0]?.headers ?? {};
    expect(fields).toMatchObject({
      host: h.host,
      origin: `http://${h.host}`,
      'x-endpoint-secret': SECRET.value,
      'x-forwarded-for': '127.0.0.1',
      'sec-websocket-protocol': 'p',
      upgrade: 'websocket',
    });
    expect(fields.cookie ?? fields.authorization).toBeUndefined();
    one.socket.destroy();
  });

  it.each([
    ['no cookie', '', 401],
    ['a bad cookie', 'Cookie: cmbcluster_environment=bad\r\n', 403],
    ['a foreign origin', `${COOKIE}Origin: http://evil.example\r\n`, 403],
    ['the application as origin', `${COOKIE}Origin: http://localhost\r\n`, 403],
    ['a null origin', `${COOKIE}Origin: null\r\nSec-Fetch-Site: same-origin\r\n`, 403],
    ['a sibling site', `${COOKIE}Sec-Fetch-Site: same-site\r\n`, 403],
    ['a body', `${COOKIE}Content-Length: 5\r\n`, 400],
    ['a chunked body', `${COOKIE}Transfer-Encoding: chunked\r\n`, 400],
    ['two hosts', `${COOKIE}Host: other.localhost\r\n`, 400],
  ])('with %s is refused', async (_name, fields, status) => {
    const one = open('/', fields);
    expect(await one.closed).toMatch(new RegExp(`^HTTP/1.1 ${status} [\\s\\S]*Connection: close`));
    expect(h.seen).toHaveLength(0);
  });

  it('to an unknown, stopped or unreachable environment is refused plainly', async () => {
    expect(await raw(h.port, `GET / HTTP/1.1\r\nHost: nobody.localhost\r\n${COOKIE}${UPGRADE}\r\n`)).toMatch(
      /^HTTP\/1.1 404 /,
    );
    h.routes.set('work', routeTo(null, 'starting'));
    expect(await open().closed).toMatch(/^HTTP\/1.1 503 [\s\S]*Retry-After: 2[\s\S]*Starting:/);
    h.routes.set('work', routeTo({ kind: 'unix', path: '/nonexistent', header: null }));
    expect(await open().closed).toMatch(/^HTTP\/1.1 502 /);
  });

  it('to another protocol is answered as an ordinary request', async () => {
    const answer = await raw(
      h.port,
      `GET / HTTP/1.1\r\nHost: ${h.host}\r\n${COOKIE}Connection: Upgrade, HTTP2-Settings, close\r\nUpgrade: h2c\r\nHTTP2-Settings: x\r\n\r\n`,
    );
    expect(answer).toMatch(/^HTTP\/1.1 404 [\s\S]*no socket here/);
    expect(h.seen[0]?.headers.upgrade ?? h.seen[0]?.headers['http2-settings']).toBeUndefined();
  });

  it.each(['/refuse', '/refuse?pipelined'])(
    'that the environment refuses (%s) passes its answer on and leaves no way past the gateway',
    async (target) => {
      if (target !== '/refuse') h.environment.removeAllListeners('upgrade');
      const one = open(target);
      one.socket.write(`GET /smuggled HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: evil\r\n\r\n`);
      const answer = await one.closed;
      expect(answer).toMatch(
        target === '/refuse'
          ? /^HTTP\/1.1 403 Forbidden[\s\S]*Connection: close\r\n\r\nno$/
          : /^HTTP\/1.1 404 Not Found/,
      );
      expect(answer).not.toContain('cmbcluster_session');
      expect(h.seen.some((req) => req.url === '/smuggled')).toBe(false);
    },
  );
});

describe('the tunnel', () => {
  it('carries bytes both ways, early ones too, and half-closes', async () => {
    const one = wire(h.port, `GET / HTTP/1.1\r\nHost: ${h.host}\r\n${COOKIE}${UPGRADE}\r\nearly `);
    expect(await one.until('hello early ')).toContain('hello early ');
    one.socket.write('ping ');
    await one.until('ping ');
    one.socket.end();
    expect(await one.closed).toMatch(/hello early ping bye$/);
    await eventually(() => h.upstreamSockets.size === 0, 'both sides are closed');
  });

  it('lets the environment close its half first', async () => {
    const one = open('/hold');
    await one.until('hello');
    tunnels[0]?.end('last words');
    expect(await one.until('last words')).toContain('last words');
    let heard = '';
    tunnels[0]?.on('data', (chunk: Buffer) => {
      heard += chunk.toString();
    });
    one.socket.end('answer');
    await eventually(() => heard === 'answer', 'the other half still carries');
  });

  it('works with a real websocket library and large messages', async () => {
    const server = createServer();
    const sockets = new WebSocketServer({ server });
    sockets.on('connection', (socket) => socket.on('message', (data, binary) => socket.send(data, { binary })));
    h.routes.set('work', routeTo({ kind: 'tcp', host: '127.0.0.1', port: await listen(server), header: null }));
    const socket = new WebSocket(`ws://127.0.0.1:${h.port}/`, {
      headers: { host: h.host, cookie: 'cmbcluster_environment=good' },
    });
    const payload = Buffer.alloc(3_000_000, 'w');
    const echoed = await new Promise<Buffer>((resolve, reject) => {
      socket.on('open', () => socket.send(payload));
      socket.on('message', (data: Buffer) => resolve(data));
      socket.on('error', reject);
    });
    expect(echoed.equals(payload)).toBe(true);
    socket.terminate();
    sockets.close();
    server.closeAllConnections();
    server.close();
  });

  it('holds back a sender whose receiver does not read', async () => {
    const one = open('/hold');
    await one.until('hello');
    tunnels[0]?.pause();
    const chunk = Buffer.alloc(1 << 20);
    let accepted = 0;
    for (let i = 0; i < 64; i += 1)
      one.socket.write(chunk, () => {
        accepted += 1;
      });
    const bytes = (): number => h.reports.reduce((sum, report) => sum + report.bytesIn, 0);
    await eventually(() => bytes() > 0, 'some bytes pass');
    const count = h.reports.length;
    await eventually(() => h.reports.length > count + 10, 'some reports pass');
    expect(accepted).toBeLessThan(40);
    one.socket.destroy();
  });

  it('is counted', async () => {
    const one = open();
    await one.until('hello');
    one.socket.write('12345');
    await one.until('12345');
    const sum = (key: 'bytesIn' | 'bytesOut'): number => h.reports.reduce((total, report) => total + report[key], 0);
    await eventually(() => sum('bytesIn') === 5 && sum('bytesOut') === 'hello 12345'.length, 'its bytes are reported');
    expect(h.reports.at(-1)).toMatchObject({ environmentId: ENVIRONMENT, openSockets: 1 });
    one.socket.destroy();
    await eventually(() => h.reports.at(-1)?.openSockets === 0, 'its end is reported');
  });
});

describe('the end of a tunnel', () => {
  it.each([
    ['session', { sessionId: grantOf('', 'ses-a').sessionId }],
    ['user', { userId: grantOf('usr-a', '').userId }],
    ['environment', { environmentId: ENVIRONMENT }],
  ])('comes at once with the end of its %s', async (_name, revoked) => {
    const [ready, waiting] = [open(), open('/silent')];
    await ready.until('hello');
    await eventually(() => h.seen.length === 2, 'the second handshake is under way');
    h.authorizer.revoke(revoked);
    await Promise.all([ready.closed, waiting.closed]);
    await eventually(() => h.upstreamSockets.size === 0, 'the environment side is cut too');
    expect(await open().closed).toMatch(/^HTTP\/1.1 403 /);
  });

  it('does not come with the end of somebody else', async () => {
    const one = open();
    await one.until('hello');
    h.authorizer.revoke({ sessionId: grantOf('', 'ses-other').sessionId });
    h.authorizer.revoke({ userId: grantOf('usr-other', '').userId, environmentId: ENVIRONMENT });
    one.socket.write('still here');
    expect(await one.until('still here')).toContain('still here');
    one.socket.destroy();
  });

  it('comes with the end of either side, also an abrupt one', async () => {
    const one = open();
    await one.until('hello');
    one.socket.resetAndDestroy();
    await eventually(() => h.upstreamSockets.size === 0, 'the environment sees it');
    const two = open();
    await two.until('hello');
    tunnels[1]?.resetAndDestroy();
    await two.closed;
  });

  it('comes after long silence, and soon after half of it was closed', async () => {
    const [idle, half] = [open('/hold'), open('/hold')];
    await Promise.all([idle.until('hello'), half.until('hello')]);
    half.socket.end();
    await eventually(() => h.reports.length > 3, 'some sweeps pass');
    h.advance(60_000);
    await eventually(() => h.reports.at(-1)?.openSockets === 1, 'the half-closed one is freed');
    expect(idle.socket.readableEnded).toBe(false);
    h.advance(3_700_000);
    await idle.closed;
    await eventually(() => h.reports.at(-1)?.openSockets === 0, 'the idle one is freed');
  });
});

it('frees 5,000 abandoned sockets without a trace', async () => {
  setFlagsFromString('--expose-gc');
  const collectGarbage = runInNewContext('gc') as () => void;
  const heap = (): number => {
    collectGarbage();
    return process.memoryUsage().heapUsed;
  };
  // Of five: two open tunnels, one in the middle of its handshake, two that never end their head.
  const wave = async (): Promise<void> => {
    const wires = Array.from({ length: 500 }, (_, i) => {
      if (i % 5 < 2) return open('/hold');
      return i % 5 === 2 ? open('/silent') : wire(h.port, `GET / HTTP/1.1\r\nHost: ${h.host}\r\n`);
    });
    await Promise.all(wires.map((one, i) => (i % 5 < 2 ? one.until('hello') : null)));
    for (const one of wires) one.socket.resetAndDestroy();
    await eventually(() => h.reports.at(-1)?.openSockets === 0, 'the gateway lets go of all');
    for (const tunnel of tunnels) tunnel.destroy();
    await eventually(() => h.upstreamSockets.size === 0, 'the environment too');
    tunnels.length = 0;
    h.seen.length = 0;
    h.reports.length = 0;
  };
  await wave();
  await wave();
  const before = heap();
  for (let i = 0; i < 10; i += 1) await wave();
  // Under 500 bytes for each of the 5,000: none of them can be left.
  expect(heap() - before).toBeLessThan(2_500_000);
}, 60_000);
