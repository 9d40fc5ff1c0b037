/** What a file is besides its content, and how that travels with its object as metadata. */
import type { Stats } from 'node:fs';

export type Kind = 'file' | 'link';

/** Tells whether somebody touched a file since it was looked at. Times with fractions, as lstat gives them. */
export interface FileStat {
  kind: Kind;
  ino: number;
  sizeBytes: number;
  mtimeMs: number;
  ctimeMs: number;
  /** Permission bits only. */
  mode: number;
}

const KIND = 'posix-kind';
const MODE = 'posix-mode';
const MTIME = 'posix-mtime';
const PERMISSIONS = 0o777;

/** null for what is neither a file nor a symbolic link. */
export function fileStat(stats: Stats): FileStat | null {
  const kind = stats.isFile() ? 'file' : stats.isSymbolicLink() ? 'link' : null;
  if (kind === null) return null;
  return {
    kind,
    ino: stats.ino,
    sizeBytes: stats.size,
    mtimeMs: stats.mtimeMs,
    ctimeMs: stats.ctimeMs,
    mode: stats.mode & PERMISSIONS,
  };
}

/** Neither content nor attributes were touched in between. */
export function sameStat(a: FileStat, b: FileStat): boolean {
  return sameContentStat(a, b) && a.ctimeMs === b.ctimeMs && a.mode === b.mode;
}

/** The content was not touched in between, as far as its writer did not set the clock back; links and renames do not count. */
export function sameContentStat(a: FileStat, b: FileStat): boolean {
  return a.ino === b.ino && a.sizeBytes === b.sizeBytes && a.mtimeMs === b.mtimeMs && a.kind === b.kind;
}

export function toMetadata({ kind, mode, mtimeMs }: FileStat): Record<string, string> {
  if (kind === 'link') return { [KIND]: 'link', [MTIME]: mtimeMs.toFixed(3) };
  return { [MODE]: mode.toString(8), [MTIME]: mtimeMs.toFixed(3) };
}

export interface StoredAttributes {
  kind: Kind;
  mode: number;
  mtimeMs: number;
}

/** What somebody else wrote has no such metadata: an ordinary file of the time at which it was stored. */
export function fromMetadata(metadata: Record<string, string>, modifiedAt: number): StoredAttributes {
  const mode = /^[0-7]{1,3}$/.test(metadata[MODE] ?? '') ? Number.parseInt(metadata[MODE] ?? '', 8) : 0o644;
  const mtimeMs = Number(metadata[MTIME]);
  return {
    kind: metadata[KIND] === 'link' ? 'link' : 'file',
    mode,
    mtimeMs: metadata[MTIME] && Number.isFinite(mtimeMs) ? mtimeMs : modifiedAt,
  };
}

/** Whether an object's metadata says the same of a file as we would: its time aside, which no program depends on. */
export function sameAttributes(metadata: Record<string, string>, stat: FileStat): boolean {
  const stored = fromMetadata(metadata, 0);
  return stored.kind === stat.kind && (stat.kind === 'link' || stored.mode === stat.mode);
}
