/**
 * Brings an object to its place in the workspace, whole or not at all, and never over something that somebody changed here. What
 * it replaces or removes waits in the pen.
 */
import { createWriteStream } from 'node:fs';
import {
  chmod,
  link,
  lstat,
  lutimes,
  mkdir,
  readFile,
  rename,
  rm,
  rmdir,
  symlink,
  unlink,
  utimes,
} from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { parentFolder } from '../domain/storage.ts';
import { runningCrc32c } from '../ports/storage/checksum.ts';
import { type FileStat, fileStat, fromMetadata, sameContentStat } from './attributes.ts';
import { conflictName } from './conflict-name.ts';
import { groupFingerprint } from './database-group.ts';
import type { Entry } from './index-file.ts';
import { fullPath, look, type Workspace } from './workspace.ts';

export interface Fetched {
  /** Finished file or link under a temporary name. */
  temporary: string;
  stat: FileStat;
  crc32c: string;
  version: string;
}

/** @throws the store's AppErrors (not_found when it is gone again), the system's errors */
export async function fetchObject(workspace: Workspace, key: string, signal: AbortSignal): Promise<Fetched> {
  const temporary = workspace.staging.newPath();
  const { info, body } = await workspace.bucket.get(key, { signal });
  const { kind, mode, mtimeMs } = fromMetadata(info.metadata, info.modifiedAt);
  const sum = runningCrc32c();
  try {
    await pipeline(
      body,
      async function* (chunks: AsyncIterable<Uint8Array>) {
        for await (const chunk of chunks) {
          sum.update(chunk);
          yield chunk;
        }
      },
      createWriteStream(temporary, { flags: 'wx', mode: 0o600 }),
      { signal },
    );
    if (kind === 'link') {
      const target = await readFile(temporary);
      await unlink(temporary);
      await symlink(target, temporary);
      await lutimes(temporary, mtimeMs / 1000, mtimeMs / 1000);
    } else {
      await chmod(temporary, mode);
      await utimes(temporary, mtimeMs / 1000, mtimeMs / 1000);
    }
    const stat = fileStat(await lstat(temporary));
    if (!stat) throw new Error('A download disappeared.');
    return { temporary, stat, crc32c: sum.value(), version: info.version };
  } catch (error) {
    body.destroy();
    await rm(temporary, { force: true });
    throw error;
  }
}

/** Whether the workspace still holds what the index says. */
export function isUntouched(workspace: Workspace, path: string, entry: Entry): boolean {
  const now = look(workspace, path);
  if (now === null || now === 'other' || !sameContentStat(now, entry) || now.mode !== entry.mode) return false;
  if (now.ctimeMs !== entry.ctimeMs) return false;
  return groupFingerprint(fullPath(workspace, path)) === entry.group;
}

/**
 * Puts a fetched object where nothing is; a file in the way of its folders keeps its content under another name.
 * @returns false when something is there by now
 */
export async function placeNew(workspace: Workspace, path: string, fetched: Fetched): Promise<boolean> {
  const full = fullPath(workspace, path);
  await makeFolders(workspace, parentFolder(path));
  try {
    await link(fetched.temporary, full);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
  await unlink(fetched.temporary);
  remember(workspace, path, fetched);
  return true;
}

/** Replaces the untouched file of `entry`. @returns false when somebody touched it meanwhile: nothing happened then */
export async function replace(
  workspace: Workspace,
  path: string,
  { entry, fetched }: { entry: Entry; fetched: Fetched },
): Promise<boolean> {
  const full = fullPath(workspace, path);
  // A database with a journal belongs to a running program: its content would not fit the journal.
  if (!isUntouched(workspace, path, entry) || groupFingerprint(full) !== null) return false;
  workspace.staging.keep(full, path, entry);
  await rename(fetched.temporary, full);
  remember(workspace, path, fetched);
  return true;
}

/** Takes the untouched file of `entry` away, and folders that hold nothing more. @returns false when somebody touched it */
export async function takeAway(workspace: Workspace, path: string, entry: Entry): Promise<boolean> {
  const full = fullPath(workspace, path);
  if (!isUntouched(workspace, path, entry) || groupFingerprint(full) !== null) return false;
  workspace.staging.keep(full, path, entry);
  await unlink(full);
  workspace.index.delete(path);
  for (let folder = parentFolder(path); folder !== ''; folder = parentFolder(folder)) {
    if (workspace.index.isMarked(folder)) break;
    try {
      await rmdir(fullPath(workspace, folder));
    } catch {
      break; // not empty
    }
  }
  return true;
}

/** Contents of the pen that a program wrote to after they were replaced come back as copies. */
export async function giveBack(workspace: Workspace, ageMs: number): Promise<void> {
  const at = workspace.now();
  for (const penned of workspace.staging.writtenTo(ageMs, at)) {
    const copy = await freeName(workspace, penned.path, at);
    await makeFolders(workspace, parentFolder(copy));
    await link(penned.file, fullPath(workspace, copy));
    workspace.staging.release(penned);
    workspace.report.conflict({ path: penned.path, copy, at });
  }
}

/** Makes a folder and those above it, through no symbolic link. */
export async function makeFolders(workspace: Workspace, folder: string): Promise<void> {
  if (folder === '' || look(workspace, folder) === 'other') return;
  await makeFolders(workspace, parentFolder(folder));
  const found = look(workspace, folder);
  // Others make the same folder meanwhile.
  if (found !== null && found !== 'other') await moveAside(workspace, folder);
  await mkdir(fullPath(workspace, folder), { recursive: true });
}

async function moveAside(workspace: Workspace, path: string): Promise<void> {
  const at = workspace.now();
  const copy = await freeName(workspace, path, at);
  await rename(fullPath(workspace, path), fullPath(workspace, copy));
  workspace.report.conflict({ path, copy, at });
}

async function freeName(workspace: Workspace, path: string, at: number): Promise<string> {
  for (let attempt = 1; ; attempt += 1) {
    const copy = conflictName(path, at, attempt);
    if (look(workspace, copy) === null) return copy;
  }
}

/** Only what is certain: a file that was touched since counts as changed. */
function remember(workspace: Workspace, path: string, { stat, crc32c, version }: Fetched): void {
  const now = look(workspace, path);
  const placed = now !== null && now !== 'other' && sameContentStat(now, stat);
  // The move itself changed the inode's own time.
  const ctimeMs = placed ? now.ctimeMs : 0;
  workspace.index.set(path, { ...stat, ctimeMs, crc32c, version, group: null });
}
