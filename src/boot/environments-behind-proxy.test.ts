/** What environments and browsers hear of each other through the whole server, with another proxy before it and without. */
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type Server } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { grantOf, listen, MemoryAuthorizer, raw, routeTo, wire } from '../gateway/test-harness.ts';
import { openTestBed, type TestBed } from './test-bed.ts';

let bed: TestBed;
let environment: Server;
let seen: IncomingMessage[];
beforeEach(() => {
  seen = [];
});
afterEach(async () => {
  await bed.close();
  environment.closeAllConnections();
  environment.close();
});

/** The server with one running environment, `work`, whose answers carry these fields. */
async function open(env: Record<string, string>, fields: Record<string, string> = {}): Promise<void> {
  environment = createServer((req, res) => {
    seen.push(req);
    res.writeHead(200, fields).end('ok');
  });
  environment.on('upgrade', (req, socket) => {
    seen.push(req);
    const more = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`);
    socket.end(`HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n${more.join('')}\r\n`);
  });
  const endpoint = { kind: 'tcp', host: '127.0.0.1', port: await listen(environment), header: null } as const;
  bed = await openTestBed({ env, reconcile: false });
  const authorizer = new MemoryAuthorizer();
  authorizer.grants.set('good', grantOf('usr-a', 'ses-a'));
  const resolver = { resolve: () => routeTo(endpoint) };
  const pages = { handle: async () => {}, upgrade: null };
  bed.server.serve({ ...bed.container, resolver, authorizer }, pages);
}

const host = () => `work.${bed.container.deps.deployment.appsHost}`;
const COOKIES = 'Cookie: cmbcluster_environment=good; __Host-cmbcluster_environment=good\r\n';
const head = (fields: string) => `GET / HTTP/1.1\r\nHost: ${host()}\r\n${COOKIES}${fields}`;
const get = (fields = '') => raw(bed.port, `${head(fields)}Connection: close\r\n\r\n`);
async function upgrade(fields = ''): Promise<string> {
  const socket =
    'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: eA==\r\n';
  const one = wire(bed.port, `${head(fields)}Origin: ${scheme()}://${host()}\r\n${socket}\r\n`);
  const answer = await one.until('\r\n\r\n');
  one.socket.destroy();
  return answer;
}
const scheme = () => (bed.container.deps.deployment.secure ? 'https' : 'http');
/** The forwarded fields of the last request, as the environment got them. */
const told = () => {
  const headers: IncomingHttpHeaders = seen.at(-1)?.headers ?? {};
  return [headers['x-forwarded-for'], headers['x-forwarded-proto'], headers['x-forwarded-host'], headers.forwarded];
};

describe.each([
  ['a request', get],
  ['a websocket', upgrade],
])('who comes, as an environment hears it: %s', (_, ask) => {
  it('through a proxy that the operator named', async () => {
    await open({ TRUSTED_PROXIES: 'loopback,198.51.100.0/24' });
    await ask('X-Forwarded-For: 203.0.113.7\r\n');
    expect(told()).toEqual(['203.0.113.7', 'http', host(), undefined]);
    await ask('X-Forwarded-For: 6.6.6.6, 203.0.113.8, 198.51.100.2\r\nX-Forwarded-Proto: https\r\n');
    expect(told()).toEqual(['203.0.113.8', 'http', host(), undefined]);
    await ask('Forwarded: for=6.6.6.6\r\nX-Forwarded-Host: evil.example\r\n');
    expect(told()).toEqual(['127.0.0.1', 'http', host(), undefined]);
  });

  it('through one that writes the standard field', async () => {
    await open({ TRUSTED_PROXIES: 'loopback', PROXY_HEADER: 'Forwarded' });
    await ask('Forwarded: for="[2001:db8::7]:4711";proto=https;host=evil.example\r\nX-Forwarded-For: 6.6.6.6\r\n');
    expect(told()).toEqual(['2001:db8::7', 'http', host(), undefined]);
  });

  it('from somebody who says so, and is believed by nobody', async () => {
    await open({ TRUSTED_PROXIES: '198.51.100.0/24' });
    await ask('X-Forwarded-For: 6.6.6.6\r\nForwarded: for=6.6.6.6\r\nX-Real-IP: 6.6.6.6\r\n');
    expect(told()).toEqual(['127.0.0.1', 'http', host(), undefined]);
  });
});

describe('what an environment’s answers say of TLS', () => {
  const own = { 'Strict-Transport-Security': 'max-age=0; includeSubDomains; preload', 'X-Own': 'kept' };
  const strict = (answer: string) =>
    answer.match(/^strict-transport-security: .*$/gim)?.map((line) => line.trim()) ?? [];

  it('is the deployment’s word behind TLS, once', async () => {
    await open({ BASE_DOMAIN: 'lab.example.org', APPS_DOMAIN: 'lab-apps.net' }, own);
    for (const answer of [await get(), await upgrade()]) {
      expect(answer).toContain('X-Own: kept');
      expect(strict(answer)).toEqual(['Strict-Transport-Security: max-age=31536000']);
    }
    expect(told().slice(1, 3)).toEqual(['https', 'work.lab-apps.net']);
  });

  it('is nothing without TLS, whatever the environment says', async () => {
    await open({}, own);
    for (const answer of [await get(), await upgrade()]) {
      expect(answer).toContain('X-Own: kept');
      expect(strict(answer)).toEqual([]);
    }
  });
});
