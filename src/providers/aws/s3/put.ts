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
const SMALL_BYTES = 256 * 1024;

export async function putObject(
  store: Store,
  place: { bucket: string; key: string },
  body: Readable,
  options: DriverPut,
): Promise<ObjectInfo> {
  const pool = new Blocks(partSize(Math.min(options.sizeBytes ?? 0, MAX_OBJECT_BYTES), MIN_PART_BYTES));
  const blocks = pool.cut(body);
  const first = await blocks.next();
  const second = first.done ? first : await blocks.next();
  const whole = first.done ? Buffer.alloc(0) : first.value;
  if (second.done) return putWhole(store, place, { bytes: whole, options });
  return putParts(store, place, { start: [whole, second.value], rest: blocks, pool, options });
}

/** Pieces of one length, the last one shorter, in buffers that are used again: memory must not depend on the collector. */
class Blocks {
  readonly #size: number;
  readonly #spare: Buffer[] = [];

  constructor(size: number) {
    this.#size = size;
  }

  async *cut(body: Readable): AsyncGenerator<Buffer> {
    let small: Buffer[] = [];
    let block: Buffer | null = null;
    let filled = 0;
    for await (const chunk of body) {
      let rest: Buffer = chunk;
      while (rest.length > 0) {
        // What fits into a few chunks needs no large buffer.
        if (block === null && filled + rest.length < SMALL_BYTES) {
          small.push(rest);
          filled += rest.length;
          break;
        }
        if (block === null) {
          block = this.#spare.pop() ?? Buffer.allocUnsafeSlow(this.#size);
          for (let at = 0; small.length > 0; ) at += small.shift()?.copy(block, at) ?? 0;
        }
        const taken = rest.copy(block, filled);
        filled += taken;
        rest = rest.subarray(taken);
        if (filled === this.#size) {
          yield block;
          block = null;
          filled = 0;
        }
      }
    }
    if (filled > 0) yield block === null ? Buffer.concat(small, filled) : block.subarray(0, filled);
    small = [];
  }

  /** Nobody reads the block any more. */
  giveBack(block: Buffer): void {
    if (block.length === this.#size) this.#spare.push(block);
  }
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
  { start, rest, pool, options }: { start: Buffer[]; rest: AsyncGenerator<Buffer>; pool: Blocks; options: DriverPut },
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
        const sent = await sendParts(store, { ...place, uploadId }, { blocks: chain(start, rest), pool, signal });
        sizeBytes = sent.sizeBytes;
        return sent.parts;
      },
    },
  );
  const told = { ...output, LastModified: new Date(answeredAt(output, store.now())) };
  const info = infoOf(place.key, told, { sizeBytes, history: has(store, 'versioning') });
  return { ...info, contentType, metadata: { ...metadata } };
}

async function* chain(start: Buffer[], rest: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  yield* start.splice(0);
  yield* rest;
}

/** All parts have ended, well or badly, when this does: none may arrive after the upload was given up. */
async function sendParts(
  store: Store,
  upload: { bucket: string; key: string; uploadId: string },
  { blocks, pool, signal }: { blocks: AsyncGenerator<Buffer>; pool: Blocks; signal: AbortSignal },
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
          pool.giveBack(bytes);
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
