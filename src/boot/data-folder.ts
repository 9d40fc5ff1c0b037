/**
 * The data folder of a deployment: made private, locked for one server, and holding the keys that nobody configured.
 * The lock is an open SQLite transaction: the kernel drops it with the process, so a dead server's lock needs no guessing.
 */
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { AppError } from '../domain/errors.ts';

export interface ServerRecord {
  pid: number;
  port: number;
  url: string;
  startedAt: number;
}

export interface DataFolder {
  path: string;
  databaseFile: string;
  /** Bearer of the control routes: whoever can read the data folder may ask for a sign-in link. */
  controlKey: string;
  /** Tells other commands where this server listens. */
  announce(record: ServerRecord): void;
  release(): void;
}

/** @throws unavailable when the folder cannot be written; already_exists when another server holds it */
export function openDataFolder(path: string): DataFolder {
  try {
    for (const part of ['', 'db', 'secrets']) mkdirSync(join(path, part), { recursive: true, mode: 0o700 });
    const lock = takeLock(join(path, 'server.lock'));
    const recordFile = join(path, 'server.json');
    return {
      path,
      databaseFile: join(path, 'db', 'control.sqlite'),
      controlKey: keptSecret(path, 'control-key'),
      announce: (record) => writePrivate(recordFile, `${JSON.stringify(record)}\n`),
      release() {
        rmSync(recordFile, { force: true });
        lock.close();
      },
    };
  } catch (error) {
    if (error instanceof AppError) throw error;
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    const why =
      code === 'EROFS' || code === 'EACCES' || code === 'EPERM'
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

/** A secret that the deployment made for itself: generated once, readable by the owner only. */
export function keptSecret(path: string, name: string): string {
  const file = join(path, 'secrets', name);
  if (!existsSync(file)) writePrivate(file, randomBytes(48).toString('base64url'));
  return readFileSync(file, 'utf8').trim();
}

/** What the running server announced, or null. For commands that talk to it. */
export function readServerRecord(path: string): ServerRecord | null {
  try {
    const record: unknown = JSON.parse(readFileSync(join(path, 'server.json'), 'utf8'));
    return typeof record === 'object' && record !== null && 'port' in record ? (record as ServerRecord) : null;
  } catch {
    return null;
  }
}

function writePrivate(file: string, text: string): void {
  const staged = `${file}.${process.pid}`;
  writeFileSync(staged, text, { mode: 0o600, flush: true });
  renameSync(staged, file);
}
