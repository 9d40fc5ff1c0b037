/**
 * The capture against SQLite itself: whatever a program does, applying the captured pages to a copy gives the same bytes as SQLite's
 * own image. WAL_CASES sets how many random programs run (300 here, thousands in the long proof), WAL_SEED repeats a run.
 */
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import type { Page } from './codec.ts';
import { DbSum } from './db-sum.ts';
import { CaptureMismatch } from './errors.ts';
import {
  checkpointLog,
  confirmMainFile,
  PendingPages,
  readMainFile,
  stampMainFile,
  WalCapture,
  type WalChecksum,
  walChecksum,
  walWitness,
} from './wal.ts';

const CASES = Number(process.env.WAL_CASES ?? 300);
const SEED = process.env.WAL_SEED === undefined ? undefined : Number(process.env.WAL_SEED);
const root = mkdtempSync(join(tmpdir(), 'wal-test-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
let files = 0;

/** A database with its capture, and the copy that only the captured pages feed. */
class Pair {
  readonly file = join(root, `${++files}.db`);
  readonly sqlite: Database.Database;
  readonly wal: WalCapture;
  readonly mainFd: number;
  readonly walFd: number;
  readonly #witness: (frames: number) => string;
  readonly #sum: DbSum;
  readonly #pageSize: number;
  #copy: Uint8Array[] = [];
  captures = 0;

  constructor({ pageSize = 4_096, autoVacuum = 0, cachePages = 2_000 } = {}) {
    this.sqlite = new Database(this.file);
    for (const pragma of [
      'locking_mode=EXCLUSIVE',
      `page_size=${pageSize}`,
      `auto_vacuum=${autoVacuum}`,
      'journal_mode=WAL',
      'synchronous=OFF',
      'wal_autocheckpoint=0',
      `cache_size=${cachePages}`,
    ])
      this.sqlite.pragma(pragma);
    this.sqlite.exec('create table first(id)');
    this.#pageSize = pageSize;
    this.mainFd = openSync(this.file, 'r');
    this.walFd = openSync(`${this.file}-wal`, 'r');
    this.wal = new WalCapture(this.walFd, pageSize);
    this.#witness = walWitness(this.sqlite);
    this.#sum = new DbSum(pageSize);
    stampMainFile(this.mainFd);
    const main = readMainFile(this.mainFd, pageSize);
    this.wal.pending.merge(main, main.length);
  }

  capture(): number {
    const commits = this.wal.capture();
    expect(this.#witness(this.wal.frames)).toBe('confirmed');
    confirmMainFile(this.mainFd);
    this.captures += 1;
    return commits;
  }

  checkpoint(): void {
    this.capture();
    expect(checkpointLog(this.sqlite, this.wal, this.mainFd)).toBe(true);
  }

  /** Captures, applies, and holds the copy and its checksum against SQLite's own image. */
  check(): void {
    this.capture();
    const batch = this.wal.pending.freeze();
    if (batch) {
      this.#sum.apply(batch.pages, batch.dbPages);
      this.#copy.length = Math.min(this.#copy.length, batch.dbPages);
      for (const { pgno, bytes } of batch.pages) this.#copy[pgno - 1] = bytes;
    }
    const image = this.sqlite.serialize();
    expect(image.equals(Buffer.concat(this.#copy)), 'the copy has the same bytes').toBe(true);
    const scan = new DbSum(this.#pageSize);
    scan.apply(pagesOf(image, this.#pageSize), image.length / this.#pageSize);
    expect(this.#sum.value).toBe(scan.value);
  }

  close(): void {
    this.checkpoint();
    this.check();
    expect(readFileSync(this.file).equals(Buffer.concat(this.#copy)), 'the file has the same bytes').toBe(true);
    this.sqlite.close();
    closeSync(this.mainFd);
    closeSync(this.walFd);
    rmSync(this.file);
  }
}

const pagesOf = (image: Uint8Array, size: number): Page[] =>
  Array.from({ length: image.length / size }, (_, i) => ({
    pgno: i + 1,
    bytes: image.subarray(i * size, (i + 1) * size),
  }));

const SCHEMA = `create table t(id integer primary key, name text, body blob, twice int generated always as (id * 2) stored);
  create index t_name on t(name);
  create virtual table words using fts5(name, content='t', content_rowid='id');
  create trigger t_in after insert on t begin insert into words(rowid, name) values (new.id, new.name); end;
  create trigger t_out after delete on t begin insert into words(words, rowid, name) values ('delete', old.id, old.name); end;`;

type Step = readonly [name: string, size: number];

const CHANGES: Readonly<Record<string, (size: number) => string>> = {
  insert: (
    n,
  ) => `insert into t(name, body) with recursive c(i) as (select 1 union all select i + 1 from c where i < ${(n % 60) + 1})
    select 'word' || i || ' ' || ${n}, randomblob(${n * 7}) from c`,
  update: (n) => `update t set body = randomblob(${n * 3}) where id % ${(n % 5) + 1} = 0`,
  remove: (n) => `delete from t where id % ${(n % 4) + 2} = 1`,
  clear: () => 'delete from t',
  create: (n) => `create table if not exists extra${n % 3}(a primary key, b)`,
  fill: (n) =>
    `create table if not exists extra${n % 3}(a primary key, b); insert into extra${n % 3} values (randomblob(900), ${n})`,
  drop: (n) => `drop table if exists extra${n % 3}`,
  index: () => 'create index if not exists t_body on t(substr(body, 1, 20))',
  unindex: () => 'drop index if exists t_body',
  merge: () => "insert into words(words) values ('optimize')",
};
/** Outside transactions only. */
const ALONE: Readonly<Record<string, string>> = { vacuum: 'vacuum', incremental: 'pragma incremental_vacuum' };

function runChanges(sqlite: Database.Database, changes: readonly Step[]): void {
  for (const [name, size] of changes) sqlite.exec(CHANGES[name]?.(size) ?? '');
}

interface Action {
  how: 'plain' | 'commit' | 'rollback' | 'savepoint' | 'vacuum' | 'incremental' | 'checkpoint' | 'capture';
  changes: Step[];
  undone: Step[];
}

function act(pair: Pair, { how, changes, undone }: Action): void {
  const { sqlite } = pair;
  if (how === 'checkpoint') pair.checkpoint();
  else if (how === 'capture') pair.capture();
  else if (how === 'plain') runChanges(sqlite, changes);
  else if (how in ALONE) sqlite.exec(ALONE[how] ?? '');
  else {
    sqlite.exec('begin immediate');
    runChanges(sqlite, changes);
    if (how === 'savepoint') {
      sqlite.exec('savepoint inner_part');
      runChanges(sqlite, undone);
      sqlite.exec('rollback to inner_part; release inner_part');
      runChanges(sqlite, changes.slice(0, 1));
    }
    sqlite.exec(how === 'rollback' ? 'rollback' : 'commit');
  }
}

const steps = fc.array(fc.tuple(fc.constantFrom(...Object.keys(CHANGES)), fc.nat(400)), { minLength: 1, maxLength: 4 });
const action: fc.Arbitrary<Action & { check: boolean }> = fc.record({
  how: fc.constantFrom(
    'plain',
    'plain',
    'commit',
    'rollback',
    'savepoint',
    'vacuum',
    'incremental',
    'checkpoint',
    'capture',
  ),
  changes: steps,
  undone: steps,
  check: fc.boolean(),
});
const settings = fc.record({
  pageSize: fc.constantFrom(512, 1_024, 4_096, 4_096, 65_536),
  autoVacuum: fc.constantFrom(0, 1, 2),
  // A cache of ten pages spills open transactions into the log.
  cachePages: fc.constantFrom(10, 10, 2_000),
});

describe('the capture', () => {
  it(`copies ${CASES} random programs byte for byte`, { timeout: Math.max(60_000, CASES * 200) }, () => {
    let captures = 0;
    fc.assert(
      fc.property(settings, fc.array(action, { minLength: 2, maxLength: 8 }), (how, actions) => {
        const pair = new Pair(how);
        pair.sqlite.exec(SCHEMA);
        for (const one of actions) {
          act(pair, one);
          if (one.check) pair.check();
        }
        pair.close();
        captures += pair.captures;
      }),
      { numRuns: CASES, seed: SEED },
    );
    expect(captures).toBeGreaterThan(CASES);
  });

  it('copies a transaction of 18 MB that spills, and nothing of one that is rolled back', () => {
    const pair = new Pair({ cachePages: 10 });
    pair.sqlite.exec(SCHEMA);
    pair.check();
    const before = pair.wal.frames;
    pair.sqlite.exec('begin; insert into t(body) values (zeroblob(18000000)); rollback');
    expect(pair.capture()).toBe(0);
    expect(pair.wal.frames).toBe(before);
    pair.sqlite.exec('begin; insert into t(body) values (randomblob(18000000)); update t set name = 1; commit');
    expect(pair.capture()).toBe(1);
    pair.check();
    pair.close();
  });

  it('counts commits and takes none twice', () => {
    const pair = new Pair();
    pair.sqlite.exec('insert into first values (1); insert into first values (2)');
    expect(pair.capture()).toBe(3);
    expect(pair.capture()).toBe(0);
    pair.check();
    expect(pair.wal.pending.freeze()).toBeNull();
    pair.close();
  });
});

/** The same log with the other byte order of its checksums, by the plain reading of the format. */
function withBigEndianSums(log: Buffer, pageSize: number): Buffer {
  const copy = Buffer.from(log);
  let sum: WalChecksum = [0, 0];
  const feed = (from: number, to: number) => {
    let [a, b] = sum;
    for (let at = from; at < to; at += 8) {
      a = Number((BigInt(a) + BigInt(copy.readUInt32BE(at)) + BigInt(b)) % 4_294_967_296n);
      b = Number((BigInt(b) + BigInt(copy.readUInt32BE(at + 4)) + BigInt(a)) % 4_294_967_296n);
    }
    sum = [a, b];
  };
  const store = (at: number) => copy.writeUInt32BE(sum[1], copy.writeUInt32BE(sum[0], at));
  copy.writeUInt32BE(0x377f0683, 0);
  feed(0, 24);
  store(24);
  for (let at = 32; at < copy.length; at += 24 + pageSize) {
    feed(at, at + 8);
    feed(at + 24, at + 24 + pageSize);
    store(at + 16);
  }
  return copy;
}

/** A log of three commits and where each ends. */
function sampleLog(): { log: Buffer; main: Buffer; ends: number[] } {
  const pair = new Pair({ pageSize: 512 });
  const ends: number[] = [];
  for (const n of [1, 2, 3]) {
    pair.sqlite.exec(`insert into first values (randomblob(${n * 700}))`);
    pair.capture();
    ends.push(32 + pair.wal.frames * 536);
  }
  return { log: readFileSync(`${pair.file}-wal`), main: readFileSync(pair.file), ends };
}

const capturing = (log: Uint8Array): WalCapture => {
  const path = join(root, `${++files}-wal`);
  writeFileSync(path, log);
  return new WalCapture(openSync(path, 'r'), 512);
};

describe('the log file', () => {
  const { log, main, ends } = sampleLog();

  it('is read in both byte orders, and SQLite reads the second one too', () => {
    const other = withBigEndianSums(log, 512);
    const path = join(root, 'swapped.db');
    writeFileSync(path, main);
    writeFileSync(`${path}-wal`, other);
    const sqlite = new Database(path);
    expect(sqlite.prepare('select count(*) from first').pluck().get()).toBe(3);
    sqlite.close();
    const batches = [log, other].map((bytes) => {
      const wal = capturing(bytes);
      expect(wal.capture()).toBe(4);
      return wal.pending.freeze();
    });
    expect(batches[1]).toEqual(batches[0]);
    expect(walChecksum(other.subarray(0, 24), false)).toEqual([other.readUInt32BE(24), other.readUInt32BE(28)]);
  });

  it('counts only whole commits of a torn log, at every cut', () => {
    const commits: number[] = [];
    for (let at = 32; at < log.length; at += 536) if (log.readUInt32BE(at + 4) !== 0) commits.push(at + 536);
    expect(commits).toEqual(expect.arrayContaining(ends));
    for (let cut = 32; cut <= log.length; cut += 67) {
      const wal = capturing(log.subarray(0, cut));
      wal.capture();
      expect(32 + wal.frames * 536, `cut at ${cut}`).toBe(Math.max(32, ...commits.filter((end) => end <= cut)));
    }
  });

  it('ends where a frame has a flipped bit or the salts of another life', () => {
    for (const at of [0, 3, 5, 9, 14, 17, 22, 24, 300, 535]) {
      const damaged = Buffer.from(log);
      const place = (ends[1] ?? 0) + at;
      damaged[place] = (damaged[place] ?? 0) ^ 4;
      const wal = capturing(damaged);
      wal.capture();
      expect(32 + wal.frames * 536, `byte ${at}`).toBe(ends[1]);
    }
  });

  it('must have a sound header: every flip of it is fatal', () => {
    for (let at = 0; at < 32; at += 1) {
      const damaged = Buffer.from(log);
      damaged[at] = (damaged[at] ?? 0) ^ 1;
      // Sequence and salts are covered by the checksum, the magic decides its byte order.
      expect(() => capturing(damaged).capture(), `byte ${at}`).toThrow(CaptureMismatch);
    }
    expect(() => capturing(log.subarray(0, 31)).capture()).toThrow(CaptureMismatch);
    expect(capturing(Buffer.alloc(0)).capture()).toBe(0);
  });
});

describe('a checkpoint that is not ours', () => {
  const caught = (pair: Pair) => expect(() => pair.capture()).toThrow(CaptureMismatch);

  it.each(['PASSIVE', 'FULL', 'RESTART', 'TRUNCATE'])('is seen at once (%s), also when a commit follows', (mode) => {
    for (const follow of [false, true]) {
      const pair = new Pair();
      pair.sqlite.exec('insert into first values (1)');
      pair.capture();
      pair.sqlite.pragma(`wal_checkpoint(${mode})`);
      if (follow) pair.sqlite.exec('insert into first values (2)');
      caught(pair);
    }
  });

  it('is seen by the count alone where the file shows nothing', () => {
    const pair = new Pair();
    pair.capture();
    pair.sqlite.pragma('wal_checkpoint(RESTART)');
    expect(pair.wal.capture()).toBe(0);
    expect(() => walWitness(pair.sqlite)(pair.wal.frames)).toThrow(CaptureMismatch);
  });

  it('is seen by the stamp alone where log and count are empty as after our own', () => {
    const pair = new Pair();
    pair.checkpoint();
    pair.sqlite.exec('insert into first values (1)');
    pair.sqlite.pragma('wal_checkpoint(TRUNCATE)');
    expect(pair.wal.capture()).toBe(0);
    expect(walWitness(pair.sqlite)(pair.wal.frames)).toBe('confirmed');
    expect(() => confirmMainFile(pair.mainFd)).toThrow(CaptureMismatch);
  });
});

describe('an open iterator', () => {
  it('leaves the capture unchecked and the checkpoint undone', () => {
    const pair = new Pair();
    pair.sqlite.exec('insert into first values (1), (2)');
    const rows = pair.sqlite.prepare('select * from first').iterate();
    rows.next();
    pair.wal.capture();
    expect(walWitness(pair.sqlite)(pair.wal.frames)).toBe('unchecked');
    expect(checkpointLog(pair.sqlite, pair.wal, pair.mainFd)).toBe(false);
    rows.return?.();
    pair.check();
    pair.close();
  });
});

describe('PendingPages', () => {
  it('keeps the newest content, sorts, and drops what lies beyond the end', () => {
    const pending = new PendingPages();
    const page = (pgno: number, fill: number) => ({ pgno, bytes: Uint8Array.of(fill) });
    pending.merge([page(9, 1), page(2, 1)], 9);
    pending.merge([page(2, 2), page(1, 2)], 3);
    expect(pending.size).toBe(3);
    expect(pending.freeze()).toEqual({ pages: [page(1, 2), page(2, 2)], dbPages: 3 });
    expect([pending.size, pending.freeze()]).toEqual([0, null]);
  });
});
