/**
 * The objects of a bucket: plain files below its folder. Every change follows one pattern: grow the new file in staging, hold the
 * key, check the condition, keep what stands there if the bucket keeps versions, put the new one in place by rename or link, make
 * the folder durable. Programs that write into the folder directly do not hold keys; they too see only whole files, and what they
 * write is never overwritten by an `ifAbsent`.
 */
import type { BigIntStats } from 'node:fs';
import { chmod, type FileHandle, lstat, rename, unlink } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import type { BucketDriver, DriverPut } from '../../../ports/storage/driver.ts';
import type { ObjectInfo, ObjectVersion, PutCondition } from '../../../ports/storage/storage.ts';
import { at, obstructed, openFileAt, withFolder } from './anchored.ts';
import { afterChange, errnoOf, refused, unless } from './errors.ts';
import { dropFacts, type Facts, readFacts, writeFacts } from './facts.ts';
import type { Kept } from './kept.ts';
import type { BucketPaths } from './layout.ts';
import { holdKeys } from './locks.ts';
import { changed, checkTarget, linkNew, type Place, placeOf, retryWalk, sameContent } from './places.ts';
import { finish, type Staged, withCopy, withStaged, writeBody } from './staging.ts';
import { contentIdOf, modifiedAtOf, settled, versionOf } from './version.ts';

interface Ground {
  paths: BucketPaths;
  kept: Kept;
  now: () => number;
  /** Called before each write; removes what killed processes left. */
  tidy: () => Promise<void>;
}

interface Opened {
  handle: FileHandle;
  stat: BigIntStats;
}

interface Publishing {
  condition: PutCondition | undefined;
  facts: Facts;
  signal: AbortSignal;
}

export interface LocalObjects extends Pick<BucketDriver, 'put' | 'delete' | 'copy'> {
  putWhole: NonNullable<BucketDriver['putWhole']>;
  move: NonNullable<BucketDriver['move']>;
  describe(key: string, stat: BigIntStats, facts?: Facts): Promise<ObjectInfo>;
  /** What is at the key, without opening it. @throws not_found, failed_precondition (a link) */
  look(key: string): Promise<BigIntStats>;
  /** The caller closes the handle. @throws not_found, failed_precondition (a link) */
  open(key: string): Promise<Opened>;
  /** @throws not_found when the bucket is missing */
  checkBucket(): Promise<void>;
  /** Puts a finished file of ours at a key, if the condition holds. */
  publish(staged: Staged, key: string, options: Publishing): Promise<ObjectInfo>;
  /**
   * The step of `publish` at which the object changes, for whoever holds the key: keeps what stands there.
   * @param source a file that is no link; gone afterwards
   */
  putInPlace(
    source: string | Buffer,
    key: string,
    options: Placing,
  ): Promise<{ replaced: BigIntStats | null; stat: BigIntStats }>;
  /** Takes an object away, for whoever holds the key; what was removed, unless it is kept. */
  takeAway(
    key: string,
    options: { ifVersion?: ObjectVersion; ifContent?: string; keep: boolean },
  ): Promise<BigIntStats | null>;
}

interface Placing {
  condition: PutCondition | undefined;
  /** Whether the new file gets the permissions of the one that it replaces. */
  inheritMode: boolean;
}

export function localObjects({ paths, kept, now, tidy }: Ground): LocalObjects {
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
      versionId: contentIdOf(stat),
    };
  }

  /** Runs `use` with the folder of an object that is to be read; missing in any way is not_found. */
  async function inFolderOf<T>(place: Place, use: (folder: FileHandle) => Promise<T>): Promise<T> {
    const walk = await withFolder(paths.files, place.folders, { create: false }, use);
    if (walk.found) return walk.value;
    // Below a file there is nothing, so nothing is in the way of reading.
    throw obstructed(walk.why === 'link' ? 'link' : 'missing');
  }

  async function look(key: string): Promise<BigIntStats> {
    const place = placeOf(key);
    return inFolderOf(place, async (folder) => {
      const target = at(folder, place.name);
      const stat = await settled(() => unless(['ENOENT'], lstat(target, { bigint: true })));
      if (stat?.isSymbolicLink()) throw obstructed('link');
      if (!stat?.isFile()) throw obstructed('missing');
      return stat;
    });
  }

  async function open(key: string): Promise<Opened> {
    const place = placeOf(key);
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

  // Refuses a missing bucket before a body is read.
  const checkBucket = async (): Promise<void> => {
    await withFolder(paths.files, [], { create: false }, async () => {});
  };

  async function putInPlace(source: string | Buffer, key: string, { condition, inheritMode }: Placing) {
    const place = placeOf(key);
    // A version cannot be in a folder that does not exist; do not make one in vain.
    const create = !(condition && 'ifVersion' in condition);
    return retryWalk(async () => {
      const walk = await withFolder(paths.files, place.folders, { create }, async (folder) => {
        const target = at(folder, place.name);
        const current = await checkTarget(target, condition);
        const fresh = await lstat(source, { bigint: true });
        // Two names of one file: nothing is replaced.
        const same = current?.ino === fresh.ino;
        if (current && inheritMode) await takeMode(source, { from: current, now: fresh });
        const entry = current && !same ? await kept.keep(key, target, 'link') : null;
        if (isNew(condition)) await linkNew(source, target);
        else {
          await rename(source, target).catch(async (error: unknown) => {
            if (entry !== null) await unless(['ENOENT'], unlink(entry));
            throw error;
          });
        }
        return afterChange(async () => {
          // Two names for a moment: after a crash here the file has both, and nothing is lost. rename(2) between two names of
          // one file does nothing.
          if (same || isNew(condition)) await unless(['ENOENT'], unlink(source));
          await folder.sync();
          const replaced = entry === null && !same ? current : null;
          return { replaced, stat: await lstat(target, { bigint: true }) };
        });
      });
      if (walk.found) return walk.value;
      throw walk.why === 'missing' ? changed() : obstructed(walk.why);
    });
  }

  async function publish(staged: Staged, key: string, { condition, facts, signal }: Publishing): Promise<ObjectInfo> {
    const content = await staged.handle.stat({ bigint: true });
    await writeFacts(paths.facts, content, facts);
    let placed = false;
    try {
      const place = async () => {
        signal.throwIfAborted();
        const done = await putInPlace(staged.path, key, { condition, inheritMode: true });
        placed = true;
        return done;
      };
      // A new name is given or refused in one step, whoever holds the key.
      const { replaced } = isNew(condition) ? await place() : await holdKeys(paths.locks, [key], place);
      return await afterChange(async () => {
        if (replaced) await dropFacts(paths.facts, replaced);
        // Our own inode, whatever became of the name since.
        return describe(key, await staged.handle.stat({ bigint: true }), facts);
      });
    } catch (error) {
      // Still under our name, so certainly not in place.
      const left = placed ? null : await unless(['ENOENT'], lstat(staged.path, { bigint: true }));
      if (left?.ino === content.ino) await dropFacts(paths.facts, left);
      throw error;
    }
  }

  const put = (key: string, body: Readable, options: DriverPut): Promise<ObjectInfo> =>
    grow(key, options, ({ handle }) => writeBody(handle, body, options.signal));

  const putWhole = (key: string, body: Buffer, options: DriverPut): Promise<ObjectInfo> =>
    grow(key, options, ({ handle }) => handle.writeFile(body));

  async function grow(
    key: string,
    { condition, contentType, metadata, crc32c, signal }: DriverPut,
    write: (staged: Staged) => Promise<void>,
  ): Promise<ObjectInfo> {
    await checkBucket();
    await tidy();
    return withStaged(paths.staging, async (staged) => {
      await write(staged);
      await finish(staged.handle, now());
      return publish(staged, key, { condition, facts: { contentType, metadata, crc32c: crc32c() }, signal });
    });
  }

  async function copy(
    from: string,
    to: string,
    options: { condition: PutCondition | undefined; fromVersion: ObjectVersion | undefined; signal: AbortSignal },
  ): Promise<ObjectInfo> {
    const { condition, fromVersion, signal } = options;
    const source = await open(from);
    try {
      if (fromVersion !== undefined && fromVersion !== versionOf(source.stat)) throw changed();
      const facts = await readFacts(paths.facts, source.stat);
      await tidy();
      const sizeBytes = Number(source.stat.size);
      const content = { handle: source.handle, sizeBytes, crc32c: facts.crc32c, signal };
      return await withCopy(paths.staging, content, async (staged, crc32c) => {
        if (!sameContent(await source.handle.stat({ bigint: true }), source.stat)) {
          throw refused('conflict', 'The file is being written to. Copy it again once that is done.');
        }
        await finish(staged.handle, now());
        return publish(staged, to, { condition, facts: { ...facts, crc32c }, signal });
      });
    } finally {
      await source.handle.close();
    }
  }

  const takeAway: LocalObjects['takeAway'] = async (key, { ifVersion, ifContent, keep }) => {
    const place = placeOf(key);
    const absent = (): null => {
      if (ifVersion !== undefined) throw changed();
      return null;
    };
    const walk = await withFolder(paths.files, place.folders, { create: false }, async (folder) => {
      const target = at(folder, place.name);
      const current = await unless(['ENOENT'], lstat(target, { bigint: true }));
      if (current?.isSymbolicLink()) throw obstructed('link');
      if (!current?.isFile()) return absent();
      if (ifVersion !== undefined && versionOf(current) !== ifVersion) throw changed();
      if (ifContent !== undefined && contentIdOf(current) !== ifContent) return null;
      const entry = keep ? await unless(['ENOENT'], kept.keep(key, target, 'rename')) : null;
      if (entry === null) await unless(['ENOENT'], unlink(target));
      await afterChange(() => folder.sync());
      return entry === null ? current : null;
    });
    if (walk.found) return walk.value;
    if (walk.why === 'link') throw obstructed('link');
    return absent();
  };

  async function remove(key: string, { ifVersion }: { ifVersion: ObjectVersion | undefined }): Promise<void> {
    const removed = await holdKeys(paths.locks, [key], () => takeAway(key, { ifVersion, keep: true }));
    if (removed) await afterChange(() => dropFacts(paths.facts, removed));
  }

  async function move(
    from: string,
    to: string,
    { condition, signal }: { condition: PutCondition | undefined; signal: AbortSignal },
  ): Promise<ObjectInfo> {
    const source = placeOf(from);
    const { replaced, stat } = await holdKeys(paths.locks, [from, to], async () => {
      signal.throwIfAborted();
      return inFolderOf(source, async (folder) => {
        const origin = at(folder, source.name);
        const there = await unless(['ENOENT'], lstat(origin, { bigint: true }));
        if (there?.isSymbolicLink()) throw obstructed('link');
        if (!there?.isFile()) throw obstructed('missing');
        const done = await putInPlace(origin, to, { condition, inheritMode: false });
        await afterChange(() => folder.sync());
        return done;
      });
    });
    return afterChange(async () => {
      if (replaced) await dropFacts(paths.facts, replaced);
      return describe(to, stat);
    });
  }

  return {
    describe,
    look,
    open,
    checkBucket,
    publish,
    putInPlace,
    takeAway,
    put,
    putWhole,
    delete: remove,
    copy,
    move,
  };
}

const isNew = (condition: PutCondition | undefined): boolean => condition !== undefined && 'ifAbsent' in condition;

/** A script that is edited here stays executable. */
async function takeMode(
  target: string | Buffer,
  { from, now }: { from: BigIntStats; now: BigIntStats },
): Promise<void> {
  if ((now.mode & 0o777n) !== (from.mode & 0o777n)) await chmod(target, Number(from.mode & 0o777n));
}
