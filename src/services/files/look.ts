/** Looking for files and through what is kept of them: search, versions, deleted files. Bounded in time and in count, always. */
import { z } from 'zod';
import { AppError } from '../../domain/errors.ts';
import type { StorageId } from '../../domain/ids.ts';
import { baseName, compareUtf8 } from '../../domain/storage.ts';
import type { Actor } from '../../domain/user.ts';
import type { Bucket, VersionSummary } from '../../ports/storage/storage.ts';
import { record } from '../audit.ts';
import type { Deps } from '../deps.ts';
import { type FileEntry, fileEntry, ownedBucket } from '../storage/files.ts';
import { newestDeleted } from './restore.ts';

const SEARCH_MS = 1_500;
const SEARCH_FOUND = 200;
const SEARCH_SEEN = 50_000;
const VERSIONS_PAGE = 200;
const DELETED_FOUND = 500;

export interface Search {
  entries: FileEntry[];
  /** Files looked at by this call. */
  scanned: number;
  /** Go on from here; null at the end. */
  next: string | null;
}

/** Files and folders below `folder` whose name holds `query`, in any case. Ends early and says so. */
export async function searchFiles(
  deps: Deps,
  actor: Actor,
  input: { id: StorageId; folder: string; query: string; cursor: string | null; signal?: AbortSignal },
): Promise<Search> {
  const bucket = ownedBucket(deps, actor, input.id);
  const matches = matcher(input.query);
  const end = performance.now() + SEARCH_MS;
  const entries: FileEntry[] = [];
  let startAfter = input.cursor ?? undefined;
  let scanned = 0;
  let folderSeen = input.cursor === null ? '' : foldersOf(input.cursor);
  for (;;) {
    const page = await bucket.list({ prefix: input.folder, startAfter, signal: input.signal });
    for (const object of page.objects) {
      scanned += 1;
      for (const folder of newFolders(folderSeen, object.key, input.folder.length))
        if (matches(baseName(folder))) entries.push(folderEntry(folder));
      folderSeen = foldersOf(object.key);
      if (!object.key.endsWith('/') && matches(baseName(object.key)))
        entries.push(fileEntry(object, object.key.slice(0, object.key.lastIndexOf('/') + 1)));
      if (entries.length >= SEARCH_FOUND) return { entries, scanned, next: object.key };
    }
    if (page.next === null || scanned >= SEARCH_SEEN || performance.now() > end)
      return { entries, scanned, next: page.next };
    startAfter = page.next;
  }
}

/** Case and the two spellings of accents do not matter to a person who searches. */
function matcher(query: string): (name: string) => boolean {
  const plain = (text: string) => text.normalize('NFC').toLowerCase();
  const wanted = plain(query);
  return (name) => plain(name).includes(wanted);
}

function foldersOf(key: string): string {
  return key.slice(0, key.lastIndexOf('/') + 1);
}

/** Folders on the way to `key` that were not on the way to the key before, below the first `from` characters. */
function newFolders(before: string, key: string, from: number): string[] {
  const found: string[] = [];
  for (let slash = key.indexOf('/', from); slash >= 0; slash = key.indexOf('/', slash + 1)) {
    const folder = key.slice(0, slash + 1);
    if (!before.startsWith(folder)) found.push(folder);
  }
  return found;
}

function folderEntry(key: string): FileEntry {
  return { kind: 'folder', key, name: baseName(key), sizeBytes: null, modifiedAt: null, version: null };
}

export interface FileVersion {
  versionId: string;
  sizeBytes: number;
  modifiedAt: number;
  /** null = the current content. */
  replacedAt: number | null;
}

/** Kept contents of one file, newest first. @throws unimplemented where the storage keeps none */
export async function listFileVersions(
  deps: Deps,
  actor: Actor,
  input: { id: StorageId; key: string; cursor: string | null },
): Promise<{ versions: FileVersion[]; next: string | null }> {
  const bucket = withHistory(ownedBucket(deps, actor, input.id));
  const page = await bucket.listVersions({
    key: input.key,
    page: input.cursor ?? undefined,
    pageSize: VERSIONS_PAGE,
  });
  const versions = page.versions.map(({ versionId, sizeBytes, modifiedAt, replacedAt }) => ({
    ...{ versionId, sizeBytes, modifiedAt, replacedAt },
  }));
  return { versions, next: page.next };
}

export interface DeletedFile {
  key: string;
  name: string;
  versionId: string;
  sizeBytes: number;
  modifiedAt: number;
  deletedAt: number;
}

/** Where a list of deleted files goes on: the store's page that holds the first key not told yet, and the last one told. */
const place = z.strictObject({ page: z.string().nullable(), after: z.string() });

/** Files below a folder that are gone but kept. May find none on a page and still go on. @throws unimplemented */
export async function listDeletedFiles(
  deps: Deps,
  actor: Actor,
  input: { id: StorageId; folder: string; cursor: string | null; signal?: AbortSignal },
): Promise<{ entries: DeletedFile[]; next: string | null }> {
  const bucket = withHistory(ownedBucket(deps, actor, input.id));
  const from = input.cursor === null ? null : placeOf(input.cursor);
  const entries: DeletedFile[] = [];
  const end = performance.now() + SEARCH_MS;
  let page = from?.page ?? null;
  let after = from?.after ?? null;
  let group: VersionSummary[] = [];
  let groupPage = page;
  const close = () => {
    const key = group[0]?.key;
    if (key === undefined) return;
    if (after === null || compareUtf8(key, after) > 0) {
      entries.push(...newestDeleted(group).map(deletedFile));
      after = key;
    }
    group = [];
  };
  for (;;) {
    const { versions, next } = await bucket.listVersions({
      prefix: input.folder,
      page: page ?? undefined,
      signal: input.signal,
    });
    for (const version of versions) {
      // The contents of one key may lie on two pages of the store.
      if (group[0]?.key !== version.key) {
        close();
        groupPage = page;
      }
      group.push(version);
    }
    if (next === null) break;
    if ((entries.length >= DELETED_FOUND || performance.now() > end) && after !== null)
      return { entries, next: JSON.stringify({ page: groupPage, after }) };
    page = next;
  }
  close();
  return { entries, next: null };
}

function placeOf(cursor: string): z.infer<typeof place> {
  try {
    return place.parse(JSON.parse(cursor));
  } catch {
    throw new AppError('invalid_argument', 'The list cannot go on from there. Open it again.');
  }
}

function deletedFile({ key, versionId, sizeBytes, modifiedAt, replacedAt }: VersionSummary): DeletedFile {
  return { key, name: baseName(key), versionId, sizeBytes, modifiedAt, deletedAt: replacedAt ?? modifiedAt };
}

/** Removes one kept content for ever. @param input.confirm the file's name. @throws invalid_argument when it differs */
export async function purgeVersion(
  deps: Deps,
  actor: Actor,
  input: { id: StorageId; key: string; versionId: string; confirm: string },
): Promise<void> {
  const bucket = withHistory(ownedBucket(deps, actor, input.id));
  if (input.confirm !== baseName(input.key))
    throw new AppError(
      'invalid_argument',
      `Type the file's name, "${baseName(input.key)}", to remove this version for ever.`,
    );
  deps.db.write(() =>
    record(deps, actor, {
      action: 'object.purge',
      ownerId: actor.userId,
      targetId: input.id,
      targetName: input.key,
      details: { versionId: input.versionId },
    }),
  );
  await deps.db.effect(() => bucket.purgeVersion(input.key, input.versionId));
}

function withHistory(bucket: Bucket): Bucket {
  if (!bucket.capabilities.history)
    throw new AppError('unimplemented', 'This storage keeps no deleted files and no older versions.');
  return bucket;
}
