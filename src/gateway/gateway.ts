/**
 * The reverse proxy to environments: every request and upgrade for `<slug>.<apps domain>` comes here and reaches an environment
 * only with a grant. boot/http-server mounts it before everything else; it could as well stand alone. It owns no port, no
 * database and no sessions: resolver, authorizer and activity sink are handed in (domain/gateway.ts).
 * The server it is mounted on must be made with GATEWAY_SERVER_OPTIONS and hand it `request`, `checkContinue` and `upgrade`.
 */
import type { IncomingMessage, ServerOptions, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { isAppError } from '../domain/errors.ts';
import type { ActivitySink, Authorizer, Endpoint, Route, RouteResolver } from '../domain/gateway.ts';
import { cookieNames, grantCookies, readTokens } from './cookies.ts';
import { peerAddress, STRICT_TRANSPORT } from './headers.ts';
import { createPages, type Refusal } from './pages.ts';
import { Pool } from './pool.ts';
import { type Carrier, DEFAULT_LIMITS, Exchange, type Failure, type Limits } from './proxy.ts';
import { createRouter, type Forward, isNavigation, isPromise, type Verdict } from './router.ts';
import { enteredPath, type TicketStep } from './ticket.ts';
import { type Account, concerns, createTraffic, type Revoked } from './traffic.ts';
import { headText, isSocket, Tunnel } from './tunnel.ts';

export interface GatewayLog {
  warn(message: string, fields?: Record<string, unknown>): void;
  error(message: string, fields?: Record<string, unknown>): void;
}

export interface GatewayOptions {
  /** `localhost`, or the domain under which each environment has its own host. */
  appsDomain: string;
  /** Origin of the application, `scheme://host[:port]`; its scheme is the environments' too. */
  appOrigin: string;
  resolver: RouteResolver;
  authorizer: Authorizer;
  activity: ActivitySink;
  log: GatewayLog;
  /** Where a request comes from, as its environment is told; the peer's own address by default. */
  addressOf?: (req: IncomingMessage) => string;
  /** Unix milliseconds. */
  now: () => number;
  limits?: Partial<Limits>;
  /** Between two reports of activity. */
  reportMs?: number;
  /** Between two checks of the grants of all that stays open. */
  recheckMs?: number;
  /** Between two looks for what has waited too long. */
  sweepMs?: number;
}

export interface Gateway {
  /** Whether a Host field names an environment (or tries to); such a request must go nowhere else. */
  matches(host: string | undefined): boolean;
  /** For `request` and `checkContinue` alike: the environment is asked whether the body may come. */
  handle(req: IncomingMessage, res: ServerResponse): void;
  upgrade(req: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Cuts all that is open, reports for the last time and stops. */
  close(): Promise<void>;
}

/**
 * What the gateway needs of the `http.Server` it is mounted on. Uploads may take hours, so there is no limit on a whole request
 * (a stalled upload is ended by the gateway itself); heads are limited in time and size; upgrades to anything but a websocket
 * (`h2c`) are not taken up, as RFC 9110 §7.8 allows. A client that closes its half of the connection counts as gone, as Node has it:
 * a browser that leaves a stream says nothing more than that, and the work behind it must end.
 */
export const GATEWAY_SERVER_OPTIONS = {
  requestTimeout: 0,
  headersTimeout: 20_000,
  keepAliveTimeout: 30_000,
  connectionsCheckingInterval: 5_000,
  maxHeaderSize: 32 * 1024,
  noDelay: true,
  shouldUpgradeCallback: (req: IncomingMessage): boolean => req.headers.upgrade?.toLowerCase() === 'websocket',
} satisfies ServerOptions;

const SWEEP_MS = 1000;
const REPORT_MS = 5000;
const RECHECK_MS = 30_000;
/** How often a decision is made anew when grants change while it waits for the authorizer. */
const MAX_DECISIONS = 3;
const UNREADY: Verdict = { kind: 'refuse', refusal: { reason: 'internal', route: null } };

export function createGateway(options: GatewayOptions): Gateway {
  const { appsDomain, resolver, authorizer, log, now } = options;
  const appOrigin = new URL(options.appOrigin).origin;
  const secure = appOrigin.startsWith('https:');
  const names = cookieNames(secure);
  const router = createRouter({ appsDomain, appOrigin, names, resolver, authorizer });
  const pages = createPages(appOrigin);
  const traffic = createTraffic(options.activity, now);
  let late: Exchange[] = [];
  /** One list for each decision that is under way, of what was revoked since it began. */
  const undecided = new Set<Revoked[]>();
  let closed = false;

  const carrier: Carrier = {
    frames: { usual: `frame-ancestors 'self' ${appOrigin}`, secure },
    scheme: secure ? 'https' : 'http',
    addressOf: options.addressOf ?? ((req) => peerAddress(req.socket.remoteAddress)),
    limits: { ...DEFAULT_LIMITS, ...options.limits },
    now,
    onFailure(req, res, route, failure, cause) {
      logFailure(route, failure, cause);
      sendRefusal(req, res, { reason: failure, route });
    },
    flushSoon(exchange) {
      if (late.push(exchange) === 1) setImmediate(flushLate);
    },
  };

  function flushLate(): void {
    const batch = late;
    late = [];
    for (const exchange of batch) exchange.flush();
  }

  const unsubscribe = authorizer.onRevoked((revoked) => {
    for (const list of undecided) list.push(revoked);
    traffic.revoke(revoked);
  });
  const sweeper = setInterval(traffic.sweep, options.sweepMs ?? SWEEP_MS).unref();
  const reporter = setInterval(traffic.report, options.reportMs ?? REPORT_MS).unref();

  const rechecker = setInterval(() => {
    traffic
      .recheck((token, environmentId) => authorizer.check(token, environmentId))
      .catch((error: unknown) => log.error('open connections could not be checked again', { error: describe(error) }));
  }, options.recheckMs ?? RECHECK_MS).unref();

  function logFailure(route: Route, failure: Failure, cause: Error | null): void {
    const code = cause !== null && 'code' in cause ? cause.code : (cause?.message ?? null);
    // Neither path nor query: either may carry a secret of the application.
    log.warn('environment did not answer', { environmentId: route.environmentId, failure, code });
  }

  function poolOf(account: Account, endpoint: Endpoint): Pool {
    if (account.pool?.serves(endpoint)) return account.pool;
    account.pool?.close();
    account.pool = new Pool(endpoint);
    return account.pool;
  }

  /** Decides, again if the grant it came to ended meanwhile, and acts in the same tick as the last decision. */
  function decided(req: IncomingMessage, upgrade: boolean, act: (verdict: Verdict) => void, attempt = 1): void {
    const verdict = closed ? UNREADY : router.decide(req, upgrade);
    if (!isPromise(verdict)) {
      act(verdict);
      return;
    }
    const revokedMeanwhile: Revoked[] = [];
    undecided.add(revokedMeanwhile);
    verdict
      .then((result) => {
        const ended = result.kind === 'forward' && revokedMeanwhile.some((revoked) => concerns(revoked, result.grant));
        if (!ended) act(result);
        else if (attempt < MAX_DECISIONS) decided(req, upgrade, act, attempt + 1);
        else act({ kind: 'refuse', refusal: { reason: 'forbidden', route: null } });
      })
      .catch((error: unknown) => {
        log.error('the gateway could not decide', { error: describe(error) });
        act({ kind: 'refuse', refusal: { reason: reasonOf(error), route: null } });
      })
      .finally(() => undecided.delete(revokedMeanwhile));
  }

  function handle(req: IncomingMessage, res: ServerResponse): void {
    try {
      decided(req, false, (verdict) => {
        if (res.destroyed) return;
        switch (verdict.kind) {
          case 'forward':
            return forward(req, res, verdict);
          case 'refuse':
            return sendRefusal(req, res, verdict.refusal);
          case 'sign_in':
            return redirect(res, verdict.location);
          case 'ticket':
            enter(req, res, verdict.route, verdict.step).catch((error: unknown) => {
              log.error('a ticket could not be redeemed', {
                environmentId: verdict.route.environmentId,
                error: describe(error),
              });
              sendRefusal(req, res, { reason: reasonOf(error), route: null });
            });
        }
      });
    } catch (error) {
      log.error('the gateway could not handle a request', { error: describe(error) });
      sendRefusal(req, res, { reason: 'internal', route: null });
    }
  }

  function forward(req: IncomingMessage, res: ServerResponse, verdict: Forward): void {
    const account = traffic.account(verdict.route.environmentId);
    new Exchange(verdict, req, res, { pool: poolOf(account, verdict.endpoint), account, carrier }).start();
  }

  async function enter(req: IncomingMessage, res: ServerResponse, route: Route, step: TicketStep): Promise<void> {
    if (step.step === 'enter') {
      const redeemed = step.ticket === '' ? null : await authorizer.redeem(step.ticket, route.environmentId);
      if (redeemed !== null) return redirect(res, enteredPath(step.to), grantCookies(names, redeemed.cookie, secure));
    }
    // Someone who goes back to a used link, or reloads it, may hold a good cookie already.
    const authorized = await router.authorize(readTokens(req.headers.cookie, names), route);
    if (authorized !== null) return redirect(res, step.to);
    sendRefusal(
      req,
      res,
      { reason: step.step === 'enter' ? 'ticket_invalid' : 'cookies_refused', route: anonymous(route) },
      step.to,
    );
  }

  /** Nothing may tell whoever reads a ticket's address where it came from, nor keep it. */
  function redirect(res: ServerResponse, location: string, cookies: readonly string[] = []): void {
    if (res.headersSent || res.destroyed) return;
    const fields = [
      'Location',
      location,
      'Cache-Control',
      'no-store',
      'Referrer-Policy',
      'no-referrer',
      'Content-Length',
      '0',
      ...(secure ? STRICT_TRANSPORT : []),
    ];
    for (const cookie of cookies) fields.push('Set-Cookie', cookie);
    res.writeHead(303, fields).end();
  }

  function sendRefusal(req: IncomingMessage, res: ServerResponse, refusal: Refusal, path?: string): void {
    if (res.headersSent || res.destroyed) {
      res.destroy();
      return;
    }
    const { status, fields, body } = pages.answer(
      refusal,
      isNavigation(req) || wantsHtmlHead(req),
      path ?? req.url ?? '/',
    );
    if (!req.complete && hasBody(req)) res.shouldKeepAlive = false;
    res.writeHead(status, fields).end(req.method === 'HEAD' ? undefined : body);
  }

  function upgrade(req: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', () => socket.destroy());
    if (!isSocket(socket)) {
      socket.destroy();
      return;
    }
    const refuse = (refusal: Refusal): void => {
      const { status, fields, body } = pages.answer(refusal, false, '/');
      if (socket.writable) socket.end(headText(status, '', [...fields, 'Connection', 'close']) + body);
      else socket.destroy();
    };
    const onFailure = (route: Route, failure: Failure, cause: Error | null): void => {
      logFailure(route, failure, cause);
      refuse({ reason: failure, route });
    };
    try {
      decided(req, true, (verdict) => {
        if (socket.destroyed) return;
        if (verdict.kind !== 'forward')
          return refuse(verdict.kind === 'refuse' ? verdict.refusal : { reason: 'unauthenticated', route: null });
        const account = traffic.account(verdict.route.environmentId);
        new Tunnel(verdict, req, socket, {
          pool: poolOf(account, verdict.endpoint),
          account,
          carrier,
          onFailure,
        }).start(head);
      });
    } catch (error) {
      log.error('the gateway could not handle an upgrade', { error: describe(error) });
      refuse({ reason: 'internal', route: null });
    }
  }

  return {
    matches: router.hosts.claims,
    handle,
    upgrade,
    async close() {
      if (closed) return;
      closed = true;
      unsubscribe();
      clearInterval(sweeper);
      clearInterval(reporter);
      clearInterval(rechecker);
      traffic.report();
      traffic.cutAll();
    },
  };
}

/** A route as someone without a grant may see it: where to ask for one. */
function anonymous(route: Route): Route {
  return { ...route, name: 'This environment', applicationName: '', failureMessage: null, steps: [], endpoint: null };
}

function wantsHtmlHead(req: IncomingMessage): boolean {
  return req.method === 'HEAD' && (req.headers.accept?.includes('text/html') ?? false);
}

function hasBody(req: IncomingMessage): boolean {
  const { 'content-length': length, 'transfer-encoding': coding } = req.headers;
  return coding !== undefined || (length !== undefined && length !== '0');
}

/** Whoever decides may be away for a moment. */
function reasonOf(error: unknown): Refusal['reason'] {
  return isAppError(error) && error.code === 'unavailable' ? 'unavailable' : 'internal';
}

function describe(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : 'unknown';
}
