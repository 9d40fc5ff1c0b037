/** What one run of the sync program works on: the two sides, what is known of them, and what is told about them. */
import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import type { Logger } from '../ports/provider.ts';
import type { Bucket } from '../ports/storage/storage.ts';
import { type FileStat, fileStat } from './attributes.ts';
import type { Ignores } from './ignore.ts';
import type { Index } from './index-file.ts';
import type { Report } from './report.ts';
import type { Staging } from './staging.ts';

export interface Workspace {
  bucket: Bucket;
  /** Absolute path of the folder. */
  root: string;
  index: Index;
  staging: Staging;
  report: Report;
  /** Transfers at once. */
  width: number;
  now: () => number;
  log: Logger;
}

/** One round over a workspace. */
export interface Round {
  ignores: Ignores;
  signal: AbortSignal;
}

export const fullPath = (workspace: Workspace, path: string): string => join(workspace.root, path);

/**
 * What is at a path: null when nothing is, `other` for folders, sockets and the like. What lies behind a symbolic link is not part
 * of the workspace.
 */
export function look({ root }: Pick<Workspace, 'root'>, path: string): FileStat | 'other' | null {
  for (let slash = path.indexOf('/'); slash >= 0; slash = path.indexOf('/', slash + 1)) {
    if (!lstatSync(join(root, path.slice(0, slash)), { throwIfNoEntry: false })?.isDirectory()) return null;
  }
  const stats = lstatSync(join(root, path), { throwIfNoEntry: false });
  return stats ? (fileStat(stats) ?? 'other') : null;
}
