/**
 * Carries one websocket: asks the environment for the upgrade over a connection of its own, and joins both sockets only after
 * it said 101. Any other answer is passed on and the connection closed, so that nobody is left talking to the environment past
 * the gateway. Frames are not read: they belong to the two ends.
 */
import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Grant, Route } from '../domain/gateway.ts';
import { requestFields, responseFields } from './headers.ts';
import type { Pool } from './pool.ts';
import type { Carrier, Failure, Means, Passage } from './proxy.ts';
import type { Account, Live } from './traffic.ts';

const KEEP_ALIVE_MS = 15_000;

export class Tunnel implements Live {
  readonly grant: Grant;
  readonly token: string;
  private readonly route: Route;
  private readonly req: IncomingMessage;
  private readonly client: Socket;
  private readonly pool: Pool;
  private readonly account: Account;
  private readonly carrier: Carrier;
  private readonly onFailure: (route: Route, failure: Failure, cause: Error | null) => void;
  private readonly startedAt: number;
  private up: ClientRequest | null = null;
  private upstream: Socket | null = null;
  private answered = false;
  private countedIn: number;
  private countedOut = 0;
  private movedAt: number;
  private movedTotal = 0;
  private halfClosed = false;

  constructor(
    { route, grant, token }: Passage,
    req: IncomingMessage,
    client: Socket,
    {
      pool,
      account,
      carrier,
      onFailure,
    }: Means & { onFailure: (route: Route, failure: Failure, cause: Error | null) => void },
  ) {
    this.grant = grant;
    this.token = token;
    this.route = route;
    this.req = req;
    this.client = client;
    this.pool = pool;
    this.account = account;
    this.carrier = carrier;
    this.onFailure = onFailure;
    this.startedAt = carrier.now();
    this.movedAt = this.startedAt;
    this.countedIn = client.bytesRead;
  }

  /** @param head bytes of the first frames that came with the request. */
  start(head: Buffer): void {
    const { req, client, account, pool, carrier } = this;
    account.open.add(this);
    account.used = true;
    this.countedIn -= head.length;
    client.setTimeout(0);
    client.setNoDelay(true);
    client.setKeepAlive(true, KEEP_ALIVE_MS);
    client.once('close', () => this.finish());

    const fields = requestFields(
      req.rawHeaders,
      req.headers.connection,
      { address: carrier.addressOf(req), host: req.headers.host ?? '', scheme: carrier.scheme },
      pool.secret,
    );
    fields.push('Connection', 'Upgrade', 'Upgrade', 'websocket');
    const up = request({ createConnection: () => pool.connect(), method: 'GET', path: req.url, headers: fields });
    this.up = up;
    up.once('upgrade', (answer: IncomingMessage, upstream: Socket, first: Buffer) =>
      this.join(answer, upstream, { first, head }),
    );
    up.once('response', (answer) => this.refuse(answer));
    up.on('error', (error: NodeJS.ErrnoException) =>
      this.fail(error.syscall === 'connect' ? 'unreachable' : 'broken', error),
    );
    up.end();
  }

  cut(): void {
    this.client.destroy();
    this.finish();
  }

  count(): void {
    const { account, client, upstream } = this;
    if (upstream === null) return;
    const bytesIn = client.bytesRead - this.countedIn;
    const bytesOut = upstream.bytesRead - this.countedOut;
    if (bytesIn === 0 && bytesOut === 0) return;
    this.countedIn = client.bytesRead;
    this.countedOut = upstream.bytesRead;
    account.bytesIn += bytesIn;
    account.bytesOut += bytesOut;
    account.used = true;
  }

  sweep(now: number): void {
    const { limits } = this.carrier;
    if (!this.answered) {
      const connecting = this.up?.socket?.connecting ?? true;
      if (now - this.startedAt > (connecting ? limits.connectMs : limits.answerMs))
        this.fail(connecting ? 'connect_timeout' : 'answer_timeout', null);
      return;
    }
    // What was taken from one side and accepted by the other: a peer that stopped reading counts as silent.
    const { client, upstream } = this;
    const moved =
      client.bytesWritten -
      client.writableLength +
      (upstream === null ? 0 : upstream.bytesWritten - upstream.writableLength);
    if (moved !== this.movedTotal) {
      this.movedTotal = moved;
      this.movedAt = now;
    } else if (now - this.movedAt > (this.halfClosed ? limits.halfClosedMs : limits.tunnelIdleMs)) {
      this.cut();
    }
  }

  private join(answer: IncomingMessage, upstream: Socket, { first, head }: { first: Buffer; head: Buffer }): void {
    const { client } = this;
    this.answered = true;
    this.upstream = upstream;
    this.countedOut = upstream.bytesRead - first.length;
    upstream.on('error', () => client.destroy());
    upstream.on('close', () => {
      // After a proper end the client still takes what is on its way.
      if (upstream.readableEnded) client.end();
      else client.destroy();
    });
    if (client.destroyed) {
      upstream.destroy();
      return;
    }
    upstream.setKeepAlive(true, KEEP_ALIVE_MS);
    client.write(
      headText(101, 'Switching Protocols', ['Connection', 'Upgrade', 'Upgrade', 'websocket', ...this.fieldsOf(answer)]),
      'latin1',
    );
    if (first.length > 0) client.write(first);
    if (head.length > 0) upstream.write(head);
    const half = (): void => {
      this.halfClosed = true;
      this.movedAt = this.carrier.now();
    };
    client.once('end', half);
    upstream.once('end', half);
    client.pipe(upstream);
    upstream.pipe(client);
  }

  private fieldsOf(answer: IncomingMessage): string[] {
    return responseFields(answer.rawHeaders, this.carrier.frames, this.pool.secret);
  }

  /** The environment answered like any other request, say 404: so does the gateway, and the connection ends. */
  private refuse(answer: IncomingMessage): void {
    const { client } = this;
    this.answered = true;
    if (client.destroyed) {
      answer.destroy();
      return;
    }
    client.write(
      headText(answer.statusCode ?? 502, answer.statusMessage ?? '', [...this.fieldsOf(answer), 'Connection', 'close']),
      'latin1',
    );
    answer.on('error', () => client.destroy());
    answer.pipe(client);
  }

  private fail(failure: Failure, cause: Error | null): void {
    if (this.answered) return;
    this.answered = true;
    this.up?.destroy();
    if (!this.client.destroyed) this.onFailure(this.route, failure, cause);
  }

  private finish(): void {
    this.count();
    if (!this.account.open.delete(this)) return;
    this.account.changed = true;
    this.answered = true;
    this.up?.destroy();
    this.upstream?.destroy();
  }
}

/** The head of an answer written by hand, since an upgraded connection has no ServerResponse. */
export function headText(status: number, message: string, fields: readonly string[]): string {
  let text = `HTTP/1.1 ${status} ${message}\r\n`;
  for (let i = 0; i + 1 < fields.length; i += 2) text += `${fields[i]}: ${fields[i + 1]}\r\n`;
  return `${text}\r\n`;
}

/** What Node hands to an upgrade listener is a socket, typed wider. */
export function isSocket(stream: Duplex): stream is Socket {
  return 'setNoDelay' in stream && 'bytesRead' in stream;
}
