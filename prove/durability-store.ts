/**
 * A bucket as bad networks and busy stores make it: part of the requests fail, lose their answer, stall or arrive late, and now and
 * then nothing comes through for seconds. What prove/durability-program.ts writes through.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { LogBucket } from '../prisma-free-db/replication/bucket.ts';
import { Ambiguous } from '../prisma-free-db/replication/errors.ts';
import type { LogKeys } from '../prisma-free-db/replication/names.ts';

export interface Unreliability {
  /** Part of the requests that something happens to. */
  readonly faults: number;
  /** Part of the snapshots that the store refuses for good. */
  readonly refusedSnapshots: number;
}

const LONGEST_STALL_MS = 300;
/** Part of the requests with which the whole store is out of reach for a while, for this process alone. */
const PARTITIONS = 0.004;
const LONGEST_PARTITION_MS = 2_500;

export function unreliable(bucket: LogBucket, keys: LogKeys, { faults, refusedSnapshots }: Unreliability): LogBucket {
  let apartUntil = 0;
  const isProbe = (key: string) => key.startsWith(`${keys.root}probe/`);
  const isSnapshot = (key: string) => keys.baseOf(key) !== null || keys.diffOf(key) !== null;

  /** @param writes whether the request changes something: then it may also arrive after it was given up */
  async function ask<T>(key: string, send: () => Promise<T>, writes: boolean): Promise<T> {
    if (isProbe(key)) return send();
    const now = performance.now();
    if (faults > 0 && Math.random() < PARTITIONS) apartUntil = now + Math.random() * LONGEST_PARTITION_MS;
    if (now < apartUntil) throw new Ambiguous(`${key}: out of reach`);
    if (Math.random() >= faults) return send();
    const kind = Math.random();
    if (kind < 0.3) throw new Ambiguous(`${key}: 503`);
    if (kind < 0.4) throw new Ambiguous(`${key}: 409`);
    if (kind < 0.7) {
      await send();
      throw new Ambiguous(`${key}: the answer was lost`);
    }
    if (kind < 0.8 && writes) {
      void delay(Math.random() * LONGEST_STALL_MS)
        .then(send)
        .catch(() => undefined);
      throw new Ambiguous(`${key}: on its way`);
    }
    if (kind < 0.9) await delay(Math.random() * LONGEST_STALL_MS);
    const answer = await send();
    if (kind >= 0.9) await delay(Math.random() * LONGEST_STALL_MS);
    return answer;
  }

  return {
    putIfAbsent: (key, bytes) => {
      if (isSnapshot(key) && Math.random() < refusedSnapshots) throw new Error(`${key}: no permission`);
      return ask(key, () => bucket.putIfAbsent(key, bytes), true);
    },
    putIfMatch: (key, bytes, etag) => ask(key, () => bucket.putIfMatch(key, bytes, etag), true),
    get: (key) => ask(key, () => bucket.get(key), false),
    list: (prefix, after) => ask(prefix, () => bucket.list(prefix, after), false),
    delete: (key) => ask(key, () => bucket.delete(key), true),
  };
}
