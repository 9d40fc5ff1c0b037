/**
 * Restore (format document, section 5): the newest snapshot, then every slot behind it, each proven by the chain. Yields the state at
 * the end of the log or fails; never the best it could find. Reads while leaders write and collect: a gap means that a collection
 * was faster, and it begins again. Damage must show twice, from a fresh look at the whole, before it counts as damage.
 */
import { type LogBucket, listAll } from './bucket.ts';
import { CorruptLog, CorruptObject, IncompletePages } from './errors.ts';
import type { DiffName } from './gc.ts';
import { type LeaseRecord, parseLease } from './lease-record.ts';
import { Chain, fetchInOrder, type Reading } from './log-reader.ts';
import type { LogKeys } from './names.ts';
import { Backoff, type Pacing, persist } from './pacing.ts';

const TRIES = 5;
const GETS_AT_ONCE = 32;

export interface RestoreRequest extends Reading {
  readonly log: LogKeys;
  /** Stop after this slot, for a restore to an earlier state; absent: the end of the log. */
  readonly until?: number;
}

export type Restored =
  /** No log, no snapshot, no lease. Whether a database may begin here is the caller's decision: the prefix may be mistyped. */
  | { readonly outcome: 'empty'; readonly chain: Chain }
  | {
      readonly outcome: 'restored';
      readonly chain: Chain;
      /** As it was before the log was read. */
      readonly lease: LeaseRecord | null;
      /** Slot of the snapshot that it began with, 0 for none. */
      readonly snapshot: number;
      readonly tries: number;
    };

/** Something was collected under the reader. */
class Raced extends Error {}

/** @throws CorruptLog; WrongKey; the signal's reason; the sink's errors */
export async function restore(bucket: LogBucket, request: RestoreRequest, pacing: Pacing): Promise<Restored> {
  const backoff = new Backoff(pacing);
  let damage: { message: string } | null = null;
  for (let tries = 1; ; tries += 1) {
    await request.sink.reset();
    try {
      return await attempt(bucket, request, { pacing, tries });
    } catch (error) {
      const broken = isDamage(error);
      if (!broken && !(error instanceof Raced)) throw error;
      const again = broken && damage?.message === error.message;
      if (again || tries === TRIES) throw asCorruptLog(error);
      damage = broken ? error : damage;
    }
    await backoff.wait();
  }
}

/** Whether what was read is not of this history: stray, cut or altered. */
export const isDamage = (error: unknown): error is Error =>
  error instanceof CorruptLog || error instanceof CorruptObject || error instanceof IncompletePages;

function asCorruptLog(error: Error): CorruptLog {
  if (error instanceof CorruptLog) return error;
  const what = error instanceof Raced ? `${error.message}, ${TRIES} times` : error.message;
  return new CorruptLog(`The database's log cannot be restored: ${what}.`, error);
}

async function attempt(
  bucket: LogBucket,
  request: RestoreRequest,
  { pacing, tries }: { pacing: Pacing; tries: number },
): Promise<Restored> {
  const { log, until } = request;
  // Before the lists: what it names was durable then, so the lists must show it.
  const lease = await readLease(bucket, log, pacing);
  const found = await newestSnapshot(bucket, { log, until }, pacing);
  const chain = new Chain(request);
  if (found.snapshot) await load(bucket, { chain, log, snapshot: found.snapshot }, pacing);
  const start = chain.seq;
  const slots = await slotsFrom(bucket, { log, start }, pacing);
  if (lease === null && !found.any && slots.length === 0) return { outcome: 'empty', chain };

  const last = slots.at(-1) ?? 0;
  if (last < start) throw new CorruptLog(`the end of the log is missing: no slot from ${start} on`);
  const wanted = slots.filter((slot) => slot > start && slot <= (until ?? last));
  requireDense(wanted, start);
  if (start === last) await requireTail(bucket, { chain, log }, pacing);
  for await (const { key, bytes } of fetchInOrder(bucket, wanted.map(log.log), { ahead: GETS_AT_ONCE, pacing })) {
    if (!bytes) throw new Raced(`${key} is gone`);
    await named(key, () => chain.apply(bytes));
  }
  if (until !== undefined && chain.seq !== until)
    throw new CorruptLog(`slot ${until} is not in the log, which ends with slot ${chain.seq}`);
  if (until === undefined && lease && chain.seq < lease.seq)
    throw new CorruptLog(`the log ends with slot ${chain.seq}, but slot ${lease.seq} was durable`);
  return { outcome: 'restored', chain, lease, snapshot: start, tries };
}

async function readLease(bucket: LogBucket, log: LogKeys, pacing: Pacing): Promise<LeaseRecord | null> {
  const stored = await persist(pacing, () => bucket.get(log.lease));
  if (!stored) return null;
  const lease = parseLease(stored.bytes);
  // It alone shows a log whose end was deleted; a restore that cannot look is not proven.
  if (!lease) throw new CorruptLog(`${log.lease} is not readable`);
  return lease;
}

interface SnapshotName {
  readonly base: number;
  /** Null: the BASE itself. */
  readonly diff: DiffName | null;
}

/** The highest state that a BASE, or a DIFF whose BASE is there, leads to. */
async function newestSnapshot(
  bucket: LogBucket,
  { log, until = Number.MAX_SAFE_INTEGER }: { log: LogKeys; until: number | undefined },
  pacing: Pacing,
): Promise<{ snapshot: SnapshotName | null; any: boolean }> {
  const baseKeys = await listAll(bucket, { prefix: log.basePrefix, after: null }, pacing);
  const diffKeys = await listAll(bucket, { prefix: log.diffPrefix, after: null }, pacing);
  const bases = baseKeys.map(log.baseOf).filter((base) => base !== null);
  const diffs = diffKeys.map(log.diffOf).filter((diff) => diff !== null);
  const present = new Set(bases);
  const candidates: { to: number; snapshot: SnapshotName }[] = [
    ...bases.map((base) => ({ to: base, snapshot: { base, diff: null } })),
    ...diffs
      .filter(({ base }) => present.has(base))
      .map((diff) => ({ to: diff.to, snapshot: { base: diff.base, diff } })),
  ];
  const fitting = candidates.filter(({ to }) => to <= until);
  // Stable: a BASE is preferred to a DIFF that leads to the same slot.
  const best = fitting.sort((a, b) => b.to - a.to)[0];
  return { snapshot: best?.snapshot ?? null, any: bases.length + diffs.length > 0 };
}

async function load(
  bucket: LogBucket,
  { chain, log, snapshot: { base, diff } }: { chain: Chain; log: LogKeys; snapshot: SnapshotName },
  pacing: Pacing,
): Promise<void> {
  const read = async (key: string): Promise<Uint8Array> => {
    const object = await persist(pacing, () => bucket.get(key));
    if (!object) throw new Raced(`${key} is gone`);
    return object.bytes;
  };
  const baseKey = log.base(base);
  const baseBytes = await read(baseKey);
  await named(baseKey, () => chain.startAt(baseBytes, base));
  if (!diff) return;
  const diffKey = log.diff(diff.base, diff.to);
  const diffBytes = await read(diffKey);
  await named(diffKey, () => chain.leapBy(diffBytes, diff.to));
}

/** Slots from the snapshot's own on, which is listed too: the tail is never collected, so something is there. */
async function slotsFrom(
  bucket: LogBucket,
  { log, start }: { log: LogKeys; start: number },
  pacing: Pacing,
): Promise<number[]> {
  const after = start > 1 ? log.log(start - 1) : null;
  const keys = await listAll(bucket, { prefix: log.logPrefix, after }, pacing);
  return keys.map(log.seqOf).filter((slot) => slot !== null);
}

function requireDense(slots: readonly number[], start: number): void {
  let next = start + 1;
  for (const slot of slots) {
    if (slot !== next) throw new Raced(`slot ${next} is missing before slot ${slot}`);
    next += 1;
  }
}

/** With no slot behind the snapshot its own must be there, and be the one that the snapshot names. */
async function requireTail(
  bucket: LogBucket,
  { chain, log }: { chain: Chain; log: LogKeys },
  pacing: Pacing,
): Promise<void> {
  if (chain.seq === 0) return;
  const key = log.log(chain.seq);
  const tail = await persist(pacing, () => bucket.get(key));
  if (!tail) throw new Raced(`${key} is gone`);
  await named(key, () => chain.requireAt(tail.bytes));
}

/** Says which object it was: operators recover that one. */
async function named(key: string, work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (isDamage(error)) throw new CorruptLog(`${key}: ${error.message}`, error);
    throw error;
  }
}
