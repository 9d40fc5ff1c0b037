/**
 * An HTTP proxy on loopback that does to a client of a real server what networks, machines and other proxies do: it delays, cuts,
 * repeats, damages and answers itself, as a plan says. Each request to the server goes over a connection of its own, so that no
 * fault leaks into the next one.
 */
import { once } from 'node:events';
import {
  type ClientRequest,
  createServer,
  type IncomingMessage,
  request as open,
  type ServerResponse,
} from 'node:http';
import type { Socket } from 'node:net';
import { Readable, Transform } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { type Fault, isDocument, type Plan, type SeenRequest } from './fault-plan.ts';

export interface Injected {
  method: string;
  path: string;
  fault: Fault;
}

export interface FaultProxy {
  /** `http://127.0.0.1:<port>` */
  url: string;
  port: number;
  /** Every fault that a request met, in order of arrival. */
  readonly injected: readonly Injected[];
  readonly requests: number;
  /** null: everything passes as it is. */
  setPlan(plan: Plan | null): void;
  close(): Promise<void>;
}

/** Bodies of unknown length are taken for this long when a place in them is chosen. */
const UNKNOWN_LENGTH = 64 * 1024;
/** Belong to one connection; and `Expect`, which this proxy answers by itself. */
const OWN_HEADERS = new Set(['connection', 'keep-alive', 'expect']);

export async function startFaultProxy(target: { port: number }, plan: Plan | null = null): Promise<FaultProxy> {
  const injected: Injected[] = [];
  const seen = new Map<string, number>();
  let requests = 0;
  let current = plan;
  const server = createServer({ keepAliveTimeout: 60_000 }, (incoming, reply) => {
    requests += 1;
    const look = lookAt(incoming, seen);
    const fault = current?.(look) ?? null;
    if (fault) injected.push({ method: look.method, path: look.path, fault });
    incoming.on('error', () => {});
    reply.on('error', () => {});
    const exchange = { target, incoming, reply, socket: incoming.socket, bodyBytes: look.bodyBytes };
    serve(exchange, fault).catch(() => reset(exchange));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port was given');
  return {
    url: `http://127.0.0.1:${address.port}`,
    port: address.port,
    injected,
    get requests() {
      return requests;
    },
    setPlan(next) {
      current = next;
    },
    async close() {
      server.close();
      server.closeAllConnections();
      if (server.listening) await once(server, 'close');
    },
  };
}

function lookAt({ method = 'GET', url = '/', headers }: IncomingMessage, seen: Map<string, number>): SeenRequest {
  const [path = '/', search = ''] = url.split('?', 2);
  const query = [...new Set(new URLSearchParams(search).keys())].sort();
  const kind = `${method} ${path} ${query}`;
  const occurrence = (seen.get(kind) ?? 0) + 1;
  seen.set(kind, occurrence);
  const length = headers['content-length'];
  const none = length === undefined && headers['transfer-encoding'] === undefined;
  return {
    method,
    path,
    query,
    occurrence,
    bodyBytes: none ? 0 : length === undefined ? null : Number(length),
    bodyType: headers['content-type'] ?? '',
    ranged: headers.range !== undefined,
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, value?.toString()])),
  };
}

interface Exchange {
  target: { port: number };
  incoming: IncomingMessage;
  reply: ServerResponse;
  /** The client's; a message that ended forgets it. */
  socket: Socket;
  bodyBytes: number | null;
}

async function serve(exchange: Exchange, fault: Fault | null): Promise<void> {
  const { incoming, reply, socket, bodyBytes } = exchange;
  switch (fault?.kind) {
    case undefined:
      return answer(reply, await forward(exchange, incoming));
    case 'delay':
      await waitWith(reply, fault.ms);
      return answer(reply, await forward(exchange, incoming));
    case 'reset-before':
      return reset(exchange);
    case 'reset-up':
      return cutRequest(exchange, fault.part);
    case 'reset-down':
      return cutAnswer(exchange, fault.part, () => reset(exchange));
    case 'truncate':
      return cutAnswer(exchange, fault.part, () => socket.end());
    case 'status':
      return standIn(exchange, fault);
    case 'duplicate':
      return twice(exchange, fault.answer);
    case 'flip-up':
      return answer(reply, await forward(exchange, incoming.pipe(flipAt(placeIn(bodyBytes, fault.part)))));
    case 'flip-down': {
      const whole = await forward(exchange, incoming);
      const type = whole.headers['content-type'] ?? '';
      const content = (whole.statusCode ?? 500) < 300 && !isDocument(type);
      return answer(reply, whole, content ? flipAt(placeIn(lengthOf(whole), fault.part)) : null);
    }
  }
}

/** Sends the request on; its answer, the body unread. The server's connection ends with the client's. */
function forward(exchange: Exchange, body: Readable | Buffer): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const onward = openOnward(exchange);
    onward.once('response', resolve);
    onward.on('error', reject);
    if (body instanceof Readable) body.pipe(onward);
    else onward.end(body);
  });
}

function openOnward({ target, incoming, reply }: Exchange): ClientRequest {
  const { method, url: path } = incoming;
  const headers = passed(incoming.rawHeaders);
  const onward = open({ host: '127.0.0.1', port: target.port, method, path, headers, agent: false });
  reply.once('close', () => onward.destroy());
  return onward;
}

/** What is sent on has left this process before both connections end. */
async function cutRequest(exchange: Exchange, part: number): Promise<void> {
  const { incoming, bodyBytes } = exchange;
  let left = placeIn(bodyBytes, part);
  const onward = openOnward(exchange);
  onward.on('error', () => {});
  const closed = once(onward, 'close');
  for await (const chunk of incoming.iterator({ destroyOnReturn: false })) {
    const bytes: Buffer = chunk.subarray(0, left);
    left -= bytes.length;
    await Promise.race([closed, new Promise((resolve) => onward.write(bytes, resolve))]);
    if (left === 0) break;
  }
  onward.destroy();
  reset(exchange);
}

function passed(rawHeaders: string[]): string[] {
  return rawHeaders.filter((_, i) => !OWN_HEADERS.has((rawHeaders[i - (i % 2)] ?? '').toLowerCase()));
}

async function answer(reply: ServerResponse, whole: IncomingMessage, through: Transform | null = null): Promise<void> {
  reply.writeHead(whole.statusCode ?? 502, passed(whole.rawHeaders));
  const body = through ? whole.pipe(through) : whole;
  body.pipe(reply);
  whole.once('aborted', () => reply.socket?.resetAndDestroy());
  await once(reply, 'close');
}

async function cutAnswer(exchange: Exchange, part: number, end: () => void): Promise<void> {
  const { incoming, reply } = exchange;
  const whole = await forward(exchange, incoming);
  const length = incoming.method === 'HEAD' ? 0 : lengthOf(whole);
  const place = placeIn(length, part);
  // Of an answer without a body nothing arrives.
  if (place === 0) {
    whole.resume();
    await once(whole, 'end');
    return end();
  }
  reply.writeHead(whole.statusCode ?? 502, passed(whole.rawHeaders));
  const begun = cutAt(place, end);
  whole.pipe(begun).pipe(reply, { end: false });
  begun.once('end', end);
  await once(reply, 'close');
}

async function standIn(exchange: Exchange, fault: Extract<Fault, { kind: 'status' }>): Promise<void> {
  const { incoming, reply } = exchange;
  if (fault.applied) {
    const whole = await forward(exchange, incoming);
    whole.resume();
    await once(whole, 'end');
  } else {
    incoming.resume();
    if (!incoming.readableEnded) await once(incoming, 'end');
  }
  const wish = fault.retryAfterSeconds === null ? [] : ['retry-after', String(fault.retryAfterSeconds)];
  reply.writeHead(fault.status, ['content-length', '0', ...wish]);
  reply.end();
}

async function twice(exchange: Exchange, which: 'first' | 'last'): Promise<void> {
  const { incoming, reply } = exchange;
  const body = Buffer.concat(await incoming.toArray());
  const deliveries = [await delivered(exchange, body), await delivered(exchange, body)];
  const { head, content } = (which === 'first' ? deliveries[0] : deliveries[1]) ?? {};
  if (!head || !content) return reset(exchange);
  reply.writeHead(head.statusCode ?? 502, passed(head.rawHeaders));
  reply.end(content);
}

async function delivered(exchange: Exchange, body: Buffer): Promise<{ head: IncomingMessage; content: Buffer }> {
  const head = await forward(exchange, body);
  return { head, content: Buffer.concat(await head.toArray()) };
}

function reset({ socket }: Exchange): void {
  if (!socket.destroyed) socket.resetAndDestroy();
}

/** No longer than the client does. */
async function waitWith(reply: ServerResponse, ms: number): Promise<void> {
  const gone = new AbortController();
  reply.once('close', () => gone.abort());
  await pause(ms, undefined, { signal: gone.signal });
}

function lengthOf({ headers }: IncomingMessage): number | null {
  const length = headers['content-length'];
  return length === undefined ? null : Number(length);
}

/** Before the last byte: a whole body is no fault. */
function placeIn(length: number | null, part: number): number {
  const bytes = length ?? UNKNOWN_LENGTH;
  return Math.max(0, Math.min(bytes - 1, Math.floor(bytes * part)));
}

/** Passes the first `place` bytes, then nothing more; `then` once. */
function cutAt(place: number, then: () => void): Transform {
  let left = place;
  let cut = false;
  return new Transform({
    transform(chunk: Buffer, _encoding, next) {
      if (left > 0) this.push(chunk.subarray(0, left));
      left -= Math.min(left, chunk.length);
      if (left === 0 && !cut) {
        cut = true;
        // The reader gets what was pushed first.
        setImmediate(then);
      }
      next();
    },
  });
}

/** Flips a bit of the byte at `place`. */
function flipAt(place: number): Transform {
  let passedBytes = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, next) {
      const at = place - passedBytes;
      passedBytes += chunk.length;
      if (at < 0 || at >= chunk.length) return next(null, chunk);
      const copy = Buffer.from(chunk);
      copy[at] = (copy[at] ?? 0) ^ 1;
      next(null, copy);
    },
  });
}
