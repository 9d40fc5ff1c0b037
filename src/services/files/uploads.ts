/**
 * Large files in parts: by the browser straight to the store where it can be handed signed requests, else through the server at
 * constant memory. An upload is a row of its owner's, bound to one storage and one key, so that a reloaded page can go on.
 */
import type { Readable } from 'node:stream';
import type { UploadRow } from '../../../prisma-free-db/repositories/file-work.ts';
import type { AuditResult } from '../../domain/audit.ts';
import { AppError, isAppError } from '../../domain/errors.ts';
import { newUploadId, type StorageId, type UploadId } from '../../domain/ids.ts';
import { checkKey } from '../../domain/storage.ts';
import type { Actor } from '../../domain/user.ts';
import { handOverChunks } from '../../ports/storage/spent-chunks.ts';
import type { Bucket, ObjectInfo, PutCondition, SignedRequest, UploadedPart } from '../../ports/storage/storage.ts';
import { record, SYSTEM } from '../audit.ts';
import type { Deps } from '../deps.ts';
import { ownedBucket } from '../storage/files.ts';
import { ownedStorage } from '../storage/owned.ts';

const UPLOADS_AT_ONCE = 500;
const SIGNED_FOR_MS = 3_600_000;
/** Nobody sent a part for so long: given up. */
const ABANDONED_MS = 7 * 24 * 3_600_000;
const USED_EVERY_MS = 60_000;

export interface StartedUpload {
  uploadId: UploadId;
  partSizeBytes: number;
  parts: number;
  /** Whether signParts works; otherwise the parts go through the server. */
  direct: boolean;
}

/** @throws unimplemented where the store takes whole files only; conflict when something is there and must not be replaced */
export async function startUpload(
  deps: Deps,
  actor: Actor,
  input: {
    id: StorageId;
    key: string;
    sizeBytes: number;
    contentType?: string;
    replace: boolean;
    ifVersion?: string;
  },
): Promise<StartedUpload> {
  const bucket = ownedBucket(deps, actor, input.id);
  checkKey(input.key);
  if (!bucket.capabilities.uploads) throw new AppError('unimplemented', 'This storage takes files in one piece only.');
  if (deps.fileWork.countUploads(actor.userId) >= UPLOADS_AT_ONCE)
    throw new AppError('resource_exhausted', 'Too many uploads are unfinished. Finish or cancel some of them first.');
  if (!input.replace && (await exists(bucket, input.key)))
    throw new AppError('conflict', 'A file of this name exists already.');
  const { key, sizeBytes, contentType } = input;
  const session = await deps.db.effect(() => bucket.startUpload(key, { sizeBytes, contentType }));
  const now = deps.now();
  const row: UploadRow = {
    ...{ id: newUploadId(), storageId: input.id, ownerId: actor.userId, key, handle: session.id, sizeBytes },
    ...{ partSizeBytes: session.partSizeBytes, replace: input.replace, ifVersion: input.ifVersion ?? null },
    ...{ createdAt: now, usedAt: now },
  };
  deps.db.write(() => {
    deps.fileWork.insertUpload(row);
    note(deps, actor, row, { sizeBytes, started: true });
  });
  return {
    uploadId: row.id,
    partSizeBytes: row.partSizeBytes,
    parts: partsOf(row),
    direct: bucket.capabilities.signedUrls,
  };
}

/** An empty file has one empty part. */
function partsOf({ sizeBytes, partSizeBytes }: Pick<UploadRow, 'sizeBytes' | 'partSizeBytes'>): number {
  return Math.max(1, Math.ceil(sizeBytes / partSizeBytes));
}

/** @throws invalid_argument for a number that this upload does not have */
function partSize(row: UploadRow, number: number): number {
  const parts = partsOf(row);
  if (!Number.isInteger(number) || number < 1 || number > parts)
    throw new AppError('invalid_argument', `This upload has the parts 1 to ${parts}.`);
  return number < parts ? row.partSizeBytes : row.sizeBytes - (parts - 1) * row.partSizeBytes;
}

function owned(deps: Deps, actor: Actor, input: UploadRef): { row: UploadRow; bucket: Bucket } {
  const bucket = ownedBucket(deps, actor, input.id);
  const row = deps.fileWork.findOwnedUpload(actor.userId, input.id, input.uploadId);
  if (!row) throw new AppError('not_found', 'This upload does not exist any more. Start it again.');
  return { row, bucket };
}

interface UploadRef {
  id: StorageId;
  uploadId: UploadId;
}

/** @throws unimplemented where the store cannot sign */
export async function signUploadParts(
  deps: Deps,
  actor: Actor,
  input: UploadRef & { numbers: number[] },
): Promise<{ number: number; request: SignedRequest }[]> {
  const { row, bucket } = owned(deps, actor, input);
  if (!bucket.capabilities.signedUrls)
    throw new AppError('unimplemented', 'This storage is reached through the server only.');
  touch(deps, row);
  return Promise.all(
    input.numbers.map(async (number) => ({
      number,
      request: await bucket.signedPart(row.key, row.handle, {
        number,
        sizeBytes: partSize(row, number),
        expiresInMs: SIGNED_FOR_MS,
      }),
    })),
  );
}

/** One part through the server. @throws invalid_argument when it does not have its exact length */
export async function putUploadPart(
  deps: Deps,
  actor: Actor,
  input: UploadRef & {
    number: number;
    /** Nobody else looks at its chunks. */
    body: Readable;
    sizeBytes: number | undefined;
    signal: AbortSignal;
  },
): Promise<UploadedPart> {
  const { row, bucket } = owned(deps, actor, input);
  const { number, body, signal } = input;
  const sizeBytes = partSize(row, number);
  if (input.sizeBytes !== undefined && input.sizeBytes !== sizeBytes)
    throw new AppError('invalid_argument', `Part ${number} of this upload has ${sizeBytes} bytes.`);
  touch(deps, row);
  handOverChunks(body);
  return deps.db.effect(() => bucket.putPart(row.key, row.handle, { number, body, sizeBytes, signal }));
}

export async function listUploadParts(deps: Deps, actor: Actor, input: UploadRef): Promise<UploadedPart[]> {
  const { row, bucket } = owned(deps, actor, input);
  try {
    return await bucket.listParts(row.key, row.handle);
  } catch (error) {
    // The store tidied it up by itself.
    if (isAppError(error) && error.code === 'not_found') forget(deps, row);
    // Whether it is there is unknown after some faults; the entry says that the call failed, and why.
    deps.db.write(() => note(deps, actor, row, { why: String(isAppError(error) ? error.message : error) }, 'failed'));
    throw error;
  }
}

export interface UnfinishedUpload {
  uploadId: UploadId;
  key: string;
  sizeBytes: number;
  partSizeBytes: number;
  createdAt: number;
}

export function listUploads(deps: Deps, actor: Actor, id: StorageId): UnfinishedUpload[] {
  ownedStorage(deps, actor, id);
  return deps.fileWork
    .listUploads(actor.userId, id)
    .map((row) => ({ uploadId: row.id, ...pick(row), createdAt: row.createdAt }));
}

function pick({ key, sizeBytes, partSizeBytes }: UploadRow) {
  return { key, sizeBytes, partSizeBytes };
}

/**
 * @param input.replace once a conflict was shown to the person: take the place of what is there all the same
 * @throws conflict, failed_precondition when parts are missing: the upload stays
 */
export async function completeUpload(
  deps: Deps,
  actor: Actor,
  input: UploadRef & { replace?: boolean },
): Promise<ObjectInfo> {
  const { row, bucket } = owned(deps, actor, input);
  deps.db.write(() => note(deps, actor, row, { sizeBytes: row.sizeBytes }));
  try {
    const info = await deps.db.effect(() =>
      bucket.completeUpload(row.key, row.handle, {
        sizeBytes: row.sizeBytes,
        condition: input.replace ? undefined : conditionOf(row),
      }),
    );
    forget(deps, row);
    return info;
  } catch (error) {
    if (isAppError(error) && error.code === 'not_found') forget(deps, row);
    throw error;
  }
}

function conditionOf({ replace, ifVersion }: UploadRow): PutCondition | undefined {
  if (ifVersion !== null) return { ifVersion };
  return replace ? undefined : { ifAbsent: true };
}

export async function abortUpload(deps: Deps, actor: Actor, input: UploadRef): Promise<void> {
  const bucket = ownedBucket(deps, actor, input.id);
  const row = deps.fileWork.findOwnedUpload(actor.userId, input.id, input.uploadId);
  if (!row) return;
  await deps.db.effect(() => bucket.abortUpload(row.key, row.handle));
  forget(deps, row);
}

/** Uploads that nobody came back to: their parts cost space. A background job. */
export async function abortAbandonedUploads(deps: Deps, signal: AbortSignal): Promise<void> {
  for (const row of deps.fileWork.abandonedUploads(deps.now() - ABANDONED_MS)) {
    if (signal.aborted) return;
    const storage = deps.storages.find(row.storageId);
    try {
      if (storage)
        await deps.db.effect(() =>
          deps.storageOf(storage.provider).bucket(storage.bucket).abortUpload(row.key, row.handle, { signal }),
        );
      deps.db.write(() => {
        deps.fileWork.deleteUploads([row.id]);
        record(deps, SYSTEM, {
          action: 'object.abandon',
          ownerId: row.ownerId,
          targetId: row.storageId,
          targetName: row.key,
          details: { upload: row.id },
        });
      });
    } catch (error) {
      deps.log.warn('an abandoned upload stays for now', { uploadId: row.id, error: String(error) });
    }
  }
}

function touch(deps: Deps, row: UploadRow): void {
  if (deps.now() - row.usedAt < USED_EVERY_MS) return;
  deps.db.write(() => deps.fileWork.updateUpload(row.id, { usedAt: deps.now() }), { durability: 'relaxed' });
}

function forget(deps: Deps, row: UploadRow): void {
  deps.db.write(() => deps.fileWork.deleteUploads([row.id]));
}

/** Inside `db.write`. */
function note(
  deps: Deps,
  actor: Actor,
  row: UploadRow,
  details: Record<string, unknown>,
  result: AuditResult = 'done',
): void {
  record(deps, actor, {
    action: 'object.upload',
    ownerId: actor.userId,
    targetId: row.storageId,
    targetName: row.key,
    result,
    details: { upload: row.id, ...details },
  });
}

async function exists(bucket: Bucket, key: string): Promise<boolean> {
  try {
    await bucket.head(key);
    return true;
  } catch (error) {
    if (isAppError(error) && error.code === 'not_found') return false;
    throw error;
  }
}
