/** Kept contents: S3 object versions. A delete is an entry of its own (a marker), which the contract does not show. */
import { DeleteObjectCommand, HeadObjectCommand, ListObjectVersionsCommand } from '@aws-sdk/client-s3';
import { AppError } from '../../../domain/errors.ts';
import { compareUtf8 } from '../../../domain/storage.ts';
import type { DriverVersions, HistoryDriver } from '../../../ports/storage/driver.ts';
import type { VersionPage, VersionSummary } from '../../../ports/storage/storage.ts';
import { errorName, isMissing, isUnknownVersion, notTheFirstStep, noVersion } from './classify.ts';
import { wholeSeconds } from './client.ts';
import { copyObject } from './copy.ts';
import { decodeKey, etagOf, infoOf, isMarker, UNVERSIONED, versionOf } from './mapping.ts';
import { has, owner, type Store } from './store.ts';

/** Where a page ended, and what its last entry said: the next entry of the same key was replaced then. */
interface Place {
  keyMarker: string;
  versionMarker: string | null;
  lastKey: string;
  lastAt: number;
}

interface Entry {
  key: string;
  versionId: string;
  sizeBytes: number;
  at: number;
  latest: boolean;
  marker: boolean;
}

export function historyOf(store: Store, bucket: string): HistoryDriver {
  return {
    async list(options) {
      let page = options.page;
      for (;;) {
        const found = await listVersions(store, bucket, { ...options, page });
        if (found.next !== null && found.next === page) throw notAdvancing();
        if (found.next === null || found.versions.length > 0) return found;
        page = found.next;
      }
    },
    async restore(key, versionId, { condition, signal }) {
      try {
        return await copyObject(store, { bucket, key, versionId }, key, { condition, fromVersion: undefined, signal });
      } catch (error) {
        if (isUnknownVersion(error)) throw noVersion(error);
        // S3 does not copy what is current onto itself.
        if (errorName(error) !== 'InvalidRequest') throw error;
        const head = await store.client.send(new HeadObjectCommand({ Bucket: bucket, Key: key }), {
          abortSignal: signal,
        });
        const info = infoOf(key, head, { sizeBytes: head.ContentLength ?? 0, history: has(store, 'versioning') });
        if (info.versionId !== versionId) throw error;
        if (condition && (!('ifVersion' in condition) || condition.ifVersion !== info.version)) {
          throw new AppError('conflict', 'Somebody else changed the file in the meantime.', {
            details: { outcome: 'not_applied' },
          });
        }
        return info;
      }
    },
    async purge(key, versionId, signal) {
      const hidden = await hideWhenCurrent(store, { bucket, key, versionId, signal });
      await store.client
        .send(new DeleteObjectCommand({ Bucket: bucket, Key: key, VersionId: versionId }), { abortSignal: signal })
        .catch((error: unknown) => {
          if (isUnknownVersion(error)) return;
          // The content was deleted, but is still kept.
          throw hidden ? notTheFirstStep(error) : error;
        });
    },
  };
}

/** Without a marker on top of it, the content before would become the current one again. Whether there is one now by this. */
async function hideWhenCurrent(
  store: Store,
  { bucket, key, versionId, signal }: { bucket: string; key: string; versionId: string; signal: AbortSignal },
): Promise<boolean> {
  try {
    const head = await store.client.send(new HeadObjectCommand({ Bucket: bucket, Key: key }), { abortSignal: signal });
    if ((head.VersionId ?? UNVERSIONED) !== versionId) return false;
    await store.client.send(
      new DeleteObjectCommand({
        Bucket: bucket,
        Key: key,
        ...(has(store, 'deleteIfMatch') ? { IfMatch: etagOf(versionOf(head.ETag)) } : {}),
      }),
      { abortSignal: signal },
    );
    return true;
  } catch (error) {
    // Deleted, or replaced by somebody meanwhile: then it is not the current one.
    if (!isMissing(error) && errorName(error) !== 'PreconditionFailed') throw error;
    return false;
  }
}

function notAdvancing(): AppError {
  return new AppError('internal', 'The storage gives the same page of versions again and again.', {
    details: { outcome: 'not_applied' },
  });
}

export const encodePlace = (place: Place): string => Buffer.from(JSON.stringify(place)).toString('base64url');

export function decodePlace(page: string): Place {
  try {
    const { keyMarker, versionMarker, lastKey, lastAt } = JSON.parse(Buffer.from(page, 'base64url').toString('utf8'));
    if (typeof keyMarker === 'string' && typeof lastKey === 'string' && typeof lastAt === 'number') {
      return { keyMarker, versionMarker: typeof versionMarker === 'string' ? versionMarker : null, lastKey, lastAt };
    }
  } catch {
    // Not ours.
  }
  throw new AppError('invalid_argument', 'The page mark is not valid.', {
    details: { field: 'page', outcome: 'not_applied' },
  });
}

async function listVersions(store: Store, bucket: string, options: DriverVersions): Promise<VersionPage> {
  const from = options.page === undefined ? null : decodePlace(options.page);
  const output = await store.client.send(
    new ListObjectVersionsCommand({
      Bucket: bucket,
      Prefix: options.key ?? options.prefix,
      KeyMarker: from?.keyMarker,
      VersionIdMarker: from?.versionMarker ?? undefined,
      MaxKeys: options.pageSize,
      EncodingType: 'url',
      ...owner(store),
    }),
    { abortSignal: options.signal },
  );
  const encoding = output.EncodingType;
  const entries = orderEntries([
    ...(output.Versions ?? []).map((each) => entryOf(each, { sizeBytes: each.Size ?? 0, marker: false, encoding })),
    ...(output.DeleteMarkers ?? []).map((each) => entryOf(each, { sizeBytes: 0, marker: true, encoding })),
  ]);
  const wanted = entries.filter(({ key }) => options.key === undefined || key === options.key);
  const beyond = wanted.length < entries.length;
  const last = entries.at(-1);
  const next =
    output.IsTruncated && !beyond && last
      ? encodePlace({
          keyMarker: output.NextKeyMarker === undefined ? last.key : decodeKey(output.NextKeyMarker, encoding),
          versionMarker: output.NextVersionIdMarker ?? null,
          lastKey: last.key,
          lastAt: last.at,
        })
      : null;
  return { versions: summaries(wanted, from), next };
}

function entryOf(
  each: { Key?: string; VersionId?: string; LastModified?: Date; IsLatest?: boolean },
  { sizeBytes, marker, encoding }: { sizeBytes: number; marker: boolean; encoding: string | undefined },
): Entry {
  return {
    key: decodeKey(each.Key ?? '', encoding),
    versionId: each.VersionId ?? UNVERSIONED,
    sizeBytes,
    at: wholeSeconds(each.LastModified?.getTime() ?? 0),
    latest: each.IsLatest === true,
    marker,
  };
}

/** The SDK tears versions and markers apart: by key, the latest first, then by time; equal times keep the order of the store. */
function orderEntries(entries: Entry[]): Entry[] {
  return entries.sort((a, b) => compareUtf8(a.key, b.key) || Number(b.latest) - Number(a.latest) || b.at - a.at);
}

/** Each content was replaced when the next newer entry of its key was written. */
export function summaries(entries: Entry[], before: Pick<Place, 'lastKey' | 'lastAt'> | null): VersionSummary[] {
  let newer = before ? { key: before.lastKey, at: before.lastAt } : null;
  const versions: VersionSummary[] = [];
  for (const { key, versionId, sizeBytes, at, latest, marker } of entries) {
    const replacedAt = latest ? null : newer?.key === key ? newer.at : at;
    if (!marker && !isMarker(key)) versions.push({ key, versionId, sizeBytes, modifiedAt: at, replacedAt });
    newer = { key, at };
  }
  return versions;
}
