/**
 * One request to Cloud Storage and one answer, over kept connections. The SDK gives credentials and signatures (credentials.ts); its
 * own calls cannot be aborted, repeat by themselves and hold whole answers, so the requests are sent from here. Called by every
 * file of this folder that speaks to the store; knows nothing of buckets and never repeats a request.
 */
import { type ClientRequest, Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { Readable } from 'node:stream';
import type { z } from 'zod';
import { GcsError, readGcsError } from './errors.ts';

export interface GcsRequest {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Encoded, from the root of the endpoint. */
  path: string;
  /** An empty value stands for a name alone. */
  query?: Record<string, string | number | undefined>;
  headers?: Record<string, string>;
  /** A stream needs a content-length header. */
  body?: Uint8Array | Readable;
  signal: AbortSignal;
}

export interface Transport {
  /** Of the endpoint, without a slash at the end. */
  readonly origin: string;
  /** Resolves with the head of an answer below 400; the signal covers only the way there. @throws GcsError, Error */
  open(request: GcsRequest): Promise<IncomingMessage>;
  /** The whole answer as text, under the signal; what carries no stream of the caller's ends after a while in any case. */
  text(request: GcsRequest): Promise<{ status: number; headers: IncomingMessage['headers']; text: string }>;
  /** The whole answer as an object of that shape. */
  json<T>(schema: z.ZodType<T>, request: Omit<GcsRequest, 'body'> & { json?: unknown }): Promise<T>;
  close(): void;
}

/** An answer that is no body of a file: lists of a thousand objects stay far below. */
const MAX_TEXT = 32 * 1024 * 1024;
/** For calls that may go on for hours, such as the copy of a large file or the sum of a large bucket: each of their requests ends. */
const REQUEST_MS = 10 * 60_000;

/** @param authorize headers that prove who asks; empty where the endpoint asks nobody */
export function createTransport(
  origin: string,
  authorize: () => Promise<Record<string, string>>,
  requestMs = REQUEST_MS,
): Transport {
  const base = new URL(origin);
  const secure = base.protocol === 'https:';
  const agent = new (secure ? HttpsAgent : HttpAgent)({ keepAlive: true, maxSockets: 256, scheduling: 'lifo' });
  const begin = secure ? httpsRequest : httpRequest;

  async function open(request: GcsRequest): Promise<IncomingMessage> {
    const { method, headers, body, signal } = request;
    const authorization = await authorize();
    signal.throwIfAborted();
    const length = body instanceof Uint8Array ? body.byteLength : method === 'GET' || body ? undefined : 0;
    const sent = begin({
      agent,
      hostname: base.hostname.replace(/^\[|\]$/g, ''),
      port: base.port,
      method,
      path: `${request.path}${queryText(request.query)}`,
      headers: { ...(length === undefined ? {} : { 'content-length': length }), ...authorization, ...headers },
    });
    const answer = await exchange(sent, body, signal);
    const status = answer.statusCode ?? 0;
    // 308 is how a resumable session says that it waits for more.
    if (status < 400) return answer;
    throw await readGcsError(status, answer.headers, await errorText(answer, signal));
  }

  async function text(request: GcsRequest) {
    const own = request.body instanceof Readable ? [] : [AbortSignal.timeout(requestMs)];
    const signal = AbortSignal.any([request.signal, ...own]);
    const answer = await open({ ...request, signal });
    return { status: answer.statusCode ?? 0, headers: answer.headers, text: await wholeText(answer, signal) };
  }

  return {
    origin: base.origin,
    open,
    text,
    async json(schema, { json, headers, ...request }) {
      const body = json === undefined ? undefined : Buffer.from(JSON.stringify(json));
      const type: Record<string, string> = body ? { 'content-type': 'application/json; charset=utf-8' } : {};
      const { status, text: answer } = await text({ ...request, body, headers: { ...type, ...headers } });
      try {
        return schema.parse(JSON.parse(answer === '' ? '{}' : answer));
      } catch (cause) {
        throw new GcsError({ status, reason: 'misunderstood', message: 'The answer has another shape.' }, cause);
      }
    },
    close: () => agent.destroy(),
  };
}

function queryText(query: GcsRequest['query'] = {}): string {
  const pairs = Object.entries(query).filter(([, value]) => value !== undefined);
  return pairs.length === 0
    ? ''
    : `?${pairs.map(([name, value]) => (value === '' ? name : `${name}=${encodeURIComponent(String(value))}`)).join('&')}`;
}

/** Sends the body and waits for the head of the answer; whatever fails first decides. */
function exchange(sent: ClientRequest, body: GcsRequest['body'], signal: AbortSignal): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const onAbort = () => sent.destroy(signal.reason instanceof Error ? signal.reason : new Error('aborted'));
    const settle = () => {
      signal.removeEventListener('abort', onAbort);
      if (body instanceof Readable) body.off('error', onBodyError);
    };
    const onBodyError = (error: Error) => sent.destroy(error);
    signal.addEventListener('abort', onAbort, { once: true });
    sent.on('response', (answer) => {
      settle();
      if (body instanceof Readable) {
        body.unpipe(sent);
        // Refused before it was sent whole: nothing more may travel on this connection.
        if (!sent.writableEnded) answer.once('close', () => sent.destroy());
      }
      resolve(answer);
    });
    sent.on('error', (error) => {
      settle();
      reject(error);
    });
    // Without an answer and without an error: the other side hung up.
    sent.on('close', () => {
      settle();
      reject(Object.assign(new Error('The connection closed without an answer.'), { code: 'ECONNRESET' }));
    });
    if (body instanceof Readable) {
      body.on('error', onBodyError);
      if (body.errored) onBodyError(body.errored);
      else body.pipe(sent);
    } else {
      sent.end(body);
    }
  });
}

async function wholeText(answer: IncomingMessage, signal: AbortSignal): Promise<string> {
  const onAbort = () => answer.destroy(signal.reason instanceof Error ? signal.reason : new Error('aborted'));
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    const chunks: Buffer[] = [];
    let bytes = 0;
    for await (const chunk of answer) {
      bytes += chunk.length;
      if (bytes > MAX_TEXT) throw new Error('The answer is longer than any answer of this store.');
      chunks.push(chunk);
    }
    return Buffer.concat(chunks).toString('utf8');
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

/** What went wrong is known by the status; a text that breaks off must not hide it. */
async function errorText(answer: IncomingMessage, signal: AbortSignal): Promise<string> {
  return wholeText(answer, signal).catch(() => '');
}
