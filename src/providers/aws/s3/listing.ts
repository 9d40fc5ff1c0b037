/** Pages of keys in UTF-8 byte order, with folder markers left out, and the walk over all of a bucket. */
import { ListObjectsV2Command } from '@aws-sdk/client-s3';
import { compareUtf8, MAX_KEY_BYTES, utf8Bytes } from '../../../domain/storage.ts';
import type { DriverList } from '../../../ports/storage/driver.ts';
import type { BucketUsage, ListPage, ObjectSummary } from '../../../ports/storage/storage.ts';
import { wholeSeconds } from './client.ts';
import { decodeKey, isMarker, versionOf } from './mapping.ts';
import { oneRequest, owner, type Store } from './store.ts';

/** Behind everything that begins so. */
const LAST = '\u{10ffff}';

export async function listPage(store: Store, bucket: string, options: DriverList): Promise<ListPage> {
  let startAfter = options.startAfter;
  for (;;) {
    const page = await listOnce(store, bucket, { ...options, startAfter });
    // A page may hold nothing but markers.
    if (page.next === null || page.objects.length + page.prefixes.length > 0) return page;
    startAfter = page.next;
  }
}

/**
 * Where S3 has to go on: inside a folder that was listed as one entry it would list that folder again.
 * `resumePoint("", "a/b") → "a/\u{10ffff}"`
 */
export function resumePoint(
  startAfter: string,
  { prefix, delimiter }: Pick<DriverList, 'prefix' | 'delimiter'>,
): string {
  if (!delimiter || !startAfter.startsWith(prefix)) return fitting(startAfter);
  const slash = startAfter.indexOf(delimiter, prefix.length);
  return fitting(slash < 0 ? startAfter : `${startAfter.slice(0, slash + 1)}${LAST}`);
}

/** No key is longer, so nothing lies between a longer mark and its beginning; servers refuse longer ones. */
function fitting(mark: string): string {
  if (utf8Bytes(mark) <= MAX_KEY_BYTES) return mark;
  let cut = mark.slice(0, MAX_KEY_BYTES);
  while (utf8Bytes(cut) > MAX_KEY_BYTES || !cut.isWellFormed()) cut = cut.slice(0, -1);
  return cut;
}

async function listOnce(store: Store, bucket: string, options: DriverList): Promise<ListPage> {
  const { prefix, delimiter, startAfter, pageSize, signal } = options;
  const output = await store.client.send(
    new ListObjectsV2Command({
      Bucket: bucket,
      Prefix: prefix,
      Delimiter: delimiter,
      StartAfter: startAfter === '' ? undefined : resumePoint(startAfter, options),
      MaxKeys: pageSize,
      EncodingType: 'url',
      ...owner(store),
    }),
    { abortSignal: signal },
  );
  const seen = (output.Contents ?? []).map(
    (entry): ObjectSummary => ({
      key: decodeKey(entry.Key ?? '', output.EncodingType),
      sizeBytes: entry.Size ?? 0,
      modifiedAt: wholeSeconds(entry.LastModified?.getTime() ?? 0),
      version: versionOf(entry.ETag),
    }),
  );
  const groups = (output.CommonPrefixes ?? []).map((entry) => decodeKey(entry.Prefix ?? '', output.EncodingType));
  const last = [seen.at(-1)?.key, groups.at(-1)]
    .filter((name) => name !== undefined)
    .sort(compareUtf8)
    .at(-1);
  return {
    objects: seen.filter(({ key }) => !isMarker(key) && (startAfter === '' || compareUtf8(key, startAfter) > 0)),
    prefixes: groups.filter((name) => startAfter === '' || compareUtf8(name, startAfter) > 0),
    next: output.IsTruncated && last !== undefined ? last : null,
  };
}

export async function usageOf(store: Store, bucket: string, signal: AbortSignal): Promise<BucketUsage> {
  const usage = { sizeBytes: 0, objects: 0 };
  let token: string | undefined;
  do {
    const output = await store.client.send(
      new ListObjectsV2Command({ Bucket: bucket, ContinuationToken: token, EncodingType: 'url', ...owner(store) }),
      { abortSignal: oneRequest(signal) },
    );
    for (const { Key = '', Size = 0 } of output.Contents ?? []) {
      if (isMarker(decodeKey(Key, output.EncodingType))) continue;
      usage.sizeBytes += Size;
      usage.objects += 1;
    }
    token = output.IsTruncated ? output.NextContinuationToken : undefined;
  } while (token !== undefined);
  return usage;
}
