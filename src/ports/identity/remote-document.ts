/**
 * A JSON document of an issuer, kept for a while. Whatever the other side does (silence, endless bodies, web pages, redirects to
 * elsewhere) ends as `unavailable` after a bounded time, and a broken issuer is asked at most every few seconds, however many
 * people try to sign in.
 */
import { AppError, isAppError } from '../../domain/errors.ts';
import { isTrustworthyUrl } from './issuer-url.ts';

/** Of the whole answer, redirects and body included. */
export const ANSWER_MS = 5_000;
const MOST_BYTES = 256 * 1024;
const MOST_REDIRECTS = 3;
/** After a failure nobody asks again for this long: everyone gets the same answer at once. */
export const RETRY_MS = 3_000;
/** Between two fetches that somebody's unknown key asked for, so that strangers cannot make us ask. */
export const COOL_DOWN_MS = 30_000;

export interface RemoteDocument<T> {
  /** The kept one while it is fresh, else a new one. @throws unavailable */
  read(): Promise<T>;
  /** A newer one than the kept, unless that was asked a short time ago: then the kept. @throws unavailable */
  renew(): Promise<T>;
  /** A new one in any case. @throws unavailable */
  fetchAnew(): Promise<T>;
}

export interface RemoteDocumentOptions<T> {
  /** Asked again at every fetch: it may come from another document. */
  url: () => string | Promise<string>;
  /** Throws for what is not the document that was asked for. */
  parse: (json: unknown) => T;
  freshMs: number;
  now: () => number;
  answerMs?: number;
}

export function createRemoteDocument<T>(options: RemoteDocumentOptions<T>): RemoteDocument<T> {
  const { url, parse, freshMs, now, answerMs = ANSWER_MS } = options;
  let kept: { document: T; at: number } | null = null;
  let failed: { error: AppError; at: number } | null = null;
  let renewedAt = Number.NEGATIVE_INFINITY;
  let underWay: Promise<T> | null = null;

  async function load(): Promise<T> {
    try {
      const document = parse(await fetchJson(await url(), { answerMs }));
      kept = { document, at: now() };
      failed = null;
      return document;
    } catch (error) {
      failed = { error: isAppError(error) ? error : unavailable(error), at: now() };
      throw failed.error;
    } finally {
      underWay = null;
    }
  }

  function fetchAnew(): Promise<T> {
    underWay ??= load();
    return underWay;
  }

  async function fetchUnlessJustFailed(): Promise<T> {
    if (underWay === null && failed && now() - failed.at < RETRY_MS) throw failed.error;
    return fetchAnew();
  }

  return {
    fetchAnew,
    async read() {
      return kept && now() - kept.at < freshMs ? kept.document : fetchUnlessJustFailed();
    },
    async renew() {
      if (kept && now() - renewedAt < COOL_DOWN_MS) return kept.document;
      const document = await fetchUnlessJustFailed();
      renewedAt = now();
      return document;
    },
  };
}

export function unavailable(cause: unknown): AppError {
  return new AppError(
    'unavailable',
    'The sign-in service does not answer as it should. Try again in a minute; whoever is signed in can go on working.',
    { cause },
  );
}

/** One GET, parsed as JSON. @throws unavailable */
export async function fetchJson(
  address: string,
  { answerMs = ANSWER_MS, headers = {} }: { answerMs?: number; headers?: Record<string, string> } = {},
): Promise<unknown> {
  const signal = AbortSignal.timeout(answerMs);
  try {
    let url = new URL(address);
    for (let hops = 0; hops <= MOST_REDIRECTS; hops += 1) {
      if (!isTrustworthyUrl(url.href)) throw new Error(`${url.origin} is neither https nor on this machine`);
      const response = await fetch(url, {
        redirect: 'manual',
        signal,
        headers: { accept: 'application/json', ...headers },
      });
      if (response.status === 200) return JSON.parse(await boundedText(response));
      await response.body?.cancel();
      const location = response.headers.get('location');
      if (response.status < 300 || response.status > 399 || location === null)
        throw new Error(`${url.href} answered ${response.status}`);
      const next = new URL(location, url);
      if (next.origin !== url.origin) throw new Error(`${url.href} redirects to another origin, ${next.origin}`);
      url = next;
    }
    throw new Error(`${address} redirects too often`);
  } catch (error) {
    // What fetch throws says why only in its cause.
    const why = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    throw unavailable(new Error(`${address}: ${why instanceof Error ? why.message : String(why)}`, { cause: error }));
  }
}

async function boundedText(response: Response): Promise<string> {
  const reader = response.body?.getReader();
  if (!reader) return '';
  const pieces: Uint8Array[] = [];
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return Buffer.concat(pieces).toString('utf8');
    size += value.byteLength;
    if (size > MOST_BYTES) {
      await reader.cancel();
      throw new Error(`${response.url} answered more than ${MOST_BYTES} bytes`);
    }
    pieces.push(value);
  }
}
