/**
 * One bucket of this machine: objects are the plain files below its folder. Every change follows one pattern: grow the new file
 * in staging, hold the key, check the condition, put it in place by rename or link, make the folder durable. Programs that
 * write into the folder directly do not hold keys; they too see only whole files, and what they write is never overwritten by
 * an `ifAbsent`.
 */
import type { BigIntStats } from 'node:fs';
import { chmod, type FileHandle, link, lstat, rename, rmdir, unlink } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { parentFolder } from '../../../domain/storage.ts';
import type { BucketDriver, DriverPut } from '../../../ports/storage/driver.ts';
import type { ObjectInfo, ObjectVersion, PutCondition } from '../../../ports/storage/storage.ts';
import { at, obstructed, openFileAt, withFolder } from './anchored.ts';
import { afterChange, errnoOf, refused, unless } from './errors.ts';
import { dropFacts, type Facts, readFacts, writeFacts } from './facts.ts';
import type { FolderNames } from './folder-names.ts';
import type { BucketPaths } from './layout.ts';
import { listPage } from './listing.ts';
import { holdKeys } from './locks.ts';
import { copyInto, finish, type Staged, withStaged, writeBody } from './staging.ts';
import { modifiedAtOf, settled, versionOf } from './version.ts';

export interface LocalBucketOptions {
  paths: BucketPaths;
  names: FolderNames;
  now: () => number;
  /** Called before each write; removes what killed processes left. */
  tidy: () => Promise<void>;
  /** Takes a folder out of the bucket in one step and removes it from there. */
  discard: (path: Buffer | string) => Promise<void>;
}

interface Place {
  key: string;
  folders: string[];
  name: string;
}

function placeOf(key: string): Place {
  const folders = parentFolder(key);
  return {
    key,
    folders: folders === '' ? [] : folders.split('/'),
    name: folders === '' ? key : key.slice(folders.length + 1),
  };
}

/** A folder that a racing call removed between walk and use is walked again this often. */
const WALKS = 5;

export function localBucket({ paths, names, now, tidy, discard }: LocalBucketOptions): BucketDriver {
  async function describe(key: string, stat: BigIntStats, facts?: Facts): Promise<ObjectInfo> {
    const { contentType, metadata, crc32c } = facts ?? (await readFacts(paths.facts, stat));
    return {
      key,
      sizeBytes: Number(stat.size),
      modifiedAt: modifiedAtOf(stat),
      version: versionOf(stat),
      contentType,
      metadata,
      crc32c,
      versionId: null,
    };
  }

  /** Runs `use` with the folder of an object that is to be read; missing in any way is not_found. */
  async function inFolderOf<T>(place: Place, use: (folder: FileHandle) => Promise<T>): Promise<T> {
    const walk = await withFolder(paths.files, place.folders, { create: false }, use);
    if (walk.found) return walk.value;
    // Below a file there is nothing, so nothing is in the way of reading.
    throw obstructed(walk.why === 'link' ? 'link' : 'missing');
  }

  async function openObject(place: Place): Promise<{ handle: FileHandle; stat: BigIntStats }> {
    const handle = await inFolderOf(place, (folder) => openFileAt(at(folder, place.name))).catch((error: unknown) => {
      // ENXIO: a socket.
      if (['ENOENT', 'ENXIO'].includes(errnoOf(error) ?? '')) throw obstructed('missing');
      if (errnoOf(error) === 'ELOOP') throw obstructed('link');
      throw error;
    });
    try {
      const stat = await settled(() => handle.stat({ bigint: true }));
      if (!stat.isFile()) throw obstructed('missing');
      return { handle, stat };
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  /** Puts a finished staged file at a place, if the condition holds. */
  async function publish(
    staged: Staged,
    place: Place,
    { condition, facts, signal }: { condition: PutCondition | undefined; facts: Facts; signal: AbortSignal },
  ): Promise<ObjectInfo> {
    await writeFacts(paths.facts, await staged.handle.stat({ bigint: true }), facts);
    const replaced = await holdKeys(paths.locks, [place.key], async () => {
      signal.throwIfAborted();
      return retryWalk(async () => {
        // A version cannot be in a folder that does not exist; do not make one in vain.
        const create = !(condition && 'ifVersion' in condition);
        const walk = await withFolder(paths.files, place.folders, { create }, async (folder) => {
          const target = at(folder, place.name);
          const current = await checkTarget(target, condition);
          if (current) await keepMode(staged, current);
          if (condition && 'ifAbsent' in condition) await linkNew(staged.path, target);
          else await rename(staged.path, target);
          await afterChange(() => folder.sync());
          return current;
        });
        if (walk.found) return walk.value;
        throw walk.why === 'missing' ? changed() : obstructed(walk.why);
      });
    });
    return afterChange(async () => {
      if (replaced) await dropFacts(paths.facts, replaced);
      // Our own inode, whatever became of the name since.
      return describe(place.key, await staged.handle.stat({ bigint: true }), facts);
    });
  }

  async function put(key: string, body: Readable, options: DriverPut): Promise<ObjectInfo> {
    const { condition, contentType, metadata, signal } = options;
    const place = placeOf(key);
    // Refuse a missing bucket before its body is read.
    await withFolder(paths.files, [], { create: false }, async () => {});
    await tidy();
    return withStaged(paths.staging, async (staged) => {
      await writeBody(staged.handle, body, signal);
      await finish(staged.handle, now());
      return publish(staged, place, { condition, facts: { contentType, metadata, crc32c: options.crc32c() }, signal });
    });
  }

  async function copy(
    from: string,
    to: string,
    options: { condition: PutCondition | undefined; fromVersion: ObjectVersion | undefined; signal: AbortSignal },
  ): Promise<ObjectInfo> {
    const source = await openObject(placeOf(from));
    try {
      const version = versionOf(source.stat);
      if (options.fromVersion !== undefined && options.fromVersion !== version) throw changed();
      const facts = await readFacts(paths.facts, source.stat);
      await tidy();
      return await withStaged(paths.staging, async (staged) => {
        const crc32c = await copyInto(staged, source.handle, {
          sizeBytes: Number(source.stat.size),
          signal: options.signal,
        });
        if (!sameContent(await source.handle.stat({ bigint: true }), source.stat)) {
          throw refused('conflict', 'The file is being written to. Copy it again once that is done.');
        }
        await finish(staged.handle, now());
        return publish(staged, placeOf(to), {
          condition: options.condition,
          facts: { ...facts, crc32c: facts.crc32c ?? crc32c },
          signal: options.signal,
        });
      });
    } finally {
      await source.handle.close();
    }
  }

  async function remove(key: string, { ifVersion }: { ifVersion: ObjectVersion | undefined }): Promise<void> {
    const place = placeOf(key);
    const absent = (): null => {
      if (ifVersion !== undefined) throw changed();
      return null;
    };
    const removed = await holdKeys(paths.locks, [key], async () => {
      const walk = await withFolder(paths.files, place.folders, { create: false }, async (folder) => {
        const target = at(folder, place.name);
        const current = await unless(['ENOENT'], lstat(target, { bigint: true }));
        if (current?.isSymbolicLink()) throw obstructed('link');
        if (!current?.isFile()) return absent();
        if (ifVersion !== undefined && versionOf(current) !== ifVersion) throw changed();
        await unless(['ENOENT'], unlink(target));
        await afterChange(() => folder.sync());
        return current;
      });
      if (walk.found) return walk.value;
      if (walk.why === 'link') throw obstructed('link');
      return absent();
    });
    if (removed) await afterChange(() => dropFacts(paths.facts, removed));
  }

  async function move(
    from: string,
    to: string,
    { condition, signal }: { condition: PutCondition | undefined; signal: AbortSignal },
  ): Promise<ObjectInfo> {
    const source = placeOf(from);
    const place = placeOf(to);
    const moved = await holdKeys(paths.locks, [from, to], async () => {
      signal.throwIfAborted();
      return inFolderOf(source, async (oldFolder) => {
        const origin = at(oldFolder, source.name);
        const stat = await unless(['ENOENT'], lstat(origin, { bigint: true }));
        if (stat?.isSymbolicLink()) throw obstructed('link');
        if (!stat?.isFile()) throw obstructed('missing');
        const create = !(condition && 'ifVersion' in condition);
        return retryWalk(async () => {
          const walk = await withFolder(paths.files, place.folders, { create }, async (newFolder) => {
            const target = at(newFolder, place.name);
            const replaced = await checkTarget(target, condition);
            if (condition && 'ifAbsent' in condition) {
              // Two names for a moment: after a crash here the file has both, and nothing is lost.
              await linkNew(origin, target);
              await afterChange(() => unlink(origin));
            } else {
              await rename(origin, target);
              // rename(2) does nothing when both names are links to one file.
              if (replaced?.ino === stat.ino) await afterChange(() => unless(['ENOENT'], unlink(origin)));
            }
            return afterChange(async () => {
              await newFolder.sync();
              await oldFolder.sync();
              return { replaced, stat: await lstat(target, { bigint: true }) };
            });
          });
          if (walk.found) return walk.value;
          throw walk.why === 'missing' ? changed() : obstructed(walk.why);
        });
      });
    });
    return afterChange(async () => {
      if (moved.replaced && !sameContent(moved.replaced, moved.stat)) await dropFacts(paths.facts, moved.replaced);
      return describe(to, moved.stat);
    });
  }

  async function moveFolder(from: string, to: string, signal: AbortSignal): Promise<void> {
    const source = placeOf(from);
    const place = placeOf(to);
    await holdKeys(paths.locks, [from, to], async () => {
      signal.throwIfAborted();
      const outer = await withFolder(paths.files, source.folders, { create: false }, async (oldFolder) => {
        const origin = at(oldFolder, source.name);
        const stat = await unless(['ENOENT'], lstat(origin));
        if (stat?.isSymbolicLink()) throw obstructed('link');
        if (!stat?.isDirectory()) throw noFolder();
        await retryWalk(async () => {
          const inner = await withFolder(paths.files, place.folders, { create: true }, async (newFolder) => {
            const target = at(newFolder, place.name);
            if (await unless(['ENOENT'], lstat(target))) throw taken();
            // Something that appears right now makes the rename fail, unless it is an empty folder, which is no loss.
            if (
              (await unless(
                ['ENOTEMPTY', 'EEXIST', 'ENOTDIR'],
                rename(origin, target).then(() => true),
              )) === null
            )
              throw taken();
            await afterChange(async () => {
              await newFolder.sync();
              await oldFolder.sync();
            });
          });
          if (!inner.found) throw obstructed(inner.why);
        });
      });
      if (!outer.found) throw outer.why === 'link' ? obstructed('link') : noFolder();
    });
  }

  /** `use` gets the folder above the named one; missing ones are fine. */
  async function inParent(path: string, use: (parent: FileHandle, name: string) => Promise<void>): Promise<void> {
    const { folders, name } = placeOf(path);
    const walk = await withFolder(paths.files, folders, { create: false }, (parent) => use(parent, name));
    if (!walk.found && walk.why === 'link') throw obstructed('link');
  }

  return {
    capabilities: {
      versions: true,
      history: false,
      signedUrls: false,
      uploads: false,
      atomicMove: true,
      folders: true,
      keysMayNest: false,
    },
    async head(key) {
      const place = placeOf(key);
      return inFolderOf(place, async (folder) => {
        const target = at(folder, place.name);
        const stat = await settled(() => unless(['ENOENT'], lstat(target, { bigint: true })));
        if (stat?.isSymbolicLink()) throw obstructed('link');
        if (!stat?.isFile()) throw obstructed('missing');
        return describe(key, stat);
      });
    },
    async get(key, { range }) {
      const { handle, stat } = await openObject(placeOf(key));
      try {
        const info = await describe(key, stat);
        if (range && range.start >= info.sizeBytes) throw behindTheEnd(info.sizeBytes);
        const start = range?.start ?? 0;
        // What is appended while we read belongs to another version.
        const end = Math.min(range?.end ?? info.sizeBytes - 1, info.sizeBytes - 1);
        if (end >= start) return { info, body: handle.createReadStream({ start, end, highWaterMark: 256 * 1024 }) };
        await handle.close();
        return { info, body: Readable.from([]) };
      } catch (error) {
        await handle.close();
        throw error;
      }
    },
    put,
    delete: remove,
    copy,
    list: (options) => listPage(paths.files, names, options),
    move,
    moveFolder,
    async createFolder(path) {
      const walk = await withFolder(paths.files, path.split('/'), { create: true }, async () => {});
      if (!walk.found) throw obstructed(walk.why);
    },
    deleteFolder: (path) =>
      inParent(path, async (parent, name) => {
        const target = at(parent, name);
        const stat = await unless(['ENOENT'], lstat(target));
        if (stat?.isSymbolicLink()) throw obstructed('link');
        if (!stat?.isDirectory()) return;
        const gone = rmdir(target).then(() => true);
        if (
          (await unless(
            ['ENOTEMPTY', 'EEXIST'],
            unless(['ENOENT'], gone).then(() => true),
          )) === null
        ) {
          throw refused(
            'failed_precondition',
            'The folder is not empty. It may hold links or names that are not shown here.',
          );
        }
        await afterChange(() => parent.sync());
      }),
    deleteTree: (path) =>
      inParent(path, async (parent, name) => {
        const target = at(parent, name);
        const stat = await unless(['ENOENT'], lstat(target));
        if (stat?.isSymbolicLink()) throw obstructed('link');
        if (!stat?.isDirectory()) return;
        await discard(target);
        await afterChange(() => parent.sync());
      }),
  };
}

/** What is at the target now, if a file may be put there. */
async function checkTarget(target: string | Buffer, condition: PutCondition | undefined): Promise<BigIntStats | null> {
  const current = await unless(['ENOENT'], lstat(target, { bigint: true }));
  if (current?.isSymbolicLink()) throw obstructed('link');
  if (current?.isDirectory()) throw refused('failed_precondition', 'There is a folder of that name.');
  if (current && !current.isFile())
    throw refused('failed_precondition', 'There is something of that name that is not a file.');
  if (!condition) return current;
  const holds = 'ifAbsent' in condition ? !current : current !== null && versionOf(current) === condition.ifVersion;
  if (!holds) throw changed();
  return current;
}

/** link(2) never replaces anything, so not even a file that appears this instant is lost. */
async function linkNew(from: string | Buffer, to: string | Buffer): Promise<void> {
  try {
    await link(from, to);
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') throw changed();
    throw error;
  }
}

/** A script that is edited here stays executable. */
async function keepMode(staged: Staged, current: BigIntStats): Promise<void> {
  const stat = await staged.handle.stat({ bigint: true });
  if ((stat.mode & 0o777n) !== (current.mode & 0o777n)) await chmod(staged.path, Number(current.mode & 0o777n));
}

/** ENOENT while we hold an open folder means that the folder itself was removed; walk again. */
async function retryWalk<T>(run: () => Promise<T>): Promise<T> {
  for (let n = 1; ; n += 1) {
    try {
      return await run();
    } catch (error) {
      if (errnoOf(error) !== 'ENOENT' || n >= WALKS) throw error;
    }
  }
}

function sameContent(a: BigIntStats, b: BigIntStats): boolean {
  return a.ino === b.ino && a.size === b.size && a.mtimeNs === b.mtimeNs;
}

function changed() {
  return refused('conflict', 'Somebody else changed the file in the meantime.');
}

function taken() {
  return refused('conflict', 'There is already something of that name.');
}

function noFolder() {
  return refused('not_found', 'There is no such folder.');
}

function behindTheEnd(sizeBytes: number) {
  return refused('invalid_argument', 'The asked part lies behind the end of the file.', { field: 'range', sizeBytes });
}
