/**
 * The file manager's verbs on one's own storage. Streams pass through; nothing here holds a file in memory.
 * Each change is audited in a transaction of its own, after the bucket confirmed it. If just that fails, the change has happened
 * all the same: the caller is told so, and the row goes to the log.
 */
import type { Readable } from 'node:stream';
import { AppError } from '../../domain/errors.ts';
import type { StorageId } from '../../domain/ids.ts';
import { baseName } from '../../domain/storage.ts';
import type { Actor } from '../../domain/user.ts';
import { handOverChunks } from '../../ports/storage/spent-chunks.ts';
import type { Bucket, ObjectInfo, ObjectSummary, PutCondition } from '../../ports/storage/storage.ts';
import { isFirstLately } from '../activity/lately.ts';
import { type AuditAction, record } from '../audit.ts';
import type { Deps } from '../deps.ts';
import { ownedStorage } from './owned.ts';

export { attachment } from '../../ports/storage/disposition.ts';
export type { ObjectInfo, PutCondition };

/** The bucket of one's own storage. @throws not_found; failed_precondition while it is being made or removed */
export function ownedBucket(deps: Deps, actor: Actor, id: StorageId): Bucket {
  const row = ownedStorage(deps, actor, id);
  if (row.status !== 'active') {
    throw new AppError(
      'failed_precondition',
      row.status === 'creating'
        ? 'This storage is still being made. Try again in a moment.'
        : 'This storage is not available.',
      {
        retryable: row.status === 'creating',
      },
    );
  }
  return deps.storageOf(row.provider).bucket(row.bucket);
}

export interface FileEntry {
  kind: 'file' | 'folder';
  /** Full key; folders end in a slash. */
  key: string;
  name: string;
  sizeBytes: number | null;
  modifiedAt: number | null;
  version: string | null;
}

/** One page of a folder in the bucket's own order, folders and files together. */
export async function listFiles(
  deps: Deps,
  actor: Actor,
  input: { id: StorageId; folder: string; startAfter: string | null; pageSize: number },
): Promise<{ entries: FileEntry[]; next: string | null }> {
  const bucket = ownedBucket(deps, actor, input.id);
  const page = await bucket.list({
    prefix: input.folder,
    delimiter: '/',
    startAfter: input.startAfter ?? undefined,
    pageSize: input.pageSize,
  });
  const folders: FileEntry[] = page.prefixes.map((key) => ({
    kind: 'folder',
    key,
    name: key.slice(input.folder.length, -1),
    sizeBytes: null,
    modifiedAt: null,
    version: null,
  }));
  return {
    entries: [
      ...folders,
      ...page.objects.filter((object) => object.key !== input.folder).map((object) => fileEntry(object, input.folder)),
    ],
    next: page.next,
  };
}

export function fileEntry(object: ObjectSummary, folder: string): FileEntry {
  const { key, sizeBytes, modifiedAt, version } = object;
  return { kind: 'file', key, name: key.slice(folder.length), sizeBytes, modifiedAt, version };
}

export async function uploadFile(
  deps: Deps,
  actor: Actor,
  input: {
    id: StorageId;
    key: string;
    /** Nobody else looks at its chunks. */
    body: Readable;
    sizeBytes: number | undefined;
    contentType: string | undefined;
    condition: PutCondition | undefined;
    signal: AbortSignal;
  },
): Promise<ObjectInfo> {
  const bucket = ownedBucket(deps, actor, input.id);
  const { key, body, sizeBytes, contentType, condition, signal } = input;
  const info = await deps.db.effect(() =>
    bucket.put(key, handOverChunks(body), { sizeBytes, contentType, condition, signal }),
  );
  note(deps, actor, 'object.upload', input.id, key, { sizeBytes: info.sizeBytes });
  return info;
}

export async function downloadFile(
  deps: Deps,
  actor: Actor,
  input: FileRef & { range?: { start: number; end?: number }; signal: AbortSignal },
) {
  const { key, versionId, range, signal } = input;
  return ownedBucket(deps, actor, input.id).get(key, { versionId, range, signal });
}

export interface FileRef {
  id: StorageId;
  key: string;
  /** A kept version instead of the current content. */
  versionId?: string;
}

export async function headFile(deps: Deps, actor: Actor, input: FileRef): Promise<ObjectInfo> {
  return ownedBucket(deps, actor, input.id).head(input.key, { versionId: input.versionId });
}

export async function describeFile(deps: Deps, actor: Actor, input: FileRef): Promise<ObjectInfo & { name: string }> {
  return { ...(await headFile(deps, actor, input)), name: baseName(input.key) };
}

const LINK_FOR_MS = 3_600_000;

/** A way to the file that does not lead through this server; null where the store has none. @throws not_found */
export async function directDownload(deps: Deps, actor: Actor, input: FileRef): Promise<string | null> {
  const bucket = ownedBucket(deps, actor, input.id);
  if (!bucket.capabilities.signedUrls) return null;
  const { key, versionId } = input;
  await bucket.head(key, { versionId });
  const fileName = baseName(key);
  return (await bucket.signedUrl(key, { method: 'GET', expiresInMs: LINK_FOR_MS, fileName, versionId })).url;
}

/** A program that reads a file by parts, or a page that shows it again, is quiet no longer than this in between. */
const SAME_READING_MS = 600_000;

/**
 * Once content begins to leave: each download is an entry. Reading by parts is one entry however many parts there are, and so is
 * looking at a file.
 */
export function noteAccess(
  deps: Deps,
  actor: Actor,
  input: FileRef & { zip?: boolean },
  { as }: { as: 'download' | 'part' | 'view' },
): void {
  const { id, key, versionId, zip } = input;
  const reading = `${as === 'view' ? 'view' : 'read'} ${actor.sessionId} ${id} ${versionId ?? ''} ${key}`;
  const first = isFirstLately(deps, reading, { withinMs: SAME_READING_MS, sliding: true });
  if (!first && as !== 'download') return;
  note(deps, actor, as === 'view' ? 'object.view' : 'object.download', id, key, { versionId, zip });
}

export async function createFolder(deps: Deps, actor: Actor, input: { id: StorageId; path: string }): Promise<void> {
  const bucket = ownedBucket(deps, actor, input.id);
  await deps.db.effect(() => bucket.createFolder(input.path));
  note(deps, actor, 'folder.create', input.id, input.path);
}

function note(
  deps: Deps,
  actor: Actor,
  action: AuditAction,
  storageId: StorageId,
  key: string,
  details?: Record<string, unknown>,
): void {
  try {
    deps.db.write(() =>
      record(deps, actor, { action, ownerId: actor.userId, targetId: storageId, targetName: key, details }),
    );
  } catch (error) {
    deps.log.error('not in the audit', { action, actorId: actor.userId, storageId, key, error: String(error) });
  }
}
