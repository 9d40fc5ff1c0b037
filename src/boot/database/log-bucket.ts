/**
 * The storage port as the database's log wants it: answers are definite or `Ambiguous`, nothing is repeated here. The protocol decides
 * what an unclear answer means, so the storage must be opened without retries of its own (open-log.ts does). Knows no provider.
 */
import type { Readable } from 'node:stream';
import type { LogBucket } from '../../../prisma-free-db/replication/bucket.ts';
import type { Clock } from '../../../prisma-free-db/replication/clock.ts';
import { Ambiguous, UnsafeStore } from '../../../prisma-free-db/replication/errors.ts';
import { type AppError, isAppError } from '../../domain/errors.ts';
import type { Bucket } from '../../ports/storage/storage.ts';

/** Of one request, whatever it carries. */
const REQUEST_MS = 10_000;
/** Slower than this is as good as not at all. */
const SLOWEST_BYTES_PER_MS = 200;
/**
 * How long a store that had let us in may refuse us before the refusal counts: credentials are renewed, policies spread. Shorter than
 * the time after which writes are refused would be in vain.
 */
const HICCUP_MS = 60_000;

export interface LogBucketOptions {
  readonly clock: Clock;
  /** Milliseconds; tests shorten it. */
  readonly hiccupMs?: number;
}

export function logBucket(bucket: Bucket, { clock, hiccupMs = HICCUP_MS }: LogBucketOptions): LogBucket {
  // Rights are given one by one: that reads go well says nothing of writes.
  const doors: Record<Right, Door> = { put: newDoor(), get: newDoor(), list: newDoor(), delete: newDoor() };

  /** What a failure that is no answer of the protocol means to it. */
  function failure(error: unknown, door: Door): unknown {
    if (!isAppError(error)) return error;
    if (isUnclear(error)) return new Ambiguous(error.message, error);
    if (error.code === 'unimplemented')
      return new UnsafeStore(`This storage cannot hold the database's log. ${error.message}`, error);
    // A store that never let us in is set up wrongly: that is said at once. So is what no store takes.
    if (!door.everOpen || error.code === 'invalid_argument') return error;
    door.closedSince ??= clock.now();
    return clock.now() - door.closedSince < hiccupMs ? new Ambiguous(error.message, error) : error;
  }

  async function ask<T>(
    right: Right,
    work: (signal: AbortSignal) => Promise<T>,
    { sizeBytes = 0, refusal = () => undefined }: Asking<T> = {},
  ): Promise<T> {
    const door = doors[right];
    const answered = (answer: T): T => {
      Object.assign(door, { everOpen: true, closedSince: null });
      return answer;
    };
    const signal = AbortSignal.timeout(REQUEST_MS + Math.ceil(sizeBytes / SLOWEST_BYTES_PER_MS));
    try {
      return answered(await work(signal));
    } catch (error) {
      const answer = isAppError(error) ? refusal(error) : undefined;
      if (answer !== undefined) return answered(answer);
      throw failure(error, door);
    }
  }

  return {
    putIfAbsent: (key, bytes) =>
      ask<'created' | 'exists'>(
        'put',
        async (signal) => {
          await bucket.put(key, bytes, { condition: { ifAbsent: true }, signal });
          return 'created';
        },
        { sizeBytes: bytes.byteLength, refusal: (error) => (isConditionFailed(error) ? 'exists' : undefined) },
      ),
    putIfMatch: (key, bytes, etag) =>
      ask<string | null>(
        'put',
        async (signal) => {
          const condition = etag === null ? ({ ifAbsent: true } as const) : { ifVersion: etag };
          return (await bucket.put(key, bytes, { condition, signal })).version;
        },
        { sizeBytes: bytes.byteLength, refusal: (error) => (isConditionFailed(error) ? null : undefined) },
      ),
    get: (key) =>
      ask(
        'get',
        // How much comes is not known before; the port notices an answer that is late and a body that stands still.
        async () => {
          const { info, body } = await bucket.get(key);
          return { bytes: await read(body, info.sizeBytes), etag: info.version };
        },
        { refusal: (error) => (isObjectMissing(error) ? null : undefined) },
      ),
    list: (prefix, after) =>
      ask('list', async (signal) => {
        const { objects, next } = await bucket.list({ prefix, signal, ...(after !== null && { startAfter: after }) });
        return { keys: objects.map(({ key }) => key), more: next !== null };
      }),
    delete: (key) => ask('delete', (signal) => bucket.delete(key, { signal })),
  };
}

/** What a store lets somebody do, or not. */
type Right = 'put' | 'get' | 'list' | 'delete';

interface Door {
  everOpen: boolean;
  /** Since when nothing but refusals came; null: the last answer was a good one. */
  closedSince: number | null;
}

const newDoor = (): Door => ({ everOpen: false, closedSince: null });

interface Asking<T> {
  /** Bytes that may have to travel. */
  readonly sizeBytes?: number;
  /** The answer that a refusal is; undefined: it is a failure. */
  readonly refusal?: (error: AppError) => T | undefined;
}

/** May pass by itself, or nobody knows what became of the request (section 3). A full disk is waited out like a store that is away. */
function isUnclear({ code, retryable }: AppError): boolean {
  return (
    code === 'unavailable' ||
    code === 'deadline_exceeded' ||
    code === 'resource_exhausted' ||
    (code === 'conflict' && retryable)
  );
}

/** A conflict that may pass is two requests meeting (409), not a condition that failed (412). */
const isConditionFailed = ({ code, retryable }: AppError): boolean => code === 'conflict' && !retryable;

/** A bucket that is gone says nothing of the object: an empty log would be concluded from it. */
const isObjectMissing = ({ code, details }: AppError): boolean => code === 'not_found' && details?.missing !== 'bucket';

async function read(body: Readable, sizeBytes: number): Promise<Uint8Array> {
  const bytes = Buffer.allocUnsafe(sizeBytes);
  let length = 0;
  for await (const chunk of body) {
    if (!(chunk instanceof Uint8Array)) throw new TypeError('a body of text');
    bytes.set(chunk, length);
    length += chunk.length;
  }
  return bytes.subarray(0, length);
}
