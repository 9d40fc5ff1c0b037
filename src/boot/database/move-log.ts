/**
 * Moves a log to another bucket, prefix or cloud: everything that is kept is copied as it is, the copy is proven by a full restore, and
 * then the old place is closed by a last slot. Up to that slot the old place is the truth; from it on nobody writes there any more,
 * and only then does the new place become usable. Cut off anywhere, the same command goes on.
 */

import { closeLog } from '../../../prisma-free-db/replication/closing.ts';
import { decide } from '../../../prisma-free-db/replication/decide.ts';
import { Moved } from '../../../prisma-free-db/replication/errors.ts';
import { encodeLease, type LeaseRecord } from '../../../prisma-free-db/replication/lease-record.ts';
import type { Chain } from '../../../prisma-free-db/replication/log-reader.ts';
import { persist } from '../../../prisma-free-db/replication/pacing.ts';
import { AppError } from '../../domain/errors.ts';
import type { DatabaseLog } from './open-log.ts';
import { listContent } from './survey.ts';
import { type LogTools, readLease, requireNobodyLeads, restoreInMemory } from './tools.ts';

const AT_ONCE = 16;
const TRIES = 3;
const OWNER = 'cmbcluster db move';

export interface MoveReport {
  /** The last slot of the database; the old place has one more, which closes it. */
  readonly seq: number;
  readonly objects: number;
  readonly databaseBytes: number;
}

/** @throws AppError failed_precondition when a server leads, or the new place holds something else; Moved; CorruptLog */
export async function moveLog(tools: LogTools, target: DatabaseLog): Promise<MoveReport> {
  const { say } = tools;
  if (target.placeInWords === tools.log.placeInWords)
    throw new AppError('invalid_argument', 'That is the place where the database lies. Name another one.');
  const there: LogTools = { ...tools, log: target };
  for (let tries = 1; tries <= TRIES; tries += 1) {
    say(`Restoring from ${tools.log.placeInWords}.`);
    const { chain, closed } = await lastState(tools, target.placeInWords);
    // The chain moves on to the closing slot; the database ends here.
    const { seq, epoch } = chain;
    if (!closed) await requireNobodyLeads(tools);
    await reserve(there, { epoch, seq });
    const objects = await copyAll(tools, there, seq);
    say(`Restoring from ${target.placeInWords}, to compare.`);
    await prove(there, chain);
    if (closed || (await close(tools, chain, target.placeInWords))) {
      await open(there, { epoch, seq });
      return { seq, objects, databaseBytes: chain.dbPages * chain.pageSize };
    }
    say('Somebody wrote to the old place meanwhile; the rest is copied.');
  }
  throw new AppError('failed_precondition', 'The old place is still being written to. Stop every server first.');
}

/** The chain at the end of the database; `closed`: an earlier call had closed the old place behind it. */
async function lastState(tools: LogTools, target: string): Promise<{ chain: Chain; closed: boolean }> {
  const { chain } = await restoreInMemory(tools);
  if (chain.movedTo === null) return { chain, closed: false };
  if (chain.movedTo !== target) throw new Moved(chain.movedTo);
  return { chain: (await restoreInMemory(tools, chain.seq - 1)).chain, closed: true };
}

/**
 * Makes the new place unusable until the end: its lease names a slot that is not there, so every restore refuses it.
 * @throws failed_precondition when it holds something that is no part of this move
 */
async function reserve(there: LogTools, { epoch, seq }: End): Promise<void> {
  const lease = await readLease(there);
  const content = await listContent(there);
  const empty = content.slots.length + content.bases.length + content.diffs.length === 0;
  if (lease ? lease.owner !== OWNER : !empty)
    throw new AppError(
      'failed_precondition',
      `There is something in ${there.log.placeInWords} already. Choose an empty prefix; nothing was changed.`,
    );
  await writeLease(there, lease, { epoch, owner: OWNER, url: '', seq: seq + 1 });
}

/** Where the database ends in the log. */
type End = Pick<Chain, 'epoch' | 'seq'>;

async function writeLease(
  { log: { bucket, keys }, pacing }: LogTools,
  before: (LeaseRecord & { etag: string }) | null,
  next: Omit<LeaseRecord, 'n'>,
): Promise<void> {
  const bytes = encodeLease({ ...next, n: (before?.n ?? 0) + 1 });
  const etag = await persist(pacing, async () => {
    const written = await bucket.putIfMatch(keys.lease, bytes, before?.etag ?? null);
    if (written !== null) return written;
    // A mismatch may be the echo of our own write.
    const stored = await bucket.get(keys.lease);
    return stored && Buffer.compare(stored.bytes, bytes) === 0 ? stored.etag : null;
  });
  if (etag === null)
    throw new AppError('conflict', 'Somebody else writes to the new place. Choose another one, or stop them.');
}

/** Snapshots and slots up to `seq`, each as it is: hashes and encryption stay valid. */
async function copyAll({ log: from, pacing, say, ...tools }: LogTools, there: LogTools, seq: number): Promise<number> {
  const source = { ...tools, log: from, pacing, say };
  const { slots, bases, diffs } = await listContent(source);
  const names: ((keys: DatabaseLog['keys']) => string)[] = [
    ...bases.filter((to) => to <= seq).map((to) => (keys: DatabaseLog['keys']) => keys.base(to)),
    ...diffs
      .filter(({ to }) => to <= seq)
      .map(
        ({ base, to }) =>
          (keys: DatabaseLog['keys']) =>
            keys.diff(base, to),
      ),
    ...slots.filter((slot) => slot <= seq).map((slot) => (keys: DatabaseLog['keys']) => keys.log(slot)),
  ];
  say(`Copying ${names.length} objects to ${there.log.placeInWords}.`);
  const queue = names[Symbol.iterator]();
  let done = 0;
  const work = async () => {
    for (const name of queue) {
      const stored = await persist(pacing, () => from.bucket.get(name(from.keys)));
      if (!stored) throw new AppError('conflict', 'An object was collected while it was to be copied. Run this again.');
      const key = name(there.log.keys);
      const { outcome } = await decide(there.log.bucket, { key, bytes: stored.bytes }, pacing);
      if (outcome === 'lost')
        throw new AppError(
          'failed_precondition',
          `${key} of the new place holds something else. Choose an empty prefix.`,
        );
      done += 1;
      if (done % 500 === 0) say(`${done} of ${names.length} copied.`);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return names.length;
}

/** @throws internal when the new place does not lead to the same state by the same history */
async function prove(there: LogTools, chain: Chain): Promise<void> {
  const { chain: copy } = await restoreInMemory(there, chain.seq);
  if (Buffer.compare(copy.hash, chain.hash) !== 0 || copy.dbSum !== chain.dbSum || copy.dbPages !== chain.dbPages)
    throw new AppError('internal', 'The copy is not the log that was copied. Nothing was closed.');
}

async function close({ log: { bucket, keys, ring }, pacing, id, at, say }: LogTools, chain: Chain, movedTo: string) {
  say('Closing the old place.');
  const [encryption] = ring;
  const candidate = { keys, chain, owner: OWNER, nonce: id, at, ...(encryption && { encryption }) };
  return closeLog(bucket, { ...candidate, movedTo }, pacing);
}

/** From here on the new place is the truth, and a server may begin there at once. */
async function open(there: LogTools, { epoch, seq }: End): Promise<void> {
  await writeLease(there, await readLease(there), { epoch, owner: OWNER, url: '', seq, released: true });
}
