/**
 * Pages of keys in UTF-8 byte order out of a tree of folders. Only folders on the way to the page are read, and only the files
 * on it are looked at.
 */
import { type BigIntStats, lstatSync } from 'node:fs';
import { lstat } from 'node:fs/promises';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { compareUtf8, isLongerThan, MAX_KEY_BYTES } from '../../../domain/storage.ts';
import type { DriverList } from '../../../ports/storage/driver.ts';
import type { ListPage, ObjectSummary } from '../../../ports/storage/storage.ts';
import { at, type OpenFolder, openFolderAt, openFolderNow, withFolder } from './anchored.ts';
import { errnoOf, unless } from './errors.ts';
import type { FolderNames } from './folder-names.ts';
import { isUnsettled, modifiedAtOf, settleTime, versionOf } from './version.ts';

/** Files looked at together: enough to keep the disk busy, few enough to let others in between. */
const BATCH = 128;
/**
 * Most looks are answered from memory, and then asking the pool of threads for one costs this thread more than looking itself
 * does. One that takes longer than this had to wait for the disk: the next ones are left to the pool.
 */
const FROM_MEMORY_MS = 0.5;
/** How long looks may hold this thread up before others have their turn. */
const SLICE_MS = 2;
const IF_THERE = { bigint: true, throwIfNoEntry: false } as const;
/** Gone, or replaced by a file or a link since its name was read. */
const NO_FOLDER = ['ENOENT', 'ENOTDIR', 'ELOOP'];

interface Page {
  options: DriverList;
  names: FolderNames;
  /** Keys and prefixes in order; one more than the page holds when there is more. */
  found: string[];
  objects: ObjectSummary[];
  fromMemoryMs: number;
  /** When this listing lets others in. */
  sliceEnd: number;
  /** The last look had to wait for the disk. */
  cold: boolean;
}

/**
 * A missing folder is an empty page, and so is a link: what lies behind it is not in the bucket.
 * @param root the bucket's folder
 * @param fromMemoryMs a look that takes longer than this was not answered from memory
 */
export async function listPage(
  root: string,
  names: FolderNames,
  { fromMemoryMs = FROM_MEMORY_MS, ...options }: DriverList & { fromMemoryMs?: number },
): Promise<ListPage> {
  const { prefix, pageSize, startAfter } = options;
  const folderKey = prefix.slice(0, prefix.lastIndexOf('/') + 1);
  const sliceEnd = performance.now() + SLICE_MS;
  const page: Page = { options, names, found: [], objects: [], fromMemoryMs, sliceEnd, cold: false };
  await withFolder(root, folderKey.split('/').slice(0, -1), { create: false }, (folder) =>
    collect(page, folder, folderKey),
  );
  const more = page.found.length > pageSize;
  const shown = page.found.slice(0, pageSize);
  const last = shown.at(-1) ?? startAfter;
  return {
    objects: page.objects,
    prefixes: options.delimiter ? shown.filter((key) => key.endsWith('/')) : [],
    next: more ? last : null,
  };
}

/** @param folderKey key of the open folder with its slash, `""` for the root */
async function collect(page: Page, folder: OpenFolder, folderKey: string): Promise<void> {
  const { prefix, delimiter, startAfter, signal } = page.options;
  const names = await page.names.read(folder);
  const rest = prefix.startsWith(folderKey) ? prefix.slice(folderKey.length) : '';
  let pending: string[] = [];
  const flush = async (): Promise<void> => {
    const batch = pending;
    pending = [];
    if (batch.length > 0) await summarize(page, folder, { folderKey, names: batch });
  };
  for (let i = firstIndex(names, folderKey, page.options); i < names.length; i += 1) {
    const name = names[i];
    if (name === undefined || isFull(page) || !name.startsWith(rest)) break;
    const key = folderKey + name;
    if (isLongerThan(MAX_KEY_BYTES, key)) continue;
    if (name.endsWith('/') && !delimiter) {
      await flush();
      await descend(page, folder, { name, key });
      signal.throwIfAborted();
    } else if (compareUtf8(key, startAfter) > 0) {
      page.found.push(key);
      if (!name.endsWith('/') && !isFull(page)) pending.push(name);
      if (pending.length >= BATCH) await flush();
    }
  }
  await flush();
}

function isFull(page: Page): boolean {
  return page.found.length > page.options.pageSize;
}

async function descend(page: Page, parent: OpenFolder, { name, key }: { name: string; key: string }): Promise<void> {
  if (performance.now() >= page.sliceEnd) await letOthersIn(page);
  const folder = await openBelow(page, at(parent, name.slice(0, -1)));
  if (!folder) return;
  try {
    await collect(page, folder, key);
  } finally {
    await folder.close();
  }
}

async function openBelow(
  page: Page,
  path: string | Buffer,
): Promise<(OpenFolder & { close(): void | Promise<void> }) | null> {
  if (page.cold) {
    page.cold = false;
    return unless(NO_FOLDER, openFolderAt(path));
  }
  const began = performance.now();
  try {
    return openFolderNow(path);
  } catch (error) {
    if (NO_FOLDER.includes(errnoOf(error) ?? '')) return null;
    throw error;
  } finally {
    page.cold = performance.now() - began > page.fromMemoryMs;
  }
}

/** Index of the first name that can matter: not before the prefix, not wholly before the start mark. */
function firstIndex(
  names: readonly string[],
  folderKey: string,
  { prefix, startAfter, delimiter }: DriverList,
): number {
  const byPrefix = prefix.startsWith(folderKey) ? lowerBound(names, prefix.slice(folderKey.length)) : 0;
  if (!startAfter.startsWith(folderKey)) return compareUtf8(startAfter, folderKey) > 0 ? names.length : byPrefix;
  const rest = startAfter.slice(folderKey.length);
  const byMark = lowerBound(names, rest);
  const before = names[byMark - 1];
  // The folder that holds the mark sorts right before it, and may hold more.
  const holdsMark = !delimiter && before?.endsWith('/') && rest.startsWith(before);
  return Math.max(byPrefix, holdsMark ? byMark - 1 : byMark);
}

/** Index of the first name that is not less than `text`. */
function lowerBound(names: readonly string[], text: string): number {
  let low = 0;
  let high = names.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const name = names[middle];
    if (name !== undefined && compareUtf8(name, text) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

async function summarize(
  page: Page,
  folder: OpenFolder,
  { folderKey, names }: { folderKey: string; names: readonly string[] },
): Promise<void> {
  const found = await looks(page, folder, names);
  if (found.includes('unsettled')) await settleTime();
  for (let i = 0; i < names.length; i += 1) {
    const name = names[i] ?? '';
    const look = found[i] ?? null;
    const stat = look === 'unsettled' ? await fromPool(folder, name) : look;
    if (!stat?.isFile()) continue;
    page.objects.push({
      key: folderKey + name,
      sizeBytes: Number(stat.size),
      modifiedAt: modifiedAtOf(stat),
      version: versionOf(stat),
    });
  }
}

type Look = BigIntStats | 'unsettled' | null;

/** What lies under each name. */
async function looks(page: Page, folder: OpenFolder, names: readonly string[]): Promise<Look[]> {
  const found: Look[] = [];
  let before = performance.now();
  for (const name of names) {
    if (before >= page.sliceEnd) before = await letOthersIn(page);
    if (page.cold) break;
    found.push(ifSettled(lstatSync(at(folder, name), IF_THERE) ?? null));
    const after = performance.now();
    page.cold = after - before > page.fromMemoryMs;
    before = after;
  }
  if (!page.cold) return found;
  const rest = names.slice(found.length).map(async (name) => ifSettled(await fromPool(folder, name)));
  page.cold = false;
  return [...found, ...(await Promise.all(rest))];
}

function fromPool(folder: OpenFolder, name: string): Promise<BigIntStats | null> {
  return unless(['ENOENT'], lstat(at(folder, name), { bigint: true }));
}

/** Asked right after the look: later, the tick in which it was taken would be over. */
function ifSettled(stat: BigIntStats | null): Look {
  return stat !== null && isUnsettled(stat) ? 'unsettled' : stat;
}

/** @returns the time when it is this listing's turn again */
async function letOthersIn(page: Page): Promise<number> {
  await nextTurn();
  const now = performance.now();
  page.sliceEnd = now + SLICE_MS;
  return now;
}
