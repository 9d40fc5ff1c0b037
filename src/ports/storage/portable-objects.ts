/** Reading, writing, copying, moving and listing objects: the heart of the portable wrapper. */
import { Readable } from 'node:stream';
import { AppError, isAppError, toAppError } from '../../domain/errors.ts';
import { checkKey, checkPrefix } from '../../domain/storage.ts';
import { doubted } from './attempts.ts';
import { checkWhole, guardDownload, guardUpload } from './body.ts';
import { checkContentType, checkMetadata, checkRange, checkSize, checkSum, checkToken } from './checks.ts';
import type { Ground } from './ground.ts';
import { invalid } from './refusals.ts';
import type { Bucket, ObjectInfo, PutCondition, PutOptions } from './storage.ts';

export const MAX_PAGE_SIZE = 1000;
/** Bodies at hand up to this length go as they are; a longer one is watched on its way as a stream is. */
const WHOLE_BYTES = 1024 * 1024;

export type Objects = Pick<Bucket, 'head' | 'get' | 'put' | 'delete' | 'copy' | 'move' | 'list'>;

interface CopyOptions {
  condition?: PutCondition;
  signal?: AbortSignal;
}

export function portableObjects(ground: Ground): Objects {
  const { driver, attempts, policy, run, checkCondition } = ground;

  const head: Bucket['head'] = async (key, { versionId, signal } = {}) => {
    checkKey(key);
    checkVersionId(ground, versionId);
    return run('head', { signal }, (s) => driver.head(key, { versionId, signal: s }));
  };

  const get: Bucket['get'] = async (key, { range, versionId, signal } = {}) => {
    checkKey(key);
    checkVersionId(ground, versionId);
    checkRange(range);
    const { value, end } = await attempts.open(
      { operation: 'get', repeat: 'always', signal },
      (s) => driver.get(key, { range, versionId, signal: s }),
      (late) => late.body.destroy(),
    );
    const { info, body } = value;
    const first = range?.start ?? 0;
    const last = Math.min(range?.end ?? info.sizeBytes - 1, info.sizeBytes - 1);
    const sizeBytes = last - first + 1;
    const guarded = guardDownload(body, {
      sizeBytes,
      crc32c: sizeBytes === info.sizeBytes ? info.crc32c : null,
      signal,
      stallMs: policy.stallMs,
      wrap: attempts.wrap,
      onEnd: (failure) => end(failure?.code ?? 'ok'),
    });
    return { info, body: guarded };
  };

  async function send(
    key: string,
    source: Readable | Uint8Array,
    options: PutOptions,
    { signal, last }: { signal: AbortSignal; last: { sum: () => string | null } },
  ): Promise<ObjectInfo> {
    const told = {
      condition: options.condition,
      contentType: options.contentType ?? null,
      metadata: options.metadata ?? {},
    };
    const kept = async (info: ObjectInfo, sum: () => string): Promise<ObjectInfo> => {
      if (info.crc32c === null || info.crc32c === sum()) return info;
      throw await takeBack(ground, info, options.condition);
    };
    if (!(source instanceof Readable) && driver.putWhole && source.byteLength <= WHOLE_BYTES) {
      const sum = checkWhole(source, options);
      const crc32c = () => sum;
      last.sum = crc32c;
      const bytes = Buffer.from(source.buffer, source.byteOffset, source.byteLength);
      return kept(await driver.putWhole(key, bytes, { ...told, sizeBytes: bytes.length, crc32c, signal }), crc32c);
    }
    const sizeBytes = options.sizeBytes ?? (source instanceof Readable ? undefined : source.byteLength);
    return sendBody(
      ground,
      { source, sizeBytes, crc32c: options.crc32c, signal, own: options.signal },
      async (body) => {
        last.sum = body.crc32c;
        const { crc32c } = body;
        return kept(await driver.put(key, body.stream, { ...told, sizeBytes, crc32c, signal: body.signal }), crc32c);
      },
    );
  }

  const put: Bucket['put'] = async (key, body, options = {}) => {
    const { condition, signal } = options;
    try {
      checkKey(key);
      checkCondition(condition);
      checkContentType(options.contentType);
      checkMetadata(options.metadata);
      checkSize(options.sizeBytes);
      checkSum(options.crc32c);
    } catch (error) {
      if (body instanceof Readable) body.destroy();
      throw error;
    }
    // A stream is sent once; bytes may be sent again, unless that could undo a condition that was already met.
    const repeat = body instanceof Readable ? 'never' : condition ? 'unless-applied' : 'always';
    // One that goes as it is stands still as long as its call does.
    const whole = !(body instanceof Readable) && driver.putWhole && body.byteLength <= WHOLE_BYTES;
    const timeLimitMs = whole ? policy.stallMs : null;
    const last = { sum: (): string | null => null };
    try {
      return await run('put', { repeat, signal, timeLimitMs, upload: true }, (s) =>
        send(key, body, options, { signal: s, last }),
      );
    } catch (error) {
      const sum = last.sum();
      throw await orDoubted(error, async () => sum !== null && (await head(key, { signal })).crc32c === sum);
    } finally {
      if (body instanceof Readable && !body.destroyed) body.destroy();
    }
  };

  const remove: Bucket['delete'] = async (key, { ifVersion, signal } = {}) => {
    checkKey(key);
    if (ifVersion !== undefined) checkCondition({ ifVersion });
    const repeat = ifVersion === undefined ? 'always' : 'unless-applied';
    try {
      return await run('delete', { repeat, signal }, (s) => driver.delete(key, { ifVersion, signal: s }));
    } catch (error) {
      throw await orDoubted(error, () => isMissing(head(key, { signal })));
    }
  };

  async function copy(from: string, to: string, { condition, signal }: CopyOptions = {}): Promise<ObjectInfo> {
    checkPair(from, to);
    checkCondition(condition);
    const repeat = condition ? 'unless-applied' : 'always';
    try {
      return await run('copy', { repeat, signal, timeLimitMs: null }, (s) =>
        driver.copy(from, to, { condition, fromVersion: undefined, signal: s }),
      );
    } catch (error) {
      throw await orDoubted(error, async () => sameContent(await head(from, { signal }), await head(to, { signal })));
    }
  }

  async function move(from: string, to: string, { condition, signal }: CopyOptions = {}): Promise<ObjectInfo> {
    checkPair(from, to);
    checkCondition(condition);
    const atomic = driver.move?.bind(driver);
    if (atomic) {
      return run('move', { repeat: 'unless-applied', signal }, (s) => atomic(from, to, { condition, signal: s }));
    }
    const source = await head(from, { signal });
    const moved = await run('copy', { repeat: 'unless-applied', signal, timeLimitMs: null }, (s) =>
      driver.copy(from, to, { condition, fromVersion: source.version, signal: s }),
    ).catch(async (error: unknown) => {
      // A move that was cut off between its steps is done again: the condition fails on our own copy.
      if (!isAppError(error) || error.code !== 'conflict' || !condition) throw error;
      const there = await head(to, { signal }).catch(() => null);
      if (!there || !sameContent(source, there)) throw error;
      return there;
    });
    try {
      await remove(from, { ifVersion: driver.capabilities.versions ? source.version : undefined, signal });
    } catch (error) {
      // The copy is there, whatever became of the source.
      throw doubted(toAppError(error));
    }
    return moved;
  }

  const list: Bucket['list'] = async (options = {}) => {
    const { prefix = '', delimiter, startAfter = '', pageSize = MAX_PAGE_SIZE, signal } = options;
    checkPrefix(prefix);
    if (!startAfter.isWellFormed() || startAfter.includes('\0'))
      throw invalid('startAfter', 'The page mark is not valid.');
    checkPageSize(pageSize);
    return run('list', { signal }, (s) => driver.list({ prefix, delimiter, startAfter, pageSize, signal: s }));
  };

  return { head, get, put, delete: remove, copy, move, list };
}

/** @throws invalid_argument */
export function checkPageSize(pageSize: number): void {
  if (!Number.isInteger(pageSize) || pageSize < 1 || pageSize > MAX_PAGE_SIZE)
    throw invalid('pageSize', `A page holds 1 to ${MAX_PAGE_SIZE} entries.`);
}

/** @throws unimplemented, invalid_argument */
export function checkVersionId(ground: Ground, versionId: string | undefined): void {
  if (versionId === undefined) return;
  if (!ground.driver.history) throw notKept();
  checkToken('versionId', versionId);
}

export function notKept(): AppError {
  return new AppError('unimplemented', 'This storage keeps no old versions.', { details: { outcome: 'not_applied' } });
}

function checkPair(from: string, to: string): void {
  checkKey(from);
  checkKey(to);
  if (from === to) throw invalid('to', 'Source and destination are the same.');
}

/**
 * A condition that fails may have been met by the very same call: something on the way delivered it twice, and the second delivery
 * was what answered. Where the store looks as if, or does not tell, nobody can say that nothing was applied.
 */
export async function orDoubted(error: unknown, looksApplied: () => Promise<boolean>): Promise<unknown> {
  if (!isAppError(error) || error.code !== 'conflict' || error.details?.outcome !== 'not_applied') return error;
  const applied = await looksApplied().catch((unseen: unknown) => !isNotFound(unseen));
  return applied ? doubted(error) : error;
}

async function isMissing(asked: Promise<unknown>): Promise<boolean> {
  return asked.then(
    () => false,
    (error: unknown) => {
      if (isNotFound(error)) return true;
      throw error;
    },
  );
}

function isNotFound(error: unknown): boolean {
  return isAppError(error) && error.code === 'not_found';
}

/** Only what is known to be alike: a store without checksums never says so. */
export function sameContent(a: ObjectInfo, b: ObjectInfo): boolean {
  return a.crc32c !== null && a.crc32c === b.crc32c && a.sizeBytes === b.sizeBytes;
}

interface Sending {
  source: Readable | Uint8Array;
  sizeBytes: number | undefined;
  /** Announced by the caller. */
  crc32c: string | undefined;
  /** Of this attempt. */
  signal: AbortSignal;
  /** The caller's own. */
  own: AbortSignal | undefined;
}

/** Guards a body on its way up: of an object or of a part. The source is consumed or destroyed. */
export async function sendBody<T>(
  { policy }: Ground,
  { source, sizeBytes, crc32c, signal, own }: Sending,
  use: (body: { stream: Readable; crc32c: () => string; signal: AbortSignal }) => Promise<T>,
): Promise<T> {
  const stalled = new AbortController();
  const upload = guardUpload(source, {
    sizeBytes,
    crc32c,
    signal: own,
    stallMs: policy.stallMs,
    onStall: () => stalled.abort(),
  });
  try {
    return await use({
      stream: upload.body,
      crc32c: upload.crc32c,
      signal: AbortSignal.any([signal, stalled.signal]),
    });
  } catch (error) {
    if (stalled.signal.aborted) {
      throw new AppError('deadline_exceeded', 'The storage stopped taking data. Try again.', {
        details: { outcome: 'unknown' },
        cause: error,
      });
    }
    throw upload.failure() ?? error;
  } finally {
    upload.release();
  }
}

/**
 * The store keeps something else than what was sent: remove exactly that, and say so. `not_applied` only when nothing was there
 * before, else the content that was replaced is gone from its place (a store with history still keeps it).
 */
async function takeBack(
  { driver, attempts, policy }: Ground,
  info: ObjectInfo,
  condition: PutCondition | undefined,
): Promise<AppError> {
  const signal = AbortSignal.timeout(policy.attemptMs);
  const removal = async (): Promise<void> => {
    if (driver.history && info.versionId !== null) return driver.history.purge(info.key, info.versionId, signal);
    return driver.delete(info.key, { ifVersion: driver.capabilities.versions ? info.version : undefined, signal });
  };
  const failure = await removal().then(
    () => null,
    (error: unknown) => attempts.wrap(error),
  );
  const clean = failure === null && condition !== undefined && 'ifAbsent' in condition;
  return new AppError(
    'unavailable',
    failure === null
      ? 'The file was damaged on its way to the storage and was removed again. Send it once more.'
      : 'The file was damaged on its way to the storage, and the damaged one could not be removed. Send it once more.',
    {
      details: { outcome: clean ? 'not_applied' : 'unknown', damaged: true, removed: failure === null },
      retryable: true,
      cause: failure ?? undefined,
    },
  );
}
