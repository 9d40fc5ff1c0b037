/**
 * Guards around bodies on their way into and out of a store: length, checksum, cancellation and standstill. Chunks pass through as they
 * are, one at a time, so memory stays constant whatever the size.
 */
import { Readable } from 'node:stream';
import { AppError, isAppError } from '../../domain/errors.ts';
import { abortedError } from './attempts.ts';
import { crc32cOf, runningCrc32c } from './checksum.ts';
import { chunkPassed, chunksAreHandedOver, handOverChunks } from './spent-chunks.ts';

export interface BodyLimits {
  sizeBytes: number | undefined;
  /** What the sum of the body must be. */
  crc32c: string | undefined;
  /** The caller's own signal. */
  signal: AbortSignal | undefined;
  /** Longest time the store may leave a chunk waiting. */
  stallMs: number;
  /** Called when it did. */
  onStall: () => void;
}

/** What the wrapper needs to know of a body that failed on its way up. */
export interface Upload {
  body: Readable;
  /** CRC-32C of what the body has given so far. */
  crc32c(): string;
  /** The body's own failure: it explains the call better than what the store makes of it. */
  failure(): AppError | null;
  /** Ends the source and the timer, whatever happened. */
  release(): void;
}

/** Wraps a source for one put; the source is consumed or destroyed by it. */
export function guardUpload(source: Readable | Uint8Array, limits: BodyLimits): Upload {
  let failure: AppError | null = null;
  let timer: NodeJS.Timeout | null = null;
  const disarm = () => {
    if (timer) clearTimeout(timer);
    timer = null;
  };
  const arm = () => {
    disarm();
    timer = setTimeout(limits.onStall, limits.stallMs).unref();
  };

  const sum = runningCrc32c();

  async function* chunks(): AsyncGenerator<Uint8Array> {
    let sent = 0;
    let handedOver = false;
    try {
      for await (const chunk of source instanceof Uint8Array ? [source] : source) {
        if (limits.signal?.aborted) throw abortedError(limits.signal, 'not_applied');
        const bytes: Uint8Array = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
        sent += bytes.byteLength;
        if (limits.sizeBytes !== undefined && sent > limits.sizeBytes) throw lengthError(limits.sizeBytes, null);
        sum.update(bytes);
        chunkPassed(bytes.byteLength);
        arm();
        handedOver = true;
        yield bytes;
        handedOver = false;
        disarm();
      }
      if (limits.signal?.aborted) throw abortedError(limits.signal, 'not_applied');
      if (limits.sizeBytes !== undefined && sent !== limits.sizeBytes) throw lengthError(limits.sizeBytes, sent);
      if (limits.crc32c !== undefined && sum.value() !== limits.crc32c) throw damagedOnTheWay();
      arm();
    } catch (error) {
      // Thrown in by the reader, who gave up for a reason of its own.
      if (handedOver && !limits.signal?.aborted) throw error;
      failure = limits.signal?.aborted ? abortedError(limits.signal, 'not_applied') : sourceError(error);
      throw failure;
    }
  }

  const body = Readable.from(chunks(), { objectMode: false });
  if (source instanceof Readable && chunksAreHandedOver(source)) handOverChunks(body);
  // Failures reach the caller by failure(); without listeners the events would end the process.
  const ignore = () => {};
  body.on('error', ignore);
  if (source instanceof Readable) source.on('error', ignore);
  const onAbort = () => {
    if (!limits.signal) return;
    failure ??= abortedError(limits.signal, 'not_applied');
    body.destroy(failure);
    // A source that waits for its next chunk would keep the generator, and with it the put, waiting for ever.
    if (source instanceof Readable) source.destroy();
  };
  limits.signal?.addEventListener('abort', onAbort, { once: true });
  return {
    body,
    crc32c: sum.value,
    failure: () => failure,
    release() {
      disarm();
      limits.signal?.removeEventListener('abort', onAbort);
      if (!body.destroyed) body.destroy();
      if (source instanceof Readable && !source.destroyed) source.destroy();
    },
  };
}

/** The same promises for a body that is wholly at hand. @returns its CRC-32C. @throws what a guarded body would fail with */
export function checkWhole(
  bytes: Uint8Array,
  { sizeBytes, crc32c, signal }: { sizeBytes?: number; crc32c?: string; signal?: AbortSignal },
): string {
  if (signal?.aborted) throw abortedError(signal, 'not_applied');
  if (sizeBytes !== undefined && sizeBytes !== bytes.byteLength)
    throw lengthError(sizeBytes, bytes.byteLength > sizeBytes ? null : bytes.byteLength);
  const sum = crc32cOf(bytes);
  if (crc32c !== undefined && sum !== crc32c) throw damagedOnTheWay();
  return sum;
}

function lengthError(expected: number, got: number | null): AppError {
  const message =
    got === null
      ? `More arrived than the ${expected} bytes that were announced; nothing was stored.`
      : `Only ${got} of ${expected} announced bytes arrived; nothing was stored.`;
  return new AppError('invalid_argument', message, { details: { outcome: 'not_applied', expected, got } });
}

function damagedOnTheWay(): AppError {
  return new AppError(
    'invalid_argument',
    'What arrived differs from what was announced (its checksum is another); nothing was stored.',
    { details: { outcome: 'not_applied', field: 'crc32c' } },
  );
}

function sourceError(error: unknown): AppError {
  if (isAppError(error)) return error;
  return new AppError('unavailable', 'The upload broke off before it was complete; nothing was stored.', {
    details: { outcome: 'not_applied' },
    retryable: false,
    cause: error,
  });
}

export interface DownloadLimits {
  /** Bytes that must come. */
  sizeBytes: number;
  /** What their sum must be; null when nobody knows. */
  crc32c: string | null;
  signal: AbortSignal | undefined;
  stallMs: number;
  wrap: (error: unknown) => AppError;
  /** Told once when it is over; null = whole. A reader who turned away early is fine, too. */
  onEnd: (failure: AppError | null) => void;
}

/** The body as the caller sees it: it fails with an AppError when bytes are missing, the store stands still, or the signal aborts. */
export function guardDownload(source: Readable, limits: DownloadLimits): Readable {
  let received = 0;
  const sum = limits.crc32c === null ? null : runningCrc32c();
  let wanted = false;
  let timer: NodeJS.Timeout | null = null;
  const disarm = () => {
    if (timer) clearTimeout(timer);
    timer = null;
  };
  const guarded = new Readable({
    read() {
      // Only waiting for the store counts; a reader who pauses is not the store's fault.
      timer ??= setTimeout(() => {
        guarded.destroy(
          new AppError('deadline_exceeded', 'The storage stopped sending. Try again.', {
            details: { outcome: 'not_applied' },
          }),
        );
      }, limits.stallMs).unref();
      wanted = true;
      take();
    },
    destroy(error, done) {
      disarm();
      limits.signal?.removeEventListener('abort', onAbort);
      source.destroy();
      limits.onEnd(error ? limits.wrap(error) : null);
      done(error);
    },
  });
  // Whoever reads gets the failure; a caller that turned away from an aborted download must not end the process.
  guarded.on('error', () => {});
  const onAbort = () => {
    if (limits.signal) guarded.destroy(abortedError(limits.signal, 'not_applied'));
  };
  // Takes all that has arrived at once: fewer and larger steps when the reader is the slower one.
  const take = () => {
    if (!wanted) return;
    const chunk: Buffer | null = source.read();
    if (chunk === null) return;
    wanted = false;
    disarm();
    received += chunk.byteLength;
    sum?.update(chunk);
    guarded.push(chunk);
    chunkPassed(chunk.byteLength);
  };
  source.on('readable', take);
  source.on('end', () => {
    disarm();
    if (received !== limits.sizeBytes) {
      guarded.destroy(
        new AppError('unavailable', 'The file changed or the connection broke while it was read. Try again.', {
          details: { outcome: 'not_applied', expected: limits.sizeBytes, got: received },
        }),
      );
    } else if (sum && sum.value() !== limits.crc32c) {
      guarded.destroy(
        new AppError(
          'unavailable',
          'The file arrived damaged: its checksum is not the one it was stored with. Try again.',
          {
            details: { outcome: 'not_applied', damaged: true },
          },
        ),
      );
    } else guarded.push(null);
  });
  source.on('error', (error) => guarded.destroy(limits.wrap(error)));
  if (limits.signal?.aborted) onAbort();
  else limits.signal?.addEventListener('abort', onAbort, { once: true });
  return guarded;
}
