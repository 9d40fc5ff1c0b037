/**
 * Begins a log with a database that was a plain file: of a data folder from before the log existed, or one that was exported. The file
 * is copied and never written to; the copy is checked by SQLite, becomes the first slot, and what the log then gives back must be
 * that copy byte by byte. Interrupted anywhere it is simply done again.
 */
import { constants, existsSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import { refuseNewer } from '../../../prisma-free-db/database.ts';
import { encodeObject, type Page } from '../../../prisma-free-db/replication/codec.ts';
import { DbSum } from '../../../prisma-free-db/replication/db-sum.ts';
import { decide } from '../../../prisma-free-db/replication/decide.ts';
import type { Chain } from '../../../prisma-free-db/replication/log-reader.ts';
import { persist } from '../../../prisma-free-db/replication/pacing.ts';
import { MemoryPages } from '../../../prisma-free-db/replication/page-sink.ts';
import { AppError } from '../../domain/errors.ts';
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
/** Of the header of a database file (sqlite.org/fileformat2.html, section 1.3). */
const PAGE_SIZE_AT = 16;
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
    const { pages, pageSize, bytes } = await pagesOf(copy);
    say(`Storing ${pages.length} pages in ${order.log.placeInWords}.`);
    const { seq, alreadyThere } = await store(order, pages, pageSize);
    say('Restoring it from there, to compare.');
    const back = join(work, 'back.sqlite');
    await restoreToFile(order, back, alreadyThere ? seq : undefined);
    if (!bytes.equals(await readFile(back)))
      throw new AppError('internal', 'What the log gives back is not the database that was imported.');
    return { seq, pages: pages.length, bytes: bytes.length, alreadyThere };
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

async function pagesOf(file: string): Promise<{ pages: Page[]; pageSize: number; bytes: Buffer }> {
  const bytes = await readFile(file);
  if (bytes.length === 0) throw new AppError('failed_precondition', 'The database is empty; begin with: db init.');
  if (bytes.length >= MOST_BYTES)
    throw new AppError('failed_precondition', 'The database has 1 GiB or more, which the log cannot hold.');
  const stored = bytes.readUInt16BE(PAGE_SIZE_AT);
  const pageSize = stored === 1 ? 65_536 : stored;
  const pages = Array.from({ length: bytes.length / pageSize }, (_, index) => ({
    pgno: index + 1,
    bytes: bytes.subarray(index * pageSize, (index + 1) * pageSize),
  }));
  return { pages, pageSize, bytes };
}

const OWNER = 'cmbcluster db import';

async function store(
  order: ImportOrder,
  pages: readonly Page[],
  pageSize: number,
): Promise<{ seq: number; alreadyThere: boolean }> {
  const sum = new DbSum(pageSize);
  sum.apply(pages, pages.length);
  const restored = await restoreInto(order, new MemoryPages());
  const { chain } = restored;
  if (chain.dbPages > 0) {
    if (chain.dbPages === pages.length && chain.dbSum === sum.value) return { seq: chain.seq, alreadyThere: true };
    throw new AppError(
      'failed_precondition',
      `There is a database in ${order.log.placeInWords} already. Choose another DATABASE_PREFIX to import into; nothing was changed.`,
    );
  }
  if (!order.alone) await requireNobodyLeads(order);
  const owner = `${OWNER} ${order.id()}`;
  await takeLead(order, chain, owner);
  await appendAll(order, chain, { pages, pageSize, dbSum: sum.value });
  await releaseLead(order, chain, owner);
  return { seq: chain.seq, alreadyThere: false };
}

/** All of the database as one slot: a state in between would be none. */
async function appendAll(
  { log: { bucket, keys, ring }, pacing, at }: ImportOrder,
  chain: Chain,
  { pages, pageSize, dbSum }: { pages: readonly Page[]; pageSize: number; dbSum: bigint },
): Promise<void> {
  const to = chain.seq + 1;
  const [key] = ring;
  const object = await encodeObject({
    ...{ kind: 'seg', codec: 'zstd', pageSize, dbPages: pages.length, epoch: chain.epoch, from: to - 1, to, dbSum },
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
