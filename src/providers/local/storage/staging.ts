/**
 * Where a new object grows before it is put in place: written, stamped and made durable beside the bucket. A staged file is
 * removed by whoever staged it, or, after a kill, by the next process that writes to the bucket.
 */
import { constants } from 'node:fs';
import { copyFile, type FileHandle, mkdir, open, readdir, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { type Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { runningCrc32c } from '../../../ports/storage/checksum.ts';
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
  try {
    return await use({ path, handle });
  } finally {
    await handle.close();
    await unless(['ENOENT'], unlink(path));
  }
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

/**
 * Copies an open file into a staged one, piece by piece; where the disk can share blocks between files, at once.
 * @returns CRC-32C of what was copied; null when the disk did it
 */
export async function copyInto(
  staged: Staged,
  source: FileHandle,
  { sizeBytes, signal }: { sizeBytes: number; signal: AbortSignal },
): Promise<string | null> {
  if (sizeBytes >= WORTH_CLONING && (await cloned(source, staged.path))) return null;
  return copyRange(source, { to: staged.handle, start: 0, sizeBytes, signal });
}

/** Copies the first bytes of a file to a place in another one. @returns CRC-32C of what was copied */
export async function copyRange(
  source: FileHandle,
  { to, start, sizeBytes, signal }: { to: FileHandle; start: number; sizeBytes: number; signal?: AbortSignal },
): Promise<string> {
  const sum = runningCrc32c();
  const buffer = Buffer.allocUnsafe(Math.min(COPY_BYTES, Math.max(1, sizeBytes)));
  for (let at = 0; at < sizeBytes; ) {
    signal?.throwIfAborted();
    const { bytesRead } = await source.read(buffer, 0, Math.min(buffer.length, sizeBytes - at), at);
    if (bytesRead === 0) break;
    const piece = buffer.subarray(0, bytesRead);
    sum.update(piece);
    await writeAll(to, piece, start + at);
    at += bytesRead;
  }
  return sum.value();
}

async function cloned(source: FileHandle, target: string): Promise<boolean> {
  const done = copyFile(`/proc/self/fd/${source.fd}`, target, constants.COPYFILE_FICLONE_FORCE).then(() => true);
  return (await unless(['ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EXDEV', 'EINVAL', 'ENOTTY', 'EPERM'], done)) ?? false;
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
