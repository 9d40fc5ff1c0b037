/** Objects and folders of one bucket: each method is one request of S3 or a few that belong together. */
import { Readable } from 'node:stream';
import {
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { AppError } from '../../../domain/errors.ts';
import type { BucketDriver } from '../../../ports/storage/driver.ts';
import { errorName, errorStatus, isUnknownVersion, noVersion } from './classify.ts';
import { copyObject } from './copy.ts';
import { historyOf } from './history.ts';
import { listPage } from './listing.ts';
import { decodeKey, etagOf, infoOf, sizeOfRange } from './mapping.ts';
import { changed } from './multipart.ts';
import { putObject, putWhole } from './put.ts';
import { signUrl } from './signing.ts';
import { capabilitiesOf, has, oneRequest, owner, type Store } from './store.ts';
import { uploadsOf } from './uploads.ts';

/** @param bucket its name in S3 */
export function bucketDriver(store: Store, bucket: string): BucketDriver {
  const capabilities = capabilitiesOf(store);
  const { client } = store;
  const history = has(store, 'versioning');
  return {
    capabilities,
    ...(capabilities.history ? { history: historyOf(store, bucket) } : {}),
    ...(capabilities.uploads ? { uploads: uploadsOf(store, bucket) } : {}),

    async head(key, { versionId, signal }) {
      const output = await client
        .send(new HeadObjectCommand({ Bucket: bucket, Key: key, VersionId: versionId, ...owner(store) }), {
          abortSignal: signal,
        })
        .catch((error: unknown) => {
          throw versionId !== undefined && isUnknownVersion(error) ? noVersion(error) : error;
        });
      return infoOf(key, output, { sizeBytes: output.ContentLength ?? 0, history });
    },

    async get(key, { range, versionId, signal }) {
      try {
        const output = await client.send(
          new GetObjectCommand({
            Bucket: bucket,
            Key: key,
            VersionId: versionId,
            Range: range && `bytes=${range.start}-${range.end ?? ''}`,
            ...owner(store),
          }),
          { abortSignal: signal },
        );
        const body = output.Body;
        if (!(body instanceof Readable)) throw new Error('the SDK gave a body that is no stream');
        const sizeBytes = sizeOfRange(output.ContentRange) ?? output.ContentLength ?? 0;
        return { info: infoOf(key, output, { sizeBytes, history }), body };
      } catch (error) {
        if (versionId !== undefined && isUnknownVersion(error)) throw noVersion(error);
        if (errorName(error) !== 'InvalidRange' && errorStatus(error) !== 416) throw error;
        throw new AppError('invalid_argument', 'The asked part lies behind the end of the file.', {
          details: { field: 'range', outcome: 'not_applied' },
          cause: error,
        });
      }
    },

    put: (key, body, options) => putObject(store, { bucket, key }, body, options),
    putWhole: (key, bytes, options) => putWhole(store, { bucket, key }, { bytes, options }),

    async delete(key, { ifVersion, signal }) {
      try {
        await client.send(
          new DeleteObjectCommand({
            Bucket: bucket,
            Key: key,
            ...(ifVersion === undefined ? {} : { IfMatch: etagOf(ifVersion) }),
            ...owner(store),
          }),
          { abortSignal: signal },
        );
      } catch (error) {
        const absent = errorName(error) === 'NoSuchKey' || errorName(error) === 'NotFound';
        if (!absent) throw error;
        if (ifVersion !== undefined) throw changed(error);
      }
    },

    copy: (from, to, options) => copyObject(store, { bucket, key: from }, to, options),
    list: (options) => listPage(store, bucket, options),

    async createFolder(path, signal) {
      const names = path.split('/');
      for (let depth = 1; depth <= names.length; depth += 1) {
        const marker = `${names.slice(0, depth).join('/')}/`;
        await client
          .send(
            new PutObjectCommand({
              Bucket: bucket,
              Key: marker,
              Body: new Uint8Array(),
              ContentLength: 0,
              ...(has(store, 'createIfAbsent') ? { IfNoneMatch: '*' } : {}),
            }),
            { abortSignal: signal },
          )
          .catch((error: unknown) => {
            if (errorName(error) !== 'PreconditionFailed') throw error;
          });
      }
    },

    async deleteFolder(path, signal) {
      const marker = `${path}/`;
      const { Contents = [], EncodingType } = await client.send(
        new ListObjectsV2Command({ Bucket: bucket, Prefix: marker, MaxKeys: 2, EncodingType: 'url' }),
        { abortSignal: signal },
      );
      if (Contents.some(({ Key = '' }) => decodeKey(Key, EncodingType) !== marker)) {
        throw new AppError('failed_precondition', 'The folder is not empty.', { details: { outcome: 'not_applied' } });
      }
      await client.send(new DeleteObjectCommand({ Bucket: bucket, Key: marker }), { abortSignal: signal });
    },

    async deleteTree(path, signal) {
      for (;;) {
        const { Contents = [], EncodingType } = await client.send(
          new ListObjectsV2Command({ Bucket: bucket, Prefix: `${path}/`, EncodingType: 'url' }),
          { abortSignal: oneRequest(signal) },
        );
        if (Contents.length === 0) return;
        // What lies deepest first: some servers keep folders as folders.
        const entries = Contents.map(({ Key = '' }) => ({ Key: decodeKey(Key, EncodingType) })).reverse();
        await deleteAll(store, bucket, { entries, signal: oneRequest(signal) });
      }
    },

    signedUrl: (key, options) => signUrl(store, { bucket, key }, options),
  };
}

/** At most 1,000 at once. How many were removed. @throws the first refusal when none was */
export async function deleteAll(
  store: Store,
  bucket: string,
  { entries, signal }: { entries: { Key: string; VersionId?: string }[]; signal: AbortSignal },
): Promise<number> {
  const { Errors = [] } = await store.client.send(
    new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects: entries, Quiet: true }, ...owner(store) }),
    { abortSignal: signal },
  );
  const [first] = Errors;
  if (first && Errors.length >= entries.length) {
    throw Object.assign(new Error(first.Message ?? 'refused'), { name: first.Code ?? 'AccessDenied' });
  }
  return entries.length - Errors.length;
}
