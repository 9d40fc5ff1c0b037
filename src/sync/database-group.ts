/**
 * SQLite databases. A database is up to three files that only mean something together, and a bucket cannot replace three objects
 * at once; so what is kept is one object: the database as of one moment, its journal worked in. The files of the workspace are
 * read, never opened as a database, unless a program writes them faster than they can be copied.
 */
import { constants, lstatSync } from 'node:fs';
import { copyFile, rm } from 'node:fs/promises';

/** Log, rollback journal and shared memory (sqlite.org/tempfiles.html). */
const WAL = '-wal';
const JOURNAL = '-journal';
export const GROUP_ENDINGS = [WAL, JOURNAL, '-shm'] as const;

const HEADER = 'SQLite format 3\0';
/** How long SQLite waits for a writer's lock. */
const LOCK_MS = 5_000;

/** `x.db-wal → x.db` when that is in the same folder; null for what belongs to no other file. */
export function databaseOf(name: string, files: ReadonlySet<string>): string | null {
  const ending = GROUP_ENDINGS.find((end) => name.endsWith(end));
  if (ending === undefined) return null;
  const base = name.slice(0, -ending.length);
  return base !== '' && files.has(base) ? base : null;
}

/** An empty file beside a journal is a database, too: it has not been written yet. */
export function hasDatabaseHeader(head: Uint8Array): boolean {
  return head.byteLength === 0 || Buffer.from(head).toString('latin1') === HEADER;
}

/** Changes whenever a journal does. An empty one is as good as none. null = there is none. */
export function groupFingerprint(database: string): string | null {
  const parts = [WAL, JOURNAL].map((ending) => {
    const stats = lstatSync(database + ending, { throwIfNoEntry: false });
    return !stats?.isFile() || stats.size === 0 ? '-' : `${stats.ino}:${stats.size}:${stats.mtimeMs}:${stats.ctimeMs}`;
  });
  return parts.every((part) => part === '-') ? null : parts.join('|');
}

/** Copies the files as they are; whether that was one moment, the caller finds out from their stats. */
export async function copyGroup(database: string, to: string): Promise<void> {
  await removeGroup(to);
  await copyFile(database, to, constants.COPYFILE_FICLONE);
  for (const ending of [WAL, JOURNAL]) {
    await copyFile(database + ending, to + ending, constants.COPYFILE_FICLONE).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
    });
  }
}

/** Works the journal of a copy into it, so that one file is left. @throws when it is no database that SQLite can read */
export async function settleCopy(copy: string): Promise<void> {
  // Loaded when the first database is met: few workspaces hold one.
  const { DatabaseSync } = await import('node:sqlite');
  const database = new DatabaseSync(copy, { timeout: LOCK_MS });
  try {
    // The first read rolls an unfinished transaction back; the checkpoint moves the log's pages.
    database.prepare('PRAGMA schema_version').get();
    database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  } finally {
    database.close();
  }
  await removeJournals(copy);
}

/** SQLite's own online copy: it takes a reader's lock, so it waits for writers and they for it. @throws as SQLite does */
export async function backUp(database: string, to: string): Promise<void> {
  const { DatabaseSync, backup } = await import('node:sqlite');
  await removeGroup(to);
  const source = new DatabaseSync(database, { readOnly: true, timeout: LOCK_MS });
  try {
    // Every page in one step is one moment; more steps would begin again with each write. (-1, as SQLite says it, is refused.)
    await backup(source, to, { rate: 0x7fffffff });
  } finally {
    source.close();
  }
  await removeJournals(to);
}

async function removeJournals(copy: string): Promise<void> {
  for (const ending of GROUP_ENDINGS) await rm(copy + ending, { force: true });
}

export async function removeGroup(copy: string): Promise<void> {
  await rm(copy, { force: true });
  await removeJournals(copy);
}
