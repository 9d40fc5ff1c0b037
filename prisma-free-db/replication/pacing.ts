/**
 * How the protocol waits and retries: jittered back-off from 5 to 500 ms, on an injected clock, until aborted. Whoever retries a
 * write goes through decide.ts; `persist` is for requests that may be repeated as they are (reads, lists, deletes).
 */
import type { Clock } from './clock.ts';
import { Ambiguous } from './errors.ts';

const FIRST_MS = 5;
const LAST_MS = 500;

export interface Pacing {
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  /** Aborted: give up at once, also in the middle of a request, whose outcome is then unknown. */
  readonly signal?: AbortSignal;
}

/** Waits of one sequence of attempts, each about twice as long as the one before. */
export class Backoff {
  readonly #pacing: Pacing;
  #nextMs = FIRST_MS;

  constructor(pacing: Pacing) {
    this.#pacing = pacing;
  }

  /** Between half of the current step and all of it. @throws the signal's reason */
  async wait(): Promise<void> {
    const { clock, random, signal } = this.#pacing;
    signal?.throwIfAborted();
    const ms = this.#nextMs * (0.5 + random() / 2);
    this.#nextMs = Math.min(this.#nextMs * 2, LAST_MS);
    await clock.sleep(ms, signal);
  }
}

/** The answer, unless the signal is aborted first; the request itself goes on unobserved then. @throws the signal's reason */
export async function unlessAborted<T>(request: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return request;
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const abort = () => reject(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  if (signal.aborted) abort();
  try {
    return await Promise.race([request, aborted]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

/** Repeats a harmless request until the store gives a definite answer. @throws the signal's reason; any error but Ambiguous */
export async function persist<T>(pacing: Pacing, request: () => Promise<T>): Promise<T> {
  const backoff = new Backoff(pacing);
  for (;;) {
    pacing.signal?.throwIfAborted();
    try {
      return await unlessAborted(request(), pacing.signal);
    } catch (error) {
      if (!(error instanceof Ambiguous)) throw error;
    }
    await backoff.wait();
  }
}
