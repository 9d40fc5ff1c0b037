/** A whole leader for tests: SQLite on a fresh file, restored from a bucket, sealed and attached. It can vanish as a killed process does. */
import { mkdtempSync, rmSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { KeyPage, LogBucket, StoredObject } from './bucket.ts';
import { type Clock, systemClock } from './clock.ts';
import { LeaderLog } from './leader.ts';
import type { LeaderConnection, LeaderTerms } from './leader-terms.ts';
import type { Chain, Reading } from './log-reader.ts';
import type { Pacing } from './pacing.ts';
import { FilePages, MemoryPages } from './page-sink.ts';
import { type Restored, restore } from './restore.ts';
import { takeOver } from './takeover.ts';
import { keys } from './test-log.ts';
import type { CommitLevel } from './tickets.ts';

/** Time that passes only by `advance`; who sleeps wakes then. */
export class SteppedClock implements Clock {
  #now = 1_000;
  #sleepers: { until: number; wake: () => void }[] = [];

  now(): number {
    return this.#now;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
      this.#sleepers.push({ until: this.#now + ms, wake: resolve });
    });
  }

  advance(ms: number): void {
    this.#now += ms;
    const due = this.#sleepers.filter(({ until }) => until <= this.#now);
    this.#sleepers = this.#sleepers.filter(({ until }) => until > this.#now);
    for (const { wake } of due) wake();
  }
}

/** Real time, `factor` times as fast. */
export const fastClock = (factor: number): Clock => ({
  now: () => systemClock.now() * factor,
  sleep: (ms, signal) => systemClock.sleep(ms / factor, signal),
});

/** A bucket as one process sees it: when that is killed no answer comes back any more, and no new request arrives. */
export class Mortal implements LogBucket {
  readonly #bucket: LogBucket;
  #dead = false;

  constructor(bucket: LogBucket) {
    this.#bucket = bucket;
  }

  kill(): void {
    this.#dead = true;
  }

  putIfAbsent(key: string, bytes: Uint8Array): Promise<'created' | 'exists'> {
    return this.#through(() => this.#bucket.putIfAbsent(key, bytes));
  }

  putIfMatch(key: string, bytes: Uint8Array, etag: string | null): Promise<string | null> {
    return this.#through(() => this.#bucket.putIfMatch(key, bytes, etag));
  }

  get(key: string): Promise<StoredObject | null> {
    return this.#through(() => this.#bucket.get(key));
  }

  list(prefix: string, after: string | null): Promise<KeyPage> {
    return this.#through(() => this.#bucket.list(prefix, after));
  }

  delete(key: string): Promise<void> {
    return this.#through(() => this.#bucket.delete(key));
  }

  async #through<T>(request: () => Promise<T>): Promise<T> {
    const never = new Promise<never>(() => undefined);
    if (this.#dead) return never;
    try {
      const answer = await request();
      return this.#dead ? await never : answer;
    } catch (error) {
      if (this.#dead) return never;
      throw error;
    }
  }
}

export const MAX_RAW = 2 ** 30;
const reading = (sink: Reading['sink']): Reading => ({ sink, keys: [], maxRawLen: MAX_RAW });

export type TestTerms = Partial<Omit<LeaderTerms, 'bucket' | 'chain' | 'sqlite' | 'mainFile'>> & {
  /** Stands between the leader and its bucket. */
  wrap?: (bucket: LogBucket) => LogBucket;
};

let owners = 0;

export interface Elected {
  readonly folder: string;
  readonly mainFile: string;
  readonly mortal: Mortal;
  readonly ends: Error[];
  readonly wants: string[];
  readonly attach: (sqlite: LeaderConnection) => LeaderLog;
}

/** Restored onto a fresh file, and sealed; SQLite may open the file. */
export async function elect(bucket: LogBucket, { wrap, ...terms }: TestTerms = {}): Promise<Elected> {
  const folder = mkdtempSync(join(tmpdir(), 'leader-'));
  const mainFile = join(folder, 'db');
  const calm = { clock: fastClock(100), random: () => 0.5 };
  owners += 1;
  const owner = terms.owner ?? `owner-${owners}`;
  const at = terms.at ?? (() => '2026-01-01T00:00:00Z');
  const sink = await FilePages.create(mainFile);
  const ring = terms.encryption ? [terms.encryption] : [];
  const restored = restore(bucket, { ...reading(sink), keys: ring, log: keys }, calm);
  const { chain, snapshot } = await sealed(bucket, { restored, owner, at }, calm)
    .finally(() => sink.close())
    .catch((error: unknown) => {
      rmSync(folder, { recursive: true });
      throw error;
    });
  const mortal = new Mortal(bucket);
  const ends: Error[] = [];
  const wants: string[] = [];
  const attach = (sqlite: LeaderConnection) =>
    LeaderLog.attach({
      ...{ url: 'http://leader', ttlMs: 600_000, snapshotAt: snapshot, pacing: calm },
      ...{ onEnd: (reason: Error) => ends.push(reason), onWant: (want: string) => wants.push(want) },
      log: { info: () => {}, warn: () => {}, error: () => {} },
      ...terms,
      // On the fast clock real work takes long; steps of time set their own limits.
      limits: terms.pacing ? { ...terms.limits } : { waitMs: 1e9, undurableMs: 1e9, ...terms.limits },
      ...{ keys, chain, sqlite, mainFile, owner, at, bucket: wrap?.(mortal) ?? mortal },
    });
  return { folder, mainFile, mortal, ends, wants, attach };
}

async function sealed(
  bucket: LogBucket,
  { restored, owner, at }: { restored: Promise<Restored>; owner: string; at: () => string },
  pacing: Pacing,
): Promise<{ chain: Chain; snapshot: number }> {
  const { chain, snapshot = 0 } = { snapshot: 0, ...(await restored) };
  const { outcome } = await takeOver(bucket, { keys, chain, owner, nonce: () => owner, at }, pacing);
  if (outcome !== 'sealed') throw new Error('another one was faster');
  return { chain, snapshot };
}

export class TestDatabase {
  readonly folder: string;
  readonly sqlite: Database.Database;
  readonly log: LeaderLog;
  readonly mortal: Mortal;
  readonly ends: Error[];
  readonly wants: string[];
  #ticket = 0;

  private constructor(parts: Pick<TestDatabase, 'folder' | 'sqlite' | 'log' | 'mortal' | 'ends' | 'wants'>) {
    this.folder = parts.folder;
    this.sqlite = parts.sqlite;
    this.log = parts.log;
    this.mortal = parts.mortal;
    this.ends = parts.ends;
    this.wants = parts.wants;
  }

  /** Restores, seals and leads; a prefix without a log begins one. */
  static async lead(
    bucket: LogBucket,
    { prepare, ...terms }: TestTerms & { prepare?: (mainFile: string) => void } = {},
  ): Promise<TestDatabase> {
    const { folder, mainFile, mortal, ends, wants, attach } = await elect(bucket, terms);
    prepare?.(mainFile);
    const sqlite = openSqlite(mainFile);
    return new TestDatabase({ folder, sqlite, mortal, ends, wants, log: attach(sqlite) });
  }

  /** One commit, admitted as the product does it. Resolves, or not, with its durability. @param before happens before it is captured */
  commit(sql: string, level: CommitLevel = 'sync', before?: () => void): Promise<void> {
    this.log.admit();
    this.sqlite.exec(sql);
    before?.();
    this.#ticket += 1;
    this.log.committed(this.#ticket, level);
    const done = this.log.durable(this.#ticket);
    done.catch(() => undefined);
    return done;
  }

  /** What a tool does that opens the file: SQLite's log is emptied behind the leader's back. `forged`: with its old time put back. */
  checkpointFromOutside(forged: boolean): void {
    this.sqlite.pragma('wal_checkpoint(TRUNCATE)');
    if (forged) utimesSync(join(this.folder, 'db'), 1, 1);
  }

  image(): Buffer {
    return this.sqlite.serialize();
  }

  /** As a kill -9: from now on nothing of it reaches the bucket, and its disk is gone. */
  async vanish(): Promise<void> {
    this.mortal.kill();
    await this.end();
  }

  async end(): Promise<void> {
    await this.log.close();
    this.sqlite.close();
    rmSync(this.folder, { recursive: true });
  }
}

export function openSqlite(file: string): Database.Database {
  const sqlite = new Database(file);
  for (const pragma of ['locking_mode=EXCLUSIVE', 'page_size=4096', 'journal_mode=WAL', 'synchronous=OFF'])
    sqlite.pragma(pragma);
  sqlite.pragma('wal_autocheckpoint=0');
  return sqlite;
}

/** What anybody finds in the bucket: the bytes of the database, and it opened. */
export async function found(
  bucket: LogBucket,
  until?: number,
): Promise<{ image: Buffer; chain: Chain; result: Restored; rows: (sql: string) => unknown[] }> {
  const sink = new MemoryPages();
  const pacing = { clock: fastClock(100), random: () => 0.5 };
  const request = { ...reading(sink), log: keys, ...(until !== undefined && { until }) };
  const result = await restore(bucket, request, pacing);
  const image = Buffer.from(sink.content);
  const rows = (sql: string): unknown[] => {
    // A database in memory has no write-ahead log: its header must not ask for one.
    const copy = Buffer.from(image);
    copy.fill(1, 18, 20);
    const sqlite = new Database(copy);
    try {
      if (sqlite.pragma('integrity_check', { simple: true }) !== 'ok') throw new Error('the database is damaged');
      return sqlite.prepare(sql).pluck().all();
    } finally {
      sqlite.close();
    }
  };
  return { image, chain: result.chain, result, rows };
}

/** Polls; no sleep without an end. */
export async function eventually(condition: () => boolean, what: string): Promise<void> {
  const deadline = performance.now() + 5_000;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`not in time: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}
