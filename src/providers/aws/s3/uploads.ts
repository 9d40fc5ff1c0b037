/**
 * Uploads in parts that a caller, or a browser by signed requests, sends in any order. Browsers send no checksum, and S3 takes
 * parts without one only when the upload declares none; what passes through here carries its MD5 instead.
 */
import { createHash } from 'node:crypto';
import { PassThrough, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import {
  AbortMultipartUploadCommand,
  CreateMultipartUploadCommand,
  HeadObjectCommand,
  ListPartsCommand,
  type Part,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { AppError } from '../../../domain/errors.ts';
import type { UploadDriver } from '../../../ports/storage/driver.ts';
import type { UploadedPart } from '../../../ports/storage/storage.ts';
import { errorName, notTheFirstStep } from './classify.ts';
import { encodeMetadata, infoOf, storedType, versionOf } from './mapping.ts';
import { complete, MAX_OBJECT_BYTES, partSize } from './multipart.ts';
import { signPart } from './signing.ts';
import { has, type Store } from './store.ts';

/** A browser holds a few of these at once; smaller ones cost a request each. */
const UPLOAD_PART_BYTES = 8 * 1024 * 1024;
/** Larger parts, of files beyond 150 GiB, pass through without being held. */
const HELD_BYTES = 16 * 1024 * 1024;

export function uploadsOf(store: Store, bucket: string): UploadDriver {
  return {
    async start(key, { sizeBytes, contentType, metadata, signal }) {
      if (sizeBytes > MAX_OBJECT_BYTES) {
        throw new AppError('invalid_argument', 'The file is too large: this storage holds up to 5 TiB in one file.', {
          details: { field: 'sizeBytes', outcome: 'not_applied' },
        });
      }
      const { UploadId } = await store.client.send(
        new CreateMultipartUploadCommand({
          Bucket: bucket,
          Key: key,
          ContentType: storedType(contentType),
          Metadata: encodeMetadata(metadata),
        }),
        { abortSignal: signal },
      );
      return { id: UploadId ?? '', partSizeBytes: partSize(sizeBytes, UPLOAD_PART_BYTES) };
    },

    async putPart(key, uploadId, { number, body, sizeBytes, signal }) {
      const part = { bucket, key, uploadId, number, sizeBytes, signal };
      await (sizeBytes <= HELD_BYTES ? sendHeld(store, part, body) : sendStreamed(store, part, body));
      return { number, sizeBytes };
    },

    signedPart: (key, uploadId, part) => signPart(store, { bucket, key, uploadId }, part),

    async listParts(key, uploadId, signal) {
      return (await partsOf(store, { bucket, key, uploadId }, signal)).map(uploadedPart);
    },

    async complete(key, uploadId, { sizeBytes, condition, signal }) {
      const upload = { bucket, key, uploadId };
      let parts = await partsOf(store, upload, signal);
      if (sizeBytes === 0 && parts.length === 0) {
        await store.client.send(
          new UploadPartCommand({
            Bucket: bucket,
            Key: key,
            UploadId: uploadId,
            PartNumber: 1,
            Body: '',
            ContentLength: 0,
          }),
          { abortSignal: signal },
        );
        parts = await partsOf(store, upload, signal);
      }
      checkParts(parts.map(uploadedPart), sizeBytes);
      await complete(
        store,
        { bucket, key, condition },
        {
          uploadId,
          parts: parts.map(({ PartNumber, ETag }) => ({ PartNumber, ETag })),
          crc32c: null,
          signal,
        },
      );
      const head = await store.client
        .send(new HeadObjectCommand({ Bucket: bucket, Key: key }), { abortSignal: signal })
        .catch((error: unknown) => {
          throw notTheFirstStep(error);
        });
      return infoOf(key, head, { sizeBytes: head.ContentLength ?? sizeBytes, history: has(store, 'versioning') });
    },

    async abort(key, uploadId, signal) {
      try {
        await store.client.send(new AbortMultipartUploadCommand({ Bucket: bucket, Key: key, UploadId: uploadId }), {
          abortSignal: signal,
        });
      } catch (error) {
        if (errorName(error) !== 'NoSuchUpload') throw error;
      }
    },
  };
}

interface PartOrder {
  bucket: string;
  key: string;
  uploadId: string;
  number: number;
  sizeBytes: number;
  signal: AbortSignal;
}

/** The MD5 goes ahead, so that S3 refuses a part that was damaged on the way. */
async function sendHeld(store: Store, part: PartOrder, body: Readable): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of body) chunks.push(chunk);
  await sendPart(store, part, Buffer.concat(chunks));
}

function sendPart(store: Store, part: PartOrder, bytes: Buffer): Promise<unknown> {
  const command = new UploadPartCommand({
    Bucket: part.bucket,
    Key: part.key,
    UploadId: part.uploadId,
    PartNumber: part.number,
    Body: bytes,
    ContentLength: bytes.length,
    ContentMD5: createHash('md5').update(bytes).digest('base64'),
  });
  return store.client.send(command, { abortSignal: part.signal });
}

/** Too large to be held: compared by the answer, and replaced by nothing when it differs, so that it cannot be completed. */
async function sendStreamed(store: Store, part: PartOrder, body: Readable): Promise<void> {
  const md5 = createHash('md5');
  const broken = new AbortController();
  const hashed = new PassThrough();
  hashed.on('data', (chunk: Buffer) => md5.update(chunk));
  hashed.pause();
  // The SDK would wait for ever for the rest of a body that failed.
  pipeline(body, hashed).catch((error: unknown) => broken.abort(error));
  const command = new UploadPartCommand({
    Bucket: part.bucket,
    Key: part.key,
    UploadId: part.uploadId,
    PartNumber: part.number,
    Body: hashed,
    ContentLength: part.sizeBytes,
  });
  const { ETag } = await store.client.send(command, { abortSignal: AbortSignal.any([part.signal, broken.signal]) });
  const told = versionOf(ETag);
  if (!/^[0-9a-f]{32}$/.test(told) || told === md5.digest('hex')) return;
  await sendPart(store, part, Buffer.alloc(0));
  throw new AppError('unavailable', 'What arrived at the storage differs from what was sent. Send the part again.', {
    details: { outcome: 'not_applied' },
  });
}

const uploadedPart = ({ PartNumber = 0, Size = 0 }: Part): UploadedPart => ({ number: PartNumber, sizeBytes: Size });

/** @throws failed_precondition when parts are missing */
export function checkParts(parts: UploadedPart[], sizeBytes: number): void {
  const inOrder = parts.every(({ number }, index) => number === index + 1);
  const total = parts.reduce((sum, part) => sum + part.sizeBytes, 0);
  if (inOrder && total === sizeBytes) return;
  throw new AppError('failed_precondition', 'Parts of the upload are missing. Send them and finish again.', {
    details: { outcome: 'not_applied', expected: sizeBytes, got: total },
  });
}

async function partsOf(
  store: Store,
  { bucket, key, uploadId }: { bucket: string; key: string; uploadId: string },
  signal: AbortSignal,
): Promise<Part[]> {
  const parts: Part[] = [];
  let marker: string | undefined;
  do {
    const output = await store.client.send(
      new ListPartsCommand({ Bucket: bucket, Key: key, UploadId: uploadId, PartNumberMarker: marker }),
      { abortSignal: signal },
    );
    parts.push(...(output.Parts ?? []));
    marker = output.IsTruncated ? output.NextPartNumberMarker : undefined;
  } while (marker !== undefined);
  return parts;
}
