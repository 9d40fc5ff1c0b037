/**
 * How the portable wrapper runs one call of a driver: attempts with a time limit each, retries with jitter inside a budget that
 * all calls of a provider share, one error shape at the end. Knows nothing of buckets.
 */
import { AppError, isAppError } from '../../domain/errors.ts';
import type { Classified } from './driver.ts';

export interface RetryPolicy {
  /** Attempts per call, the first included. */
  attempts: number;
  /** Upper bound of the first pause; doubles with each attempt. */
  basePauseMs: number;
  maxPauseMs: number;
  /** Time limit of one attempt of a call that moves no body. */
  attemptMs: number;
  /** Longest time a body may stand still because of the store. */
  stallMs: number;
}

export const DEFAULT_POLICY: RetryPolicy = {
  attempts: 4,
  basePauseMs: 100,
  maxPauseMs: 5_000,
  attemptMs: 30_000,
  stallMs: 60_000,
};

/**
 * `always`: the call may be repeated whatever became of it. `unless-applied`: only when the attempt is known to have changed
 * nothing. `never`: for bodies that cannot be sent again.
 */
export type Repeat = 'always' | 'unless-applied' | 'never';

const MAX_TOKENS = 20;
/** Time a driver gets to tidy up after its signal. */
const GRACE_MS = 2_000;

export interface Attempts {
  run<T>(
    call: { repeat: Repeat; signal: AbortSignal | undefined; timeLimitMs?: number | null },
    attempt: (signal: AbortSignal) => Promise<T>,
  ): Promise<T>;
  wrap(error: unknown): AppError;
}

/** @param random 0..1, for jitter */
export function createAttempts(
  policy: RetryPolicy,
  classify: (error: unknown) => Classified | null,
  random: () => number,
): Attempts {
  /** Retries cost a token, successes give a tenth back: a store that is down is not buried under repeats. */
  let tokens = MAX_TOKENS;

  function wrap(error: unknown): AppError {
    if (isAppError(error)) return error;
    const known = classify(error);
    if (!known) {
      return new AppError(
        'internal',
        'The storage gave an answer that was not understood. The log holds the details.',
        {
          details: { outcome: 'unknown' },
          cause: error,
        },
      );
    }
    return new AppError(known.code, known.message, {
      details: { outcome: known.outcome },
      retryable: known.retryable,
      cause: error,
    });
  }

  return {
    wrap,
    async run({ repeat, signal, timeLimitMs = policy.attemptMs }, attempt) {
      for (let n = 1; ; n += 1) {
        if (signal?.aborted) throw abortedError(signal, 'not_applied');
        const limit = new AbortController();
        const timer = timeLimitMs === null ? null : setTimeout(() => limit.abort(), timeLimitMs).unref();
        const both = signal ? AbortSignal.any([signal, limit.signal]) : limit.signal;
        try {
          const value = await settle(attempt(both), both);
          tokens = Math.min(MAX_TOKENS, tokens + 0.1);
          return value;
        } catch (thrown) {
          const error = explain(thrown, { signal, limit: limit.signal, wrap });
          const mayRepeat =
            repeat === 'always' || (repeat === 'unless-applied' && error.details?.outcome === 'not_applied');
          if (!error.retryable || !mayRepeat || n >= policy.attempts || tokens < 1) throw error;
          tokens -= 1;
          const ceiling = Math.min(policy.maxPauseMs, policy.basePauseMs * 2 ** (n - 1));
          await pause(ceiling * random(), signal);
        } finally {
          if (timer) clearTimeout(timer);
        }
      }
    },
  };
}

/** A driver that does not end soon after its signal is left behind, so that no caller hangs with it. */
function settle<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    let timer: NodeJS.Timeout | null = null;
    const onAbort = () => {
      timer = setTimeout(() => reject(signal.reason), GRACE_MS).unref();
    };
    const done = () => {
      if (timer) clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
    };
    signal.addEventListener('abort', onAbort, { once: true });
    work.finally(done).then(resolve, reject);
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
