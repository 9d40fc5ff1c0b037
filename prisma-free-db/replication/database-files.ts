/**
 * The database's two files under a leader: one descriptor on each, opened after SQLite and held until it is done (closing any
 * descriptor of the main file drops SQLite's locks). Commits are captured in the tick in which they are made, and the capture is confirmed
 * again when a batch is taken: what is sent is what one confirmed capture saw.
 */
import { closeSync, fstatSync, openSync, read } from 'node:fs';
import { promisify } from 'node:util';
import { CaptureMismatch } from './errors.ts';
import type { LeaderConnection } from './leader-terms.ts';
import {
  type Batch,
  checkpointLog,
  confirmMainFile,
  readMainFile,
  stampMainFile,
  WalCapture,
  type WitnessAnswer,
  walWitness,
} from './wal.ts';

const readAsync = promisify(read);

/** What SQLite must have been told before its first use (format document, section 7). */
const PRAGMAS: Readonly<Record<string, string>> = {
  journal_mode: 'wal',
  locking_mode: 'exclusive',
  wal_autocheckpoint: '0',
};

export class DatabaseFiles {
  readonly pageSize: number;
  readonly #sqlite: LeaderConnection;
  readonly #startPages: number;
  readonly #mainFd: number;
  readonly #walFd: number;
  readonly #wal: WalCapture;
  readonly #witness: (frames: number) => WitnessAnswer;

  /**
   * @param dbPages pages that the log has; 0 begins a log, with all that the main file holds
   * @throws CaptureMismatch when the file is not what the log says; RangeError for a connection opened otherwise
   */
  constructor(sqlite: LeaderConnection, mainFile: string, dbPages: number) {
    // The first read also makes SQLite open, or create, its log.
    sqlite.prepare('select count(*) from sqlite_master').get();
    for (const [name, wanted] of Object.entries(PRAGMAS)) {
      const found = pragma(sqlite, name);
      if (found !== wanted) throw new RangeError(`SQLite was opened with ${name}=${found}, not ${wanted}`);
    }
    this.#sqlite = sqlite;
    this.#startPages = dbPages;
    this.pageSize = Number(pragma(sqlite, 'page_size'));
    this.#mainFd = openSync(mainFile, 'r');
    this.#walFd = openSync(`${mainFile}-wal`, 'r');
    this.#wal = new WalCapture(this.#walFd, this.pageSize);
    this.#witness = walWitness(sqlite);
    stampMainFile(this.#mainFd);
    if (dbPages === 0) {
      const pages = readMainFile(this.#mainFd, this.pageSize);
      if (pages.length > 0) this.#wal.pending.merge(pages, pages.length);
    } else if (fstatSync(this.#mainFd).size !== dbPages * this.pageSize) {
      throw new CaptureMismatch(`The main file does not have the ${dbPages} pages that were restored.`);
    }
  }

  /** Pages that no batch has taken yet. */
  get pendingPages(): number {
    return this.#wal.pending.size;
  }

  get pendingBytes(): number {
    return this.#wal.pending.size * this.pageSize;
  }

  /** Pages in the write-ahead log, each change counted. */
  get walPages(): number {
    return this.#wal.frames;
  }

  /** Pages of the database after the last commit. */
  get dbPages(): number {
    return this.#wal.pending.dbPages || this.#startPages;
  }

  /**
   * Reads what is new. `unchecked`: a statement is still open, or a transaction; ask again later, and take no batch before.
   * @throws CaptureMismatch when somebody else touched the files: commits may be missing
   */
  capture(): WitnessAnswer {
    if (this.#sqlite.inTransaction) return 'unchecked';
    this.#wal.capture();
    confirmMainFile(this.#mainFd);
    return this.#witness(this.#wal.frames);
  }

  /** All captured changes, once; in the step of a confirmed capture. */
  takeBatch(): Batch | null {
    return this.#wal.pending.freeze();
  }

  /** Empties the write-ahead log into the main file, in the step of a confirmed capture. False: a statement is open. */
  checkpoint(): boolean {
    return checkpointLog(this.#sqlite, this.#wal, this.#mainFd);
  }

  /** Fills `target` with those pages of the main file, one behind the other. Only while no checkpoint can come in between. */
  async readPages(pgnos: readonly number[], target: Buffer): Promise<void> {
    for (let at = 0; at < pgnos.length; ) {
      const first = pgnos[at] ?? 0;
      let end = at + 1;
      while (end < pgnos.length && pgnos[end] === first + end - at) end += 1;
      await this.#readRun(target.subarray(at * this.pageSize, end * this.pageSize), (first - 1) * this.pageSize);
      at = end;
    }
  }

  /** SQLite's locks end with this, so it comes last. */
  close(): void {
    closeSync(this.#walFd);
    closeSync(this.#mainFd);
  }

  async #readRun(target: Buffer, position: number): Promise<void> {
    for (let done = 0; done < target.length; ) {
      const { bytesRead } = await readAsync(this.#mainFd, target, done, target.length - done, position + done);
      if (bytesRead === 0) throw new CaptureMismatch('The main file is shorter than the database.');
      done += bytesRead;
    }
  }
}

function pragma(sqlite: LeaderConnection, name: string): string {
  const row = sqlite.prepare(`PRAGMA ${name}`).get();
  return typeof row === 'object' && row !== null ? String(Object.values(row)[0]) : '';
}
