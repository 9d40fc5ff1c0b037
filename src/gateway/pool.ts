/**
 * Connections to one environment's endpoint. Each environment has a pool of its own, so a connection can never be handed to
 * another one, and a pool can be thrown away with its environment.
 */
import { Agent, type RequestOptions } from 'node:http';
import { connect, type Socket } from 'node:net';
import type { Endpoint } from '../domain/gateway.ts';
import { type EndpointHeader, endpointHeader } from './headers.ts';

/** Requests in flight to one environment; more of them wait in line. Streams count, so it is far above what a page opens. */
const MAX_SOCKETS = 512;
/** As many as a busy page needs again the next moment; they live for seconds. */
const MAX_FREE_SOCKETS = 128;
/** Shorter than the keep-alive of the usual servers (5 s and up), so that they seldom close a connection under a request. */
const FREE_SOCKET_MS = 4000;

/** The pool holds one name only; Node would build it anew for every request. */
class EndpointAgent extends Agent {
  override getName(): string {
    return 'endpoint';
  }

  /** Node's own would parse the whole answer's fields for a Keep-Alive hint; the time below is shorter than those hints. */
  override keepSocketAlive(socket: Socket): boolean {
    socket.setKeepAlive(true, FREE_SOCKET_MS);
    if (socket.timeout !== FREE_SOCKET_MS) socket.setTimeout(FREE_SOCKET_MS);
    socket.unref();
    return true;
  }
}

export class Pool {
  readonly secret: EndpointHeader | null;
  /** Where to connect, for `http.request` and `net.connect` alike. */
  readonly address: { path: string } | { host: string; port: number };
  /** Options of a request through the pool. */
  readonly target: RequestOptions;
  private readonly endpoint: Endpoint;
  private readonly agent: Agent;

  constructor(endpoint: Endpoint) {
    this.endpoint = endpoint;
    this.secret = endpointHeader(endpoint.header);
    this.address = endpoint.kind === 'unix' ? { path: endpoint.path } : { host: endpoint.host, port: endpoint.port };
    this.agent = new EndpointAgent({
      keepAlive: true,
      maxSockets: MAX_SOCKETS,
      maxFreeSockets: MAX_FREE_SOCKETS,
      timeout: FREE_SOCKET_MS,
      scheduling: 'lifo',
    });
    this.target =
      endpoint.kind === 'unix'
        ? { agent: this.agent, socketPath: endpoint.path }
        : { agent: this.agent, host: endpoint.host, port: endpoint.port };
  }

  /** Whether this pool leads to that endpoint, with that secret. */
  serves(endpoint: Endpoint): boolean {
    const mine = this.endpoint;
    if (mine === endpoint) return true;
    if (mine.header?.name !== endpoint.header?.name || mine.header?.value !== endpoint.header?.value) return false;
    if (mine.kind === 'unix') return endpoint.kind === 'unix' && mine.path === endpoint.path;
    return endpoint.kind === 'tcp' && mine.host === endpoint.host && mine.port === endpoint.port;
  }

  /** A connection of its own, half-open on request end: for tunnels, and for the one retry after a stale connection. */
  connect(): Socket {
    return connect({ ...this.address, allowHalfOpen: true, noDelay: true });
  }

  /** No connection, used or free. */
  idle(): boolean {
    return Object.keys(this.agent.sockets).length === 0 && Object.keys(this.agent.freeSockets).length === 0;
  }

  /** Ends its free connections; those in use end with their requests, or soon after. */
  close(): void {
    for (const sockets of Object.values(this.agent.freeSockets)) for (const socket of sockets ?? []) socket.destroy();
  }
}
