/**
 * The gateway in a process of its own, with sign-in checks as the product does them: an HMAC-signed cookie whose verified grant
 * is cached for three seconds. Arguments: port of the upstream, HMAC key.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { createServer } from 'node:http';
import type { Authorizer, Grant, Route } from '../../src/domain/gateway.ts';
import type { EnvironmentId, SessionId, UserId } from '../../src/domain/ids.ts';
import { createGateway, GATEWAY_SERVER_OPTIONS } from '../../src/gateway/gateway.ts';

const CACHE_MS = 3000;
const [upstreamPort = '0', key = ''] = process.argv.slice(2);
const environmentId = 'env-bench' as EnvironmentId;
const grant: Grant = { environmentId, userId: 'usr-bench' as UserId, sessionId: 'ses-bench' as SessionId };
const route: Route = {
  environmentId,
  ownerId: grant.userId,
  slug: 'bench',
  name: 'Bench',
  applicationName: 'Bench',
  phase: 'running',
  failureMessage: null,
  steps: [],
  endpoint: {
    kind: 'tcp',
    host: '127.0.0.1',
    port: Number(upstreamPort),
    header: { name: 'X-Cmbcluster-Secret', value: 'bench-secret' },
  },
};
const cache = new Map<string, { grant: Grant; until: number }>();

const authorizer: Authorizer = {
  redeem: async () => null,
  check(cookie, id) {
    const hit = cache.get(cookie);
    if (hit !== undefined && hit.until > Date.now()) return hit.grant.environmentId === id ? hit.grant : null;
    const dot = cookie.lastIndexOf('.');
    const payload = cookie.slice(0, dot);
    const signature = Buffer.from(cookie.slice(dot + 1), 'base64url');
    const expected = createHmac('sha256', key).update(payload).digest();
    if (signature.length !== expected.length || !timingSafeEqual(signature, expected)) return null;
    cache.set(cookie, { grant, until: Date.now() + CACHE_MS });
    return grant;
  },
  onRevoked: () => () => undefined,
};

const gateway = createGateway({
  appsDomain: 'localhost',
  appOrigin: 'http://localhost:8080',
  resolver: { resolve: (slug) => (slug === 'bench' ? route : null) },
  authorizer,
  activity: { report: () => undefined },
  log: { warn: console.error, error: console.error },
  now: Date.now,
});
const server = createServer(GATEWAY_SERVER_OPTIONS, (req, res) => {
  if (gateway.matches(req.headers.host)) gateway.handle(req, res);
  else res.writeHead(404).end();
});
server.on('checkContinue', (req, res) => gateway.handle(req, res));
server.on('upgrade', (req, socket, head) => gateway.upgrade(req, socket, head));
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  process.send?.({ port: typeof address === 'object' ? address?.port : 0 });
});
process.on('disconnect', () => process.exit(0));
