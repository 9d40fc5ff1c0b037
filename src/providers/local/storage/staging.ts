/**
 * Where a new object grows before it is put in place: written, stamped and made durable beside the bucket. A staged file is
 * removed by whoever staged it, or, after a kill, by the next process that writes to the bucket.
 */
import { type FileHandle, mkdir, open, readdir, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { errnoOf, unless } from './errors.ts';
import { liveness, thisProcess } from './owner.ts';
import { stampSeconds } from './version.ts';

/** Staged files of another container are left alone while they may still grow. */
const FOREIGN_MS = 24 * 3_600_000;
const COPY_BYTES = 1024 * 1024;

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

/** Writes a body into a staged file, chunk by chunk. */
export async function writeBody(handle: FileHandle, body: Readable, signal: AbortSignal): Promise<void> {
  for await (const chunk of body) {
    signal.throwIfAborted();
    await writeAll(handle, chunk);
  }
  signal.throwIfAborted();
}

async function writeAll(handle: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.byteLength; ) {
    const { bytesWritten } = await handle.write(bytes, at);
    at += bytesWritten;
  }
}

/** Copies an open file into a staged one, piece by piece. */
export async function copyInto(
  staged: Staged,
  source: FileHandle,
  sizeBytes: number,
  signal: AbortSignal,
): Promise<void> {
  const buffer = Buffer.allocUnsafe(Math.min(COPY_BYTES, Math.max(1, sizeBytes)));
  for (let at = 0; at < sizeBytes; ) {
    signal.throwIfAborted();
    const { bytesRead } = await source.read(buffer, 0, Math.min(buffer.length, sizeBytes - at), at);
    if (bytesRead === 0) return;
    await writeAll(staged.handle, buffer.subarray(0, bytesRead));
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
