/**
 * Writing one object from a stream of any length with little memory: what fits into one part is one request, the rest goes in parts,
 * two on their way while the next is filled. Every request names its CRC-32C, so that S3 refuses what was damaged on the way.
 */
import type { Readable } from 'node:stream';
import { type CompletedPart, PutObjectCommand, UploadPartCommand } from '@aws-sdk/client-s3';
import { crc32cOf } from '../../../ports/storage/checksum.ts';
import type { DriverPut } from '../../../ports/storage/driver.ts';
import type { ObjectInfo } from '../../../ports/storage/storage.ts';
import { errorName } from './classify.ts';
import { answeredAt } from './client.ts';
import { conditionHeaders, encodeMetadata, infoOf, storedType } from './mapping.ts';
import { changed, MAX_OBJECT_BYTES, MIN_PART_BYTES, makeOfParts, partSize } from './multipart.ts';
import { has, type Store } from './store.ts';

/** Parts on their way at once; with the one that is being filled, the memory of one write. */
const IN_FLIGHT = 2;

export async function putObject(
  store: Store,
  place: { bucket: string; key: string },
  body: Readable,
  options: DriverPut,
): Promise<ObjectInfo> {
  const partBytes = partSize(Math.min(options.sizeBytes ?? 0, MAX_OBJECT_BYTES), MIN_PART_BYTES);
  const blocks = blocksOf(body, partBytes);
  const first = await blocks.next();
  const second = first.done ? first : await blocks.next();
  const whole = first.done ? Buffer.alloc(0) : first.value;
  if (second.done) return putWhole(store, place, { bytes: whole, options });
  return putParts(store, place, { start: [whole, second.value], rest: blocks, options });
}

/** Pieces of exactly `size` bytes, the last one shorter. Each is a buffer of its own: several are on their way at once. */
async function* blocksOf(body: Readable, size: number): AsyncGenerator<Buffer> {
  let held: Buffer[] = [];
  let heldBytes = 0;
  for await (const chunk of body) {
    let rest: Buffer = chunk;
    while (heldBytes + rest.length >= size) {
      const cut = size - heldBytes;
      held.push(rest.subarray(0, cut));
      yield held.length === 1 && held[0] ? held[0] : Buffer.concat(held, size);
      rest = rest.subarray(cut);
      held = [];
      heldBytes = 0;
    }
    if (rest.length > 0) held.push(rest);
    heldBytes += rest.length;
  }
  if (heldBytes > 0) yield Buffer.concat(held, heldBytes);
}

async function putWhole(
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
  { start, rest, options }: { start: Buffer[]; rest: AsyncGenerator<Buffer>; options: DriverPut },
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
        const sent = await sendParts(store, { ...place, uploadId }, { blocks: chain(start, rest), signal });
        sizeBytes = sent.sizeBytes;
        return sent.parts;
      },
    },
  );
  const told = { ...output, LastModified: new Date(answeredAt(output, store.now())) };
  const info = infoOf(place.key, told, { sizeBytes, history: has(store, 'versioning') });
  return { ...info, contentType, metadata: { ...metadata }, crc32c: info.crc32c ?? null };
}

async function* chain(start: Buffer[], rest: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  yield* start.splice(0);
  yield* rest;
}

/** All parts have ended, well or badly, when this does: none may arrive after the upload was given up. */
async function sendParts(
  store: Store,
  upload: { bucket: string; key: string; uploadId: string },
  { blocks, signal }: { blocks: AsyncGenerator<Buffer>; signal: AbortSignal },
): Promise<{ parts: CompletedPart[]; sizeBytes: number }> {
  const stop = new AbortController();
  const both = AbortSignal.any([signal, stop.signal]);
  const parts: CompletedPart[] = [];
  const flying = new Set<Promise<void>>();
  const failures: unknown[] = [];
  let sizeBytes = 0;
  let number = 0;
  try {
    for await (const bytes of blocks) {
      number += 1;
      sizeBytes += bytes.length;
      const sending = sendPart(store, upload, { number, bytes, signal: both })
        .then((part) => {
          parts.push(part);
        })
        .catch((error: unknown) => {
          failures.push(error);
          stop.abort();
        })
        .finally(() => flying.delete(sending));
      flying.add(sending);
      if (flying.size >= IN_FLIGHT) await Promise.race(flying);
      if (failures.length > 0) break;
    }
  } catch (error) {
    // The body failed; the rest need not arrive.
    failures.unshift(error);
    stop.abort();
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
