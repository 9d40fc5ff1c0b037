/** What the leader's next collection would remove: for people who wonder what their bucket keeps. Removes nothing itself. */
import type { GcPlan } from '../../../prisma-free-db/replication/gc.ts';
import { planCollection, retainedFrom } from '../../../prisma-free-db/replication/retention.ts';
import { listContent } from './survey.ts';
import { type LogTools, MAX_RAW_BYTES, restoreInMemory } from './tools.ts';

export interface Collectable {
  /** Null: there is no snapshot yet on which the present leader may collect. */
  readonly plan: GcPlan | null;
  /** The oldest slot that stays within reach. */
  readonly retainedFrom: number;
}

export async function collectable(tools: LogTools, retentionMs: number): Promise<Collectable> {
  const { log, pacing, at } = tools;
  const { chain } = await restoreInMemory(tools);
  const { bases, diffs } = await listContent(tools);
  const now = Date.parse(at());
  const times = { keys: log.keys, ring: log.ring, maxRawLen: MAX_RAW_BYTES };
  const from = await retainedFrom(
    log.bucket,
    { retain: { ms: retentionMs }, tail: chain.seq, now, known: 1, times },
    pacing,
  );
  const began = chain.epochs.at(-1)?.seq ?? 0;
  const base = bases.at(-1) ?? 0;
  if (base === 0 || base < began) return { plan: null, retainedFrom: from };
  const to = Math.max(base, ...diffs.filter((diff) => diff.base === base).map((diff) => diff.to));
  const kind = to === base ? ('base' as const) : ('diff' as const);
  const snapshot = { kind, base, baseEpoch: chain.epoch, to };
  const state = { epoch: chain.epoch, tail: chain.seq, epochs: chain.epochs, snapshot, retainFrom: from };
  return { plan: await planCollection(log.bucket, { keys: log.keys, state }, pacing), retainedFrom: from };
}
