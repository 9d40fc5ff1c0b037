/**
 * The control plane's database: SQLite opened once, migrated, behind the durability seam that every caller uses.
 * Called by boot. Callers write through `write`, wait for `gate` before anything leaves the process, and run outside
 * effects through `effect`; what stands behind the seam (local disk now, a replicated log later) changes without them.
 * Imports nothing from src.
 */
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { type BetterSQLite3Database, drizzle } from 'drizzle-orm/better-sqlite3';
import { migrate } from 'drizzle-orm/better-sqlite3/migrator';
import { type Durability, type DurabilityLevel, localDisk } from './durability.ts';
import { Fenced, NotLeader, ReplicationError, Unavailable } from './replication/errors.ts';
import { GENESIS_PAGE_SIZE } from './replication/log-reader.ts';

export type Drizzle = BetterSQLite3Database;

export type DatabaseErrorCode =
  | 'full'
  | 'read_only'
  | 'newer_schema'
  | 'corrupt'
  | 'constraint'
  /** Refused before anything was touched: nothing happened. */
  | 'unavailable'
  /** As `unavailable`, because another process leads or may lead. */
  | 'not_leader'
  /** Committed here, and perhaps stored: the outcome is unknown. */
  | 'not_durable'
  | 'failed';

/** Database faults carry a code; services map it once to the product's error type. */
export class DatabaseError extends Error {
  readonly code: DatabaseErrorCode;
  /** When to try again; null where that does not help. */
  readonly retryAfterSeconds: number | null;
  constructor(code: DatabaseErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'DatabaseError';
    this.code = code;
    this.retryAfterSeconds = RETRYABLE.has(code) ? RETRY_SECONDS : null;
    if (cause instanceof Unavailable) this.retryAfterSeconds = cause.retryAfterSeconds;
  }
}

const RETRYABLE: ReadonlySet<DatabaseErrorCode> = new Set(['unavailable', 'not_leader', 'not_durable']);
const RETRY_SECONDS = 2;
const UNKNOWN = 'The change could not be made durable in time. It may or may not be kept: look before you repeat it.';
/** SQLite keeps no page at the byte of its locks, so a log of pages ends there. */
const MOST_BYTES = 2 ** 30;
/** Before it two connections could corrupt a write-ahead log. */
const OLDEST_SQLITE = '3.51.3';

export interface OpenOptions {
  /** Path of the database file; `:memory:` for tests. */
  file: string;
  migrationsDir: string;
  durability?: (sqlite: Database.Database) => Durability;
  /** Told what a listener threw after a commit, which holds all the same. */
  onListenerFault?: (error: unknown) => void;
}

export interface OpenLoggedOptions {
  /** A file that only this process and only this time uses: restored, or not there yet. */
  file: string;
  migrationsDir: string;
  /** Called when the file is open and nothing was written to it. */
  attach: (sqlite: Database.Database) => Durability;
  onListenerFault?: (error: unknown) => void;
}

export class ControlDb {
  readonly drizzle: Drizzle;
  readonly #sqlite: Database.Database;
  readonly #durability: Durability;
  readonly #onListenerFault: (error: unknown) => void;
  readonly #changes: Database.Statement<[], number>;
  /** Rows changed by this connection, as far as a ticket covers them. */
  #covered: number | undefined;
  #ticket = 0;
  #syncTicket = 0;
  #depth = 0;
  #afterCommit: (() => void)[] = [];

  constructor(
    sqlite: Database.Database,
    orm: Drizzle,
    durability: Durability,
    onListenerFault: (error: unknown) => void,
  ) {
    this.#sqlite = sqlite;
    this.drizzle = orm;
    this.#durability = durability;
    this.#onListenerFault = onListenerFault;
    this.#changes = sqlite.prepare<[], number>('select total_changes()').pluck();
    this.#covered = this.#changes.get();
  }

  /**
   * Runs `fn` in one immediate transaction (nested calls join it). Synchronous by design: a transaction never spans an await.
   * @throws DatabaseError; whatever `fn` throws rolls back and passes through.
   */
  write<T>(fn: () => T, options: { durability?: DurabilityLevel } = {}): T {
    if (this.#depth > 0) return fn();
    const covered = this.#changes.get() === this.#covered;
    let result: T;
    try {
      this.#durability.admit();
      this.#depth = 1;
      result = this.#sqlite.transaction(fn).immediate();
    } catch (error) {
      this.#afterCommit = [];
      // SQLite counts what it rolled back; nobody has to wait for that.
      if (covered) this.#covered = this.#changes.get();
      throw classify(error);
    } finally {
      this.#depth = 0;
    }
    this.#committed(options.durability ?? 'sync');
    const listeners = this.#afterCommit;
    this.#afterCommit = [];
    for (const listener of listeners) {
      try {
        listener();
      } catch (error) {
        this.#onListenerFault(error);
      }
    }
    return result;
  }

  /** Runs `listener` right after the surrounding transaction committed; never when it rolled back. Only inside `write`. */
  afterCommit(listener: () => void): void {
    if (this.#depth === 0) throw new Error('afterCommit outside of write');
    this.#afterCommit.push(listener);
  }

  /** Brings the schema up to date, in one transaction. Its commit passes the gate like any other. */
  migrate(migrationsDir: string): void {
    try {
      this.#durability.admit();
      migrate(this.drizzle, { migrationsFolder: migrationsDir });
    } catch (error) {
      throw classify(error);
    }
    this.#committed('sync');
  }

  /** True when nothing that was committed still waits to become durable, and this process may still answer: the gate is open. */
  get settled(): boolean {
    // A change that was made past `write` is a commit too: nothing that may have seen it leaves before it is durable.
    if (this.#depth === 0 && this.#sqlite.open && this.#changes.get() !== this.#covered) this.#committed('sync');
    return this.#durability.position >= this.#syncTicket && this.#durability.current;
  }

  /**
   * Resolves once everything this process committed so far is durable. Whatever leaves the process waits here first.
   * @throws DatabaseError not_durable: the wait was for all commits until now, so nothing is known of any single one
   */
  async gate(): Promise<void> {
    if (this.#depth > 0) throw new Error('gate inside a transaction');
    if (this.settled) return;
    try {
      await this.#durability.durable(this.#syncTicket);
    } catch (error) {
      throw new DatabaseError('not_durable', UNKNOWN, error);
    }
    // Durable, but what this process would answer may be of the past already.
    if (!this.#durability.current) throw new DatabaseError('not_durable', UNKNOWN, new NotLeader(null));
  }

  /** Runs an outside effect (start a process, delete a bucket) only after the rows that order it are durable. */
  async effect<T>(fn: () => Promise<T> | T): Promise<T> {
    await this.gate();
    return fn();
  }

  /** True when the database answers; for readiness. */
  ping(): boolean {
    try {
      return this.#sqlite.open && this.#sqlite.prepare('select count(*) >= 0 from sqlite_master').pluck().get() === 1;
    } catch {
      return false;
    }
  }

  async close(): Promise<void> {
    await this.#durability.close();
    if (this.#sqlite.open) this.#sqlite.close();
  }

  #committed(level: DurabilityLevel): void {
    this.#covered = this.#changes.get();
    this.#ticket += 1;
    if (level === 'sync') this.#syncTicket = this.#ticket;
    this.#durability.committed(this.#ticket, level);
  }
}

/** Opens and migrates. @throws DatabaseError newer_schema (file untouched), read_only, full, corrupt */
export function openControlDb(options: OpenOptions): ControlDb {
  try {
    if (options.file !== ':memory:' && existsSync(options.file)) refuseNewer(options.file, options.migrationsDir);
    const sqlite = new Database(options.file);
    try {
      sqlite.pragma('journal_mode = WAL');
      sqlite.pragma('synchronous = FULL');
      configure(sqlite);
      const orm = drizzle(sqlite);
      migrate(orm, { migrationsFolder: options.migrationsDir });
      return new ControlDb(
        sqlite,
        orm,
        (options.durability ?? localDisk)(sqlite),
        options.onListenerFault ?? (() => {}),
      );
    } catch (error) {
      sqlite.close();
      throw error;
    }
  } catch (error) {
    throw classify(error);
  }
}

/**
 * Opens a database whose truth is a log elsewhere: the file is a cache, so nothing waits for the disk, and nobody but the log's leader
 * moves commits into it. Resolves when the schema is up to date and stored. @throws DatabaseError newer_schema, full, not_durable
 */
export async function openLoggedControlDb(options: OpenLoggedOptions): Promise<ControlDb> {
  let sqlite: Database.Database | null = null;
  let durability: Durability | null = null;
  try {
    sqlite = new Database(options.file);
    requireSqlite(String(sqlite.prepare('select sqlite_version()').pluck().get()));
    // Before the first use of the file: SQLite then needs no shared memory beside it.
    sqlite.pragma('locking_mode = EXCLUSIVE');
    if (sqlite.pragma('page_count', { simple: true }) === 0) sqlite.pragma(`page_size = ${GENESIS_PAGE_SIZE}`);
    sqlite.pragma('journal_mode = WAL');
    sqlite.pragma('synchronous = OFF');
    sqlite.pragma('wal_autocheckpoint = 0');
    sqlite.pragma(`max_page_count = ${MOST_BYTES / Number(sqlite.pragma('page_size', { simple: true }))}`);
    configure(sqlite);
    requireKnownSchema(sqlite, options.migrationsDir);
    durability = options.attach(sqlite);
    const db = new ControlDb(sqlite, drizzle(sqlite), durability, options.onListenerFault ?? (() => {}));
    db.migrate(options.migrationsDir);
    await db.gate();
    return db;
  } catch (error) {
    await durability?.close();
    sqlite?.close();
    throw error instanceof ReplicationError ? error : classify(error);
  }
}

function configure(sqlite: Database.Database): void {
  sqlite.pragma('foreign_keys = ON');
  sqlite.pragma('temp_store = MEMORY');
  sqlite.pragma('cache_size = -16000');
}

function requireSqlite(version: string): void {
  const order = new Intl.Collator('en', { numeric: true });
  if (order.compare(version, OLDEST_SQLITE) < 0)
    throw new DatabaseError('failed', `SQLite ${version} is too old; ${OLDEST_SQLITE} or newer is needed.`);
}

/**
 * A file written by a newer version holds migrations that this one does not know: leave it alone.
 * @throws DatabaseError newer_schema
 */
export function refuseNewer(file: string, migrationsDir: string): void {
  // Even a read makes these two beside a database that was closed well; the caller holds the folder, so they are nobody else's.
  const strays = [`${file}-wal`, `${file}-shm`].filter((path) => !existsSync(path));
  const probe = new Database(file, { readonly: true, fileMustExist: true });
  try {
    requireKnownSchema(probe, migrationsDir);
  } finally {
    probe.close();
    for (const stray of strays) rmSync(stray, { force: true });
  }
}

function requireKnownSchema(sqlite: Database.Database, migrationsDir: string): void {
  const journal: unknown = JSON.parse(readFileSync(join(migrationsDir, 'meta/_journal.json'), 'utf8'));
  const known = journalTimes(journal);
  const table = sqlite.prepare("select 1 from sqlite_master where name = '__drizzle_migrations'").get();
  if (!table) return;
  const newest = Number(sqlite.prepare('select max(created_at) from __drizzle_migrations').pluck().get() ?? 0);
  if (newest > Math.max(0, ...known)) {
    throw new DatabaseError(
      'newer_schema',
      'This data folder was written by a newer version of CMBCluster. Nothing was changed. Update the product, or choose another data folder.',
    );
  }
}

function journalTimes(journal: unknown): number[] {
  if (typeof journal !== 'object' || journal === null || !('entries' in journal) || !Array.isArray(journal.entries))
    return [];
  return journal.entries.map((entry: { when?: number }) => Number(entry.when ?? 0));
}

/** What a write is refused with before it touches anything. */
function refusal(error: ReplicationError): DatabaseError {
  if (error instanceof NotLeader || error instanceof Fenced)
    return new DatabaseError(
      'not_leader',
      'This server does not keep the database any more. Try again in a moment.',
      error,
    );
  return new DatabaseError('unavailable', 'The database cannot take changes at the moment. Try again shortly.', error);
}

function classify(thrown: unknown): unknown {
  if (!(thrown instanceof Error) || thrown instanceof DatabaseError) return thrown;
  if (thrown instanceof ReplicationError) return refusal(thrown);
  // Drizzle wraps the driver's errors in some places and not in others.
  const inner = thrown.name.startsWith('Drizzle') && thrown.cause instanceof Error ? thrown.cause : null;
  const error = inner && 'code' in inner && String(inner.code).startsWith('SQLITE_') ? inner : thrown;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (code.startsWith('SQLITE_FULL') || code === 'SQLITE_IOERR_SHMSIZE')
    return new DatabaseError(
      'full',
      'The disk that holds the database is full. Free some space and try again; nothing was lost.',
      error,
    );
  if (code.startsWith('SQLITE_READONLY') || code.startsWith('SQLITE_CANTOPEN')) {
    return new DatabaseError(
      'read_only',
      'The database file cannot be written. Check the rights and the mount of the data folder.',
      error,
    );
  }
  if (code.startsWith('SQLITE_CORRUPT') || code === 'SQLITE_NOTADB')
    return new DatabaseError('corrupt', 'The database file is damaged.', error);
  if (code.startsWith('SQLITE_CONSTRAINT')) return new DatabaseError('constraint', error.message, error);
  if (code.startsWith('SQLITE_')) return new DatabaseError('failed', 'The database refused the operation.', error);
  return error;
}
