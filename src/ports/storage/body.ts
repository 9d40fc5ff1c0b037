/**
 * Guards around bodies on their way into and out of a store: length, cancellation and standstill. Chunks pass through as they
 * are, one at a time, so memory stays constant whatever the size.
 */
import { Readable } from 'node:stream';
import { AppError, isAppError } from '../../domain/errors.ts';
import { abortedError } from './attempts.ts';

export interface BodyLimits {
  sizeBytes: number | undefined;
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

  async function* chunks(): AsyncGenerator<Uint8Array> {
    let sent = 0;
    let handedOver = false;
    try {
      for await (const chunk of source instanceof Uint8Array ? [source] : source) {
        if (limits.signal?.aborted) throw abortedError(limits.signal, 'not_applied');
        const bytes: Uint8Array = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
        sent += bytes.byteLength;
        if (limits.sizeBytes !== undefined && sent > limits.sizeBytes) throw lengthError(limits.sizeBytes, null);
        arm();
        handedOver = true;
        yield bytes;
        handedOver = false;
        disarm();
      }
      if (limits.signal?.aborted) throw abortedError(limits.signal, 'not_applied');
      if (limits.sizeBytes !== undefined && sent !== limits.sizeBytes) throw lengthError(limits.sizeBytes, sent);
      arm();
    } catch (error) {
      // Thrown in by the reader, who gave up for a reason of its own.
      if (handedOver && !limits.signal?.aborted) throw error;
      failure = limits.signal?.aborted ? abortedError(limits.signal, 'not_applied') : sourceError(error);
      throw failure;
    }
  }

  const body = Readable.from(chunks(), { objectMode: false });
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
    failure: () => failure,
    release() {
      disarm();
      limits.signal?.removeEventListener('abort', onAbort);
      if (!body.destroyed) body.destroy();
      if (source instanceof Readable && !source.destroyed) source.destroy();
    },
  };
}

function lengthError(expected: number, got: number | null): AppError {
  const message =
    got === null
      ? `More arrived than the ${expected} bytes that were announced; nothing was stored.`
      : `Only ${got} of ${expected} announced bytes arrived; nothing was stored.`;
  return new AppError('invalid_argument', message, { details: { outcome: 'not_applied', expected, got } });
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
  signal: AbortSignal | undefined;
  stallMs: number;
  wrap: (error: unknown) => AppError;
}

/** The body as the caller sees it: it fails with an AppError when bytes are missing, the store stands still, or the signal aborts. */
export function guardDownload(source: Readable, limits: DownloadLimits): Readable {
  let received = 0;
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
      source.resume();
    },
    destroy(error, done) {
      disarm();
      limits.signal?.removeEventListener('abort', onAbort);
      source.destroy();
      done(error);
    },
  });
  // Whoever reads gets the failure; a caller that turned away from an aborted download must not end the process.
  guarded.on('error', () => {});
  const onAbort = () => {
    if (limits.signal) guarded.destroy(abortedError(limits.signal, 'not_applied'));
  };
  source.on('data', (chunk: Buffer) => {
    disarm();
    received += chunk.byteLength;
    if (!guarded.push(chunk)) source.pause();
  });
  source.on('end', () => {
    disarm();
    if (received === limits.sizeBytes) guarded.push(null);
    else {
      guarded.destroy(
        new AppError('unavailable', 'The file changed or the connection broke while it was read. Try again.', {
          details: { outcome: 'not_applied', expected: limits.sizeBytes, got: received },
        }),
      );
    }
  });
  source.on('error', (error) => guarded.destroy(limits.wrap(error)));
  source.pause();
  if (limits.signal?.aborted) onAbort();
  else limits.signal?.addEventListener('abort', onAbort, { once: true });
  return guarded;
}
