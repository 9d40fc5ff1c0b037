/** Folders of a bucket: made, removed and renamed as what they are. */
import { type FileHandle, lstat, rename, rmdir } from 'node:fs/promises';
import type { BucketDriver } from '../../../ports/storage/driver.ts';
import { at, obstructed, withFolder } from './anchored.ts';
import { afterChange, refused, unless } from './errors.ts';
import type { BucketPaths } from './layout.ts';
import { holdKeys } from './locks.ts';
import { noFolder, placeOf, retryWalk, taken } from './places.ts';

export type FolderDriver = Required<Pick<BucketDriver, 'createFolder' | 'deleteFolder' | 'deleteTree' | 'moveFolder'>>;

/** @param leave takes a folder (its path for the system, its key) out of the bucket in one step and removes it from there */
export function localFolders(
  paths: BucketPaths,
  leave: (target: string | Buffer, path: string) => Promise<void>,
): FolderDriver {
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
    moveFolder,
    async createFolder(path) {
      const walk = await withFolder(paths.files, path.split('/'), { create: true }, async () => {});
      if (!walk.found) throw obstructed(walk.why);
    },
    deleteFolder: (path) =>
      inParent(path, async (parent, name) => {
        const target = at(parent, name);
        if (!(await isFolder(target))) return;
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
        if (!(await isFolder(target))) return;
        await leave(target, path);
        await afterChange(() => parent.sync());
      }),
  };
}

async function isFolder(target: string | Buffer): Promise<boolean> {
  const stat = await unless(['ENOENT'], lstat(target));
  if (stat?.isSymbolicLink()) throw obstructed('link');
  return stat?.isDirectory() ?? false;
}
