/**
 * How much one browser may ask of the server: changes (which cost a commit and an audit row each) by a token bucket, live streams
 * by their number. Counted by session, and by address for callers who have none. Kept in memory: one process serves everybody.
 * Called by the HTTP routes once they know who asks; generous enough that no person ever meets it.
 */
import type { IncomingMessage } from 'node:http';
import { AppError } from '../domain/errors.ts';
import type { Actor } from '../domain/user.ts';

const CHANGES_PER_SECOND = 20;
const CHANGES_AT_ONCE = 100;
const STREAMS = 20;
/** A proxy may stand in front of everybody: an address stands for so many browsers. */
const BROWSERS_PER_ADDRESS = 10;
/** Buckets that were full again long ago are forgotten whenever there are more than this. */
const MOST_BUCKETS = 1_000;

export interface Limits {
  /** Takes one token for each change. @throws resource_exhausted, retryable after a second */
  spend(who: string, changes?: number): void;
  /** A place for one live stream; the answer gives it back. @throws resource_exhausted, retryable */
  hold(who: string): () => void;
}

/** Whose budget a request is on. */
export function payer(actor: Actor | null, req: IncomingMessage): string {
  return actor ? actor.sessionId : `address ${req.socket.remoteAddress ?? ''}`;
}

export function createLimits(now: () => number): Limits {
  const buckets = new Map<string, { tokens: number; at: number }>();
  const streams = new Map<string, number>();
  const share = (who: string) => (who.startsWith('address ') ? BROWSERS_PER_ADDRESS : 1);

  function forgetFull(time: number): void {
    const refilled = time - (CHANGES_AT_ONCE / CHANGES_PER_SECOND) * 1000;
    for (const [who, { at }] of buckets) if (at <= refilled) buckets.delete(who);
  }

  return {
    spend(who, changes = 1) {
      const time = now();
      if (buckets.size >= MOST_BUCKETS) forgetFull(time);
      const most = CHANGES_AT_ONCE * share(who);
      const { tokens, at } = buckets.get(who) ?? { tokens: most, at: time };
      const gained = (Math.max(0, time - at) / 1000) * CHANGES_PER_SECOND * share(who);
      const left = Math.min(most, tokens + gained) - changes;
      if (left < 0)
        throw new AppError('resource_exhausted', 'That were too many changes in a short time. Try again in a moment.', {
          retryable: true,
        });
      buckets.set(who, { tokens: left, at: time });
    },
    hold(who) {
      const held = streams.get(who) ?? 0;
      if (held >= STREAMS * share(who))
        throw new AppError(
          'resource_exhausted',
          `This browser has ${held} windows open already. Close some of them; this one shows changes when it is reloaded.`,
          { retryable: true },
        );
      streams.set(who, held + 1);
      let mine = true;
      return () => {
        if (!mine) return;
        mine = false;
        const rest = (streams.get(who) ?? 1) - 1;
        if (rest > 0) streams.set(who, rest);
        else streams.delete(who);
      };
    },
  };
}
