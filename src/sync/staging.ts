/**
 * The program's own folder on the workspace's file system: downloads on their way to their place, copies of databases, and the
 * pen. A file that is replaced or removed for the bucket's sake waits in the pen for a while: a program that had it open may
 * still write to it, and then that content is given back instead of being lost.
 */
import { linkSync, lstatSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { baseName } from '../domain/storage.ts';
import { type FileStat, fileStat, sameContentStat } from './attributes.ts';

/** Used inside the workspace when the state folder lies on another file system. */
export const OWN_FOLDER = '.cmbcluster-sync';

interface Penned {
  file: string;
  path: string;
  stat: FileStat;
  since: number;
}

export interface Staging {
  /** Name of the staging folder within the workspace, null when it lies outside. */
  readonly ownFolder: string | null;
  /** A new path on the same file system as the workspace. */
  newPath(): string;
  /** Keeps a second name of the file at `full`. */
  keep(full: string, path: string, stat: FileStat): void;
  /** Files of the pen that somebody wrote to; the others are let go after `ageMs`. */
  writtenTo(ageMs: number, now: number): Penned[];
  release(penned: Penned): void;
  close(): void;
}

/** Empties what an earlier run left; contents of its pen that were written to are put back to the top of the workspace. */
export function openStaging(root: string, stateFolder: string, now: () => number): Staging {
  const outside = join(stateFolder, 'staging');
  const isOutside = sameFileSystem(root, outside);
  const folder = isOutside ? outside : join(root, OWN_FOLDER);
  const pen = join(folder, 'pen');
  recover(pen, root);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(pen, { recursive: true, mode: 0o700 });
  let count = 0;
  let penned: Penned[] = [];
  const drop = (entry: Penned): void => {
    rmSync(entry.file, { force: true });
    penned = penned.filter((other) => other !== entry);
  };
  return {
    ownFolder: isOutside ? null : OWN_FOLDER,
    newPath() {
      count += 1;
      return join(folder, `${count}`);
    },
    keep(full, path, stat) {
      count += 1;
      const file = join(pen, `${count}_${stat.sizeBytes}_${stat.mtimeMs}_${shortName(path)}`);
      linkSync(full, file);
      penned.push({ file, path, stat, since: now() });
    },
    writtenTo(ageMs, at) {
      const written: Penned[] = [];
      for (const entry of penned) {
        const stats = lstatSync(entry.file, { throwIfNoEntry: false });
        const stat = stats && fileStat(stats);
        if (stat && !sameContentStat(stat, entry.stat)) written.push(entry);
        else if (at - entry.since >= ageMs) drop(entry);
      }
      return written;
    },
    release: drop,
    close() {
      for (const entry of penned) {
        const stats = lstatSync(entry.file, { throwIfNoEntry: false });
        const stat = stats && fileStat(stats);
        if (!stat || sameContentStat(stat, entry.stat)) drop(entry);
      }
    },
  };
}

function shortName(path: string): string {
  return [...baseName(path)].slice(0, 40).join('');
}

function sameFileSystem(root: string, folder: string): boolean {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (statSync(root).dev !== statSync(folder).dev) return false;
  // Two mounts of one file system have the same device but no common renames.
  const probe = join(folder, 'probe');
  const target = join(root, `${OWN_FOLDER}-probe`);
  rmSync(probe, { recursive: true, force: true });
  mkdirSync(probe);
  try {
    renameSync(probe, target);
    rmSync(target, { recursive: true });
    return true;
  } catch {
    rmSync(probe, { recursive: true, force: true });
    return false;
  }
}

/** A pen outlives the program only when that was killed. */
function recover(pen: string, root: string): void {
  let names: string[];
  try {
    names = readdirSync(pen);
  } catch {
    return;
  }
  for (const name of names) {
    const [, size, mtimeMs, base] = /^\d+_(\d+)_([\d.]+)_(.*)$/su.exec(name) ?? [];
    const stats = lstatSync(join(pen, name), { throwIfNoEntry: false });
    if (!stats || base === undefined || (stats.size === Number(size) && stats.mtimeMs === Number(mtimeMs))) continue;
    let target = join(root, `${base} (recovered)`);
    for (let n = 2; lstatSync(target, { throwIfNoEntry: false }); n += 1)
      target = join(root, `${base} (recovered ${n})`);
    renameSync(join(pen, name), target);
  }
}
