/**
 * Copies inside the store. One request where S3 allows it; in parts when the object is larger than that, or when the server ignores
 * conditions on copies but holds them where parts are put together.
 */
import {
  CopyObjectCommand,
  HeadObjectCommand,
  type HeadObjectCommandOutput,
  PutObjectCommand,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3';
import { AppError } from '../../../domain/errors.ts';
import type { ObjectInfo, ObjectVersion, PutCondition } from '../../../ports/storage/storage.ts';
import { errorName, errorStatus } from './classify.ts';
import { answeredAt } from './client.ts';
import { conditionHeaders, copySource, etagOf, infoOf, UNVERSIONED, versionOf } from './mapping.ts';
import { changed, makeOfParts, partSize } from './multipart.ts';
import { has, oneRequest, type Store } from './store.ts';

/** Largest object that one request copies. */
const ONE_REQUEST_BYTES = 5 * 1024 ** 3;
const COPY_PART_BYTES = 256 * 1024 * 1024;
const IN_FLIGHT = 4;

interface Source {
  bucket: string;
  key: string;
  versionId?: string;
}

interface CopyOptions {
  condition: PutCondition | undefined;
  fromVersion: ObjectVersion | undefined;
  signal: AbortSignal;
}

export async function copyObject(store: Store, from: Source, to: string, options: CopyOptions): Promise<ObjectInfo> {
  const { condition, fromVersion, signal } = options;
  const head = await store.client.send(
    new HeadObjectCommand({ Bucket: from.bucket, Key: from.key, VersionId: from.versionId }),
    { abortSignal: oneRequest(signal) },
  );
  if (fromVersion !== undefined && versionOf(head.ETag) !== fromVersion) throw changed(undefined);
  const sizeBytes = head.ContentLength ?? 0;
  const ignored = condition !== undefined && !has(store, 'copyIfMatch');
  const inParts = sizeBytes > ONE_REQUEST_BYTES || (ignored && sizeBytes > 0);
  try {
    if (inParts) return await copyInParts(store, { from, to, head, sizeBytes }, options);
    return ignored
      ? await copyEmpty(store, { from, to, head }, options)
      : await copyAtOnce(store, { from, to, head, sizeBytes }, options);
  } catch (error) {
    if (condition && 'ifVersion' in condition && errorName(error) === 'NoSuchKey') throw changed(error);
    if (!condition && fromVersion === undefined && errorStatus(error) === 412) {
      throw new AppError('unavailable', 'The file changed while it was copied. Try again.', {
        details: { outcome: 'not_applied' },
        cause: error,
      });
    }
    throw error;
  }
}

interface Copy {
  from: Source;
  to: string;
  head: HeadObjectCommandOutput;
  sizeBytes: number;
}

function described(store: Store, { to, head, sizeBytes }: Copy, made: object): ObjectInfo {
  const LastModified = new Date(answeredAt(made, store.now()));
  return infoOf(
    to,
    { ...head, VersionId: undefined, LastModified, ...made },
    { sizeBytes, history: has(store, 'versioning') },
  );
}

async function copyAtOnce(store: Store, copy: Copy, { condition, signal }: CopyOptions): Promise<ObjectInfo> {
  const { from, to, head } = copy;
  const output = await store.client.send(
    new CopyObjectCommand({
      Bucket: from.bucket,
      Key: to,
      CopySource: copySource(from.bucket, from.key, from.versionId),
      CopySourceIfMatch: head.ETag,
      ...(has(store, 'checksum') ? { ChecksumAlgorithm: 'CRC32C' } : {}),
      ...conditionHeaders(condition),
    }),
    { abortSignal: oneRequest(signal) },
  );
  const made = output.CopyObjectResult ?? {};
  const info = described(store, copy, { ...made, VersionId: output.VersionId ?? UNVERSIONED });
  return info;
}

/** A copy of nothing is a put of nothing; parts cannot be made of it. */
async function copyEmpty(
  store: Store,
  { from, to, head }: Omit<Copy, 'sizeBytes'>,
  { condition, signal }: CopyOptions,
): Promise<ObjectInfo> {
  const output = await store.client.send(
    new PutObjectCommand({
      Bucket: from.bucket,
      Key: to,
      Body: new Uint8Array(),
      ContentLength: 0,
      ContentType: head.ContentType,
      Metadata: head.Metadata,
      ...(has(store, 'checksum') ? { ChecksumCRC32C: 'AAAAAA==' } : {}),
      ...conditionHeaders(condition),
    }),
    { abortSignal: oneRequest(signal) },
  );
  const LastModified = new Date(answeredAt(output, store.now()));
  return described(store, { from, to, head, sizeBytes: 0 }, { ...output, LastModified });
}

async function copyInParts(store: Store, copy: Copy, { condition, signal }: CopyOptions): Promise<ObjectInfo> {
  const { from, to, head, sizeBytes } = copy;
  const step = partSize(sizeBytes, COPY_PART_BYTES);
  const starts = Array.from({ length: Math.ceil(sizeBytes / step) }, (_, i) => i * step);
  const output = await makeOfParts(
    store,
    {
      bucket: from.bucket,
      key: to,
      condition,
      contentType: head.ContentType ?? '',
      metadata: head.Metadata ?? {},
    },
    {
      signal,
      crc32c: () => (head.ChecksumType === 'COMPOSITE' ? null : (head.ChecksumCRC32C ?? null)),
      send: (uploadId) =>
        inOrder(starts, async (start, index) => {
          const { CopyPartResult: result } = await store.client.send(
            new UploadPartCopyCommand({
              Bucket: from.bucket,
              Key: to,
              UploadId: uploadId,
              PartNumber: index + 1,
              CopySource: copySource(from.bucket, from.key, from.versionId),
              CopySourceIfMatch: etagOf(versionOf(head.ETag)),
              CopySourceRange: `bytes=${start}-${Math.min(start + step, sizeBytes) - 1}`,
            }),
            { abortSignal: oneRequest(signal) },
          );
          return { ETag: result?.ETag, PartNumber: index + 1, ChecksumCRC32C: result?.ChecksumCRC32C };
        }),
    },
  );
  const LastModified = new Date(answeredAt(output, store.now()));
  return described(store, copy, { ...output, LastModified });
}

/** A few at once, results in order; all have ended when it ends. */
async function inOrder<T, R>(items: T[], work: (item: T, index: number) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  const failures: unknown[] = [];
  let next = 0;
  const worker = async () => {
    while (next < items.length && failures.length === 0) {
      const index = next;
      next += 1;
      const item = items[index];
      if (item === undefined) return;
      await work(item, index).then(
        (result) => {
          results[index] = result;
        },
        (error: unknown) => {
          failures.push(error);
        },
      );
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, worker));
  if (failures.length > 0) throw failures[0];
  return results;
}
