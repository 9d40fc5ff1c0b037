/**
 * Carries one HTTP request to its environment and the answer back: streamed both ways under back-pressure, nothing buffered
 * beyond a chunk. router.ts has already decided that it may pass. What ends one side ends the other: a client that leaves
 * cancels the request, an environment that breaks off cuts the client, so neither takes half an answer for a whole one.
 */
import { type ClientRequest, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { Grant, Route } from '../domain/gateway.ts';
import { type FramePolicy, findField, requestFields, responseFields, trailerFields } from './headers.ts';
import type { Pool } from './pool.ts';
import type { Account, Live } from './traffic.ts';

/** All in milliseconds. */
export interface Limits {
  /** Until the environment accepts the connection. */
  connectMs: number;
  /** Until the first byte of the answer; long, since a notebook may compute before it answers. */
  answerMs: number;
  /** Without a byte of an upload that has not ended. */
  uploadIdleMs: number;
  /** During which a client takes nothing of what waits for it. */
  stalledMs: number;
  /** Without a byte either way on a websocket. */
  tunnelIdleMs: number;
  /** The same once one side has said goodbye. */
  halfClosedMs: number;
}

export const DEFAULT_LIMITS: Limits = {
  connectMs: 10_000,
  answerMs: 3_600_000,
  uploadIdleMs: 120_000,
  stalledMs: 3_600_000,
  tunnelIdleMs: 3_600_000,
  halfClosedMs: 30_000,
};

export type Failure = 'unreachable' | 'broken' | 'connect_timeout' | 'answer_timeout' | 'upload_timeout';

export interface Carrier {
  frames: FramePolicy;
  scheme: 'http' | 'https';
  addressOf(req: IncomingMessage): string;
  limits: Limits;
  now: () => number;
  /** Answers for an environment that could not; called only before any byte of an answer was sent. */
  onFailure(req: IncomingMessage, res: ServerResponse, route: Route, failure: Failure, cause: Error | null): void;
  /** Calls `flush` once this turn of the event loop is over; one timer for all requests of the turn. */
  flushSoon(exchange: Exchange): void;
}

/** What router.ts allowed. */
export interface Passage {
  route: Route;
  grant: Grant;
  token: string;
}

/** What carries it. */
export interface Means {
  pool: Pool;
  account: Account;
  carrier: Carrier;
}

/** After this age a connection is worth watching for a peer that vanished without a word. */
const KEEP_ALIVE_AFTER_MS = 15_000;
const ONE_WRITE_BYTES = 16_384;
const RETRYABLE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);
const GONE = new Set(['ECONNRESET', 'EPIPE', 'ECONNABORTED']);

export class Exchange implements Live {
  readonly grant: Grant;
  readonly token: string;
  private readonly route: Route;
  private readonly req: IncomingMessage;
  private readonly res: ServerResponse;
  private readonly pool: Pool;
  private readonly account: Account;
  private readonly carrier: Carrier;
  private readonly startedAt: number;
  private readonly hasBody: boolean;
  private up: ClientRequest | null = null;
  private answer: IncomingMessage | null = null;
  private retried = false;
  private over = false;
  private begun = false;
  private uploadedAt: number;
  private stalledAt = 0;
  private watched = false;

  constructor(
    { route, grant, token }: Passage,
    req: IncomingMessage,
    res: ServerResponse,
    { pool, account, carrier }: Means,
  ) {
    this.grant = grant;
    this.token = token;
    this.route = route;
    this.req = req;
    this.res = res;
    this.pool = pool;
    this.account = account;
    this.carrier = carrier;
    this.startedAt = carrier.now();
    this.uploadedAt = this.startedAt;
    const length = req.headers['content-length'];
    this.hasBody = (length !== undefined && length !== '0') || req.headers['transfer-encoding'] !== undefined;
  }

  start(): void {
    this.account.open.add(this);
    this.account.used = true;
    this.res.on('close', () => this.finish());
    this.send(false);
    if (this.hasBody) this.pump();
  }

  cut(): void {
    this.res.destroy();
    this.req.destroy();
    this.finish();
  }

  count(): void {}

  sweep(now: number): void {
    const { limits } = this.carrier;
    const socket = this.up?.socket ?? null;
    if (!this.watched && now - this.startedAt > KEEP_ALIVE_AFTER_MS) {
      this.watched = true;
      this.req.socket.setKeepAlive(true, KEEP_ALIVE_AFTER_MS);
      socket?.setKeepAlive(true, KEEP_ALIVE_AFTER_MS);
    }
    if (this.stalledAt > 0 && now - this.stalledAt > limits.stalledMs) this.cut();
    if (this.answer !== null || this.over) return;
    if ((socket === null || socket.connecting) && now - this.startedAt > limits.connectMs)
      this.fail('connect_timeout', null);
    else if (this.hasBody && !this.req.complete && now - this.uploadedAt > limits.uploadIdleMs)
      this.fail('upload_timeout', null);
    else if (now - Math.max(this.startedAt, this.uploadedAt) > limits.answerMs) this.fail('answer_timeout', null);
  }

  /** @param fresh take a new connection instead of one from the pool. */
  private send(fresh: boolean): void {
    const { req, pool, carrier } = this;
    const { connection } = req.headers;
    const te = String(req.headers.te ?? '');
    const fields = requestFields(
      req.rawHeaders,
      connection,
      { address: carrier.addressOf(req), host: req.headers.host ?? '', scheme: carrier.scheme },
      pool.secret,
    );
    if (req.headers['transfer-encoding'] !== undefined) fields.push('Transfer-Encoding', 'chunked');
    else if (!this.hasBody && req.headers['content-length'] === undefined && !RETRYABLE_METHODS.has(req.method ?? '')) {
      // Without it Node would frame the missing body as an empty chunked one, which some servers refuse.
      fields.push('Content-Length', '0');
    }
    if (te !== '' && /(?:^|,)\s*trailers\s*(?:$|[,;])/i.test(te))
      fields.push('TE', 'trailers', 'Connection', 'keep-alive, TE');
    const options = {
      ...(fresh ? { createConnection: () => pool.connect() } : pool.target),
      method: req.method,
      path: req.url,
      headers: fields,
    };
    const up = request(options);
    this.up = up;
    up.on('response', (answer) => this.respond(answer));
    up.on('error', (error: NodeJS.ErrnoException) => this.sendFailed(up, error));
    // Without an answer or an error it closes when the environment switches protocols unasked.
    up.on('close', () => {
      if (this.answer === null && !this.over) this.sendFailed(up, new Error('closed without an answer'));
    });
    if (req.headers.expect !== undefined) up.on('continue', () => this.proceed());
    if (!this.hasBody) up.end();
  }

  private proceed(): void {
    if (!this.over && !this.res.headersSent && !this.res.destroyed) this.res.writeContinue();
  }

  private sendFailed(up: ClientRequest, error: NodeJS.ErrnoException): void {
    // Once an answer has begun, its own end or error tells how it went.
    if (this.over || up !== this.up || this.answer !== null) return;
    const stale = up.reusedSocket && GONE.has(error.code ?? '');
    if (stale && !this.retried && !this.hasBody && RETRYABLE_METHODS.has(this.req.method ?? '')) {
      this.retried = true;
      this.send(true);
      return;
    }
    this.fail(
      up.socket === null || up.socket.connecting || error.syscall === 'connect' ? 'unreachable' : 'broken',
      error,
    );
  }

  private fail(failure: Failure, cause: Error | null): void {
    const { up, res } = this;
    this.over = true;
    up?.destroy();
    if (res.headersSent) {
      res.destroy();
      return;
    }
    // The rest of an upload has no reader any more.
    if (!this.req.complete) res.shouldKeepAlive = false;
    this.carrier.onFailure(this.req, res, this.route, failure, cause);
  }

  private pump(): void {
    const { req, account } = this;
    req.on('data', (chunk: Buffer) => {
      account.bytesIn += chunk.length;
      account.used = true;
      this.uploadedAt = this.carrier.now();
      const { up } = this;
      if (up === null || up.destroyed || up.write(chunk)) return;
      req.pause();
      up.once('drain', () => req.resume());
    });
    req.on('end', () => {
      const { up } = this;
      if (up === null || up.destroyed) return;
      if (req.rawTrailers.length > 0) up.addTrailers(trailerFields(req.rawTrailers, 'request', this.pool.secret));
      up.end();
    });
  }

  private respond(answer: IncomingMessage): void {
    const { req, res, account, carrier } = this;
    if (this.over || res.destroyed) {
      answer.destroy();
      return;
    }
    this.answer = answer;
    const fields = responseFields(answer.rawHeaders, carrier.frames, this.pool.secret);
    // A client that was told to wait may now never send its body: its connection cannot carry another request.
    if (!req.complete && req.headers.expect !== undefined) res.shouldKeepAlive = false;
    try {
      res.writeHead(answer.statusCode ?? 502, answer.statusMessage ?? '', fields);
    } catch (error) {
      this.answer = null;
      answer.destroy();
      this.fail('broken', error instanceof Error ? error : null);
      return;
    }

    const length = findField(answer.rawHeaders, 'content-length');
    let left = length === undefined || req.method === 'HEAD' ? Number.POSITIVE_INFINITY : Number(length);
    answer.on('data', (chunk: Buffer) => {
      account.bytesOut += chunk.length;
      account.used = true;
      left -= chunk.length;
      if (left <= 0) {
        // The last byte. A small body joins its head as one string, so that both leave in one plain write.
        if (!this.begun && chunk.length <= ONE_WRITE_BYTES) res.end(chunk.toString('latin1'), 'latin1');
        else res.end(chunk);
        this.begun = true;
        return;
      }
      this.begun = true;
      if (!res.write(chunk)) {
        answer.pause();
        this.stalledAt = carrier.now();
        res.once('drain', () => {
          this.stalledAt = 0;
          answer.resume();
        });
      }
    });
    answer.on('end', () => {
      if (res.writableEnded) return;
      if (answer.rawTrailers.length > 0)
        res.addTrailers(trailerFields(answer.rawTrailers, 'response', this.pool.secret));
      res.end();
    });
    answer.on('error', () => res.destroy());
    carrier.flushSoon(this);
  }

  /** Sends the head of an answer whose body is late. */
  flush(): void {
    if (!this.begun && !this.res.writableEnded && !this.res.destroyed) this.res.flushHeaders();
  }

  /** The client has its answer, or has left. */
  private finish(): void {
    if (!this.account.open.delete(this)) return;
    this.over = true;
    this.account.changed = true;
    const { up, answer } = this;
    if (up !== null && (answer === null || !answer.complete || !up.writableFinished)) up.destroy();
  }
}
