/**
 * Buckets and who owns them. A bucket is ours when it carries exactly our labels, as tags; nothing else is ever adopted. Where the
 * server takes no tags at creation, the tags follow at once, and a bucket that a crash left bare may be taken over when it has
 * been bare and empty for a while.
 */
import {
  AbortMultipartUploadCommand,
  type BucketLocationConstraint,
  CreateBucketCommand,
  DeleteBucketCommand,
  GetBucketTaggingCommand,
  HeadBucketCommand,
  ListBucketsCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  PutBucketTaggingCommand,
} from '@aws-sdk/client-s3';
import { AppError } from '../../../domain/errors.ts';
import { compareUtf8 } from '../../../domain/storage.ts';
import { sameLabels } from '../../../ports/storage/checks.ts';
import type { BucketInfo } from '../../../ports/storage/storage.ts';
import { deleteAll } from './bucket-driver.ts';
import { errorName, isLacking, isMissing } from './classify.ts';
import { decodeKey, isMarker } from './mapping.ts';
import { has, owner, type Store } from './store.ts';

/** Tag that keeps the storage class that was asked for; labels cannot have such a name. */
const CLASS_TAG = 'cmbcluster:storage-class';
const BARE_FOR_MS = 60_000;
const AT_ONCE = 8;

interface Tags {
  labels: Record<string, string>;
  storageClass: string;
}

const tagSet = ({ labels, storageClass }: Tags) => [
  ...Object.entries(labels).map(([Key, Value]) => ({ Key, Value })),
  ...(storageClass === 'STANDARD' ? [] : [{ Key: CLASS_TAG, Value: storageClass }]),
];

/** Empty labels for a bucket without tags. @throws what S3 says when there is no such bucket */
export async function readTags(store: Store, bucket: string, signal: AbortSignal): Promise<Tags> {
  const found = await store.client
    .send(new GetBucketTaggingCommand({ Bucket: bucket, ...owner(store) }), { abortSignal: signal })
    .catch((error: unknown) => {
      if (errorName(error) === 'NoSuchTagSet' || errorName(error) === 'NoSuchTagSetError') return { TagSet: [] };
      throw error;
    });
  const tags = (found.TagSet ?? []).map(({ Key = '', Value = '' }) => [Key, Value] as const);
  return {
    labels: Object.fromEntries(tags.filter(([name]) => !name.includes(':'))),
    storageClass: tags.find(([name]) => name === CLASS_TAG)?.[1] ?? 'STANDARD',
  };
}

export async function createBucket(
  store: Store,
  name: string,
  { labels, storageClass, signal }: Tags & { signal: AbortSignal },
): Promise<BucketInfo> {
  const bucket = store.physical(name);
  const tags = { labels, storageClass };
  const existing = await tagsOrNull(store, bucket, signal);
  const made = existing === null && (await create(store, bucket, { tags, signal }));
  if (made && !has(store, 'createLabels')) await writeTags(store, bucket, { tags, signal });
  // In us-east-1 creating one's own bucket again succeeds: only what is read back tells whose it is.
  const found = await readTags(store, bucket, signal);
  if (sameLabels(found.labels, labels)) return describe(store, bucket, signal);
  const bare = Object.keys(found.labels).length === 0;
  if (!bare || has(store, 'createLabels')) throw taken();
  await adoptBare(store, bucket, { tags, signal });
  return describe(store, bucket, signal);
}

async function tagsOrNull(store: Store, bucket: string, signal: AbortSignal): Promise<Tags | null> {
  return readTags(store, bucket, signal).catch((error: unknown) => {
    if (isMissing(error)) return null;
    // Somebody else's: S3 does not tell its tags.
    if (errorName(error) === 'AccessDenied') throw taken(error);
    throw error;
  });
}

function taken(cause?: unknown): AppError {
  return new AppError('already_exists', 'A bucket of this name exists and belongs to somebody else.', {
    details: { outcome: 'not_applied' },
    cause,
  });
}

/** False when somebody was faster. */
async function create(
  store: Store,
  bucket: string,
  { tags, signal }: { tags: Tags; signal: AbortSignal },
): Promise<boolean> {
  const Tags = has(store, 'createLabels') ? tagSet(tags) : [];
  const elsewhere = store.region === 'us-east-1' ? null : (store.region as BucketLocationConstraint);
  const configured = elsewhere !== null || Tags.length > 0;
  try {
    await store.client.send(
      new CreateBucketCommand({
        Bucket: bucket,
        ...(bucket.endsWith('-an') && store.cloud ? { BucketNamespace: 'account-regional' } : {}),
        ...(configured
          ? {
              CreateBucketConfiguration: {
                ...(elsewhere === null ? {} : { LocationConstraint: elsewhere }),
                ...(Tags.length > 0 ? { Tags } : {}),
              },
            }
          : {}),
      }),
      { abortSignal: signal },
    );
    return true;
  } catch (error) {
    if (errorName(error) === 'BucketAlreadyOwnedByYou') return false;
    throw error;
  }
}

async function writeTags(
  store: Store,
  bucket: string,
  { tags, signal }: { tags: Tags; signal: AbortSignal },
): Promise<void> {
  await store.client.send(
    new PutBucketTaggingCommand({ Bucket: bucket, Tagging: { TagSet: tagSet(tags) }, ...owner(store) }),
    { abortSignal: signal },
  );
}

/** Left without labels by a crash; one that is fresh is being made by somebody at this moment. */
async function adoptBare(
  store: Store,
  bucket: string,
  { tags, signal }: { tags: Tags; signal: AbortSignal },
): Promise<void> {
  const { createdAt } = await describe(store, bucket, signal);
  if (store.now() - createdAt < BARE_FOR_MS) {
    throw new AppError('unavailable', 'The bucket is being made at this moment. Try again in a minute.', {
      details: { outcome: 'not_applied' },
    });
  }
  const { KeyCount = 0 } = await store.client.send(new ListObjectsV2Command({ Bucket: bucket, MaxKeys: 1 }), {
    abortSignal: signal,
  });
  if (KeyCount > 0) throw taken();
  await writeTags(store, bucket, { tags, signal });
}

/** @throws not_found */
export async function describe(store: Store, bucket: string, signal: AbortSignal): Promise<BucketInfo> {
  const head = await store.client.send(new HeadBucketCommand({ Bucket: bucket, ...owner(store) }), {
    abortSignal: signal,
  });
  const { labels, storageClass } = await readTags(store, bucket, signal);
  const listed = await store.client.send(new ListBucketsCommand({ Prefix: bucket, MaxBuckets: 1000 }), {
    abortSignal: signal,
  });
  const found = listed.Buckets?.find(({ Name }) => Name === bucket);
  return {
    name: store.logical(bucket) ?? bucket,
    createdAt: found?.CreationDate?.getTime() ?? 0,
    labels,
    location: found?.BucketRegion ?? head.BucketRegion ?? store.region,
    storageClass,
  };
}

export async function listBuckets(store: Store, prefix: string, signal: AbortSignal): Promise<BucketInfo[]> {
  const found: { bucket: string; name: string; createdAt: number; location: string }[] = [];
  let token: string | undefined;
  do {
    const output = await store.client.send(
      new ListBucketsCommand({
        Prefix: prefix === '' ? undefined : prefix,
        MaxBuckets: 1000,
        ContinuationToken: token,
        ...(store.cloud ? { BucketRegion: store.region } : {}),
      }),
      { abortSignal: signal },
    );
    for (const { Name = '', CreationDate, BucketRegion } of output.Buckets ?? []) {
      const name = store.logical(Name);
      if (name === null || !name.startsWith(prefix)) continue;
      found.push({
        bucket: Name,
        name,
        createdAt: CreationDate?.getTime() ?? 0,
        location: BucketRegion ?? store.region,
      });
    }
    token = output.ContinuationToken;
  } while (token !== undefined && token !== '');
  const infos: BucketInfo[] = [];
  const queue = [...found];
  const worker = async () => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const { bucket, name, createdAt, location } = next;
      const tags = await readTags(store, bucket, signal).catch((error: unknown) => {
        if (isMissing(error)) return null;
        if (errorName(error) === 'AccessDenied' || isLacking(error)) return { labels: {}, storageClass: 'STANDARD' };
        throw error;
      });
      if (tags) infos.push({ name, createdAt, location, ...tags });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return infos.sort((a, b) => compareUtf8(a.name, b.name));
}

/** Up to a thousand objects, versions and markers, or else uploads. 0 = empty or not there. */
export async function emptySome(store: Store, bucket: string, signal: AbortSignal): Promise<number> {
  try {
    const entries = has(store, 'versioning')
      ? await someVersions(store, bucket, signal)
      : await someObjects(store, bucket, signal);
    if (entries.length > 0) return await deleteAll(store, bucket, { entries, signal });
    return await abortSome(store, bucket, signal);
  } catch (error) {
    if (errorName(error) === 'NoSuchBucket') return 0;
    throw error;
  }
}

async function someVersions(store: Store, bucket: string, signal: AbortSignal) {
  const {
    Versions = [],
    DeleteMarkers = [],
    EncodingType,
  } = await store.client.send(new ListObjectVersionsCommand({ Bucket: bucket, EncodingType: 'url', ...owner(store) }), {
    abortSignal: signal,
  });
  return [...Versions, ...DeleteMarkers].map(({ Key = '', VersionId }) => ({
    Key: decodeKey(Key, EncodingType),
    VersionId,
  }));
}

async function someObjects(store: Store, bucket: string, signal: AbortSignal) {
  const { Contents = [], EncodingType } = await store.client.send(
    new ListObjectsV2Command({ Bucket: bucket, EncodingType: 'url', ...owner(store) }),
    { abortSignal: signal },
  );
  return Contents.map(({ Key = '' }) => ({ Key: decodeKey(Key, EncodingType) }));
}

async function abortSome(store: Store, bucket: string, signal: AbortSignal): Promise<number> {
  const { Uploads = [], EncodingType } = await store.client.send(
    new ListMultipartUploadsCommand({ Bucket: bucket, EncodingType: 'url', ...owner(store) }),
    { abortSignal: signal },
  );
  for (const { Key = '', UploadId } of Uploads) {
    signal.throwIfAborted();
    await store.client
      .send(new AbortMultipartUploadCommand({ Bucket: bucket, Key: decodeKey(Key, EncodingType), UploadId }), {
        abortSignal: signal,
      })
      .catch((error: unknown) => {
        if (errorName(error) !== 'NoSuchUpload') throw error;
      });
  }
  return Uploads.length;
}

/** False when it is not empty, or throws that when `last`. Unknown buckets are fine. */
export async function deleteBucket(
  store: Store,
  bucket: string,
  signal: AbortSignal,
  { last = false }: { last?: boolean } = {},
): Promise<boolean> {
  try {
    await store.client.send(new DeleteBucketCommand({ Bucket: bucket, ...owner(store) }), { abortSignal: signal });
    return true;
  } catch (error) {
    if (errorName(error) === 'NoSuchBucket') return true;
    if (!last && /BucketNotEmpty$/.test(errorName(error))) return false;
    throw error;
  }
}

/** What is left in a bucket without files: folders and traces of deletes. @throws failed_precondition when there is a file */
export async function deletePlaceholders(store: Store, bucket: string, signal: AbortSignal): Promise<void> {
  for (;;) {
    const versioned = has(store, 'versioning');
    const versions = versioned
      ? await store.client.send(new ListObjectVersionsCommand({ Bucket: bucket, EncodingType: 'url' }), {
          abortSignal: signal,
        })
      : null;
    const contents = versions
      ? (versions.Versions ?? []).map(({ Key = '', VersionId }) => ({
          Key: decodeKey(Key, versions.EncodingType),
          VersionId,
        }))
      : await someObjects(store, bucket, signal);
    if (contents.some(({ Key }) => !isMarker(Key))) {
      throw new AppError('failed_precondition', 'The storage is not empty.', { details: { outcome: 'not_applied' } });
    }
    const traces = (versions?.DeleteMarkers ?? []).map(({ Key = '', VersionId }) => ({
      Key: decodeKey(Key, versions?.EncodingType),
      VersionId,
    }));
    const entries = [...contents, ...traces];
    if (entries.length === 0) return;
    await deleteAll(store, bucket, { entries, signal });
  }
}
