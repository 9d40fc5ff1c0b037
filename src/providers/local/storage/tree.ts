/** Whole trees: measuring and removing them, link-safe like everything here and with a bounded number of open folders. */
import { type FileHandle, lstat, rename, rmdir, unlink } from 'node:fs/promises';
import type { BucketUsage } from '../../../ports/storage/storage.ts';
import { at, entriesOf, type Name, openFolderAt, withFolder } from './anchored.ts';
import { unless } from './errors.ts';
import { ownName } from './staging.ts';
import { contentIdOf } from './version.ts';

const BATCH = 64;
/** Folders open at a time while removing; what lies deeper is first moved up. */
const MAX_OPEN = 32;
const PASSES = 5;

/**
 * Size and number of all files, names that are no keys included. Looks at a few files at a time, so others get their turn.
 * @param see called with the content's identity of each file
 */
export async function measure(
  root: string,
  signal: AbortSignal,
  see: (contentId: string) => void,
): Promise<BucketUsage> {
  const usage: BucketUsage = { sizeBytes: 0, objects: 0 };
  const folders: Name[][] = [[]];
  for (let names = folders.pop(); names !== undefined; names = folders.pop()) {
    const path = names;
    // Each folder is walked to from the bucket, so that depth costs no open handles; gone ones count nothing.
    await withFolder(root, path, { create: false }, async (folder) => {
      let batch: Buffer[] = [];
      const look = (name: Buffer) => unless(['ENOENT'], lstat(at(folder, name), { bigint: true }));
      const flush = async (): Promise<void> => {
        signal.throwIfAborted();
        for (const stat of await Promise.all(batch.map(look))) {
          if (!stat?.isFile()) continue;
          usage.objects += 1;
          usage.sizeBytes += Number(stat.size);
          see(contentIdOf(stat));
        }
        batch = [];
      };
      for await (const entry of entriesOf(folder)) {
        if (entry.isDirectory()) folders.push([...path, entry.name]);
        else if (entry.isFile()) batch.push(entry.name);
        if (batch.length >= BATCH) await flush();
      }
      await flush();
    });
    signal.throwIfAborted();
  }
  return usage;
}

/** Whether anything but folders lies in the tree. */
export async function holdsFiles(root: string): Promise<boolean> {
  const folders: Name[][] = [[]];
  for (let names = folders.pop(); names !== undefined; names = folders.pop()) {
    const path = names;
    const walk = await withFolder(root, path, { create: false }, async (folder) => {
      for await (const entry of entriesOf(folder)) {
        if (!entry.isDirectory()) return true;
        folders.push([...path, entry.name]);
      }
      return false;
    });
    if (walk.found && walk.value) return true;
  }
  return false;
}

/**
 * Removes an entry of `trash` with all below it. Links are removed, not followed.
 * @param trash a folder of ours, open; deep parts are moved up into it
 */
export async function removeTree(trash: FileHandle, name: Name): Promise<void> {
  const tops: Name[] = [name];
  for (let top = tops.pop(); top !== undefined; top = tops.pop()) {
    await removeEntry(trash, top, { depth: 0, trash, tops });
  }
}

interface Removal {
  depth: number;
  trash: FileHandle;
  /** Entries of the trash still to be removed. */
  tops: Name[];
}

async function removeEntry(parent: FileHandle, name: Name, removal: Removal): Promise<void> {
  const path = at(parent, name);
  const folder = await unless(['ENOTDIR', 'ELOOP', 'ENOENT'], openFolderAt(path));
  if (!folder) {
    await unless(['ENOENT'], unlink(path));
    return;
  }
  try {
    // Programs that still run in the folder may put new entries into it while it goes.
    for (let pass = 1; ; pass += 1) {
      await removeContent(folder, removal);
      const busy = rmdir(path).then(() => true);
      if (pass >= PASSES) await busy;
      else if (
        (await unless(
          ['ENOTEMPTY', 'EEXIST'],
          unless(['ENOENT'], busy).then(() => true),
        )) === null
      )
        continue;
      return;
    }
  } finally {
    await folder.close();
  }
}

async function removeContent(folder: FileHandle, removal: Removal): Promise<void> {
  for await (const entry of entriesOf(folder)) {
    if (!entry.isDirectory()) await unless(['ENOENT'], unlink(at(folder, entry.name)));
    else if (removal.depth + 1 < MAX_OPEN)
      await removeEntry(folder, entry.name, { ...removal, depth: removal.depth + 1 });
    else {
      const top = ownName();
      await rename(at(folder, entry.name), at(removal.trash, top));
      removal.tops.push(top);
    }
  }
}

/** Removes a tree that holds only folders. False, and every file stays, when something else turns up. */
export async function removeEmptyFolders(parent: FileHandle, name: Name): Promise<boolean> {
  const folder = await unless(['ENOENT'], openFolderAt(at(parent, name)));
  if (!folder) return true;
  try {
    for await (const entry of entriesOf(folder)) {
      if (!entry.isDirectory() || !(await removeEmptyFolders(folder, entry.name))) return false;
    }
  } finally {
    await folder.close();
  }
  return (
    (await unless(
      ['ENOTEMPTY', 'EEXIST'],
      rmdir(at(parent, name)).then(() => true),
    )) ?? false
  );
}
