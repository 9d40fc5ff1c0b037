/**
 * How many calls a provider makes at once. Short calls and bodies on their way up have places of their own: slow uploads must
 * not keep a list waiting. Bodies on their way down hold no place once they are open, so that one may be piped into the other.
 */
import { AppError } from '../../domain/errors.ts';

export interface Limit {
  /** Waits for a place; the answer gives it back. @throws unavailable when too many wait, or the signal's reason */
  enter(signal: AbortSignal): Promise<() => void>;
}

/** First come, first served. @param places at once @param waiting how many may wait */
export function createLimit(places: number, waiting: number): Limit {
  let free = places;
  /** In order of arrival; those who gave up leave by their own hand. */
  const line = new Set<() => void>();

  function leave(): () => void {
    let left = false;
    return () => {
      if (left) return;
      left = true;
      const [next] = line;
      if (next) next();
      else free += 1;
    };
  }

  return {
    async enter(signal) {
      signal.throwIfAborted();
      if (free > 0) {
        free -= 1;
        return leave();
      }
      if (line.size >= waiting) {
        throw new AppError('unavailable', 'The storage has more to do than it can take. Try again in a moment.', {
          details: { outcome: 'not_applied', busy: true },
        });
      }
      const { promise, resolve, reject } = Promise.withResolvers<() => void>();
      const turn = () => {
        line.delete(turn);
        signal.removeEventListener('abort', onAbort);
        resolve(leave());
      };
      const onAbort = () => {
        line.delete(turn);
        reject(signal.reason);
      };
      line.add(turn);
      signal.addEventListener('abort', onAbort, { once: true });
      return promise;
    },
  };
}
