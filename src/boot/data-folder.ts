/**
 * The data folder of a deployment: made private, locked for one server, and holding the keys that nobody configured.
 * The lock is an open SQLite transaction: the kernel drops it with the process, so a dead server's lock needs no guessing.
 */
import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { AppError } from '../domain/errors.ts';

const LEAST_SECRET = 32;

export interface ServerRecord {
  pid: number;
  port: number;
  /** What the socket is bound to: an IP address, or the one that stands for all. */
  address?: string;
  url: string;
  startedAt: number;
}

export interface DataFolder {
  path: string;
  databaseFile: string;
  /** Holds the copy of the database that a running server works on; worth nothing afterwards. */
  liveDir: string;
  /** Whether a database began here once: an empty log is then one that was lost. */
  readonly hadDatabase: boolean;
  /** One has begun. */
  noteDatabase(): void;
  /** Bearer of the control routes: whoever can read the data folder may ask for a sign-in link. */
  controlKey: string;
  /** Tells other commands where this server listens. */
  announce(record: ServerRecord): void;
  release(): void;
}

/** @throws unavailable when the folder cannot be written; already_exists when another server holds it */
export function openDataFolder(path: string): DataFolder {
  try {
    // The folder itself may be one that a person made and shares; what must be private lies in these two.
    mkdirSync(path, { recursive: true, mode: 0o700 });
    for (const part of ['db', 'secrets']) {
      if (!existsSync(join(path, part))) mkdirSync(join(path, part), { mode: 0o700 });
      chmodSync(join(path, part), 0o700);
    }
    const lock = takeLock(join(path, 'server.lock'));
    const recordFile = join(path, 'server.json');
    const begun = join(path, 'db', 'begun');
    let controlKey: string;
    try {
      // Of a server that died: another program may listen on its port by now, and must not be sent the control key.
      rmSync(recordFile, { force: true });
      controlKey = keptSecret(path, 'control-key');
    } catch (error) {
      lock.close();
      throw error;
    }
    return {
      path,
      databaseFile: join(path, 'db', 'control.sqlite'),
      liveDir: join(path, 'db', 'live'),
      get hadDatabase() {
        return existsSync(begun);
      },
      noteDatabase() {
        if (!existsSync(begun)) writePrivate(begun, `${new Date().toISOString()}\n`);
      },
      controlKey,
      announce: (record) => writePrivate(recordFile, `${JSON.stringify(record)}\n`),
      release() {
        rmSync(recordFile, { force: true });
        lock.close();
      },
    };
  } catch (error) {
    if (error instanceof AppError) throw error;
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    const why = /^(EROFS|EACCES|EPERM|ENOENT|SQLITE_READONLY.*|SQLITE_CANTOPEN.*)$/.test(code)
      ? 'it cannot be written. Check its rights, or choose another folder with --data or CMBCLUSTER_DATA.'
      : code === 'ENOSPC' || code === 'SQLITE_FULL'
        ? 'its disk is full. Free some space and start again; nothing was lost.'
        : `it cannot be used (${code || String(error)}).`;
    throw new AppError('unavailable', `The data folder ${path}: ${why}`, { cause: error });
  }
}

function takeLock(file: string): Database.Database {
  const lock = new Database(file, { timeout: 0 });
  try {
    lock.pragma('locking_mode = EXCLUSIVE');
    lock.exec('BEGIN EXCLUSIVE');
    return lock;
  } catch (error) {
    lock.close();
    if (error instanceof Error && 'code' in error && String(error.code).startsWith('SQLITE_BUSY')) {
      throw new AppError('already_exists', 'Another server is running with this data folder.');
    }
    throw error;
  }
}

/**
 * A secret that the deployment made for itself: generated once, readable by the owner only.
 * @throws failed_precondition when the file was emptied or cut: keys derived from nothing could be guessed
 */
export function keptSecret(path: string, name: string): string {
  const file = join(path, 'secrets', name);
  if (!existsSync(file)) writePrivate(file, randomBytes(48).toString('base64url'));
  chmodSync(file, 0o600);
  const secret = readFileSync(file, 'utf8').trim();
  if (secret.length < LEAST_SECRET) {
    throw new AppError(
      'failed_precondition',
      `The secret in ${file} is damaged. Put it back from a backup, or remove the file to get a new one (which signs everybody out and loses stored variables).`,
    );
  }
  return secret;
}

/** What the running server announced, or null. For commands that talk to it. */
export function readServerRecord(path: string): ServerRecord | null {
  try {
    const record: unknown = JSON.parse(readFileSync(join(path, 'server.json'), 'utf8'));
    if (typeof record !== 'object' || record === null || !('port' in record) || !('pid' in record)) return null;
    return isAlive(Number(record.pid)) ? (record as ServerRecord) : null;
  } catch {
    return null;
  }
}

/** A dead server's port may be anybody's by now. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

function writePrivate(file: string, text: string): void {
  const staged = `${file}.${process.pid}`;
  writeFileSync(staged, text, { mode: 0o600, flush: true });
  renameSync(staged, file);
}
