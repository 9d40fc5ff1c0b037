/**
 * The gateway beside an established proxy library: the same bytes go through both, and what the environment saw and the client
 * got must agree, save for the differences that are promised.
 */
import { Agent, createServer, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { createProxyServer } from 'http-proxy-3';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { COOKIE, type Harness, listen, raw, SECRET, startHarness } from './test-harness.ts';

let h: Harness;
let oraclePort = 0;
const agent = new Agent({ keepAlive: true });
const closers: (() => void)[] = [];

beforeAll(async () => {
  h = await startHarness((req, res) => {
    const chunks: Buffer[] = [];
    req.on('data', (chunk: Buffer) => chunks.push(chunk));
    req.on('end', () => {
      const body = JSON.stringify({ method: req.method, url: req.url, body: Buffer.concat(chunks).toString('latin1') });
      switch (req.url?.split('?')[0]) {
        case '/chunked':
          res.writeHead(200, 'Fine', { 'X-Mixed-Case': 'a', Vary: ['A', 'B'] });
          res.write(body);
          res.end('tail');
          return;
        case '/redirect':
          res.writeHead(302, { Location: 'http://elsewhere.example/x', 'Content-Length': 0 }).end();
          return;
        case '/empty':
          res.writeHead(204, { ETag: 'W/"1"' }).end();
          return;
        default:
          res
            .writeHead(200, {
              'Content-Length': Buffer.byteLength(body),
              'Set-Cookie': ['a=1; Path=/', 'b=2'],
              'X-Latin': 'caf\u00e9',
            })
            .end(body);
      }
    });
  });
  h.environment.on('upgrade', (req: IncomingMessage, socket: Socket) => {
    h.seen.push(req);
    if (req.url === '/refuse')
      socket.end('HTTP/1.1 418 Teapot\r\nX-A: b\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno');
    else
      socket.end(
        'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: x\r\nSec-WebSocket-Protocol: p\r\n\r\ndata',
      );
  });
  const address = h.environment.address();
  const target = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
  const web = createProxyServer({ target, agent });
  const sockets = createProxyServer({ target, ws: true });
  const server = createServer((req, res) => void web.web(req, res));
  server.on('upgrade', (req, socket, head) => void sockets.ws(req, socket as Socket, head));
  oraclePort = await listen(server);
  closers.push(() => {
    server.closeAllConnections();
    server.close();
    agent.destroy();
  });
});
afterAll(async () => {
  for (const close of closers) close();
  await h.close();
});

const ADDED = new Set([
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-proto',
  SECRET.name.toLowerCase(),
  'connection',
  'content-security-policy',
  'date',
  'keep-alive',
]);
const OURS = new Set([...COOKIE.trim().split(': ')].slice(1));

/** Fields by lower-case name, sorted, without what is promised to differ; repeated ones joined, as the oracle does (RFC 9110 §5.3). */
function comparable(flat: readonly string[]): string[] {
  const values = new Map<string, string[]>();
  for (let i = 0; i + 1 < flat.length; i += 2) {
    const name = (flat[i] ?? '').toLowerCase();
    const value = flat[i + 1] ?? '';
    if (!ADDED.has(name) && !(name === 'cookie' && OURS.has(value)))
      values.set(name, [...(values.get(name) ?? []), value]);
  }
  return [...values].map(([name, list]) => `${name}: ${list.join(', ')}`).sort();
}

function parsed(answer: string): { status: string; fields: string[]; body: string } {
  const end = answer.indexOf('\r\n\r\n');
  const [status = '', ...lines] = answer.slice(0, end).split('\r\n');
  return {
    status,
    fields: comparable(
      lines.flatMap((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()]),
    ),
    body: answer.slice(end + 4),
  };
}

async function through(port: number, text: string): Promise<unknown> {
  h.seen.length = 0;
  const answer = await raw(port, text);
  const seen = h.seen[0];
  return { saw: [seen?.method, seen?.url, comparable(seen?.rawHeaders ?? [])], answer: parsed(answer) };
}

const BODY = 'Content-Type: text/plain\r\nContent-Length: 5\r\n';
const WS = 'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: x\r\n';
it.each([
  [
    'a plain request',
    'GET /a/b?c=d&e=%20 HTTP/1.1',
    'Accept: */*\r\nAccept-Encoding: gzip, br\r\nConnection: close\r\n',
    '',
  ],
  [
    'repeated and odd fields',
    'GET / HTTP/1.1',
    'X-A: 1\r\nX-A: 2\r\nx-b:\r\nX-C: caf\u00e9 "q", z\r\nIf-None-Match: "1", W/"2"\r\nConnection: close\r\n',
    '',
  ],
  ['encoded and double slashes', 'GET //a//b/%2F%41?x=//&y=?? HTTP/1.1', 'Connection: close\r\n', ''],
  ['a body with a length', 'POST /up HTTP/1.1', `${BODY}Connection: close\r\n`, 'hello'],
  [
    'a chunked body',
    'PUT /up HTTP/1.1',
    'Transfer-Encoding: chunked\r\nConnection: close\r\n',
    '3\r\nabc\r\n2;ext=1\r\nde\r\n0\r\n\r\n',
  ],
  ['an unusual method', 'PROPFIND /dav HTTP/1.1', `${BODY}Depth: 1\r\nConnection: close\r\n`, 'hello'],
  ['DELETE with a body', 'DELETE /x HTTP/1.1', `${BODY}Connection: close\r\n`, 'hello'],
  ['a chunked answer', 'GET /chunked HTTP/1.1', 'Connection: close\r\n', ''],
  ['a redirect', 'GET /redirect HTTP/1.1', 'Connection: close\r\n', ''],
  ['an empty answer', 'GET /empty HTTP/1.1', 'Connection: close\r\n', ''],
  ['HEAD', 'HEAD /chunked HTTP/1.1', 'Connection: close\r\n', ''],
  [
    'an upgrade',
    'GET /ws?x=1 HTTP/1.1',
    `${WS}Sec-WebSocket-Protocol: p, q\r\nSec-WebSocket-Extensions: permessage-deflate\r\n`,
    '',
  ],
  ['a refused upgrade', 'GET /refuse HTTP/1.1', WS, ''],
])('%s passes as through the oracle', async (_name, line, fields, body) => {
  const text = `${line}\r\nHost: ${h.host}\r\n${COOKIE}${fields}\r\n${body}`;
  const ours = await through(h.port, text);
  expect(ours).toEqual(await through(oraclePort, text));
  expect(ours).toMatchObject({ saw: [expect.any(String), expect.any(String), expect.any(Array)] });
});

it('differs from the oracle where it promises to', async () => {
  const text = `GET / HTTP/1.1\r\nHost: ${h.host}\r\n${COOKIE}Authorization: Bearer x\r\nX-Forwarded-For: 6.6.6.6\r\nX-Hop: 1\r\nConnection: close, X-Hop\r\n\r\n`;
  await raw(oraclePort, text);
  expect(h.seen.at(-1)?.headers).toMatchObject({
    authorization: 'Bearer x',
    'x-forwarded-for': '6.6.6.6',
    cookie: 'cmbcluster_environment=good',
    'x-hop': '1',
  });
  await raw(h.port, text);
  const { authorization, cookie, 'x-forwarded-for': forwarded, 'x-hop': hop } = h.seen.at(-1)?.headers ?? {};
  expect([authorization, cookie, forwarded, hop]).toEqual([undefined, undefined, '127.0.0.1', undefined]);
});
