/**
 * What the tools on a log share: restoring it into a file that is proven, and making sure that nobody leads it. Used by the import, by
 * the move and by the `db` commands; the server itself restores through its replica.
 */
import { existsSync } from 'node:fs';
import { open, rm, stat } from 'node:fs/promises';
import Database from 'better-sqlite3';
import { LeaseHolder } from '../../../prisma-free-db/replication/lease.ts';
import { type LeaseRecord, parseLease } from '../../../prisma-free-db/replication/lease-record.ts';
import type { Chain } from '../../../prisma-free-db/replication/log-reader.ts';
import { type Pacing, persist } from '../../../prisma-free-db/replication/pacing.ts';
import { FilePages, MemoryPages, type PageSink } from '../../../prisma-free-db/replication/page-sink.ts';
import { type Restored, restore } from '../../../prisma-free-db/replication/restore.ts';
import { takeOver } from '../../../prisma-free-db/replication/takeover.ts';
import { AppError } from '../../domain/errors.ts';
import type { DatabaseLog } from './open-log.ts';

/** No object holds more before compression: all of the largest database that is supported. */
export const MAX_RAW_BYTES = 2 ** 30 + 2 ** 24;
const LEASE_LOOK_MS = 500;

export interface LogTools {
  readonly log: DatabaseLog;
  readonly pacing: Pacing;
  /** How long a leader may be silent. */
  readonly leaseMs: number;
  /** Wall time in ISO 8601, for people. */
  readonly at: () => string;
  /** Never the same twice. */
  readonly id: () => string;
  /** A sentence for whoever waits. */
  readonly say: (progress: string) => void;
}

type Found = Extract<Restored, { outcome: 'restored' }>;

/** All that is needed of the log in memory; nothing of it is kept but the chain. @throws AppError not_found for an empty place; Unfinished */
export async function restoreInMemory(tools: LogTools, until?: number): Promise<Found & { sink: MemoryPages }> {
  const sink = new MemoryPages();
  return { ...found(await restoreInto(tools, sink, until), tools), sink };
}

/**
 * Restores the database into a new file and has SQLite look through all of it. Nothing stays behind when that fails.
 * @throws AppError not_found for an empty place, already_exists for a file that is there; Unfinished; CorruptLog; WrongKey
 */
export async function restoreToFile(tools: LogTools, file: string, until?: number): Promise<Found> {
  if (existsSync(file))
    throw new AppError('already_exists', `There is a file ${file} already. Choose another name; nothing was written.`);
  const sink = await FilePages.create(file);
  try {
    const restored = found(await restoreInto(tools, sink, until), tools);
    await sink.close();
    if (restored.chain.dbPages > 0) checkDatabase(file);
    await sync(file);
    return restored;
  } catch (error) {
    await sink.close().catch(() => undefined);
    await rm(file, { force: true });
    throw error;
  }
}

export function restoreInto(
  { log: { bucket, keys, ring }, pacing }: LogTools,
  sink: PageSink,
  until?: number,
): Promise<Restored> {
  const request = { log: keys, sink, keys: ring, maxRawLen: MAX_RAW_BYTES, ...(until !== undefined && { until }) };
  return restore(bucket, request, pacing);
}

function found(restored: Restored, { log }: LogTools): Found {
  if (restored.outcome === 'restored') {
    restored.chain.requireWhole();
    return restored;
  }
  throw new AppError('not_found', nothingAt(log.placeInWords));
}

export const nothingAt = (place: string): string =>
  `There is no database in ${place}. If there should be one, check DATABASE_BUCKET and DATABASE_PREFIX; if one is to begin there, run: cmbcluster db init (or db import, to begin with a file).`;

/**
 * Has SQLite read the whole file. The file must be nobody else's.
 * @throws AppError failed_precondition with what SQLite found
 */
export function checkDatabase(file: string): void {
  const faults = faultsIn(file);
  if (faults.length > 0)
    throw new AppError('failed_precondition', `The database in ${file} is damaged: ${faults.join('; ')}.`);
}

function faultsIn(file: string): string[] {
  const sqlite = new Database(file, { fileMustExist: true });
  try {
    // Leaves no shared memory beside the file.
    sqlite.pragma('locking_mode = EXCLUSIVE');
    return [
      ...sqlite.prepare('PRAGMA integrity_check(5)').pluck().all().map(String),
      ...sqlite
        .prepare('PRAGMA foreign_key_check')
        .all()
        .slice(0, 5)
        .map((row) => `a row without its parent: ${JSON.stringify(row)}`),
    ].filter((line) => line !== 'ok');
  } catch (error) {
    // Some damage ends the very check.
    if (error instanceof Database.SqliteError && /^SQLITE_(CORRUPT|NOTADB)/.test(error.code)) return [error.message];
    throw error;
  } finally {
    sqlite.close();
  }
}

async function sync(file: string): Promise<void> {
  const handle = await open(file, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** The lease as it is; null: there is none. */
export async function readLease({
  log: { bucket, keys },
  pacing,
}: Pick<LogTools, 'log' | 'pacing'>): Promise<(LeaseRecord & { etag: string }) | null> {
  const stored = await persist(pacing, () => bucket.get(keys.lease));
  const lease = stored && parseLease(stored.bytes);
  return lease && { ...lease, etag: stored.etag };
}

/**
 * Returns once nobody can be leading: the lease was released, or stayed as it was for its whole time.
 * @throws AppError failed_precondition naming who leads
 */
export async function requireNobodyLeads(tools: LogTools): Promise<void> {
  const { leaseMs, pacing, say } = tools;
  const first = await readLease(tools);
  if (first === null || first.released) return;
  say(`Waiting ${Math.ceil(leaseMs / 1000)} s: a server held this database when it was last heard of.`);
  const end = pacing.clock.now() + leaseMs;
  while (pacing.clock.now() < end) {
    await pacing.clock.sleep(LEASE_LOOK_MS, pacing.signal);
    const lease = await readLease(tools);
    if (lease?.released) return;
    if (lease?.etag !== first.etag)
      throw new AppError(
        'failed_precondition',
        `A server leads this database${lease?.url ? ` (${lease.url})` : ''}. Stop it, and every other one of the deployment, then run this again.`,
      );
  }
}

/**
 * Takes the place of whoever led. @param imports goes on with an import that was interrupted
 * @throws AppError conflict when somebody else was faster; Moved; Unfinished; StaleTakeover
 */
export async function takeLead(
  { log: { bucket, keys, ring }, pacing, id, at }: LogTools,
  chain: Chain,
  { owner, imports = false }: { owner: string; imports?: boolean },
): Promise<void> {
  const encryption = ring[0];
  const candidate = { keys, chain, owner, nonce: id, at, imports, ...(encryption && { encryption }) };
  const { outcome } = await takeOver(bucket, candidate, pacing);
  if (outcome === 'yielded')
    throw new AppError(
      'conflict',
      'A server took this database over at the same moment. Stop it, then run this again.',
    );
}

/** Tells that a server may begin at once, with all up to where the chain stands. */
export async function releaseLead({ log: { bucket, keys }, leaseMs, pacing }: LogTools, chain: Chain, owner: string) {
  const terms = { keys, ttlMs: leaseMs, epoch: chain.epoch, owner, url: '', position: () => chain.seq };
  await new LeaseHolder(bucket, { ...terms, onWant: () => undefined }, pacing).release();
}

/** What a file is now, so that a writer is noticed. */
export async function stampOf(file: string): Promise<string> {
  const found = await stat(file, { bigint: true }).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  });
  return found ? `${found.ino}.${found.size}.${found.mtimeNs}` : 'none';
}
