/**
 * One look at the whole workspace. Names and stats only, compared with the index: no file is opened. Synchronous calls in slices,
 * because ten thousand of them take a tenth of the time of ten thousand promises, and the slices leave room for transfers.
 */
import { closeSync, type Dirent, lstatSync, openSync, readdirSync, readSync, type Stats } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { folderPrefix, keyFault } from '../domain/storage.ts';
import type { SkippedPath } from '../domain/workspace-sync.ts';
import { type FileStat, fileStat, sameStat } from './attributes.ts';
import { databaseOf, GROUP_ENDINGS, groupFingerprint, hasDatabaseHeader } from './database-group.ts';
import { type Ignores, isCacheFolder, isIgnored } from './ignore.ts';
import type { Index } from './index-file.ts';

export interface ChangedFile {
  path: string;
  stat: FileStat;
  /** Set for a database that has journal files beside it. */
  group: string | null;
}

export interface Tree {
  startedAt: number;
  files: number;
  sizeBytes: number;
  cacheBytes: number;
  /** New, or not as the index remembers them. */
  changed: ChangedFile[];
  /** In the index, not seen: gone, or moved while we looked. */
  missing: string[];
  /** Folders that hold nothing at all. */
  emptyFolders: string[];
  /** In the index, not seen. */
  missingFolders: string[];
  /** Journals of databases: part of the object that keeps the database, never objects of their own. */
  journals: Set<string>;
  skipped: SkippedPath[];
}

export interface ScanOptions {
  root: string;
  index: Index;
  ignores: Ignores;
  /** Folder of our own inside the workspace, null when it lies elsewhere. */
  ownFolder: string | null;
  /** Counts up with each scan of this process. */
  scan: number;
  now: () => number;
  signal: AbortSignal;
}

const SLICE_MS = 8;
const IF_THERE = { throwIfNoEntry: false } as const;
const NOT_UTF8 = 'The name is not valid UTF-8.';

interface Look {
  options: ScanOptions;
  tree: Tree;
  /** Folders that could not be read: what was in them is neither changed nor gone. */
  unreadable: string[];
  queue: { path: string; inCache: boolean }[];
  /** Paths of the index that were seen. */
  known: number;
}

/** What its files have in common. */
interface Folder {
  /** Before the names of its children: in the workspace, on the disk. */
  prefix: string;
  place: string;
  inCache: boolean;
  /** Names of its files when some of them look like journals of databases. */
  files: Set<string> | null;
}

/** @throws the signal's reason; the system's error when the workspace itself cannot be read */
export async function scanTree(options: ScanOptions): Promise<Tree> {
  const { index, scan, ignores, signal, now } = options;
  const tree: Tree = {
    startedAt: now(),
    files: 0,
    sizeBytes: 0,
    cacheBytes: 0,
    changed: [],
    missing: [],
    emptyFolders: [],
    missingFolders: [],
    journals: new Set(),
    skipped: [],
  };
  const look: Look = { options, tree, unreadable: [], queue: [{ path: '', inCache: false }], known: 0 };
  let sliceEnd = performance.now() + SLICE_MS;
  for (let folder = look.queue.pop(); folder; folder = look.queue.pop()) {
    lookInto(look, folder);
    if (performance.now() < sliceEnd) continue;
    await nextTurn();
    signal.throwIfAborted();
    sliceEnd = performance.now() + SLICE_MS;
  }
  const hidden = (path: string) => look.unreadable.some((folder) => path.startsWith(`${folder}/`));
  if (look.known < index.size) {
    for (const [path, entry] of index.paths()) {
      if (entry.scanned === scan || hidden(path)) continue;
      // What was kept before it was ignored stays in the bucket.
      if (isIgnored(ignores, path)) index.delete(path);
      else tree.missing.push(path);
    }
  }
  for (const [path, folder] of index.folders()) {
    if (folder.scanned !== scan && !hidden(path)) tree.missingFolders.push(path);
  }
  return tree;
}

function lookInto(look: Look, { path, inCache }: { path: string; inCache: boolean }): void {
  const { options, tree } = look;
  const { root, index, scan, ignores, ownFolder } = options;
  const full = join(root, path);
  let names: Dirent[];
  try {
    names = readdirSync(full, { withFileTypes: true });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // Removed or replaced since its parent was read: the next look sees what is there.
    if (path !== '' && (code === 'ENOENT' || code === 'ENOTDIR')) {
      if (path.includes('\ufffd')) tree.skipped.push({ path, reason: NOT_UTF8 });
      return;
    }
    if (path === '') throw error;
    look.unreadable.push(path);
    index.sawFolder(path, scan);
    tree.skipped.push({ path, reason: 'The folder cannot be read by this account.' });
    return;
  }
  if (path !== '') {
    index.sawFolder(path, scan);
    if (names.length === 0) tree.emptyFolders.push(path);
  }
  const files = names.some(({ name }) => GROUP_ENDINGS.some((ending) => name.endsWith(ending)))
    ? new Set(names.filter((entry) => entry.isFile()).map(({ name }) => name))
    : null;
  const folder: Folder = { prefix: folderPrefix(path), place: `${full}/`, inCache, files };
  for (const entry of names) {
    const child = folder.prefix + entry.name;
    if (child === ownFolder || ignores(child, entry.isDirectory())) continue;
    const fault = keyFault(child);
    if (fault !== null) tree.skipped.push({ path: child.toWellFormed(), reason: fault });
    else if (entry.isDirectory()) look.queue.push({ path: child, inCache: inCache || isCacheFolder(entry.name) });
    else lookAt(look, folder, entry.name);
  }
}

function lookAt(look: Look, { prefix, place, files, inCache }: Folder, name: string): void {
  const { options, tree } = look;
  const { index, scan } = options;
  const child = prefix + name;
  const full = place + name;
  const base = files && databaseOf(name, files);
  if (base !== null && isDatabase(place + base)) {
    tree.journals.add(child);
    return;
  }
  let stats: Stats | undefined;
  try {
    stats = lstatSync(full, IF_THERE);
  } catch {
    stats = undefined;
  }
  if (!stats) {
    if (name.includes('\ufffd')) tree.skipped.push({ path: child, reason: NOT_UTF8 });
    return;
  }
  const stat = fileStat(stats);
  if (!stat) {
    if (!stats.isDirectory()) tree.skipped.push({ path: child, reason: whatItIs(stats) });
    return;
  }
  tree.files += 1;
  tree.sizeBytes += stat.sizeBytes;
  if (inCache) tree.cacheBytes += stat.sizeBytes;
  const known = index.get(child);
  const group = files && hasGroup(name, files) && isDatabase(full) ? groupFingerprint(full) : null;
  if (known && known.scanned !== scan) {
    known.scanned = scan;
    look.known += 1;
  }
  if (!known || !sameStat(known, stat) || known.group !== group) tree.changed.push({ path: child, stat, group });
}

function hasGroup(name: string, files: Set<string>): boolean {
  return GROUP_ENDINGS.some((ending) => files.has(name + ending));
}

function isDatabase(path: string): boolean {
  let fd: number;
  try {
    fd = openSync(path, 'r');
  } catch {
    return false;
  }
  try {
    const head = Buffer.alloc(16);
    const length = readSync(fd, head, 0, 16, 0);
    return hasDatabaseHeader(head.subarray(0, length));
  } catch {
    return false;
  } finally {
    closeSync(fd);
  }
}

function whatItIs(stats: { isSocket(): boolean; isFIFO(): boolean }): string {
  if (stats.isSocket()) return 'A socket: it belongs to a running program and has no content.';
  if (stats.isFIFO()) return 'A pipe: it belongs to a running program and has no content.';
  return 'A device: it has no content of its own.';
}
