/**
 * Takes the changed pages of every commit out of SQLite's write-ahead log (format document, section 7). The file descriptors are
 * given and held for the life of the process; nothing here opens a file (closing one would drop SQLite's locks).
 *
 * Reading the file alone cannot tell "nothing new" from "somebody checkpointed": so each capture is confirmed by two witnesses.
 * SQLite's own count of frames (`walWitness`), and the main file's stamp (`stampMainFile`), which sees what the count cannot: a
 * commit and a foreign checkpoint that both fall between our checkpoint, which leaves the log empty, and the next capture.
 */
import { fstatSync, futimesSync, readSync } from 'node:fs';
import { endianness } from 'node:os';
import type { Page } from './codec.ts';
import { CaptureMismatch } from './errors.ts';

const WAL_HEADER_BYTES = 32;
const FRAME_HEADER_BYTES = 24;
const MAGIC_LITTLE_ENDIAN = 0x377f0682;
const MAGIC_BIG_ENDIAN = 0x377f0683;
const WAL_VERSION = 3_007_000;
/** Bytes read at once. */
const READ_BYTES = 262_144;

const HOST_IS_LITTLE_ENDIAN = endianness() === 'LE';

/** Running checksum of the log: two words of 32 bits. */
export type WalChecksum = readonly [s0: number, s1: number];

/**
 * Feeds `bytes` (a multiple of 8) into the cumulative checksum of a log.
 * @param littleEndian how the words are read; the log's magic says it
 */
export function walChecksum(bytes: Uint8Array, littleEndian: boolean, seed: WalChecksum = [0, 0]): WalChecksum {
  let [s0, s1] = seed;
  if (littleEndian === HOST_IS_LITTLE_ENDIAN && bytes.byteOffset % 4 === 0) {
    // As any frame on any machine but odd ones: three times as fast, and each page of each commit passes here.
    const words = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length >>> 2);
    for (let at = 0; at < words.length; at += 2) {
      s0 = (s0 + (words[at] ?? 0) + s1) | 0;
      s1 = (s1 + (words[at + 1] ?? 0) + s0) | 0;
    }
    return [s0 >>> 0, s1 >>> 0];
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let at = 0; at < bytes.length; at += 8) {
    s0 = (s0 + view.getUint32(at, littleEndian) + s1) | 0;
    s1 = (s1 + view.getUint32(at + 4, littleEndian) + s0) | 0;
  }
  return [s0 >>> 0, s1 >>> 0];
}

/** One life of the log file, from a restart to the next. */
interface Generation {
  readonly littleEndian: boolean;
  /** Both salts, 8 bytes as stored: every frame of this generation carries them. */
  readonly salts: Buffer;
  readonly checksum: WalChecksum;
}

/** What one batch puts into the log: unique pages, ascending, none beyond `dbPages`. */
export interface Batch {
  readonly pages: readonly Page[];
  /** Pages of the database after the batch. */
  readonly dbPages: number;
}

/** Pages that commits changed and no batch has taken yet: per page the newest content. */
export class PendingPages {
  readonly #pages = new Map<number, Uint8Array>();
  #dbPages = 0;
  #dirty = false;

  /** Pages held; times the page size this is the memory held. */
  get size(): number {
    return this.#pages.size;
  }

  /** Pages of the database after the last commit seen. */
  get dbPages(): number {
    return this.#dbPages;
  }

  /** Copies the contents. @param dbPages pages of the database after these changes */
  merge(pages: Iterable<Page>, dbPages: number): void {
    for (const { pgno, bytes } of pages) {
      // Some pages change in every commit: written over in place they cost no memory that somebody has to collect.
      const held = this.#pages.get(pgno);
      if (held) held.set(bytes);
      else this.#pages.set(pgno, new Uint8Array(bytes));
    }
    this.#dbPages = dbPages;
    this.#dirty = true;
  }

  /** Takes everything out as one batch; null when no commit came since the last one. */
  freeze(): Batch | null {
    if (!this.#dirty) return null;
    const pages = [...this.#pages]
      .filter(([pgno]) => pgno <= this.#dbPages)
      .map(([pgno, bytes]) => ({ pgno, bytes }))
      .sort((one, other) => one.pgno - other.pgno);
    this.#pages.clear();
    this.#dirty = false;
    return { pages, dbPages: this.#dbPages };
  }
}

/** Reads a log file onwards from the last commit it has seen. */
export class WalCapture {
  readonly pending = new PendingPages();
  readonly #fd: number;
  readonly #pageSize: number;
  readonly #header = Buffer.alloc(WAL_HEADER_BYTES);
  readonly #buffer: Buffer;
  #generation: Generation | null = null;
  /** Behind the last commit frame, bytes; 0 in an empty log. */
  #offset = 0;
  #checksum: WalChecksum = [0, 0];

  /**
   * @param fd of the `-wal` file, readable
   * @param pageSize bytes
   */
  constructor(fd: number, pageSize: number) {
    this.#fd = fd;
    this.#pageSize = pageSize;
    const frame = FRAME_HEADER_BYTES + pageSize;
    this.#buffer = Buffer.alloc(frame * Math.max(1, Math.floor(READ_BYTES / frame)));
  }

  /** Frames up to the last commit seen: what the witness must count. */
  get frames(): number {
    return this.#offset === 0 ? 0 : (this.#offset - WAL_HEADER_BYTES) / (FRAME_HEADER_BYTES + this.#pageSize);
  }

  /**
   * Merges the pages of all new commits into `pending`. Never inside a transaction.
   * @returns the number of new commits
   * @throws CaptureMismatch when the log is not the one that was left behind
   */
  capture(): number {
    if (!this.#confirmGeneration()) return 0;
    return this.#walk();
  }

  /** Our own checkpoint emptied the log: the next generation has other salts, and that is right. */
  restarted(): void {
    this.#generation = null;
    this.#offset = 0;
  }

  /** False when the log is empty, as it should be. */
  #confirmGeneration(): boolean {
    const length = readSync(this.#fd, this.#header, 0, WAL_HEADER_BYTES, 0);
    const known = this.#generation;
    if (length === 0) {
      if (known) throw new CaptureMismatch('The write-ahead log was emptied by somebody else.');
      return false;
    }
    if (length < WAL_HEADER_BYTES) throw new CaptureMismatch('The header of the write-ahead log is cut short.');
    if (known && this.#header.compare(known.salts, 0, 8, 16, 24) === 0) return true;
    if (known) throw new CaptureMismatch('The write-ahead log was restarted by somebody else.');
    this.#generation = this.#readGeneration();
    this.#offset = WAL_HEADER_BYTES;
    this.#checksum = this.#generation.checksum;
    return true;
  }

  #readGeneration(): Generation {
    const magic = this.#header.readUInt32BE(0);
    const littleEndian = magic === MAGIC_LITTLE_ENDIAN;
    const checksum = walChecksum(this.#header.subarray(0, 24), littleEndian);
    const sound =
      (littleEndian || magic === MAGIC_BIG_ENDIAN) &&
      this.#header.readUInt32BE(4) === WAL_VERSION &&
      this.#header.readUInt32BE(8) === this.#pageSize &&
      isStored(checksum, this.#header, 24);
    if (!sound) throw new CaptureMismatch('The header of the write-ahead log is damaged.');
    return { littleEndian, salts: Buffer.from(this.#header.subarray(16, 24)), checksum };
  }

  /** Walks frames until one does not belong; position, checksum and `pending` advance at commit frames only. */
  #walk(): number {
    const size = FRAME_HEADER_BYTES + this.#pageSize;
    let commits = 0;
    let checksum = this.#checksum;
    let open = new Map<number, Uint8Array>();
    for (let position = this.#offset; ; ) {
      const length = readSync(this.#fd, this.#buffer, 0, this.#buffer.length, position);
      for (let at = 0; at + size <= length; at += size) {
        const frame = this.#buffer.subarray(at, at + size);
        const next = this.#frameChecksum(frame, checksum);
        if (!next) return commits;
        checksum = next;
        open.set(frame.readUInt32BE(0), frame.subarray(FRAME_HEADER_BYTES));
        const dbPages = frame.readUInt32BE(4);
        if (dbPages === 0) continue;
        this.pending.merge(pagesIn(open), dbPages);
        open = new Map();
        this.#offset = position + at + size;
        this.#checksum = checksum;
        commits += 1;
      }
      if (length < this.#buffer.length) return commits;
      position += length;
      // The next piece is read over this one.
      for (const [pgno, bytes] of open) if (bytes.buffer === this.#buffer.buffer) open.set(pgno, new Uint8Array(bytes));
    }
  }

  /** The checksum including `frame`; null when the frame is torn, rewritten, or left over from an older generation. */
  #frameChecksum(frame: Buffer, before: WalChecksum): WalChecksum | null {
    const generation = this.#generation;
    if (!generation || frame.readUInt32BE(0) === 0 || frame.compare(generation.salts, 0, 8, 8, 16) !== 0) return null;
    const head = walChecksum(frame.subarray(0, 8), generation.littleEndian, before);
    const whole = walChecksum(frame.subarray(FRAME_HEADER_BYTES), generation.littleEndian, head);
    return isStored(whole, frame, 16) ? whole : null;
  }
}

const isStored = ([s0, s1]: WalChecksum, bytes: Buffer, at: number): boolean =>
  bytes.readUInt32BE(at) === s0 && bytes.readUInt32BE(at + 4) === s1;

function* pagesIn(map: ReadonlyMap<number, Uint8Array>): Generator<Page> {
  for (const [pgno, bytes] of map) yield { pgno, bytes };
}

/**
 * All pages of the main file. For genesis: switching an empty file to WAL writes page 1 past the log, and an imported database is
 * all there. Merge them before the first capture.
 * @throws CaptureMismatch when the file does not hold whole pages
 */
export function readMainFile(fd: number, pageSize: number): Page[] {
  const { size } = fstatSync(fd);
  if (size % pageSize !== 0) throw new CaptureMismatch(`The main file holds ${size} bytes, no whole pages.`);
  return Array.from({ length: size / pageSize }, (_, index) => {
    const bytes = new Uint8Array(pageSize);
    const length = readSync(fd, bytes, 0, pageSize, index * pageSize);
    if (length !== pageSize) throw new CaptureMismatch(`Page ${index + 1} of the main file is cut short.`);
    return { pgno: index + 1, bytes };
  });
}

/** `unchecked`: an iterator is open and SQLite takes no statement; the capture counts for nothing until a later check. */
export type WitnessAnswer = 'confirmed' | 'unchecked';

/** What is needed of a better-sqlite3 database: the log's folder stays free of the driver. */
export interface SqliteConnection {
  prepare(sql: string): { get(): unknown };
}

/** Columns that `PRAGMA wal_checkpoint` answers with. */
interface CheckpointRow {
  readonly busy: number;
  readonly log: number;
  readonly checkpointed: number;
}

function checkpointRow(row: unknown): CheckpointRow | null {
  if (typeof row !== 'object' || row === null || !('busy' in row && 'log' in row && 'checkpointed' in row)) return null;
  return { busy: Number(row.busy), log: Number(row.log), checkpointed: Number(row.checkpointed) };
}

/**
 * A function that asks SQLite how many frames its log has, without changing anything, and compares. To be called right after each
 * capture, in the same synchronous step, outside transactions.
 * @throws CaptureMismatch when SQLite counts other frames, or some of them were already copied into the main file
 */
export function walWitness(sqlite: SqliteConnection): (frames: number) => WitnessAnswer {
  const statement = sqlite.prepare('PRAGMA wal_checkpoint(NOOP)');
  return (frames) => {
    const row = unlessBusy(() => checkpointRow(statement.get()));
    if (row === 'busy') return 'unchecked';
    if (row?.log !== frames || row.checkpointed !== 0) {
      const seen = row ? `${row.log} frames, ${row.checkpointed} of them checkpointed` : 'no log';
      throw new CaptureMismatch(`The write-ahead log was read up to frame ${frames}; SQLite has ${seen}.`);
    }
    return 'confirmed';
  };
}

/**
 * Our own checkpoint (section 9): empties the log into the main file. Right after a confirmed capture, in the same synchronous
 * step, so that no commit goes into the main file unseen.
 * @returns false when an open iterator kept SQLite from it: nothing happened
 * @throws CaptureMismatch when another connection held it up; whatever SQLite throws
 */
export function checkpointLog(sqlite: SqliteConnection, wal: WalCapture, mainFd: number): boolean {
  const row = unlessBusy(() => checkpointRow(sqlite.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get()));
  if (row === 'busy') return false;
  if (row?.busy !== 0) throw new CaptureMismatch('Another connection kept the checkpoint from finishing.');
  wal.restarted();
  stampMainFile(mainFd);
  return true;
}

/** Seconds since 1970 that no writer leaves behind: any write sets the file's time to now. */
const STAMP = 1;

/** Marks the main file as left by us: after SQLite opened it, and after each own checkpoint. Between those nobody writes to it. */
export function stampMainFile(fd: number): void {
  futimesSync(fd, STAMP, STAMP);
}

/** @throws CaptureMismatch when the main file was written to since it was stamped: a checkpoint that is not ours */
export function confirmMainFile(fd: number): void {
  if (fstatSync(fd).mtimeMs !== STAMP * 1_000) throw new CaptureMismatch('The main file was written by somebody else.');
}

/** An open iterator shows as a locked table (or as the driver's own refusal); so would an open transaction, which callers exclude. */
function unlessBusy<T>(ask: () => T): T | 'busy' {
  try {
    return ask();
  } catch (error) {
    if (error instanceof TypeError && error.message.includes('busy executing a query')) return 'busy';
    if (error instanceof Error && 'code' in error && error.code === 'SQLITE_LOCKED') return 'busy';
    throw error;
  }
}
