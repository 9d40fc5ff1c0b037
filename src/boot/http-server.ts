/**
 * The one HTTP server: environments' hosts first (gateway), then health, API, file routes, and Next's pages last. Every response
 * is gated; only static assets, health and environment traffic are exempt. There is one upgrade listener in the process.
 */
import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerOptions, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { nodeHTTPRequestHandler } from '@trpc/server/adapters/node-http';
import { clientAddress, vouchFor } from '../api/client-address.ts';
import { type Context, createContext } from '../api/context.ts';
import { handleAuditExport, isAuditExport } from '../api/http/audit-export.ts';
import { handleBackChannelLogout, isBackChannelLogout } from '../api/http/back-channel-logout.ts';
import { DEADLINES, type Deadlines } from '../api/http/deadlines.ts';
import { handleFile, isFileRoute } from '../api/http/files.ts';
import { handleOAuth, isOAuthRoute } from '../api/http/oauth.ts';
import { pathOf, readJson, retrySeconds, sendError, sendJson } from '../api/http/reply.ts';
import { handleOpen, SIGN_IN_ROUTES } from '../api/http/sign-in.ts';
import { createLimits, type Limits } from '../api/limits.ts';
import { appRouter } from '../api/root.ts';
import { asTrpcError } from '../api/trpc.ts';
import type { FollowerSeen } from '../domain/database-log.ts';
import { AppError, isAppError } from '../domain/errors.ts';
import { randomText } from '../domain/ids.ts';
import { createGateway, GATEWAY_SERVER_OPTIONS } from '../gateway/gateway.ts';
import { mintSignInLink } from '../services/auth/links.ts';
import { findOrphans } from '../services/storage/orphans.ts';
import { type Config, letNextAuthUseOurOrigin } from './config.ts';
import type { Container } from './container.ts';
import { exempt, gatedResponse } from './gated-response.ts';
import { createGuard } from './guard.ts';
import { METRICS, type Metrics } from './metrics.ts';
import { Followers } from './replica/followers.ts';
import { type Following, isBearer, refuseForwarded } from './replica/following.ts';
import { answerReplica } from './replica/gateway-calls.ts';
import type { Pass } from './replica/pass.ts';
import { STATIC } from './static-assets.ts';

export interface Pages {
  handle(req: IncomingMessage, res: ServerResponse): Promise<void>;
  /** Hot reload's socket, in development only. */
  upgrade: ((req: IncomingMessage, socket: Duplex, head: Buffer) => void) | null;
}

export interface AppServer {
  /** Routes requests to this container's services from now on. */
  serve(container: Container, pages: Pages, membership?: Membership): void;
  /**
   * Leaves all that needs the database to the leader from now on; until `serve`, or again after it. Then what is under way is still
   * answered by this process.
   */
  follow(following: Following): void;
  /** Answers /metrics from now on, whether this process leads or not. */
  expose(metrics: Metrics): void;
  /** Resolves when no request is under way but live streams, which are cut, or after `ms`. */
  settle(ms: number): Promise<void>;
  /** The replicas that forward to this one. */
  followers(): FollowerSeen[];
  /** How many sockets are open, of whatever kind. */
  connections(): Promise<number>;
  /** Cuts live streams and gateway sockets, then everything that is still open after `deadlineMs`. */
  close(deadlineMs: number): Promise<void>;
}

/** Among replicas: by what name this one is known, and how the others prove that they are some. */
export interface Membership {
  owner: string;
  pass: Pass;
}

const API_BODY_BYTES = 1024 * 1024;
const TRPC = '/api/trpc/';
const LOG_STATUS = `${TRPC}admin.database.status`;
const CONTROL = '/api/control/';
const SETTLE_POLL_MS = 10;
const EXCHANGE = '/api/auth/exchange';
/** Attempts to sign in that cost more than good ones. */
const GUESSES: ReadonlySet<string> = new Set(['unauthenticated', 'permission_denied', 'invalid_argument', 'not_found']);

interface Serving {
  container: Container;
  pages: Pages;
  gateway: ReturnType<typeof createGateway>;
  guard: ReturnType<typeof createGuard>;
  limits: Limits;
  membership: Membership | null;
}

/** The socket is bound before anything else starts, so that a taken port is known at once; until `serve`, requests get 503. */
export async function listen(options: {
  config: Config;
  controlKey: string;
  port: number;
  /** Other deadlines than the server's own, for tests of them. */
  deadlines?: Pick<ServerOptions, 'headersTimeout' | 'keepAliveTimeout' | 'connectionsCheckingInterval'> &
    Partial<Deadlines>;
}): Promise<{ server: AppServer; port: number; address: string }> {
  const { config, controlKey } = options;
  letNextAuthUseOurOrigin();
  const deadlines: Deadlines = { ...DEADLINES, ...options.deadlines };
  let serving: Serving | null = null;
  /** Set while another replica leads. */
  let following: Following | null = null;
  let metrics: Metrics | null = null;
  let closing = false;
  const gate = {
    get settled() {
      return serving?.container.deps.db.settled ?? true;
    },
    gate: () => serving?.container.deps.db.gate() ?? Promise.resolve(),
  };
  const live = new Set<ServerResponse>();
  const followers = new Followers(Date.now);
  /** Requests whose sender waits for a word before it sends the body; somebody must want to read it. */
  const waiting = new WeakSet<IncomingMessage>();
  /** Of the time before this process led: what runs through them goes on. */
  const formerly: Following[] = [];
  /** What this process answers by itself. */
  const underWay = new Set<ServerResponse>();
  const server = createServer({ ...GATEWAY_SERVER_OPTIONS, ...options.deadlines, ServerResponse: gatedResponse(gate) });

  const onRequest = (req: IncomingMessage, res: ServerResponse) => {
    if (closing) res.setHeader('connection', 'close');
    const path = pathOf(req);
    if (following) return onFollowing(following, req, res, path);
    if (!serving) return refuseForwarded(req, res) || (path === '/healthz' ? health(res) : starting(res));
    const voucher = serving.membership?.pass.take(req, serving.membership.owner) ?? null;
    if (voucher === 'forged') return strange(res);
    if (voucher?.client) vouchFor(req, voucher.client);
    if (serving.gateway.matches(req.headers.host)) {
      exempt(res);
      // Never forwarded, and an environment must not see our fields: the other one has another APPS_DOMAIN.
      return voucher ? strange(res) : serving.gateway.handle(req, res);
    }
    if (path === '/healthz') return health(res);
    if (path === METRICS && metrics) return void metrics(req, res);
    if (waiting.delete(req)) res.writeContinue();
    if (path === '/readyz') return readiness(serving.container, res, closing);
    const { container } = serving;
    underWay.add(res);
    res.on('close', () => underWay.delete(res));
    const answered =
      voucher?.client === null
        ? answerReplica(container, { req, res, path, live, followers })
        : route(serving, { req, res, path, operator: voucher?.operator ?? false });
    answered.catch((error: unknown) =>
      sendError(req, res, error, { log: container.deps.log, discardMs: deadlines.discardMs }),
    );
  };

  function onFollowing(mode: Following, req: IncomingMessage, res: ServerResponse, path: string): void {
    if (path === '/healthz') health(res);
    else if (path === '/readyz') followerReadiness(closing ? ['shutting down'] : mode.notReady(), res);
    // One hop only: the other replica takes this one for the leader, and is wrong.
    else if (refuseForwarded(req, res)) return;
    else if (mode.gateway.matches(req.headers.host)) {
      exempt(res);
      mode.gateway.handle(req, res);
    } else if (path === METRICS && metrics) void metrics(req, res);
    else
      void mode.handle(req, res, path).then((outcome) => {
        if (outcome === 'here') onRequest(req, res);
      });
  }

  async function route(
    { container, pages, guard, limits }: Serving,
    { req, res, path, operator }: { req: IncomingMessage; res: ServerResponse; path: string; operator: boolean },
  ): Promise<void> {
    const { deps } = container;
    guard.setHeaders(res);
    const refusal = guard.refuse(req);
    if (refusal)
      return sendJson(
        res,
        refusal.status,
        { code: 'permission_denied', message: refusal.message },
        { connection: 'close' },
      );
    // The forms of proxies (`http://…`, `*`) name hosts of the caller's choice.
    if (!path.startsWith('/')) throw new AppError('invalid_argument', 'The address does not begin with a slash.');
    if (!isUtf8(path)) throw new AppError('invalid_argument', 'The address is not valid UTF-8.');
    if (path.startsWith(TRPC)) return trpc({ container, limits }, req, res, path);
    if (isFileRoute(path)) return handleFile(deps, req, res, { deadlines, limits });
    if (isAuditExport(path))
      return handleAuditExport(deps, req, res, { silenceMs: deadlines.downloadSilenceMs, limits });
    if (path.startsWith('/api/auth/')) return signIn({ container, limits }, req, res, path);
    if (path.startsWith(CONTROL) && req.method === 'POST')
      return control(container, { req, res, route: path.slice(CONTROL.length), operator });
    if (path.startsWith('/open/')) return handleOpen(deps, req, res, limits);
    if (path.startsWith('/api/')) return sendJson(res, 404, { code: 'not_found', message: 'There is no such route.' });
    if (STATIC.test(path)) exempt(res);
    else if (req.method === 'GET' && goesToLocalhost(deps.deployment.appOrigin, req)) {
      res.writeHead(307, { location: deps.deployment.appOrigin + (req.url ?? '/') });
      return void res.end();
    }
    if (req.method !== 'GET' && req.method !== 'HEAD' && !config.development)
      return sendJson(res, 405, { code: 'unimplemented', message: 'Pages are read only.' }, { allow: 'GET, HEAD' });
    const policy = guard.setPagePolicy(res, randomBytes(12).toString('base64'));
    // Next takes the nonce of its inline scripts from the request's own policy header.
    req.headers['content-security-policy'] = policy;
    req.headers['x-cmbcluster-path'] = req.url ?? '/';
    await pages.handle(req, res);
  }

  async function signIn(
    { container: { deps }, limits }: Pick<Serving, 'container' | 'limits'>,
    req: IncomingMessage,
    res: ServerResponse,
    path: string,
  ): Promise<void> {
    const call = { deps, req, res, limits, jsonBodyMs: deadlines.jsonBodyMs };
    const failed = (error: unknown) => {
      if (isAppError(error) && GUESSES.has(error.code))
        limits.fail(path === EXCHANGE ? 'exchange' : 'sign-in', { actor: null, req });
      throw error;
    };
    if (isBackChannelLogout(path)) return handleBackChannelLogout(call, path);
    if (isOAuthRoute(path)) return handleOAuth(call, path).catch(failed);
    const route = req.method === 'POST' ? SIGN_IN_ROUTES[path] : undefined;
    if (!route) return sendJson(res, 404, { code: 'not_found', message: 'There is no such route.' });
    await route(call).catch(failed);
  }

  async function trpc(
    { container, limits }: Pick<Serving, 'container' | 'limits'>,
    req: IncomingMessage,
    res: ServerResponse,
    path: string,
  ): Promise<void> {
    const { deps } = container;
    /** Who asks, and whether that is not too much. */
    const admit = async (type: string, calls: number): Promise<Context> => {
      const context = await createContext(deps, req);
      const payer = { actor: context.actor, req, res };
      // How far the log is behind must be seen while it is: the answer is of this process alone and tells nothing of any row.
      if (path === LOG_STATUS && context.actor?.role === 'admin') exempt(res);
      limits.spend(type === 'mutation' ? 'changes' : 'queries', payer, calls);
      if (type !== 'subscription' || res.closed) return context;
      const leave = limits.hold(payer);
      live.add(res);
      res.on('close', () => {
        live.delete(res);
        leave();
      });
      return context;
    };
    if (req.method !== 'GET') {
      const timer = setTimeout(() => req.destroy(), deadlines.callBodyMs);
      req.on('end', () => clearTimeout(timer)).on('close', () => clearTimeout(timer));
    }
    await nodeHTTPRequestHandler({
      router: appRouter,
      req,
      res,
      path: path.slice(TRPC.length),
      maxBodySize: API_BODY_BYTES,
      maxBatchSize: 50,
      createContext: ({ info }) =>
        admit(info.type, info.calls.length).catch((error: unknown) => {
          throw asTrpcError(deps.log, error, { path, correlationId: randomText(10) });
        }),
      responseMeta({ errors }) {
        const again = errors.map(({ cause }) => cause).find((cause) => isAppError(cause) && cause.retryable);
        return isAppError(again) && !res.hasHeader('retry-after')
          ? { headers: { 'retry-after': retrySeconds(again) } }
          : {};
      },
    });
  }

  /** For commands on this machine: who can read the data folder may ask for a sign-in link, and for the report on orphans. */
  async function control(
    { deps }: Container,
    { req, res, route, operator }: { req: IncomingMessage; res: ServerResponse; route: string; operator: boolean },
  ): Promise<void> {
    if (!operator && !isBearer(req, controlKey))
      return sendJson(res, 401, { code: 'unauthenticated', message: 'The control key is not right.' });
    const body = await readJson(req, { maxBytes: 1024, timeoutMs: 5_000 });
    if (route === 'link')
      return sendJson(res, 200, await mintSignInLink(deps, typeof body.email === 'string' ? body.email : null));
    if (route === 'orphans') return sendJson(res, 200, await findOrphans(deps));
    sendJson(res, 404, { code: 'not_found', message: 'There is no such route.' });
  }

  server.on('request', onRequest);
  server.on('checkContinue', (req: IncomingMessage, res: ServerResponse) => {
    waiting.add(req);
    onRequest(req, res);
  });
  server.on('upgrade', (req: IncomingMessage, socket: Duplex, head: Buffer) => {
    if (following) {
      if (following.upgrade(req, socket, head)) return;
    } else if (serving?.gateway.matches(req.headers.host)) return serving.gateway.upgrade(req, socket, head);
    else if (serving?.pages.upgrade && req.url?.startsWith('/_next/') && !serving.guard.refuse(req))
      return serving.pages.upgrade(req, socket, head);
    // Node has taken its own listeners off: a reset would end the process, an end that is never answered would stay for ever.
    socket.on('error', () => socket.destroy());
    socket.end('HTTP/1.1 404 Not Found\r\nconnection: close\r\ncontent-length: 0\r\n\r\n', () => socket.destroy());
  });

  const { port, address } = await bind(server, config.host, options.port);
  return {
    port,
    address,
    server: {
      serve(container, pages, membership) {
        const { deployment, log, now } = container.deps;
        const { resolver, authorizer, activity } = container;
        const guard = createGuard({
          ...deployment,
          development: config.development,
          storageOrigins: () => container.storageHealth.origins,
        });
        const appsDomain = deployment.appsHost.replace(/:\d+$/, '');
        serving = {
          container,
          pages,
          guard,
          membership: membership ?? null,
          limits: createLimits({ budgets: config.rateLimits, trustedProxies: deployment.trustedProxies, now }),
          gateway: createGateway({
            appsDomain,
            appOrigin: deployment.appOrigin,
            resolver,
            authorizer,
            activity,
            addressOf: (req) => clientAddress(req, deployment.trustedProxies),
            log,
            now,
          }),
        };
        if (following) formerly.push(following);
        following = null;
      },
      follow(mode) {
        following = mode;
      },
      expose(given) {
        metrics = given;
      },
      async settle(ms) {
        for (const res of live) res.destroy();
        const end = performance.now() + ms;
        while (underWay.size > 0 && performance.now() < end) await delay(SETTLE_POLL_MS);
      },
      followers: () => followers.list(),
      connections: () =>
        new Promise((resolve, reject) =>
          server.getConnections((error, count) => (error ? reject(error) : resolve(count))),
        ),
      async close(deadlineMs) {
        closing = true;
        const closed = new Promise<void>((resolve) => server.close(() => resolve()));
        // Cut, not completed: a browser whose stream breaks comes back by itself.
        for (const res of live) res.destroy();
        server.closeIdleConnections();
        const timer = setTimeout(() => server.closeAllConnections(), deadlineMs);
        const modes = following ? [...formerly, following] : formerly;
        await serving?.gateway.close();
        for (const { gateway } of modes) await gateway.close();
        // Until then what is held may still find another replica that leads.
        await closed;
        clearTimeout(timer);
        for (const mode of modes) await mode.close();
      },
    },
  };
}

/** @throws EADDRINUSE and the like, as node gives them */
function bind(server: Server, host: string, port: number): Promise<{ port: number; address: string }> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port }, () => {
      server.off('error', reject);
      const address = server.address();
      resolve(typeof address === 'object' && address ? address : { port, address: host });
    });
  });
}

/** Percent-encoded as addresses are (RFC 3986 §2.5). */
function isUtf8(path: string): boolean {
  try {
    decodeURIComponent(path);
    return true;
  } catch {
    return false;
  }
}

/** Environments and cookies live under `localhost`: pages asked for by the bare loopback address go there. */
function goesToLocalhost(appOrigin: string, req: IncomingMessage): boolean {
  return (
    appOrigin.startsWith('http://localhost') && /^(127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?$/.test(req.headers.host ?? '')
  );
}

function health(res: ServerResponse): void {
  exempt(res);
  sendJson(res, 200, { status: 'ok' });
}

/** Somebody who says to be a replica of ours and is not, or one with another SECRET_KEY. */
function strange(res: ServerResponse): void {
  exempt(res);
  sendJson(
    res,
    403,
    {
      code: 'permission_denied',
      message: 'This is not one of the replicas here. All of them need the same SECRET_KEY and APPS_DOMAIN.',
    },
    { connection: 'close' },
  );
}

function followerReadiness(notReady: readonly string[], res: ServerResponse): void {
  exempt(res);
  sendJson(res, notReady.length === 0 ? 200 : 503, {
    status: notReady.length === 0 ? 'ready' : 'not ready',
    role: 'follower',
    notReady,
  });
}

function starting(res: ServerResponse): void {
  exempt(res);
  sendJson(
    res,
    503,
    { code: 'unavailable', message: 'The server is starting. Try again in a moment.' },
    { 'retry-after': '1' },
  );
}

function readiness(container: Container, res: ServerResponse, closing: boolean): void {
  exempt(res);
  const { placement, identityProviders } = container.deps;
  const notReady = closing ? ['shutting down'] : container.notReady();
  const providers = {
    spawner: placement.spawner,
    storage: placement.storage,
    identity: identityProviders.map(({ name }) => name),
  };
  sendJson(res, notReady.length === 0 ? 200 : 503, {
    status: notReady.length === 0 ? 'ready' : 'not ready',
    providers,
    notReady,
  });
}
