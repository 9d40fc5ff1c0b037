/**
 * The names in a folder as keys see them, in UTF-8 byte order. Reading and sorting a folder of 100,000 files for every page of
 * 1000 would make the whole listing quadratic, and whoever lists a bucket mostly lists it again soon, so folders are remembered
 * while their times show that nothing changed.
 */
import { isUtf8 } from 'node:buffer';
import { type BigIntStats, fstatSync } from 'node:fs';
import { compareUtf8, keyFault } from '../../../domain/storage.ts';
import { entriesOf, type OpenFolder } from './anchored.ts';
import { isFolderSettled } from './version.ts';

/** Names remembered together, about 60 bytes each; one larger folder is kept alone. */
const MAX_NAMES = 200_000;
/** What a folder takes besides its names, in names. */
const FOLDER_NAMES = 10;

interface Remembered {
  times: string;
  names: string[];
}

export interface FolderNames {
  /** Files as `name`, folders as `name/`, sorted. Links, special files and names that are no keys are left out. */
  read(folder: OpenFolder): Promise<readonly string[]>;
}

export function createFolderNames(): FolderNames {
  /** By device and inode; the least recently used first. */
  const folders = new Map<string, Remembered>();
  let total = 0;

  function remember(id: string, entry: Remembered): void {
    // Somebody else may have read it meanwhile.
    forget(id);
    folders.set(id, entry);
    total += weightOf(entry);
    for (const [oldest, other] of folders) {
      if (total <= MAX_NAMES || folders.size === 1) return;
      folders.delete(oldest);
      total -= weightOf(other);
    }
  }

  function forget(id: string): Remembered | undefined {
    const entry = folders.get(id);
    if (entry) total -= weightOf(entry);
    folders.delete(id);
    return entry;
  }

  return {
    async read(folder) {
      // Of an open folder: answered from memory.
      const before = fstatSync(folder.fd, { bigint: true });
      const id = `${before.dev}:${before.ino}`;
      const known = forget(id);
      if (known?.times === timesOf(before)) {
        remember(id, known);
        return known.names;
      }
      const settledBefore = isFolderSettled(before);
      const names = await sortedNames(folder);
      if (settledBefore) remember(id, { times: timesOf(before), names });
      return names;
    },
  };
}

function weightOf({ names }: Remembered): number {
  return names.length + FOLDER_NAMES;
}

function timesOf(stat: BigIntStats): string {
  return `${stat.mtimeNs}:${stat.ctimeNs}`;
}

/** A file name that is not valid UTF-8 or holds control characters has no key, so it cannot be shown. */
export function keyName(name: Buffer): string | null {
  // Nearly all names are plain ASCII; the full check would take most of the time of a large folder.
  const plain = name.toString('latin1');
  if (/^[\x20-\x7e]+$/.test(plain)) return plain;
  if (!isUtf8(name)) return null;
  const text = name.toString('utf8');
  return keyFault(text) === null ? text : null;
}

async function sortedNames(folder: OpenFolder): Promise<string[]> {
  const names: string[] = [];
  let simple = true;
  for await (const entry of entriesOf(folder)) {
    if (!entry.isFile() && !entry.isDirectory()) continue;
    const name = keyName(entry.name);
    if (name === null) continue;
    // The slash takes part in the order: `a-b` and `a.txt` come before everything in the folder `a`.
    names.push(entry.isDirectory() ? `${name}/` : name);
    simple &&= !/[\ud800-\uffff]/.test(name);
  }
  return simple ? names.sort() : names.sort(compareUtf8);
}
