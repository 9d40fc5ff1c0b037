/**
 * Begins a log with a database that was a plain file: of a data folder from before the log existed, or one that was exported. The file
 * is copied and never written to; the copy is checked by SQLite, becomes the first slots, and what the log then gives back must be
 * that copy byte by byte. Interrupted anywhere it is simply done again; until then nobody takes a part of it for the database.
 */
import { constants, existsSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import { refuseNewer } from '../../../prisma-free-db/database.ts';
import { encodeObject, type Page } from '../../../prisma-free-db/replication/codec.ts';
import { DbSum } from '../../../prisma-free-db/replication/db-sum.ts';
import { decide } from '../../../prisma-free-db/replication/decide.ts';
import { addTo, type Chain } from '../../../prisma-free-db/replication/log-reader.ts';
import { persist } from '../../../prisma-free-db/replication/pacing.ts';
import type { PageSink } from '../../../prisma-free-db/replication/page-sink.ts';
import { AppError } from '../../domain/errors.ts';
import { StillDatabase } from './still-database.ts';
import {
  checkDatabase,
  type LogTools,
  releaseLead,
  requireNobodyLeads,
  restoreInto,
  restoreToFile,
  stampOf,
  takeLead,
} from './tools.ts';

/** What the log can hold; SQLite's lock page lies behind it. */
const MOST_BYTES = 2 ** 30;
/** Of one slot before compression: a fourth of what a leader may write, as a whole one is held in memory a few times. */
const SLOT_BYTES = 64_000_000;
/** What SQLite keeps beside a database: commits that are not in it yet. */
const BESIDE = ['', '-wal', '-journal'];

export interface ImportOrder extends LogTools {
  /** The database; `-wal` and `-journal` beside it belong to it. */
  readonly file: string;
  /** Folder for the copy, on a disk with room for the database twice; made when missing. */
  readonly workDir: string;
  readonly migrationsDir: string;
  /** Nobody else can be leading, as whoever holds the data folder's lock knows. */
  readonly alone: boolean;
  /** Bytes of one slot before compression, at most. */
  readonly slotBytes?: number;
}

export interface Imported {
  readonly seq: number;
  readonly pages: number;
  readonly bytes: number;
  /** An earlier call had come that far. */
  readonly alreadyThere: boolean;
}

/**
 * @throws AppError not_found without such a file; failed_precondition when it is damaged, being written to or too large, when the
 *   place holds another database, or a server leads it; DatabaseError newer_schema
 */
export async function importDatabase(order: ImportOrder): Promise<Imported> {
  const { file, workDir, migrationsDir, say } = order;
  if (!existsSync(file)) throw new AppError('not_found', `There is no database ${file}.`);
  await mkdir(workDir, { recursive: true, mode: 0o700 });
  const work = await mkdtemp(join(workDir, 'import-'));
  try {
    const copy = join(work, 'copy.sqlite');
    say(`Copying and checking ${file}.`);
    await copyWhole(file, copy);
    settle(copy);
    refuseNewer(copy, migrationsDir);
    checkDatabase(copy);
    const database = await StillDatabase.open(copy);
    try {
      const { dbPages, bytes } = database;
      if (bytes === 0) throw new AppError('failed_precondition', 'The database is empty; begin with: db init.');
      if (bytes >= MOST_BYTES)
        throw new AppError('failed_precondition', 'The database has 1 GiB or more, which the log cannot hold.');
      say(`Storing ${dbPages} pages in ${order.log.placeInWords}.`);
      const { seq, alreadyThere } = await store(order, database);
      say('Restoring it from there, to compare.');
      const back = join(work, 'back.sqlite');
      await restoreToFile(order, back, alreadyThere ? seq : undefined);
      if (!(await database.equals(back)))
        throw new AppError('internal', 'What the log gives back is not the database that was imported.');
      return { seq, pages: dbPages, bytes, alreadyThere };
    } finally {
      await database.close();
    }
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** @throws failed_precondition when somebody writes to it */
async function copyWhole(file: string, copy: string): Promise<void> {
  const stamps = () => Promise.all(BESIDE.map((suffix) => stampOf(file + suffix)));
  const before = await stamps();
  for (const suffix of BESIDE) {
    if (existsSync(file + suffix)) await copyFile(file + suffix, copy + suffix, constants.COPYFILE_FICLONE);
  }
  if ((await stamps()).join() !== before.join())
    throw new AppError(
      'failed_precondition',
      `${file} is being written to. Stop the server that uses it, then run this again.`,
    );
}

/** Brings what lies beside the file into it, and leaves it as the leader opens databases: in WAL mode, the log empty. */
function settle(copy: string): void {
  let sqlite: Database.Database | null = null;
  try {
    sqlite = new Database(copy, { fileMustExist: true });
    sqlite.pragma('locking_mode = EXCLUSIVE');
    sqlite.pragma('journal_mode = WAL');
    sqlite.pragma('wal_checkpoint(TRUNCATE)');
  } catch (cause) {
    throw new AppError('failed_precondition', `That file is no database that SQLite can read (${String(cause)}).`, {
      cause,
    });
  } finally {
    sqlite?.close();
  }
}

const OWNER = 'cmbcluster db import';
/** Only the chain is wanted. */
const NOWHERE: PageSink = { reset: async () => {}, write: async () => {} };

async function store(order: ImportOrder, database: StillDatabase): Promise<{ seq: number; alreadyThere: boolean }> {
  const { chain } = await restoreInto(order, NOWHERE);
  if (chain.dbPages > 0 && chain.dbPages === database.dbPages && chain.dbSum === (await database.sum()))
    return { seq: chain.seq, alreadyThere: true };
  if (chain.dbPages > 0 && !chain.unfinished)
    throw new AppError(
      'failed_precondition',
      `There is a database in ${order.log.placeInWords} already. Choose another DATABASE_PREFIX to import into; nothing was changed.`,
    );
  if (chain.dbPages > 0 && chain.pageSize !== database.pageSize)
    throw new AppError(
      'failed_precondition',
      `The import of another database into ${order.log.placeInWords} was interrupted. Go on with that one, or choose another DATABASE_PREFIX; nothing was changed.`,
    );
  if (!order.alone) await requireNobodyLeads(order);
  const owner = `${OWNER} ${order.id()}`;
  await takeLead(order, chain, { owner, imports: true });
  await appendAll(order, chain, database);
  await releaseLead(order, chain, owner);
  return { seq: chain.seq, alreadyThere: false };
}

/**
 * All of a small database as one slot. A larger one in several, its first page zeros until the others are there: up to the last
 * slot that is no database for SQLite, and the log of nobody (Chain.unfinished). What an interrupted call left is written over.
 */
async function appendAll(order: ImportOrder, chain: Chain, database: StillDatabase): Promise<void> {
  const { dbPages, pageSize } = database;
  const atOnce = Math.max(1, Math.floor((order.slotBytes ?? SLOT_BYTES) / (4 + pageSize)));
  if (dbPages <= atOnce) return append(order, chain, { pages: await database.read(1, dbPages), dbPages, pageSize });
  for (let first = 1; first <= dbPages; first += atOnce) {
    const last = Math.min(dbPages, first + atOnce - 1);
    const pages = await database.read(first, last);
    if (first === 1) pages[0] = { pgno: 1, bytes: Buffer.alloc(pageSize) };
    await append(order, chain, { pages, dbPages: last, pageSize });
    order.say(`${last} of ${dbPages} stored.`);
  }
  await append(order, chain, { pages: await database.read(1, 1), dbPages, pageSize });
}

async function append(
  { log: { bucket, keys, ring }, pacing, at }: ImportOrder,
  chain: Chain,
  { pages, dbPages, pageSize }: { pages: readonly Page[]; dbPages: number; pageSize: number },
): Promise<void> {
  const sum = chain.dbPages > 0 ? chain.sum.clone() : new DbSum(pageSize);
  await addTo(sum, pages, dbPages);
  const to = chain.seq + 1;
  const [key] = ring;
  const object = await encodeObject({
    ...{ kind: 'seg', codec: 'zstd', pageSize, dbPages, epoch: chain.epoch, from: to - 1, to, dbSum: sum.value },
    ...{ prevHash: chain.hash, meta: { at: at() }, pages },
    ...(key && { key }),
  });
  const { outcome } = await decide(bucket, { key: keys.log(to), bytes: object.bytes }, pacing);
  if (outcome === 'lost')
    throw new AppError('conflict', 'A server took this database over during the import. Stop it, then run this again.');
  await chain.apply(object.bytes);
}

const MARK = 'imported.json';

/**
 * Imports the database of a data folder from before the log existed, once: a mark beside the file tells that it is only a souvenir from
 * then on, so that a log that got lost is not silently begun anew with the state of that day. For whoever holds the folder's lock.
 * @returns null when there is nothing to import
 * @throws AppError failed_precondition when the log that it was brought into is gone
 */
export async function importFormerDatabase(order: Omit<ImportOrder, 'alone'>): Promise<Imported | null> {
  const mark = join(dirname(order.file), MARK);
  if (existsSync(mark)) {
    await requireLog(order, mark);
    return null;
  }
  if (!existsSync(order.file)) return null;
  const imported = await importDatabase({ ...order, alone: true });
  const facts = { at: order.at(), place: order.log.placeInWords, seq: imported.seq };
  await writeFile(mark, `${JSON.stringify(facts)}\n`, { mode: 0o600, flush: true });
  return imported;
}

async function requireLog(
  { log: { bucket, keys, placeInWords }, pacing, file }: Omit<ImportOrder, 'alone'>,
  mark: string,
) {
  const { keys: found } = await persist(pacing, () => bucket.list(keys.root, null));
  if (found.length > 0) return;
  throw new AppError(
    'failed_precondition',
    `The database is gone: nothing is left in ${placeInWords}. Bring it back from a backup. To begin again with the file from before there was a log: cmbcluster db import ${file}. To begin empty: remove ${mark}.`,
  );
}
