/**
 * Where a new object grows before it is put in place: written, stamped and made durable beside the bucket. A staged file is
 * removed by whoever staged it, or, after a kill, by the next process that writes to the bucket.
 */
import { constants } from 'node:fs';
import { copyFile, type FileHandle, mkdir, open, readdir, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { type Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type RunningChecksum, runningCrc32c } from '../../../ports/storage/checksum.ts';
import { errnoOf, unless } from './errors.ts';
import { liveness, thisProcess } from './owner.ts';
import { stampSeconds } from './version.ts';

/** Staged files of another container are left alone while they may still grow. */
const FOREIGN_MS = 24 * 3_600_000;
const COPY_BYTES = 1024 * 1024;
const WORTH_CLONING = 1024 * 1024;

export interface Staged {
  path: string;
  /** Open for as long as the staged file is used. */
  handle: FileHandle;
}

let serial = 0;

/** A name in a folder of ours that tells whose it is. */
export function ownName(): string {
  serial += 1;
  return `${thisProcess()}.${serial}`;
}

/**
 * Makes an empty staged file, runs `use`, and removes the file afterwards wherever it still is.
 * @param folder made when missing
 */
export async function withStaged<T>(folder: string, use: (staged: Staged) => Promise<T>): Promise<T> {
  const path = join(folder, ownName());
  const handle = await open(path, 'wx+').catch(async (error: unknown) => {
    if (errnoOf(error) !== 'ENOENT') throw error;
    await mkdir(folder, { recursive: true });
    return open(path, 'wx+');
  });
  return holdStaged({ path, handle }, use);
}

async function holdStaged<T>(staged: Staged, use: (staged: Staged) => Promise<T>): Promise<T> {
  try {
    return await use(staged);
  } finally {
    await staged.handle.close();
    await unless(['ENOENT'], unlink(staged.path));
  }
}

interface Source {
  handle: FileHandle;
  sizeBytes: number;
  /** CRC-32C, where it is known. */
  crc32c: string | null;
  signal: AbortSignal;
}

/**
 * As withStaged, with what an open file holds: copied piece by piece, or, where the disk can share blocks between files, at once.
 * `use` gets the CRC-32C; null when it was not known and the disk did the work.
 */
export async function withCopy<T>(
  folder: string,
  { handle, sizeBytes, crc32c, signal }: Source,
  use: (staged: Staged, crc32c: string | null) => Promise<T>,
): Promise<T> {
  const path = join(folder, ownName());
  if (sizeBytes >= WORTH_CLONING && (await isCloned(handle, path)))
    return holdStaged({ path, handle: await open(path, 'r+') }, (staged) => use(staged, crc32c));
  return withStaged(folder, async (staged) => {
    const sum = crc32c === null ? runningCrc32c() : null;
    await copyRange(handle, { to: staged.handle, start: 0, sizeBytes, sum, signal });
    return use(staged, sum ? sum.value() : crc32c);
  });
}

/** Where it fails, nothing is at `path`. */
async function isCloned(source: FileHandle, path: string): Promise<boolean> {
  const { COPYFILE_FICLONE_FORCE, COPYFILE_EXCL } = constants;
  const done = copyFile(`/proc/self/fd/${source.fd}`, path, COPYFILE_FICLONE_FORCE | COPYFILE_EXCL).then(() => true);
  // Of another disk, or one that shares nothing; or the folder is still to be made.
  const usual = ['ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EXDEV', 'EINVAL', 'ENOTTY', 'EPERM', 'ENOENT'];
  return (await unless(usual, done)) ?? false;
}

/** Writes a body into an open file; gathers what arrives while the disk is busy. The handle stays open. */
export async function writeBody(handle: FileHandle, body: Readable, signal: AbortSignal): Promise<void> {
  // Not fs.createWriteStream: it closes the file when something fails, whatever it was told.
  const file = new Writable({
    highWaterMark: COPY_BYTES,
    write: (chunk: Uint8Array, _encoding, done) => void writeAll(handle, chunk).then(() => done(), done),
    writev: (chunks, done) => {
      const bytes = chunks.map(({ chunk }): Uint8Array => chunk);
      void writeTogether(handle, bytes).then(() => done(), done);
    },
  });
  await pipeline(body, file, { signal });
}

async function writeTogether(handle: FileHandle, chunks: readonly Uint8Array[]): Promise<void> {
  let { bytesWritten } = await handle.writev(chunks);
  // A disk that is nearly full takes less than it was given.
  for (const chunk of chunks) {
    if (bytesWritten < chunk.byteLength) await writeAll(handle, chunk.subarray(bytesWritten));
    bytesWritten = Math.max(0, bytesWritten - chunk.byteLength);
  }
}

/** @param start place in the file; null = where the last write ended */
async function writeAll(handle: FileHandle, bytes: Uint8Array, start: number | null = null): Promise<void> {
  for (let at = 0; at < bytes.byteLength; ) {
    const { bytesWritten } = await handle.write(bytes, at, bytes.byteLength - at, start === null ? null : start + at);
    at += bytesWritten;
  }
}

interface Range {
  to: FileHandle;
  /** Place in the other file. */
  start: number;
  sizeBytes: number;
  /** Gets all that is copied. */
  sum: RunningChecksum | null;
  signal: AbortSignal;
}

/** Copies the first bytes of a file to a place in another one. Reading ahead while a piece is written was measured: it is slower. */
export async function copyRange(source: FileHandle, { to, start, sizeBytes, sum, signal }: Range): Promise<void> {
  const buffer = Buffer.allocUnsafe(Math.min(COPY_BYTES, Math.max(1, sizeBytes)));
  for (let at = 0; at < sizeBytes; ) {
    signal.throwIfAborted();
    const { bytesRead } = await source.read(buffer, 0, Math.min(buffer.length, sizeBytes - at), at);
    if (bytesRead === 0) break;
    const piece = buffer.subarray(0, bytesRead);
    sum?.update(piece);
    await writeAll(to, piece, start + at);
    at += bytesRead;
  }
}

/** Gives the staged file its modification time and makes it survive a power cut. @param now Unix milliseconds */
export async function finish(handle: FileHandle, now: number): Promise<void> {
  const seconds = stampSeconds(now);
  await handle.utimes(seconds, seconds);
  await handle.sync();
}

/** Removes what dead processes left in a folder of names by `ownName`. `remove` gets the name. */
export async function sweep(folder: string, remove: (name: string) => Promise<unknown>): Promise<void> {
  for (const name of (await unless(['ENOENT'], readdir(folder))) ?? []) {
    const state = await liveness(name);
    if (state === 'alive') continue;
    const info = state === 'unknown' ? await unless(['ENOENT'], stat(join(folder, name))) : null;
    if (state === 'unknown' && info && Date.now() - info.mtimeMs < FOREIGN_MS) continue;
    await remove(name);
  }
}
