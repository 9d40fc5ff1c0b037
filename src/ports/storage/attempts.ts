/**
 * How the portable wrapper runs one call of a driver: a place among the calls of the provider, attempts with a time limit each,
 * retries with jitter inside a budget that all calls share, one error shape and one event at the end. Knows nothing of buckets.
 */
import { AppError, type ErrorCode, isAppError } from '../../domain/errors.ts';
import { createLimit, type Limit } from './concurrency.ts';
import type { Classified } from './driver.ts';

export interface RetryPolicy {
  /** Attempts per call, the first included. */
  attempts: number;
  /** Upper bound of the first pause; doubles with each attempt. */
  basePauseMs: number;
  maxPauseMs: number;
  /** A store that asks for a longer pause (`Retry-After`) is not tried again. */
  maxRetryAfterMs: number;
  /** Time limit of one attempt of a call that moves no body. */
  attemptMs: number;
  /** Time limit of one attempt that works through many objects. */
  sweepMs: number;
  /** Longest time a body may stand still because of the store. */
  stallMs: number;
  /** Calls at once that move no body from the caller. */
  calls: number;
  /** Bodies on their way up at once. */
  uploads: number;
  /** How many of either kind may wait for their turn. */
  waiting: number;
}

export const DEFAULT_POLICY: RetryPolicy = {
  attempts: 4,
  basePauseMs: 100,
  maxPauseMs: 5_000,
  maxRetryAfterMs: 20_000,
  attemptMs: 30_000,
  sweepMs: 600_000,
  stallMs: 60_000,
  calls: 64,
  uploads: 128,
  waiting: 4_096,
};

/**
 * `always`: the call may be repeated whatever became of it. `unless-applied`: only when the attempt is known to have changed
 * nothing. `never`: for bodies that cannot be sent again.
 */
export type Repeat = 'always' | 'unless-applied' | 'never';

/** One call of a driver's method, its repeats included; of a download, until its body ended. */
export interface StorageEvent {
  operation: string;
  provider: string;
  outcome: 'ok' | ErrorCode;
  attempts: number;
  durationMs: number;
}

export interface Call {
  operation: string;
  repeat: Repeat;
  signal: AbortSignal | undefined;
  /** null: as long as it takes. Default: policy.attemptMs. */
  timeLimitMs?: number | null;
  /** Takes a body from the caller. */
  upload?: true;
}

const MAX_TOKENS = 20;
/** Time a driver gets to tidy up after its signal. */
const GRACE_MS = 2_000;

export interface Attempts {
  run<T>(call: Call, attempt: (signal: AbortSignal) => Promise<T>): Promise<T>;
  /**
   * As `run`, for a call that ends later than its answer: `end` is to be called with what became of it, once.
   * `discard` gets answers that come when nobody waits for them any more.
   */
  open<T>(
    call: Call,
    attempt: (signal: AbortSignal) => Promise<T>,
    discard?: (late: T) => void,
  ): Promise<{ value: T; end: (outcome: StorageEvent['outcome']) => void }>;
  wrap(error: unknown): AppError;
}

export interface AttemptsOptions {
  provider: string;
  policy: RetryPolicy;
  classify: (error: unknown) => Classified | null;
  /** 0..1, for jitter. */
  random: () => number;
  observe: (event: StorageEvent) => void;
}

export function createAttempts({ provider, policy, classify, random, observe }: AttemptsOptions): Attempts {
  const limits = {
    calls: createLimit(policy.calls, policy.waiting),
    uploads: createLimit(policy.uploads, policy.waiting),
  };
  /** Retries cost a token, successes give a tenth back: a store that is down is not buried under repeats. */
  let tokens = MAX_TOKENS;

  function wrap(error: unknown): AppError {
    if (isAppError(error)) return error;
    const known = classify(error);
    if (!known) {
      return new AppError(
        'internal',
        'The storage gave an answer that was not understood. The log holds the details.',
        { details: { outcome: 'unknown' }, cause: error },
      );
    }
    const wish = known.retryAfterMs === undefined ? {} : { retryAfterMs: known.retryAfterMs };
    const missing = known.missing === undefined ? {} : { missing: known.missing };
    return new AppError(known.code, known.message, {
      details: { outcome: known.outcome, ...wish, ...missing },
      retryable: known.retryable,
      cause: error,
    });
  }

  /** Milliseconds until the next attempt; null = there is none. */
  function nextPause(error: AppError, repeat: Repeat, n: number): number | null {
    const mayRepeat = repeat === 'always' || (repeat === 'unless-applied' && error.details?.outcome === 'not_applied');
    if (!error.retryable || !mayRepeat || n >= policy.attempts || tokens < 1) return null;
    const wish = Number(error.details?.retryAfterMs ?? 0);
    if (wish > policy.maxRetryAfterMs) return null;
    return wish + Math.min(policy.maxPauseMs, policy.basePauseMs * 2 ** (n - 1)) * random();
  }

  async function attemptOnce<T>(
    call: Call,
    limit: Limit,
    { attempt, discard }: { attempt: (signal: AbortSignal) => Promise<T>; discard?: (late: T) => void },
  ): Promise<T> {
    const { signal, timeLimitMs = policy.attemptMs } = call;
    const leave = await waitFor(limit, signal);
    const timeout = new AbortController();
    const timer = timeLimitMs === null ? null : setTimeout(() => timeout.abort(), timeLimitMs).unref();
    const both = signal ? AbortSignal.any([signal, timeout.signal]) : timeout.signal;
    try {
      return await settle(attempt(both), both, discard);
    } catch (thrown) {
      throw explain(thrown, { signal, limit: timeout.signal, wrap });
    } finally {
      if (timer) clearTimeout(timer);
      leave();
    }
  }

  const open: Attempts['open'] = async (call, attempt, discard) => {
    const begun = performance.now();
    const limit = call.upload ? limits.uploads : limits.calls;
    /** An earlier attempt may have been carried out: what the last one says of itself is not the whole truth. */
    let doubtful = false;
    for (let n = 1; ; n += 1) {
      const end = (outcome: StorageEvent['outcome']) =>
        observe({
          operation: call.operation,
          provider,
          outcome,
          attempts: n,
          durationMs: performance.now() - begun,
        });
      try {
        const value = await attemptOnce(call, limit, { attempt, ...(discard && { discard }) });
        tokens = Math.min(MAX_TOKENS, tokens + 0.1);
        return { value, end };
      } catch (thrown) {
        const error = wrap(thrown);
        const pauseMs = nextPause(error, call.repeat, n);
        if (pauseMs === null) {
          end(error.code);
          throw doubtful ? doubted(error) : error;
        }
        doubtful ||= error.details?.outcome !== 'not_applied';
        tokens -= 1;
        await pause(pauseMs, call.signal).catch((aborted: unknown) => {
          end('unavailable');
          throw doubtful ? doubted(wrap(aborted)) : aborted;
        });
      }
    }
  };

  return {
    wrap,
    open,
    async run(call, attempt) {
      const { value, end } = await open(call, attempt);
      end('ok');
      return value;
    },
  };
}

/** The same error, which no longer says that nothing was changed. */
export function doubted(error: AppError): AppError {
  if (error.details?.outcome !== 'not_applied') return error;
  const { code, message, details, cause, retryable } = error;
  return new AppError(code, message, { details: { ...details, outcome: 'unknown' }, cause, retryable });
}

async function waitFor(limit: Limit, signal: AbortSignal | undefined): Promise<() => void> {
  if (!signal) return limit.enter(NEVER);
  try {
    return await limit.enter(signal);
  } catch (error) {
    throw signal.aborted ? abortedError(signal, 'not_applied') : error;
  }
}

const NEVER = new AbortController().signal;

/** A driver that does not end soon after its signal is left behind, so that no caller hangs with it. */
function settle<T>(work: Promise<T>, signal: AbortSignal, discard?: (late: T) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    let timer: NodeJS.Timeout | null = null;
    let left = false;
    const onAbort = () => {
      timer = setTimeout(() => {
        left = true;
        reject(signal.reason);
      }, GRACE_MS).unref();
    };
    const done = () => {
      if (timer) clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
    };
    signal.addEventListener('abort', onAbort, { once: true });
    work.finally(done).then((value) => (left ? discard?.(value) : resolve(value)), reject);
  });
}

function explain(
  thrown: unknown,
  context: { signal: AbortSignal | undefined; limit: AbortSignal; wrap: (error: unknown) => AppError },
): AppError {
  // A clear answer of the store that raced with the abort is worth more than the abort.
  if (isAppError(thrown)) return thrown;
  if (context.signal?.aborted) return abortedError(context.signal, 'unknown');
  if (context.limit.aborted) {
    return new AppError('deadline_exceeded', 'The storage took too long to answer. Try again.', {
      details: { outcome: 'unknown' },
      cause: thrown,
    });
  }
  return context.wrap(thrown);
}

export function abortedError(signal: AbortSignal, outcome: 'not_applied' | 'unknown'): AppError {
  return new AppError('unavailable', 'The transfer was cancelled.', {
    details: { aborted: true, outcome },
    retryable: false,
    cause: signal.reason,
  });
}

function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const onAbort = () => {
      clearTimeout(timer);
      if (signal) reject(abortedError(signal, 'not_applied'));
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    }, ms);
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}
