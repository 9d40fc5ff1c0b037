/** Turns at stores that allow only so many new or removed buckets in a time. One for the process, held by the reconciler. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Deps } from '../deps.ts';

export interface Pace {
  /** Resolves when this one may go; in the order of asking. @throws the signal's reason */
  turn(provider: string, signal: AbortSignal): Promise<void>;
}

export function createPace(deps: Pick<Deps, 'storageFacts' | 'now'>): Pace {
  const free = new Map<string, number>();
  return {
    async turn(provider, signal) {
      const { bucketPaceMs } = deps.storageFacts(provider);
      if (bucketPaceMs === 0) return;
      const now = deps.now();
      const at = Math.max(now, free.get(provider) ?? 0);
      free.set(provider, at + bucketPaceMs);
      if (at > now) await sleep(at - now, undefined, { signal });
    },
  };
}
