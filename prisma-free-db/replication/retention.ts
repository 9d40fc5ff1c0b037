/**
 * Which old objects a collection may look at (format document, section 10): lists no more of the log than can go, and finds the slot
 * to which a retention by age reaches back by a search over the slots' own wall times. Those times decide only how long the past can
 * still be restored, never what the present needs.
 */
import { type LogBucket, listAll } from './bucket.ts';
import { decodeObject, type EncryptionKey } from './codec.ts';
import { CorruptObject, WrongKey } from './errors.ts';
import { type GcPlan, type GcState, planGc } from './gc.ts';
import type { Retention } from './leader-terms.ts';
import type { LogKeys } from './names.ts';
import { type Pacing, persist } from './pacing.ts';

export interface SlotTimes {
  readonly keys: LogKeys;
  readonly ring: readonly EncryptionKey[];
  readonly maxRawLen: number;
}

/** Plans a collection from what the bucket lists. */
export async function planCollection(
  bucket: LogBucket,
  { keys, state }: { keys: LogKeys; state: Omit<GcState, 'slots' | 'bases' | 'diffs'> },
  pacing: Pacing,
): Promise<GcPlan> {
  const listed = (prefix: string) => listAll(bucket, { prefix, after: null }, pacing);
  const bases = (await listed(keys.basePrefix)).map(keys.baseOf).filter((base) => base !== null);
  const diffs = (await listed(keys.diffPrefix)).map(keys.diffOf).filter((diff) => diff !== null);
  const slots = await slotsUpTo(bucket, { keys, last: lastOfInterest(state, bases) }, pacing);
  return planGc({ ...state, slots, bases, diffs });
}

/** No slot behind this one can go: all before the BASE from which the retained log is replayed, or before the snapshot. */
function lastOfInterest(
  { snapshot, retainFrom }: Pick<GcState, 'snapshot' | 'retainFrom'>,
  bases: readonly number[],
): number {
  if (retainFrom === undefined || retainFrom >= snapshot.to) return snapshot.to;
  const usable = bases.filter((base) => base <= snapshot.base);
  const below = usable.filter((base) => base <= retainFrom);
  return below.length > 0 ? Math.max(...below) : Math.min(snapshot.base, ...usable);
}

async function slotsUpTo(
  bucket: LogBucket,
  { keys, last }: { keys: LogKeys; last: number },
  pacing: Pacing,
): Promise<number[]> {
  const slots: number[] = [];
  let after: string | null = null;
  for (;;) {
    const page = await persist(pacing, () => bucket.list(keys.logPrefix, after));
    for (const key of page.keys) {
      const slot = keys.seqOf(key);
      if (slot !== null && slot > last) return slots;
      if (slot !== null) slots.push(slot);
    }
    after = page.keys.at(-1) ?? after;
    if (!page.more) return slots;
  }
}

/**
 * The slot from which on every state must stay within reach; never beyond `tail`.
 * @param known an answer from before: the search goes on from there
 */
export async function retainedFrom(
  bucket: LogBucket,
  {
    retain,
    tail,
    now,
    known,
    times,
  }: { retain: Retention; tail: number; now: number; known: number; times: SlotTimes },
  pacing: Pacing,
): Promise<number> {
  if ('slots' in retain) return Math.max(1, tail - retain.slots);
  const cutoff = now - retain.ms;
  let [low, high] = [known, tail];
  // The last slot written at or before the cutoff: what was current then. Slot numbers are dense, so they can be halved.
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    const at = await writtenAt(bucket, { seq: middle, times }, pacing);
    // Collected: older than all that is kept. Unreadable: kept, so that whoever repairs it still finds it.
    if (at === null || at <= cutoff) low = middle;
    else high = middle - 1;
  }
  return Math.max(1, low);
}

/** Milliseconds of wall time; null for a slot that is gone, infinity for one that does not say. */
async function writtenAt(
  bucket: LogBucket,
  { seq, times: { keys, ring, maxRawLen } }: { seq: number; times: SlotTimes },
  pacing: Pacing,
): Promise<number | null> {
  const stored = await persist(pacing, () => bucket.get(keys.log(seq)));
  if (!stored) return null;
  try {
    const { meta } = await decodeObject(stored.bytes, { keys: ring, maxRawLen });
    const at = typeof meta.at === 'string' ? Date.parse(meta.at) : Number.NaN;
    return Number.isNaN(at) ? Number.POSITIVE_INFINITY : at;
  } catch (error) {
    if (error instanceof CorruptObject || error instanceof WrongKey) return Number.POSITIVE_INFINITY;
    throw error;
  }
}
