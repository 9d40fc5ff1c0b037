/**
 * Objects made of parts in one go: for bodies that do not fit into one request and for copies of large objects. What fails leaves
 * no upload behind; what cannot be tidied up here ends by the bucket's lifecycle rule.
 */
import { createHash } from 'node:crypto';
import {
  AbortMultipartUploadCommand,
  type CompletedPart,
  CompleteMultipartUploadCommand,
  type CompleteMultipartUploadCommandOutput,
  CreateMultipartUploadCommand,
  HeadObjectCommand,
} from '@aws-sdk/client-s3';
import { AppError, isAppError } from '../../../domain/errors.ts';
import type { PutCondition } from '../../../ports/storage/storage.ts';
import { classify, errorName, notTheFirstStep } from './classify.ts';
import { conditionHeaders, versionOf } from './mapping.ts';
import { has, oneRequest, owner, type Store } from './store.ts';

/** Limits of S3: https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html */
export const MAX_PARTS = 10_000;
export const MIN_PART_BYTES = 5 * 1024 * 1024;
export const MAX_OBJECT_BYTES = 5 * 1024 ** 4;
/** Time to give up an upload after the caller's own signal has ended. */
const TIDY_MS = 10_000;

export interface Target {
  bucket: string;
  key: string;
  contentType: string;
  metadata: Record<string, string>;
  condition: PutCondition | undefined;
}

export interface Parts {
  uploadId: string;
  parts: CompletedPart[];
}

/** Smallest length in whole MiB, at least `least`, that fits `sizeBytes` into the parts that S3 allows. */
export function partSize(sizeBytes: number, least: number): number {
  const mib = 1024 * 1024;
  return Math.max(least, Math.ceil(sizeBytes / MAX_PARTS / mib) * mib);
}

/**
 * @param send fills the parts; what it throws gives up the upload
 * @param crc32c of the whole, asked when all parts are there; null = not known
 */
export async function makeOfParts(
  store: Store,
  target: Target,
  work: { send: (uploadId: string) => Promise<CompletedPart[]>; crc32c: () => string | null; signal: AbortSignal },
): Promise<CompleteMultipartUploadCommandOutput> {
  const place = { Bucket: target.bucket, Key: target.key };
  const checked = has(store, 'fullChecksum');
  const created = await store.client.send(
    new CreateMultipartUploadCommand({
      ...place,
      ContentType: target.contentType,
      Metadata: target.metadata,
      ...(checked ? { ChecksumAlgorithm: 'CRC32C', ChecksumType: 'FULL_OBJECT' } : {}),
    }),
    { abortSignal: oneRequest(work.signal) },
  );
  const uploadId = created.UploadId ?? '';
  try {
    const parts = await work.send(uploadId);
    work.signal.throwIfAborted();
    return await complete(store, target, {
      uploadId,
      parts,
      crc32c: checked ? work.crc32c() : null,
      signal: work.signal,
    });
  } catch (error) {
    await giveUp(store, { ...place, uploadId });
    // The caller knows of no upload that could be missing.
    if (errorName(error) === 'NoSuchUpload' || (isAppError(error) && error.code === 'not_found'))
      throw lostTrack(error);
    throw error;
  }
}

export async function complete(
  store: Store,
  target: Pick<Target, 'bucket' | 'key' | 'condition'>,
  made: Parts & { crc32c: string | null; signal: AbortSignal },
): Promise<CompleteMultipartUploadCommandOutput> {
  try {
    return await store.client.send(
      new CompleteMultipartUploadCommand({
        Bucket: target.bucket,
        Key: target.key,
        UploadId: made.uploadId,
        MultipartUpload: { Parts: made.parts },
        ...(made.crc32c === null ? {} : { ChecksumCRC32C: made.crc32c, ChecksumType: 'FULL_OBJECT' }),
        ...conditionHeaders(target.condition),
      }),
      { abortSignal: oneRequest(made.signal) },
    );
  } catch (error) {
    if (errorName(error) === 'ConditionalRequestConflict') {
      // After this answer S3 wants the parts anew: the same call cannot succeed a moment later.
      throw new AppError('conflict', 'Somebody else changed the file in the meantime.', {
        details: { outcome: 'not_applied' },
        cause: error,
      });
    }
    // Known a moment ago: it was given up by somebody, or this very request was delivered before.
    const gone = errorName(error) === 'NoSuchUpload';
    if (gone || classify(error)?.outcome === 'unknown') {
      const there = await findMade(store, target, made).catch(() => null);
      if (there) return there;
    }
    if (gone) throw notTheFirstStep(error);
    if (target.condition && 'ifVersion' in target.condition && errorName(error) === 'NoSuchKey') throw changed(error);
    throw error;
  }
}

/** Whether the object is made of these very parts: hours of sending must not be in doubt for one lost answer. */
async function findMade(
  store: Store,
  { bucket, key }: Pick<Target, 'bucket' | 'key'>,
  { parts, signal }: Pick<Parts, 'parts'> & { signal: AbortSignal },
): Promise<CompleteMultipartUploadCommandOutput | null> {
  const expected = etagOfParts(parts.map(({ ETag }) => versionOf(ETag)));
  if (expected === null) return null;
  const head = await store.client.send(new HeadObjectCommand({ Bucket: bucket, Key: key, ...owner(store) }), {
    abortSignal: AbortSignal.any([signal, AbortSignal.timeout(TIDY_MS)]),
  });
  return versionOf(head.ETag) === expected ? head : null;
}

/** As S3 makes it: the MD5 of the MD5s of the parts. null where the parts have no MD5, as when a key of KMS encrypts them. */
export function etagOfParts(parts: readonly string[]): string | null {
  if (parts.length === 0 || !parts.every((etag) => /^[0-9a-f]{32}$/.test(etag))) return null;
  return `${createHash('md5')
    .update(Buffer.from(parts.join(''), 'hex'))
    .digest('hex')}-${parts.length}`;
}

/** `ifVersion` of something that is not there: S3 says that the key is unknown. */
export function changed(cause: unknown): AppError {
  return new AppError('conflict', 'Somebody else changed the file in the meantime.', {
    details: { outcome: 'not_applied' },
    cause,
  });
}

function lostTrack(cause: unknown): AppError {
  return new AppError('unavailable', 'The storage ended the transfer by itself. Look at the file and try again.', {
    details: { outcome: 'unknown' },
    cause,
  });
}

async function giveUp(store: Store, upload: { Bucket: string; Key: string; uploadId: string }): Promise<void> {
  const { Bucket, Key, uploadId } = upload;
  await store.client
    .send(new AbortMultipartUploadCommand({ Bucket, Key, UploadId: uploadId }), {
      abortSignal: AbortSignal.timeout(TIDY_MS),
    })
    .catch(() => {});
}
