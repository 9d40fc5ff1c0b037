/**
 * Contents that were replaced or deleted, kept beside the bucket. The tree of keys is made again in `history`: the folder of a
 * key holds, besides the folders of longer keys, one entry for each kept content, whose name begins with a control character and
 * so never meets a part of a key. An entry is the very file, linked or renamed, so keeping one copies nothing, and what is
 * known of its content (facts.ts) still applies. Only changes through the contract keep anything: a program that writes into
 * a file in place overwrites it.
 */
import type { BigIntStats } from 'node:fs';
import { link, lstat, mkdir, readdir, rename, rmdir, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { compareUtf8, parentFolder } from '../../../domain/storage.ts';
import { syncFolder } from './durable.ts';
import { errnoOf, unless } from './errors.ts';
import { dropFacts } from './facts.ts';
import type { BucketPaths } from './layout.ts';
import type { Keeping } from './record.ts';
import { ownName } from './staging.ts';
import { contentIdOf } from './version.ts';

const MARK = '\u0001';
const DAY_MS = 24 * 3_600_000;

export interface KeptEntry {
  /** Orders the entries of a key: later ones are greater. */
  name: string;
  path: string;
  stat: BigIntStats;
  versionId: string;
  /** Unix milliseconds. */
  replacedAt: number;
}

export interface Kept {
  isKeeping(): Promise<boolean>;
  /**
   * Gives the file at `path` a place among the kept ones, durably, if the bucket keeps any: by a second name, or, when it is to
   * go away from where it is, by renaming it; `rename together` leaves it to the caller to make many of them durable at once.
   * @returns the path of its place; null: nothing is kept and the file is still there
   */
  keep(key: string, path: string | Buffer, how: 'link' | 'rename' | 'rename together'): Promise<string | null>;
  /** Of one key, the newest first; those whose time is over are left out. */
  entries(key: string): Promise<KeptEntry[]>;
  find(key: string, versionId: string): Promise<KeptEntry | null>;
  /** For ever, and durably. */
  purge(key: string, versionId: string): Promise<void>;
  /** Removes the folders that only this key needed. */
  tidy(key: string): Promise<void>;
  /** Keys that may have kept contents, in UTF-8 byte order. */
  keys(range: { prefix: string; from: string }): AsyncGenerator<string>;
  /** Removes what is too old; tells the identity of all others. Looks at everything: for background work. */
  sweep(signal: AbortSignal, see: (contentId: string) => void): Promise<void>;
}

/** A folder that another call tidied up just now is made again this often. */
const TRIES = 5;

let serial = 0;

/** @param keeping whether and how long contents are kept at present */
export function keptVersions(paths: BucketPaths, keeping: () => Promise<Keeping>, now: () => number): Kept {
  const folderOf = (key: string): string => join(paths.history, ...key.split('/'));

  async function isOver(replacedAt: number): Promise<boolean> {
    const { keepDays } = await keeping();
    return keepDays !== null && replacedAt <= now() - keepDays * DAY_MS;
  }

  async function all(key: string): Promise<KeptEntry[]> {
    const folder = folderOf(key);
    const names = ((await unless(['ENOENT'], readdir(folder))) ?? []).filter((name) => name.startsWith(MARK));
    const found: KeptEntry[] = [];
    for (const name of names.sort().reverse()) {
      const path = join(folder, name);
      const stat = await unless(['ENOENT'], lstat(path, { bigint: true }));
      if (!stat?.isFile()) continue;
      found.push({ name, path, stat, versionId: contentIdOf(stat), replacedAt: replacedAtOf(name) });
    }
    return found;
  }

  async function drop(entry: KeptEntry): Promise<void> {
    await unless(['ENOENT'], unlink(entry.path));
    await dropFacts(paths.facts, entry.stat);
  }

  async function entries(key: string): Promise<KeptEntry[]> {
    const shown: KeptEntry[] = [];
    const ids = new Set<string>();
    for (const entry of await all(key)) {
      // Kept twice: a process died while it was about to replace the content.
      if (ids.has(entry.versionId) || (await isOver(entry.replacedAt))) continue;
      ids.add(entry.versionId);
      shown.push(entry);
    }
    return shown;
  }

  async function* keys(
    folder: string,
    folderKey: string,
    range: { prefix: string; from: string },
  ): AsyncGenerator<string> {
    const { prefix, from } = range;
    const names = ((await unless(['ENOENT'], readdir(folder))) ?? []).filter((name) => !name.startsWith(MARK));
    // A key sorts before all that lies below it, but `a-b` comes between `a` and `a/b`.
    for (const name of names.flatMap((each) => [each, `${each}/`]).sort(compareUtf8)) {
      const key = folderKey + name;
      if (!name.endsWith('/')) {
        if (key.startsWith(prefix) && compareUtf8(key, from) >= 0) yield key;
        continue;
      }
      const apart = !key.startsWith(prefix) && !prefix.startsWith(key);
      const over = !from.startsWith(key) && compareUtf8(key, from) < 0;
      if (!apart && !over) yield* keys(join(folder, name), key, range);
    }
  }

  async function tidy(key: string): Promise<void> {
    for (let each = key; each !== ''; each = parentFolder(each)) {
      const gone = rmdir(folderOf(each)).then(() => true);
      if (!(await unless(['ENOENT', 'ENOTEMPTY', 'EEXIST'], gone))) return;
    }
  }

  /** @param together whether the caller makes it durable */
  async function put(folder: string, together: boolean, give: (target: string) => Promise<void>): Promise<string> {
    for (let n = 1; ; n += 1) {
      try {
        if (together) await mkdir(folder, { recursive: true });
        else await makeFolder(folder);
        const target = join(folder, entryName(now()));
        await give(target);
        return target;
      } catch (error) {
        // Either the file is gone, which the caller has to know, or our folder.
        if (errnoOf(error) !== 'ENOENT' || n >= TRIES) throw error;
      }
    }
  }

  return {
    isKeeping: async () => (await keeping()).keepsVersions,
    async keep(key, path, how) {
      if (!(await keeping()).keepsVersions) return null;
      const folder = folderOf(key);
      const together = how === 'rename together';
      const target = await put(folder, together, (entry) => (how === 'link' ? link(path, entry) : rename(path, entry)));
      if (!together) await syncFolder(folder);
      for (const entry of await all(key)) if (await isOver(entry.replacedAt)) await drop(entry);
      return target;
    },
    entries,
    async find(key, versionId) {
      return (await entries(key)).find((entry) => entry.versionId === versionId) ?? null;
    },
    async purge(key, versionId) {
      const found = (await all(key)).filter((entry) => entry.versionId === versionId);
      for (const entry of found) await drop(entry);
      if (found.length > 0) await syncFolder(folderOf(key));
      await tidy(key);
    },
    tidy,
    keys: (range) => keys(paths.history, '', range),
    async sweep(signal, see) {
      for await (const key of keys(paths.history, '', { prefix: '', from: '' })) {
        signal.throwIfAborted();
        for (const entry of await all(key)) {
          if (await isOver(entry.replacedAt)) await drop(entry);
          else see(entry.versionId);
        }
        await tidy(key);
      }
    },
  };
}

/** Names of one process sort as they were made, also within a millisecond. */
function entryName(now: number): string {
  serial += 1;
  const order = serial.toString(36).padStart(8, '0');
  return `${MARK}${Math.floor(now).toString(36).padStart(9, '0')}.${order}.${ownName()}`;
}

function replacedAtOf(name: string): number {
  return Number.parseInt(name.slice(1), 36);
}

/** Makes a folder and those above it survive a power cut. */
export async function makeFolder(folder: string): Promise<void> {
  const first = await mkdir(folder, { recursive: true }).catch(async (error: unknown) => {
    // Somebody tidied a folder on the way up just now.
    if (errnoOf(error) !== 'ENOENT') throw error;
    return mkdir(folder, { recursive: true });
  });
  if (first === undefined) return;
  for (let made = folder; ; made = dirname(made)) {
    await syncFolder(dirname(made));
    if (made === first) return;
  }
}
