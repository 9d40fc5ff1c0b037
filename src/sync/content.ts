/**
 * Reads a file so that what is sent is what the file was at one moment: its stat is taken before and after, and a body that is
 * read twice must give the same checksum, else nothing is stored. A file that changes meanwhile is tried again later.
 */
import { constants } from 'node:fs';
import { type FileHandle, lstat, open, readlink } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { crc32cOf, runningCrc32c } from '../ports/storage/checksum.ts';
import { type FileStat, fileStat, sameContentStat, sameStat } from './attributes.ts';
import { backUp, copyGroup, groupFingerprint, removeGroup, settleCopy } from './database-group.ts';
import type { ChangedFile } from './scan.ts';
import type { Staging } from './staging.ts';

export interface Content {
  /** Of the file in the workspace, before it was read. */
  stat: FileStat;
  group: string | null;
  sizeBytes: number;
  crc32c: string;
  /** From the beginning, each time. */
  body(): Readable | Uint8Array;
  /** Whether what `body` reads is still what was read first. */
  holds(): Promise<boolean>;
  release(): Promise<void>;
}

/** Larger ones are read twice instead of being held in memory. */
const WHOLE_BYTES = 4 * 1024 * 1024;
const CHUNK_BYTES = 256 * 1024;
/**
 * Kernels take file times from a clock that ticks every 1–10 ms (CONFIG_HZ), so two writes within a tick look like one. A file is
 * read only when its last change is older than that.
 */
const TICK_MS = 20;
const COPY_ATTEMPTS = 3;

/** null when the file is gone, is being changed, or is of another kind by now. @throws the system's error */
export async function readContent(
  full: string,
  { path, group }: ChangedFile,
  tools: { staging: Staging; now: () => number; signal: AbortSignal },
): Promise<Content | null> {
  try {
    if (group !== null) return await readDatabase(full, tools);
    const stats = await lstat(full);
    if (stats.isSymbolicLink()) return await readLink(full);
    return stats.isFile() ? await readFile(full, path, tools) : null;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ELOOP') return null;
    throw error;
  }
}

async function readLink(full: string): Promise<Content | null> {
  const stat = fileStat(await lstat(full));
  const bytes = Buffer.from(await readlink(full));
  const after = fileStat(await lstat(full));
  if (!stat || !after || !sameStat(stat, after)) return null;
  return { stat, group: null, ...fromBytes(bytes), holds: async () => true, release: async () => {} };
}

function fromBytes(bytes: Uint8Array): Pick<Content, 'sizeBytes' | 'crc32c' | 'body'> {
  return { sizeBytes: bytes.byteLength, crc32c: crc32cOf(bytes), body: () => bytes };
}

async function readFile(
  full: string,
  path: string,
  { now, signal }: { now: () => number; signal: AbortSignal },
): Promise<Content | null> {
  // A pipe that took the file's place must not be waited for.
  const file = await open(full, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const stat = await settled(() => statOf(file), now);
    const content = stat && (await readOpen(file, stat, signal));
    // The name may belong to a newer file by now: that one is the next change. A journal makes it a database in use.
    if (!content || groupFingerprint(full) !== null) {
      await file.close();
      return null;
    }
    return { ...content, group: null };
  } catch (error) {
    await file.close();
    throw withPath(error, path);
  }
}

async function statOf(file: FileHandle): Promise<FileStat | null> {
  return fileStat(await file.stat());
}

/** Waits until the last change is older than a tick of the clock. */
async function settled(look: () => Promise<FileStat | null>, now: () => number): Promise<FileStat | null> {
  const stat = await look();
  if (!stat) return null;
  const age = now() - stat.ctimeMs;
  if (age > TICK_MS || age < -TICK_MS) return stat;
  await delay(TICK_MS + 1);
  return look();
}

async function readOpen(file: FileHandle, stat: FileStat, signal: AbortSignal): Promise<Omit<Content, 'group'> | null> {
  let open = true;
  const release = async (): Promise<void> => {
    if (open) await file.close();
    open = false;
  };
  const holds = (): Promise<boolean> => isStill(file, stat);
  if (stat.sizeBytes <= WHOLE_BYTES) {
    const bytes = Buffer.allocUnsafe(stat.sizeBytes);
    let length = 0;
    while (length < bytes.length) {
      const { bytesRead } = await file.read(bytes, length, bytes.length - length, length);
      if (bytesRead === 0) break;
      length += bytesRead;
    }
    if (length !== stat.sizeBytes || !(await isStill(file, stat))) return null;
    return { stat, ...fromBytes(bytes), holds, release };
  }
  const sum = runningCrc32c();
  const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
  let length = 0;
  for (;;) {
    signal.throwIfAborted();
    const { bytesRead } = await file.read(chunk, 0, chunk.length, length);
    if (bytesRead === 0) break;
    sum.update(chunk.subarray(0, bytesRead));
    length += bytesRead;
  }
  if (length !== stat.sizeBytes || !(await isStill(file, stat))) return null;
  return {
    stat,
    sizeBytes: length,
    crc32c: sum.value(),
    body: () => Readable.from(chunksOf(file), { objectMode: false, highWaterMark: CHUNK_BYTES }),
    holds,
    release,
  };
}

/** Not a stream of the file's own: that one closes the file when it is given up, and the next attempt could not read it. */
async function* chunksOf(file: FileHandle): AsyncGenerator<Uint8Array> {
  for (let position = 0; ; ) {
    const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(CHUNK_BYTES), 0, CHUNK_BYTES, position);
    if (bytesRead === 0) return;
    position += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}

/** Untouched while it was read. Being replaced by another file is no touch, but changes the inode's own time. */
async function isStill(file: FileHandle, before: FileStat): Promise<boolean> {
  const stats = await file.stat();
  const now = fileStat(stats);
  if (!now) return false;
  return stats.nlink === 0 ? sameContentStat(now, before) : sameStat(now, before);
}

/** The database as of one moment, as one file in the staging folder. */
async function readDatabase(
  full: string,
  { staging, now, signal }: { staging: Staging; now: () => number; signal: AbortSignal },
): Promise<Content | null> {
  const copy = staging.newPath();
  const lookBefore = async (): Promise<{ stat: FileStat; group: string | null } | null> => {
    const stat = await settled(async () => fileStat(await lstat(full)), now);
    return stat && { stat, group: groupFingerprint(full) };
  };
  try {
    let seen = await lookBefore();
    let copied = false;
    for (let attempt = 1; seen && !copied && attempt <= COPY_ATTEMPTS; attempt += 1) {
      signal.throwIfAborted();
      await delay(TICK_MS + 1);
      const before = { group: groupFingerprint(full), stat: fileStat(await lstat(full)) };
      await copyGroup(full, copy);
      const after = { group: groupFingerprint(full), stat: fileStat(await lstat(full)) };
      copied = Boolean(
        before.stat &&
          after.stat &&
          sameStat(before.stat, after.stat) &&
          before.group === after.group &&
          sameStat(before.stat, seen.stat) &&
          before.group === seen.group,
      );
      if (!copied) seen = await lookBefore();
    }
    if (!seen) return null;
    if (copied) await settleCopy(copy);
    else await backUp(full, copy);
    const file = await open(copy, constants.O_RDONLY);
    const stat = await statOf(file);
    const content = stat && (await readOpen(file, stat, signal));
    if (!content) {
      await file.close();
      throw new Error('The copy of a database changed while it was read.');
    }
    const release = async (): Promise<void> => {
      await content.release();
      await removeGroup(copy);
    };
    return { ...content, stat: seen.stat, group: seen.group, release };
  } catch (error) {
    await removeGroup(copy);
    throw error;
  }
}

function withPath(error: unknown, path: string): unknown {
  if (error instanceof Error && !error.message.includes(path)) error.message = `${path}: ${error.message}`;
  return error;
}
