/**
 * Writing one object from a stream of any length with little memory: what fits into one part is one request, the rest goes in parts,
 * two on their way while the next is filled. Every request names its CRC-32C, so that S3 refuses what was damaged on the way.
 */
import type { Readable } from 'node:stream';
import { type CompletedPart, PutObjectCommand, UploadPartCommand } from '@aws-sdk/client-s3';
import { crc32cOf } from '../../../ports/storage/checksum.ts';
import type { DriverPut } from '../../../ports/storage/driver.ts';
import type { ObjectInfo } from '../../../ports/storage/storage.ts';
import { Blocks, type Piece } from './blocks.ts';
import { errorName } from './classify.ts';
import { answeredAt } from './client.ts';
import { conditionHeaders, encodeMetadata, infoOf, storedType } from './mapping.ts';
import { changed, MAX_OBJECT_BYTES, MIN_PART_BYTES, makeOfParts, partSize } from './multipart.ts';
import { has, type Store } from './store.ts';

/** Parts on their way at once while the next one is filled; fewer when many bodies share the memory for them. */
const IN_FLIGHT = 2;

export async function putObject(
  store: Store,
  place: { bucket: string; key: string },
  body: Readable,
  options: DriverPut,
): Promise<ObjectInfo> {
  const pool = new Blocks(partSize(Math.min(options.sizeBytes ?? 0, MAX_OBJECT_BYTES), MIN_PART_BYTES));
  try {
    const pieces = pool.cut(body);
    const { value: first } = await pieces.next();
    if (first && !first.last) return await putParts(store, place, { first, rest: pieces, pool, options });
    const bytes = first?.bytes ?? Buffer.alloc(0);
    const info = await putWhole(store, place, { bytes, options });
    pool.giveBack(bytes);
    return info;
  } finally {
    pool.close();
  }
}

/** What fits into one request. */
export async function putWhole(
  store: Store,
  { bucket, key }: { bucket: string; key: string },
  { bytes, options }: { bytes: Buffer; options: DriverPut },
): Promise<ObjectInfo> {
  const { contentType, metadata, condition, signal } = options;
  const crc = options.crc32c();
  try {
    const output = await store.client.send(
      new PutObjectCommand({
        Bucket: bucket,
        Key: key,
        Body: bytes,
        ContentLength: bytes.length,
        ContentType: storedType(contentType),
        Metadata: encodeMetadata(metadata),
        ...(has(store, 'checksum') ? { ChecksumCRC32C: crc } : {}),
        ...conditionHeaders(condition),
      }),
      { abortSignal: signal },
    );
    const told = { ...output, LastModified: new Date(answeredAt(output, store.now())) };
    const info = infoOf(key, told, { sizeBytes: bytes.length, history: has(store, 'versioning') });
    return { ...info, contentType, metadata: { ...metadata } };
  } catch (error) {
    if (condition && 'ifVersion' in condition && errorName(error) === 'NoSuchKey') throw changed(error);
    throw error;
  }
}

async function putParts(
  store: Store,
  place: { bucket: string; key: string },
  { first, rest, pool, options }: { first: Piece; rest: AsyncGenerator<Piece, void>; pool: Blocks; options: DriverPut },
): Promise<ObjectInfo> {
  const { contentType, metadata, condition, signal } = options;
  let sizeBytes = 0;
  const output = await makeOfParts(
    store,
    { ...place, condition, contentType: storedType(contentType), metadata: encodeMetadata(metadata) },
    {
      signal,
      crc32c: options.crc32c,
      async send(uploadId) {
        const sent = await sendParts(store, { ...place, uploadId }, { first, rest, pool, signal });
        sizeBytes = sent.sizeBytes;
        return sent.parts;
      },
    },
  );
  const told = { ...output, LastModified: new Date(answeredAt(output, store.now())) };
  const info = infoOf(place.key, told, { sizeBytes, history: has(store, 'versioning') });
  return { ...info, contentType, metadata: { ...metadata } };
}

/** All parts have ended, well or badly, when this does: none may arrive after the upload was given up. */
async function sendParts(
  store: Store,
  upload: { bucket: string; key: string; uploadId: string },
  { first, rest, pool, signal }: { first: Piece; rest: AsyncGenerator<Piece, void>; pool: Blocks; signal: AbortSignal },
): Promise<{ parts: CompletedPart[]; sizeBytes: number }> {
  const stop = new AbortController();
  const both = AbortSignal.any([signal, stop.signal]);
  const parts: CompletedPart[] = [];
  const flying = new Set<Promise<void>>();
  const failures: unknown[] = [];
  let sizeBytes = 0;
  let number = 0;
  try {
    for (let piece: Piece | undefined = first; piece; piece = (await rest.next()).value ?? undefined) {
      const { bytes } = piece;
      number += 1;
      sizeBytes += bytes.length;
      const sending = sendPart(store, upload, { number, bytes, signal: both })
        .then((part) => {
          parts.push(part);
          pool.giveBack(bytes);
        })
        .catch((error: unknown) => {
          failures.push(error);
          stop.abort();
        })
        .finally(() => flying.delete(sending));
      flying.add(sending);
      while (flying.size >= IN_FLIGHT || (flying.size > 0 && !pool.reserve())) await Promise.race(flying);
      if (failures.length > 0) break;
    }
  } catch (error) {
    // The body failed; the rest need not arrive.
    failures.unshift(error);
    stop.abort();
  } finally {
    await rest.return();
  }
  await Promise.all(flying);
  if (failures.length > 0) throw failures[0];
  return { parts: parts.sort((a, b) => (a.PartNumber ?? 0) - (b.PartNumber ?? 0)), sizeBytes };
}

async function sendPart(
  store: Store,
  upload: { bucket: string; key: string; uploadId: string },
  { number, bytes, signal }: { number: number; bytes: Buffer; signal: AbortSignal },
): Promise<CompletedPart> {
  const crc = has(store, 'fullChecksum') ? { ChecksumCRC32C: crc32cOf(bytes) } : {};
  const { ETag } = await store.client.send(
    new UploadPartCommand({
      Bucket: upload.bucket,
      Key: upload.key,
      UploadId: upload.uploadId,
      PartNumber: number,
      Body: bytes,
      ContentLength: bytes.length,
      ...crc,
    }),
    { abortSignal: signal },
  );
  return { ETag, PartNumber: number, ...crc };
}
