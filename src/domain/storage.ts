/**
 * What a storage is, how its bucket is named and which keys an object may have. Pure: the portable wrapper of ports/storage
 * checks every key here before a provider sees it, services/storage and the pages use the same rules for names and folders.
 */
import { AppError } from './errors.ts';
import { isId, type StorageId, type UserId } from './ids.ts';

export const STORAGE_STATUSES = ['creating', 'active', 'deleting', 'failed'] as const;
export type StorageStatus = (typeof STORAGE_STATUSES)[number];

/** A step of making or removing a bucket that is done. */
export interface SagaStep {
  step: string;
  at: number;
}

/** How one setting of a bucket was found: `lacking` = its store has no such thing, or needs none. */
export interface SettingReport {
  setting: string;
  state: 'on' | 'off' | 'lacking';
  reason: string | null;
}

/** A folder at the top of a bucket; the name is empty for the files that are in none. */
export interface FolderSize {
  name: string;
  sizeBytes: number;
  objects: number;
}

export const FILE_JOB_KINDS = ['move', 'copy', 'delete', 'restore'] as const;
export type FileJobKind = (typeof FILE_JOB_KINDS)[number];
export const FILE_JOB_STATUSES = ['running', 'done', 'failed', 'cancelled'] as const;
export type FileJobStatus = (typeof FILE_JOB_STATUSES)[number];

/** A file, or a folder with all it holds (keys that end in a slash). */
export interface FileJobItem {
  key: string;
  /** Where to, for move and copy. */
  to?: string;
  /** Which content, for restore; left out: the newest. */
  versionId?: string;
  /** Bring back what that job deleted; `key` then says nothing. */
  undoOf?: string;
}

/** Why one of the files was left as it was. */
export interface FileProblem {
  key: string;
  code: string;
  message: string;
}

/** A person's storage: the record of one bucket. */
export interface Storage {
  id: StorageId;
  ownerId: UserId;
  /** Provider that holds the bucket: the value of CLOUD_PROVIDER (or STORAGE_PROVIDER) when it was created. */
  provider: string;
  bucket: string;
  displayName: string;
  status: StorageStatus;
  /** Human sentence when status is failed. */
  failure: string | null;
  createdAt: number;
  sizeBytes: number | null;
  objects: number | null;
  /** When sizeBytes and objects were measured; null = never. */
  measuredAt: number | null;
}

export const MAX_KEY_BYTES = 1024;
/** What a file system can carry in one name; held everywhere, so that a bucket can move between providers. */
export const MAX_KEY_PART_BYTES = 255;

const encoder = new TextEncoder();

export function utf8Bytes(text: string): number {
  return encoder.encode(text).length;
}

/** Whether the text takes more than so many bytes. Most need no encoding for that: a character of the string takes three at most. */
export function isLongerThan(bytes: number, text: string): boolean {
  return text.length > bytes || (text.length * 3 > bytes && utf8Bytes(text) > bytes);
}

/**
 * Order of the UTF-8 bytes, the order in which every store lists. It differs from JavaScript's own order only where a
 * surrogate pair meets U+E000..U+FFFF. Negative, zero or positive.
 */
export function compareUtf8(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i += 1) {
    const left = a.charCodeAt(i);
    const right = b.charCodeAt(i);
    if (left !== right) return rank(left) - rank(right);
  }
  return a.length - b.length;
}

/** Surrogates (code points from U+10000) come after the rest of the sixteen-bit range. */
function rank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}

/** Why the text cannot be an object's key, or null when it can. A sentence for users. */
export function keyFault(key: string): string | null {
  if (key === '') return 'A file needs a name.';
  const text = textFault(key);
  if (text) return text;
  if (key.startsWith('/')) return 'A path in a storage must not start with a slash.';
  for (const part of key.split('/')) {
    const fault = partFault(part);
    if (fault) return fault;
  }
  return null;
}

function textFault(text: string): string | null {
  if (!text.isWellFormed()) return 'The name holds half a character (invalid Unicode).';
  if (/\p{Cc}/u.test(text)) return 'The name holds a control character, such as a line break.';
  if (isLongerThan(MAX_KEY_BYTES, text)) return `The path is longer than ${MAX_KEY_BYTES} bytes.`;
  return null;
}

function partFault(part: string): string | null {
  if (part === '') return 'The path holds an empty name (two slashes in a row, or one at the end).';
  if (part === '.' || part === '..') return `“${part}” cannot be the name of a file or folder.`;
  if (isLongerThan(MAX_KEY_PART_BYTES, part)) return `A name in the path is longer than ${MAX_KEY_PART_BYTES} bytes.`;
  return null;
}

/**
 * Keys are slash-separated names: at most 1024 bytes of UTF-8, each name 1..255 bytes, no `.` or `..`, no control characters,
 * no slash at either end. Nothing is normalised: two Unicode spellings are two objects.
 * @throws invalid_argument
 */
export function checkKey(key: string): void {
  const fault = keyFault(key);
  if (fault) throw new AppError('invalid_argument', fault, { details: { field: 'key', outcome: 'not_applied' } });
}

/** A folder's path has the shape of a key: no slash at the end. @throws invalid_argument */
export function checkFolderPath(path: string): void {
  const fault = path === '' ? 'A folder needs a name.' : keyFault(path);
  if (fault) throw new AppError('invalid_argument', fault, { details: { field: 'path', outcome: 'not_applied' } });
}

/** A prefix is the beginning of a key: whole names must be valid, the last one may be unfinished. @throws invalid_argument */
export function checkPrefix(prefix: string): void {
  const names = prefix.split('/').slice(0, -1);
  const fault =
    textFault(prefix) ??
    (prefix.startsWith('/') ? 'A path in a storage must not start with a slash.' : null) ??
    names.map(partFault).find((found) => found !== null) ??
    null;
  if (fault) throw new AppError('invalid_argument', fault, { details: { field: 'prefix', outcome: 'not_applied' } });
}

/** `"a/b/c.txt"` → `"a/b"`, `"c.txt"` → `""`. Works for folder paths alike. */
export function parentFolder(key: string): string {
  const slash = key.lastIndexOf('/');
  return slash < 0 ? '' : key.slice(0, slash);
}

/** `"a/b/c.txt"` → `"c.txt"`; of a prefix `"a/b/"` the folder's name, `"b"`. */
export function baseName(key: string): string {
  const path = key.endsWith('/') ? key.slice(0, -1) : key;
  return path.slice(path.lastIndexOf('/') + 1);
}

/** `joinPath("", "x") → "x"`, `joinPath("a/b", "x") → "a/b/x"`. */
export function joinPath(folder: string, name: string): string {
  return folder === '' ? name : `${folder}/${name}`;
}

/** The prefix that lists a folder: `"" → ""`, `"a/b" → "a/b/"`. */
export function folderPrefix(path: string): string {
  return path === '' ? '' : `${path}/`;
}

/** Whether `path` is `folder` itself or lies below it; the root (`""`) holds everything. */
export function isWithin(folder: string, path: string): boolean {
  return folder === '' || path === folder || path.startsWith(`${folder}/`);
}

/** Root first: `"a/b" → [{name: "a", path: "a"}, {name: "b", path: "a/b"}]`. */
export function breadcrumbs(path: string): { name: string; path: string }[] {
  if (path === '') return [];
  const names = path.split('/');
  return names.map((name, i) => ({ name, path: names.slice(0, i + 1).join('/') }));
}

/** 1..64 characters, no spaces at the ends, no control characters. */
export function isStorageName(name: string): boolean {
  return name.length >= 1 && name.length <= 64 && name.trim() === name && name.isWellFormed() && !/\p{C}/u.test(name);
}

/** 3..63 of `[a-z0-9-]`, a letter or digit at both ends: what every store and file system accepts. */
export function isBucketName(name: string): boolean {
  return /^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/.test(name);
}

/** @throws invalid_argument */
export function checkBucketName(name: string): void {
  if (!isBucketName(name)) {
    throw new AppError('invalid_argument', 'A bucket is named by 3 to 63 lower-case letters, digits and hyphens.', {
      details: { field: 'bucket', outcome: 'not_applied' },
    });
  }
}

/** Longest deployment prefix: a storage id and its hyphen take 25 of 63 characters. */
export const MAX_BUCKET_PREFIX = 38;

/**
 * `bucketName("cmb", "sto-…") → "cmb-sto-…"`. Different (prefix, id) pairs never meet, because ids have one length and are
 * never reused.
 * @throws invalid_argument
 */
export function bucketName(deploymentPrefix: string, storageId: StorageId): string {
  const fits = deploymentPrefix.length <= MAX_BUCKET_PREFIX && /^[a-z]([a-z0-9-]*[a-z0-9])?$/.test(deploymentPrefix);
  if (!fits || !isId(storageId)) {
    throw new AppError('invalid_argument', 'The deployment prefix or the storage id cannot be part of a bucket name.', {
      details: { field: 'bucket', deploymentPrefix, storageId },
    });
  }
  return `${deploymentPrefix}-${storageId}`;
}
