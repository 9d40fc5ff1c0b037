/**
 * Who owns a key (format document, section 8): the one way in which SEG, SEAL, BASE and DIFF are written. A refusal alone proves
 * nothing, it may be the answer to our own attempt; so the bytes that lie there are compared. Callers hand over bytes that nobody
 * changes any more: every attempt sends the same ones (invariant I1).
 */
import type { LogBucket } from './bucket.ts';
import { Ambiguous } from './errors.ts';
import { Backoff, type Pacing, unlessAborted } from './pacing.ts';

export type Decision =
  | { readonly outcome: 'won' /** Times the object was sent. */; readonly attempts: number }
  | { readonly outcome: 'lost'; readonly attempts: number /** What lies there instead. */; readonly bytes: Uint8Array };

/**
 * Goes on, without a limit of time, until the store has shown whose bytes lie at `key`.
 * `lost` says that others' bytes lie there now. They may be a stray seal in a slot that was ours for a while, was carried on by a
 * successor and collected: an attempt without an answer may have been stored, and a store may refuse one because of itself. So the
 * sender is fenced, and does not know what became of its write.
 * @throws the signal's reason or an error of the store other than Ambiguous; the outcome is then unknown
 */
export async function decide(
  bucket: LogBucket,
  { key, bytes }: { key: string; bytes: Uint8Array },
  pacing: Pacing,
): Promise<Decision> {
  const backoff = new Backoff(pacing);
  /** The answer to one request; null when there was none, after waiting. */
  const ask = async <T>(request: () => Promise<T>): Promise<{ answer: T } | null> => {
    pacing.signal?.throwIfAborted();
    try {
      return { answer: await unlessAborted(request(), pacing.signal) };
    } catch (error) {
      if (!(error instanceof Ambiguous)) throw error;
    }
    await backoff.wait();
    return null;
  };
  for (let attempts = 1; ; attempts += 1) {
    const put = await ask(() => bucket.putIfAbsent(key, bytes));
    if (put?.answer === 'created') return { outcome: 'won', attempts };
    let seen = await ask(() => bucket.get(key));
    while (seen === null) seen = await ask(() => bucket.get(key));
    const found = seen.answer?.bytes;
    if (found)
      return Buffer.compare(found, bytes) === 0
        ? { outcome: 'won', attempts }
        : { outcome: 'lost', attempts, bytes: found };
    // Refused, yet nothing is there: collected meanwhile, or a store that contradicts itself. Not in a hot loop.
    if (put) await backoff.wait();
  }
}
