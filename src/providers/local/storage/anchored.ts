/**
 * Paths that cannot be led astray. A path below a bucket is walked name by name: each folder is opened with O_NOFOLLOW, and the
 * next name is resolved relative to that open folder (`/proc/<own>/fd/<n>/<name>`, since Node has no openat). So a link that
 * somebody puts in the place of a folder, even between two steps of ours, ends the walk instead of leaving the bucket.
 * Whoever calls keeps the handle open until the last use of a path made from it: a closed number may be another file's.
 */
import { closeSync, constants, type Dirent, existsSync, openSync, readlinkSync } from 'node:fs';
import { type FileHandle, lstat, mkdir, open, opendir, rmdir } from 'node:fs/promises';
import { AppError } from '../../../domain/errors.ts';
import { errnoOf, refused, unless } from './errors.ts';

const { O_RDONLY, O_DIRECTORY, O_NOFOLLOW, O_NONBLOCK } = constants;

/** A file name; a Buffer when it may be invalid UTF-8. */
export type Name = string | Buffer;

/** A folder held open by its number, as handles are. */
export type OpenFolder = Pick<FileHandle, 'fd'>;

/** `/proc/self` by the name that stays: the system looks the other one up again in every path. */
const OWN = ownProcess();

function ownProcess(): string {
  try {
    return `/proc/${readlinkSync('/proc/self')}`;
  } catch {
    return '/proc/self';
  }
}

/** `name` within an open folder, for use with any call that does not follow its last component. */
export function at(folder: OpenFolder, name: Name): string | Buffer {
  const base = `${OWN}/fd/${folder.fd}/`;
  return typeof name === 'string' ? base + name : Buffer.concat([Buffer.from(base), name]);
}

/** @throws failed_precondition on systems without /proc/self/fd */
export function checkSystem(): void {
  if (!existsSync('/proc/self/fd')) {
    throw new AppError(
      'failed_precondition',
      'Storage on this machine needs Linux with /proc. Use a Linux machine, WSL 2 or a container.',
    );
  }
}

/** Opens one folder without following a link in its last component. Throws the system's error (ENOENT, ENOTDIR, ELOOP, …). */
export function openFolderAt(path: string | Buffer): Promise<FileHandle> {
  return open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
}

/** The same at once, for folders that the system still knows. */
export function openFolderNow(path: string | Buffer): OpenFolder & { close(): void } {
  const fd = openSync(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  return { fd, close: () => closeSync(fd) };
}

/** Opens a file for reading without following a link or waiting for the other end of a pipe. */
export function openFileAt(path: string | Buffer): Promise<FileHandle> {
  return open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
}

/** What is in an open folder, in no order. Read bit by bit, so that a folder of 100,000 files does not hold up everybody else. */
export async function* entriesOf(folder: OpenFolder): AsyncGenerator<Dirent<Buffer>> {
  // Node takes this encoding for opendir as for readdir; the type of opendir does not say so.
  const entries: AsyncIterable<Dirent<string | Buffer>> = await opendir(at(folder, '.'), {
    encoding: 'buffer' as BufferEncoding,
    bufferSize: 512,
  });
  for await (const entry of entries) if (typeof entry.name !== 'string') yield entry as Dirent<Buffer>;
}

/** What ended a walk: nothing of that name, or something that is not a folder. */
export type Obstacle = 'missing' | 'file' | 'link';

export type Walk<T> = { found: true; value: T } | { found: false; why: Obstacle };

export interface WalkOptions {
  create: boolean;
}

/**
 * Walks from the bucket's own folder and runs `use` with the last folder open. Folders that had to be made are made durable,
 * and removed again when `use` fails.
 * @throws not_found when the bucket is missing
 */
export async function withFolder<T>(
  root: string,
  names: readonly Name[],
  options: WalkOptions,
  use: (folder: FileHandle) => Promise<T>,
): Promise<Walk<T>> {
  let folder = await openBucket(root);
  const made: number[] = [];
  try {
    for (const [depth, name] of names.entries()) {
      const next = await step(folder, name, options);
      if (typeof next === 'string') return { found: false, why: next };
      if (next.made) made.push(depth);
      const previous = folder;
      folder = next.handle;
      await previous.close();
    }
    return { found: true, value: await use(folder) };
  } catch (error) {
    await unmake(root, names, made);
    throw error;
  } finally {
    await folder.close();
  }
}

async function openBucket(root: string): Promise<FileHandle> {
  const bucket = await unless(['ENOENT', 'ENOTDIR', 'ELOOP'], openFolderAt(root));
  if (!bucket) throw refused('not_found', 'The storage is not there: its folder is missing.', { missing: 'bucket' });
  return bucket;
}

async function step(
  folder: FileHandle,
  name: Name,
  { create }: WalkOptions,
): Promise<{ handle: FileHandle; made: boolean } | Obstacle> {
  const path = at(folder, name);
  let made = false;
  for (let tries = 0; ; tries += 1) {
    try {
      return { handle: await openFolderAt(path), made };
    } catch (error) {
      const code = errnoOf(error);
      if (code === 'ENOENT' && create && tries < 8) {
        // EEXIST: somebody else made it, or something else, in between; the next open tells.
        made =
          (await unless(
            ['EEXIST'],
            mkdir(path).then(() => true),
          )) ?? made;
        if (made) await folder.sync();
      } else if (code === 'ENOENT') return 'missing';
      else if (code === 'ENOTDIR' || code === 'ELOOP') {
        const stat = await unless(['ENOENT'], lstat(path));
        if (stat?.isSymbolicLink()) return 'link';
        if (stat && !stat.isDirectory()) return 'file';
        if (tries >= 8) throw error;
      } else throw error;
    }
  }
}

/** Only empty folders go, so nothing that others put there meanwhile is lost. */
async function unmake(root: string, names: readonly Name[], made: readonly number[]): Promise<void> {
  for (const depth of [...made].reverse()) {
    const name = names[depth];
    if (name === undefined) continue;
    try {
      await withFolder(root, names.slice(0, depth), { create: false }, (parent) => rmdir(at(parent, name)));
    } catch {
      // The first failure is the one to report; an empty folder that stays does no harm.
      return;
    }
  }
}

/** The error of a call that needs what lies behind an obstacle. */
export function obstructed(why: Obstacle): AppError {
  switch (why) {
    case 'missing':
      return refused('not_found', 'There is no such file.');
    case 'file':
      return refused('failed_precondition', 'A file is in the way: a part of the path is a file, not a folder.');
    case 'link':
      return refused(
        'failed_precondition',
        'A symbolic link is in the way. Links in a storage are neither shown, followed nor changed.',
      );
  }
}
