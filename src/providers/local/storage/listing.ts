/**
 * Pages of keys in UTF-8 byte order out of a tree of folders. Only folders on the way to the page are read, and only the files
 * on it are looked at.
 */
import { type FileHandle, lstat } from 'node:fs/promises';
import { compareUtf8, MAX_KEY_BYTES, utf8Bytes } from '../../../domain/storage.ts';
import type { DriverList } from '../../../ports/storage/driver.ts';
import type { ListPage, ObjectSummary } from '../../../ports/storage/storage.ts';
import { at, openFolderAt, withFolder } from './anchored.ts';
import { unless } from './errors.ts';
import type { FolderNames } from './folder-names.ts';
import { isUnsettled, modifiedAtOf, settleTime, versionOf } from './version.ts';

/** Files looked at together: enough to keep the disk busy, few enough to let others in between. */
const BATCH = 128;

interface Page {
  options: DriverList;
  names: FolderNames;
  /** Keys and prefixes in order; one more than the page holds when there is more. */
  found: string[];
  objects: ObjectSummary[];
}

/** A missing folder is an empty page, and so is a link: what lies behind it is not in the bucket. @param root the bucket's folder */
export async function listPage(root: string, names: FolderNames, options: DriverList): Promise<ListPage> {
  const { prefix, pageSize, startAfter } = options;
  const folderKey = prefix.slice(0, prefix.lastIndexOf('/') + 1);
  const page: Page = { options, names, found: [], objects: [] };
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
async function collect(page: Page, folder: FileHandle, folderKey: string): Promise<void> {
  const { prefix, delimiter, startAfter, signal } = page.options;
  const names = await page.names.read(folder);
  const rest = prefix.startsWith(folderKey) ? prefix.slice(folderKey.length) : '';
  let pending: string[] = [];
  const flush = async (): Promise<void> => {
    const batch = pending;
    pending = [];
    page.objects.push(...(await summarize(folder, folderKey, batch)));
  };
  for (let i = firstIndex(names, folderKey, page.options); i < names.length; i += 1) {
    const name = names[i];
    if (name === undefined || isFull(page) || !name.startsWith(rest)) break;
    const key = folderKey + name;
    if (utf8Bytes(key) > MAX_KEY_BYTES) continue;
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

async function descend(page: Page, parent: FileHandle, { name, key }: { name: string; key: string }): Promise<void> {
  // Gone, or replaced by a file or a link since its name was read.
  const folder = await unless(['ENOENT', 'ENOTDIR', 'ELOOP'], openFolderAt(at(parent, name.slice(0, -1))));
  if (!folder) return;
  try {
    await collect(page, folder, key);
  } finally {
    await folder.close();
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

async function summarize(folder: FileHandle, folderKey: string, names: readonly string[]): Promise<ObjectSummary[]> {
  const look = (name: string) => unless(['ENOENT'], lstat(at(folder, name), { bigint: true }));
  const stats = await Promise.all(names.map(look));
  const unsettled = stats.map((stat) => stat !== null && isUnsettled(stat));
  if (unsettled.includes(true)) await settleTime();
  const summaries: ObjectSummary[] = [];
  for (const [i, name] of names.entries()) {
    const stat = unsettled[i] ? await look(name) : stats[i];
    if (!stat?.isFile()) continue;
    summaries.push({
      key: folderKey + name,
      sizeBytes: Number(stat.size),
      modifiedAt: modifiedAtOf(stat),
      version: versionOf(stat),
    });
  }
  return summaries;
}
