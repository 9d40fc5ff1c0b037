/**
 * Carries requests from a replica that does not lead to the one that does: streamed both ways, one hop, with the client's own
 * cookies. While nobody leads they are held for a while. A request is sent again only when it is certain, or does no harm, that the first
 * time counted for nothing: the leader could not be reached, or refused it as one that does not lead, or never asked for its body
 * (every body is announced first), or it only reads.
 */
import { Agent, type IncomingMessage, type RequestOptions, request, type ServerResponse } from 'node:http';
import { pipeline } from 'node:stream';
import type { Leader } from '../../../prisma-free-db/replication/replica.ts';
import { AppError } from '../../domain/errors.ts';
import { sendAbsence } from './absence.ts';
import { OURS, type Pass, REFUSED, type Voucher } from './pass.ts';

/** Until a request gives up waiting for a leader: longer than the longest lease and a start. */
const HOLD_MS = 15_000;
const CONNECT_MS = 2_000;
/** Without a byte either way; the streams of the API are never silent for so long. */
const SILENCE_MS = 120_000;
/** After another replica has taken the lead, until what the old one still owes is given up. */
const GRACE_MS = 5_000;
const AGAIN_MS = 50;

/** Hop by hop (RFC 9110 §7.6.1), and what is said anew. */
const NOT_CARRIED = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'expect',
]);

/** Who leads; a replica is one. */
export interface LeaderWatch {
  readonly owner: string;
  readonly leader: Leader | null;
  onRole(listener: () => void): () => void;
}

export interface ForwarderOptions {
  readonly replica: LeaderWatch;
  readonly pass: Pass;
  /** Whether this process serves by itself now: what is held is not sent anywhere then. */
  readonly serves: () => boolean;
  /** Milliseconds that only go forward. */
  readonly now: () => number;
  readonly holdMs?: number;
  readonly graceMs?: number;
}

export interface Forwarder {
  /** `here`: nothing was sent, this process serves it now. Otherwise the request was answered, one way or the other. */
  carry(req: IncomingMessage, res: ServerResponse, voucher: Voucher): Promise<'here' | 'answered'>;
  /** Asks the leader something of our own that may be asked twice. @throws unavailable when nobody leads; when it answers no JSON */
  ask(path: string, body: unknown): Promise<{ value: unknown } | 'here'>;
  /** Reads lines of the leader until the connection ends. @throws when there is none */
  listen(path: string, onLine: (line: string) => void, signal: AbortSignal): Promise<void>;
  close(): void;
}

type Outcome = 'answered' | 'again' | 'lost';

/** To one leader. */
interface Connections {
  readonly kept: Agent;
  /** Each for one request. */
  readonly single: Agent;
}

function cut({ kept, single }: Connections): void {
  kept.destroy();
  single.destroy();
}

export function createForwarder(options: ForwarderOptions): Forwarder {
  const { replica, pass, serves, now, holdMs = HOLD_MS, graceMs = GRACE_MS } = options;
  const agents = new Map<string, Connections>();
  const timers = new Set<NodeJS.Timeout>();
  let closed = false;

  const unsubscribe = replica.onRole(() => {
    const { leader } = replica;
    if (leader === null && !serves()) return;
    for (const [owner, connections] of agents) {
      if (owner === leader?.owner) continue;
      agents.delete(owner);
      // A leader that stands still, or was cut off, would keep its clients waiting for ever.
      later(graceMs, () => cut(connections));
    }
  });

  function later(ms: number, work: () => void): void {
    const timer = setTimeout(() => {
      timers.delete(timer);
      work();
    }, ms);
    timers.add(timer.unref());
  }

  function connectionsTo({ owner }: Leader): Connections {
    const known = agents.get(owner);
    if (known) return known;
    const made = { kept: new Agent({ keepAlive: true, maxFreeSockets: 64 }), single: new Agent() };
    agents.set(owner, made);
    return made;
  }

  /** The next leader to try, null when time is up, `here` when that is this process. */
  async function nextLeader(deadline: number, failed: boolean): Promise<Leader | 'here' | null> {
    for (let wait = failed; ; wait = true) {
      if (wait) await roleOrPause();
      if (closed) return null;
      if (serves()) return 'here';
      const { leader } = replica;
      if (leader && leader.owner !== replica.owner && now() < deadline) return leader;
      if (now() >= deadline) return null;
    }
  }

  function roleOrPause(): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        stop();
        clearTimeout(timer);
        resolve();
      };
      const timer = setTimeout(done, AGAIN_MS);
      const stop = replica.onRole(done);
    });
  }

  function send(
    leader: Leader,
    { req, res, voucher }: { req: IncomingMessage; res: ServerResponse; voucher: Voucher },
  ) {
    const hasBody = bodyOf(req);
    const repeatable = isRepeatable(req);
    const { promise, resolve } = Promise.withResolvers<Outcome>();
    const fields = [...carried(req.rawHeaders, req.headers.connection), ...pass.fieldsFor(leader.owner, voucher)];
    // Announced first: a body can be read only once, so it must not be spent on a leader that refuses.
    if (hasBody) fields.push('Expect', '100-continue');
    if (hasBody && req.headers['content-length'] === undefined) fields.push('Transfer-Encoding', 'chunked');
    const { kept, single } = connectionsTo(leader);
    // On a connection that waited, the other side may be hanging up: what can be sent only once gets one of its own.
    const agent = hasBody || repeatable ? kept : single;
    const up = request(target(leader, { agent, method: req.method, path: req.url, headers: fields }));
    let continued = false;
    let answer: IncomingMessage | null = null;

    const left = () => up.destroy();
    res.on('close', left);
    void promise.then(() => res.off('close', left));
    up.on('continue', () => {
      if (continued) return;
      continued = true;
      if (req.headers.expect !== undefined) res.writeContinue();
      req.pipe(up);
    });
    up.on('response', (incoming) => {
      if (incoming.headers[REFUSED] !== undefined && !continued) {
        incoming.resume();
        up.destroy();
        return resolve('again');
      }
      answer = incoming;
      respond(req, res, incoming, () => resolve('answered'));
    });
    up.on('error', (error: NodeJS.ErrnoException) => {
      if (answer !== null || res.destroyed) return resolve('answered');
      req.unpipe(up);
      const unsent = up.socket === null || up.socket.connecting || error.syscall === 'connect';
      resolve(unsent || (hasBody && !continued) || repeatable ? 'again' : 'lost');
    });
    up.on('close', () => {
      if (answer === null) resolve(repeatable || (hasBody && !continued) ? 'again' : 'lost');
    });
    limit(up);
    if (hasBody) up.flushHeaders();
    else up.end();
    return promise;
  }

  return {
    async carry(req, res, voucher) {
      const deadline = now() + holdMs;
      for (let failed = false; ; failed = true) {
        const leader = await nextLeader(deadline, failed);
        if (res.destroyed) return 'answered';
        if (leader === 'here') return 'here';
        const outcome = leader === null ? 'absent' : await send(leader, { req, res, voucher });
        if (outcome === 'again') continue;
        if (outcome !== 'answered') sendAbsence(req, res, { lost: outcome === 'lost' });
        return 'answered';
      }
    },
    async ask(path, body) {
      const deadline = now() + holdMs;
      for (let failed = false; ; failed = true) {
        const leader = await nextLeader(deadline, failed);
        if (leader === 'here') return 'here';
        if (leader === null) throw new AppError('unavailable', 'No replica leads at this moment. Try again.');
        const answer = await askOnce({ leader, agent: connectionsTo(leader).kept, pass }, path, body);
        if (answer) return answer;
      }
    },
    async listen(path, onLine, signal) {
      const { leader } = replica;
      if (!leader || leader.owner === replica.owner || serves()) throw new Error('nobody leads');
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const up = request(
        target(leader, {
          agent: connectionsTo(leader).kept,
          method: 'GET',
          path,
          headers: ownFields(leader, pass),
          signal,
        }),
      );
      up.on('error', reject);
      up.on('response', (res) => {
        if (res.statusCode !== 200) reject(new Error(`status ${res.statusCode}`));
        let text = '';
        res.setEncoding('utf8');
        res.on('data', (chunk: string) => {
          const lines = (text + chunk).split('\n');
          text = lines.pop() ?? '';
          for (const line of lines) onLine(line);
        });
        res.on('error', reject);
        res.on('close', resolve);
      });
      limit(up);
      up.end();
      await promise;
    },
    close() {
      closed = true;
      unsubscribe();
      for (const timer of timers) clearTimeout(timer);
      for (const connections of agents.values()) cut(connections);
      agents.clear();
    },
  };
}

function target(leader: Leader, rest: RequestOptions): RequestOptions {
  const { hostname, port } = new URL(leader.url);
  return { host: hostname.replace(/^\[|\]$/g, ''), port: port || 80, ...rest };
}

const ownFields = (leader: Leader, pass: Pass): string[] => [
  'Host',
  new URL(leader.url).host,
  ...pass.fieldsFor(leader.owner, { client: null, operator: false }),
];

/** A peer that vanished without a word must not hold anybody up. */
function limit(up: ReturnType<typeof request>): void {
  up.on('socket', (socket) => {
    if (!socket.connecting) return;
    const timer = setTimeout(() => up.destroy(new Error('no connection')), CONNECT_MS);
    socket.once('connect', () => clearTimeout(timer));
    up.once('close', () => clearTimeout(timer));
  });
  up.setTimeout(SILENCE_MS, () => up.destroy(new Error('silence')));
}

function respond(req: IncomingMessage, res: ServerResponse, answer: IncomingMessage, done: () => void): void {
  if (res.destroyed || res.headersSent) {
    answer.destroy();
    done();
    return;
  }
  if (!req.complete) res.shouldKeepAlive = false;
  res.writeHead(
    answer.statusCode ?? 502,
    answer.statusMessage ?? '',
    carried(answer.rawHeaders, answer.headers.connection),
  );
  // Live streams begin with silence.
  res.flushHeaders();
  pipeline(answer, res, done);
}

/** Null: ask another time. */
async function askOnce(
  { leader, agent, pass }: { leader: Leader; agent: Agent; pass: Pass },
  path: string,
  body: unknown,
): Promise<{ value: unknown } | null> {
  const { promise, resolve, reject } = Promise.withResolvers<{ value: unknown } | null>();
  const text = JSON.stringify(body);
  const headers = [
    ...ownFields(leader, pass),
    'Content-Type',
    'application/json',
    'Content-Length',
    String(Buffer.byteLength(text)),
  ];
  const up = request(target(leader, { agent, method: 'POST', path, headers }));
  up.on('error', () => resolve(null));
  up.on('response', (res) => {
    const chunks: Buffer[] = [];
    res.on('data', (chunk: Buffer) => chunks.push(chunk));
    res.on('error', () => resolve(null));
    res.on('end', () => {
      if (res.headers[REFUSED] !== undefined) return resolve(null);
      if (res.statusCode !== 200) return reject(new Error(`the leader answered ${res.statusCode}`));
      try {
        resolve({ value: JSON.parse(Buffer.concat(chunks).toString('utf8')) });
      } catch (error) {
        reject(error);
      }
    });
  });
  limit(up);
  up.end(text);
  return promise;
}

function bodyOf({ headers }: IncomingMessage): boolean {
  const length = headers['content-length'];
  return headers['transfer-encoding'] !== undefined || (length !== undefined && length !== '0');
}

/** Reading twice does no harm, except where an address is good for once. */
function isRepeatable({ method, url = '' }: IncomingMessage): boolean {
  return (method === 'GET' || method === 'HEAD') && !url.startsWith('/api/auth/') && !url.startsWith('/open/');
}

/** End-to-end fields, without any that only replicas write. */
function carried(raw: readonly string[], connection: string | undefined): string[] {
  const nominated = new Set((connection ?? '').toLowerCase().split(/\s*,\s*/));
  const fields: string[] = [];
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const [name = '', value = ''] = [raw[at], raw[at + 1]];
    const plain = name.toLowerCase();
    const ours = plain.replaceAll('_', '-').startsWith(OURS);
    const hop = NOT_CARRIED.has(plain) || (nominated.has(plain) && plain !== 'host' && plain !== 'content-length');
    if (!ours && !hop) fields.push(name, value);
  }
  return fields;
}
