/** For the gateway's tests only: a gateway on a real server before a real environment, with in-memory grants. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import type { ActivitySink, Authorizer, Endpoint, Grant, Route } from '../domain/gateway.ts';
import type { EnvironmentId, SessionId, UserId } from '../domain/ids.ts';
import { createGateway, GATEWAY_SERVER_OPTIONS, type Gateway, type GatewayOptions } from './gateway.ts';

export const ENVIRONMENT = 'env-11111111111111111111' as EnvironmentId;
export const SECRET = { name: 'X-Endpoint-Secret', value: 'only the gateway knows' };
export const COOKIE = 'Cookie: cmbcluster_environment=good\r\n';

type Handler = (req: IncomingMessage, res: ServerResponse) => void;
type Revoked = Parameters<Parameters<Authorizer['onRevoked']>[0]>[0];

/** Grants and tickets in memory; what services/gateway does over the database. */
export class MemoryAuthorizer implements Authorizer {
  readonly grants = new Map<string, Grant>();
  readonly tickets = new Map<string, { cookie: string; grant: Grant }>();
  /** Awaited before each answer, where set. */
  delay: Promise<void> | null = null;
  private readonly listeners = new Set<(revoked: Revoked) => void>();

  async redeem(ticket: string, environmentId: EnvironmentId): Promise<{ cookie: string; grant: Grant } | null> {
    const found = this.tickets.get(ticket);
    if (found === undefined || found.grant.environmentId !== environmentId) return null;
    this.tickets.delete(ticket);
    this.grants.set(found.cookie, found.grant);
    return found;
  }

  check(cookie: string, environmentId: EnvironmentId): Grant | null | Promise<Grant | null> {
    const grant = this.grants.get(cookie);
    const answer = grant?.environmentId === environmentId ? grant : null;
    return this.delay === null ? answer : this.delay.then(() => answer);
  }

  onRevoked(listener: (revoked: Revoked) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  revoke(revoked: Revoked): void {
    for (const [cookie, grant] of this.grants) {
      if (Object.entries(revoked).every(([key, value]) => grant[key as keyof Grant] === value))
        this.grants.delete(cookie);
    }
    for (const listener of [...this.listeners]) listener(revoked);
  }
}

export interface Harness {
  gateway: Gateway;
  port: number;
  /** Host field of the environment `work`. */
  host: string;
  authorizer: MemoryAuthorizer;
  routes: Map<string, Route>;
  reports: Parameters<ActivitySink['report']>[0][];
  logged: string[];
  environment: Server;
  /** Requests that the environment saw, head only. */
  seen: IncomingMessage[];
  /** Connections that the environment has accepted and that are still open. */
  upstreamSockets: Set<Socket>;
  /** Moves the gateway's clock. */
  advance(ms: number): void;
  close(): Promise<void>;
}

export function grantOf(user: string, session: string): Grant {
  return { environmentId: ENVIRONMENT, userId: user as UserId, sessionId: session as SessionId };
}

export async function startHarness(handler: Handler, options: Partial<GatewayOptions> = {}): Promise<Harness> {
  const seen: IncomingMessage[] = [];
  const environment = createServer({ requestTimeout: 0 }, (req, res) => {
    seen.push(req);
    handler(req, res);
  });
  const upstreamSockets = new Set<Socket>();
  environment.on('connection', (socket) => {
    upstreamSockets.add(socket);
    socket.on('close', () => upstreamSockets.delete(socket));
    socket.on('error', () => socket.destroy());
  });
  const endpoint: Endpoint = { kind: 'tcp', host: '127.0.0.1', port: await listen(environment), header: SECRET };
  const routes = new Map([['work', routeTo(endpoint)]]);
  const authorizer = new MemoryAuthorizer();
  authorizer.grants.set('good', grantOf('usr-a', 'ses-a'));
  const reports: Harness['reports'] = [];
  const logged: string[] = [];
  const log = (message: string, fields?: Record<string, unknown>): number =>
    logged.push(`${message} ${JSON.stringify(fields)}`);
  let skew = 0;

  const server = createServer(GATEWAY_SERVER_OPTIONS);
  const port = await listen(server);
  const gateway = createGateway({
    appsDomain: 'localhost',
    appOrigin: `http://localhost:${port}`,
    resolver: { resolve: (slug) => routes.get(slug) ?? null },
    authorizer,
    activity: { report: (activity) => reports.push(activity) },
    log: { warn: log, error: log },
    now: () => Date.now() + skew,
    reportMs: 20,
    sweepMs: 20,
    ...options,
  });
  const dispatch: Handler = (req, res) => {
    if (gateway.matches(req.headers.host)) gateway.handle(req, res);
    else res.writeHead(200).end('application');
  };
  server.on('request', dispatch);
  server.on('checkContinue', dispatch);
  server.on('upgrade', (req, socket, head) => gateway.upgrade(req, socket, head));

  return {
    gateway,
    port,
    host: `work.localhost:${port}`,
    authorizer,
    routes,
    reports,
    logged,
    environment,
    seen,
    upstreamSockets,
    advance: (ms) => {
      skew += ms;
    },
    async close() {
      await gateway.close();
      for (const one of [server, environment]) {
        one.closeAllConnections();
        one.close();
      }
      for (const socket of upstreamSockets) socket.destroy();
    },
  };
}

export function routeTo(endpoint: Endpoint | null, phase: Route['phase'] = 'running'): Route {
  return {
    environmentId: ENVIRONMENT,
    ownerId: 'usr-a' as UserId,
    slug: 'work',
    name: 'My <work>',
    applicationName: 'Terminal',
    phase,
    failureMessage: null,
    steps: [],
    endpoint,
  };
}

export function listen(server: {
  listen(port: number, host: string, done: () => void): unknown;
  address(): AddressInfo | string | null;
}): Promise<number> {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : 0);
    });
  });
}

/** A raw connection, with what came over it so far. */
export interface Wire {
  socket: Socket;
  received(): string;
  /** Resolves once what came contains the text (or the connection closed). */
  until(text: string): Promise<string>;
  closed: Promise<string>;
}

export function wire(port: number, first = ''): Wire {
  const socket = connect({ host: '127.0.0.1', port, noDelay: true, allowHalfOpen: true });
  let text = '';
  const waiting = new Set<() => void>();
  const wake = (): void => {
    for (const one of [...waiting]) one();
  };
  socket.on('data', (chunk) => {
    text += chunk.toString('latin1');
    wake();
  });
  socket.on('error', () => undefined);
  const closed = new Promise<string>((resolve) => {
    const done = (): void => {
      wake();
      resolve(text);
    };
    socket.on('end', done);
    socket.on('close', done);
  });
  if (first !== '') socket.write(first, 'latin1');
  return {
    socket,
    received: () => text,
    closed,
    until: (part) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (!text.includes(part) && !socket.destroyed && !socket.readableEnded) return;
          waiting.delete(look);
          resolve(text);
        };
        waiting.add(look);
        look();
      }),
  };
}

/** Sends one request whose answer ends the connection, and returns the whole answer. */
export async function raw(port: number, text: string): Promise<string> {
  const one = wire(port, text);
  const answer = await one.closed;
  one.socket.destroy();
  return answer;
}

/** @throws if the condition does not come true within ten seconds. */
export async function eventually(condition: () => boolean, what: string): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`did not happen: ${what}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Resolves once a number has not changed for fifty turns of the event loop that each waited for I/O. */
export async function stands(read: () => number): Promise<void> {
  let last = -1;
  let same = 0;
  while (same < 50) {
    await new Promise((resolve) => setTimeout(resolve, 1));
    same = read() === last ? same + 1 : 0;
    last = read();
  }
}
