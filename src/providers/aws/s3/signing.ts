/** Requests that a browser sends to the store by itself. What must not be changed is signed: length, type, condition, part. */
import { GetObjectCommand, PutObjectCommand, UploadPartCommand } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { baseName } from '../../../domain/storage.ts';
import { attachment } from '../../../ports/storage/disposition.ts';
import type { DriverSign } from '../../../ports/storage/driver.ts';
import type { SignedRequest } from '../../../ports/storage/storage.ts';
import type { Store } from './store.ts';

const seconds = (ms: number): number => Math.max(1, Math.floor(ms / 1000));

export async function signUrl(
  store: Store,
  { bucket, key }: { bucket: string; key: string },
  options: DriverSign,
): Promise<SignedRequest> {
  const expiresIn = seconds(options.expiresInMs);
  if (options.method === 'GET') {
    const command = new GetObjectCommand({
      Bucket: bucket,
      Key: key,
      VersionId: options.versionId,
      ResponseContentDisposition: attachment(options.fileName ?? baseName(key)),
      // Never a page: the file is somebody's, the origin is the store's.
      ResponseContentType: 'application/octet-stream',
      ResponseCacheControl: 'private, no-store',
    });
    return { method: 'GET', url: await getSignedUrl(store.signer, command, { expiresIn }), headers: {} };
  }
  const contentType = options.contentType ?? 'application/octet-stream';
  const command = new PutObjectCommand({
    Bucket: bucket,
    Key: key,
    ContentLength: options.sizeBytes,
    ContentType: contentType,
    ...(options.ifAbsent ? { IfNoneMatch: '*' } : {}),
  });
  const url = await getSignedUrl(store.signer, command, {
    expiresIn,
    signableHeaders: new Set(['host', 'content-length', 'content-type', 'if-none-match']),
  });
  // A browser sets the length by itself and lets nobody else set it.
  return {
    method: 'PUT',
    url,
    headers: { 'content-type': contentType, ...(options.ifAbsent ? { 'if-none-match': '*' } : {}) },
  };
}

export async function signPart(
  store: Store,
  { bucket, key, uploadId }: { bucket: string; key: string; uploadId: string },
  part: { number: number; sizeBytes: number; expiresInMs: number },
): Promise<SignedRequest> {
  const command = new UploadPartCommand({
    Bucket: bucket,
    Key: key,
    UploadId: uploadId,
    PartNumber: part.number,
    ContentLength: part.sizeBytes,
  });
  const url = await getSignedUrl(store.signer, command, {
    expiresIn: seconds(part.expiresInMs),
    signableHeaders: new Set(['host', 'content-length']),
  });
  return { method: 'PUT', url, headers: {} };
}
