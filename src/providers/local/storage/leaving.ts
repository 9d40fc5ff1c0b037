/**
 * Folders that are deleted with all they hold, in a bucket that keeps versions. The folder leaves the bucket in one step, under a
 * path that tells its key; then each of its files gets its place among the kept ones, and what is no object goes. Whoever dies
 * in between leaves a folder that the next process goes on with.
 */
import { rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { keyFault } from '../../../domain/storage.ts';
import { at, entriesOf, withFolder } from './anchored.ts';
import { syncFolder } from './durable.ts';
import { afterChange, unless } from './errors.ts';
import { keyName } from './folder-names.ts';
import { type Kept, makeFolder } from './kept.ts';
import type { BucketPaths } from './layout.ts';
import { ownName, sweep } from './staging.ts';

export interface Leaving {
  /** @param path key of the folder */
  leave(target: string | Buffer, path: string): Promise<void>;
  /** Goes on with what dead processes left. */
  goOn(): Promise<void>;
}

interface Tools {
  paths: BucketPaths;
  kept: Kept;
  /** Removes a folder of ours, or one of the bucket in one step. */
  discard: (path: string | Buffer) => Promise<void>;
}

export function leavingFolders({ paths, kept, discard }: Tools): Leaving {
  async function keepAll(root: string): Promise<void> {
    const folders: string[][] = [[]];
    for (let names = folders.pop(); names !== undefined; names = folders.pop()) {
      const path = names;
      await withFolder(root, path, { create: false }, async (folder) => {
        for await (const entry of entriesOf(folder)) {
          const name = keyName(entry.name);
          // Never was an object, so it has no versions.
          if (name === null) continue;
          if (entry.isDirectory()) folders.push([...path, name]);
          if (!entry.isFile()) continue;
          const key = [...path, name].join('/');
          // Gone: another process goes on with the same folder.
          if (keyFault(key) === null) await unless(['ENOENT'], kept.keep(key, at(folder, name), 'rename together'));
        }
      });
    }
    // Journals keep the order of renames: once this is on the disk, so are all before it.
    await unless(['ENOENT'], syncFolder(paths.history));
  }

  async function finish(name: string): Promise<void> {
    const root = join(paths.leaving, name);
    await keepAll(root);
    await unless(['ENOENT'], discard(root));
  }

  return {
    async leave(target, path) {
      if (!(await kept.isKeeping())) return discard(target);
      const name = ownName();
      const spot = join(paths.leaving, name, ...path.split('/'));
      await makeFolder(dirname(spot));
      await rename(target, spot);
      await afterChange(async () => {
        await syncFolder(dirname(spot));
        await finish(name);
      });
    },
    goOn: () => sweep(paths.leaving, finish),
  };
}
