/**
 * Garbage collection (format document, section 10): a pure plan and its execution. A leader may collect only after a snapshot of its
 * own is durable. What must stay: every seal of the chain (I2), the tail (I4), and all that a BASE of another epoch carries (I5).
 */
import type { LogBucket } from './bucket.ts';
import type { EpochMark } from './log-reader.ts';
import type { LogKeys } from './names.ts';

/** Deletes at once: one by one they slowed snapshots down tenfold. */
const AT_ONCE = 16;

export interface DiffName {
  readonly base: number;
  readonly to: number;
}

export interface GcState {
  /** Epoch of the leader that collects. */
  readonly epoch: number;
  /** Last slot of its verified chain. */
  readonly tail: number;
  /** Seals of that chain. */
  readonly epochs: readonly EpochMark[];
  /** The snapshot that it made durable just now: a BASE, or a DIFF on `base`. */
  readonly snapshot: {
    readonly kind: 'base' | 'diff';
    readonly base: number;
    readonly baseEpoch: number;
    readonly to: number;
  };
  /** What the bucket lists. */
  readonly slots: readonly number[];
  readonly bases: readonly number[];
  readonly diffs: readonly DiffName[];
  /** The database can still be restored to any slot from here on; absent: only to its present. */
  readonly retainFrom?: number;
}

export interface GcPlan {
  readonly slots: readonly number[];
  readonly bases: readonly number[];
  readonly diffs: readonly DiffName[];
}

/** What may go. @throws RangeError for a snapshot that this leader has no right to collect on */
export function planGc(state: GcState): GcPlan {
  const { snapshot, epoch, tail, epochs } = state;
  const began = epochs.at(-1);
  const own = began?.epoch === epoch && snapshot.baseEpoch === epoch && snapshot.base >= began.seq;
  if (
    !own ||
    snapshot.to > tail ||
    snapshot.base > snapshot.to ||
    (snapshot.kind === 'base') !== (snapshot.base === snapshot.to)
  )
    throw new RangeError(`epoch ${epoch} may not collect on ${snapshot.kind} ${snapshot.base}-${snapshot.to}`);

  const seals = new Set(epochs.map(({ seq }) => seq));
  const floor = retainedBase(state);
  // With everything from the first slot on retained there is no BASE to begin at: nothing of the log goes.
  const limit = Math.min(snapshot.to, tail - 1, floor ?? snapshot.to);
  return {
    slots: state.slots.filter((slot) => slot <= limit && !seals.has(slot)),
    bases: state.bases.filter((base) => base < snapshot.base && base < (floor ?? snapshot.base)),
    diffs: state.diffs.filter(
      (diff) => diff.base < snapshot.base || (diff.base === snapshot.base && diff.to < snapshot.to),
    ),
  };
}

/** Slot of the BASE from which the retained log is replayed, 0 when it begins with the first slot; null when nothing is retained. */
function retainedBase({ retainFrom, bases, slots, snapshot }: GcState): number | null {
  if (retainFrom === undefined || retainFrom >= snapshot.to) return null;
  const sorted = bases.filter((base) => base <= snapshot.base).sort((a, b) => a - b);
  const below = sorted.filter((base) => base <= retainFrom).at(-1);
  if (below !== undefined) return below;
  const oldest = sorted[0] ?? snapshot.base;
  const present = new Set(slots);
  for (let slot = 1; slot <= oldest; slot += 1) if (!present.has(slot)) return oldest;
  return 0;
}

/** Deletes what the plan names. Failures, whatever their reason, are left to the next collection; `error` is the last one, for the log. */
export async function collect(
  bucket: LogBucket,
  { keys, plan, signal }: { keys: LogKeys; plan: GcPlan; signal?: AbortSignal },
): Promise<{ deleted: number; failed: number; error: unknown }> {
  // DIFFs before the BASEs they need, so that a crash in between leaves nothing that looks usable and is not.
  const doomed = [
    ...plan.diffs.map(({ base, to }) => keys.diff(base, to)),
    ...plan.bases.map((to) => keys.base(to)),
    ...plan.slots.map((seq) => keys.log(seq)),
  ];
  const queue = doomed[Symbol.iterator]();
  let deleted = 0;
  let failed = 0;
  let error: unknown;
  const worker = async (): Promise<void> => {
    for (const key of queue) {
      if (signal?.aborted) return;
      try {
        await bucket.delete(key);
        deleted += 1;
      } catch (refused) {
        failed += 1;
        error = refused;
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return { deleted, failed, error };
}
