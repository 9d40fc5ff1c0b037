/**
 * Files in parts, by the XML API. It can put parts together but not under a condition, so they come together under a name that
 * nobody sees and are then rewritten to their key, which costs no second upload. Every step may be repeated after a crash: the
 * object notes which upload it came from, and what is left over goes with the bucket's expiry rules.
 */
import { createHash, randomUUID } from 'node:crypto';
import type { Readable } from 'node:stream';
import { z } from 'zod';
import { AppError } from '../../domain/errors.ts';
import type { UploadDriver } from '../../ports/storage/driver.ts';
import type { ObjectInfo, UploadedPart } from '../../ports/storage/storage.ts';
import { GcsError, isStatus } from './errors.ts';
import { STAGING_PREFIX, xmlPath } from './names.ts';
import { changedMeanwhile, description, type GcsObject, ifGeneration, infoOf, uploadOf } from './objects.ts';
import { findObject, purgeObject, rewriteObject } from './rewrite.ts';
import { type SigningGround, signLink, sizeHeader } from './signing.ts';
import type { Transport } from './transport.ts';
import { readParts, readUploadId, writeParts, type XmlPart } from './xml.ts';

const MIB = 1024 * 1024;
const LEAST_PART_BYTES = 8 * MIB;
const MAX_PARTS = 10_000;
/** Of this store, for one object. */
const MAX_OBJECT_BYTES = 5 * 1024 * 1024 * MIB;
/** Parts up to this are held in memory, so that their checksum is sent before them. */
const HELD_PART_BYTES = 16 * MIB;

/** Kept at the staged object in one header, which carries plain letters only. */
const NOTE = 'x-goog-meta-cmbcluster-note';

const noteSchema = z.object({
  contentType: z.string().nullable(),
  metadata: z.record(z.string(), z.string()),
  partSizeBytes: z.number(),
});
type Note = z.infer<typeof noteSchema>;

interface Upload {
  key: string;
  /** Our name for it. */
  token: string;
  /** The store's name for it. */
  uploadId: string;
  /** Where its parts come together. */
  staged: string;
}

export interface PartsGround {
  transport: Transport;
  bucket: string;
  signing: SigningGround | null;
}

export function partSizeFor(sizeBytes: number): number {
  return Math.max(LEAST_PART_BYTES, Math.ceil(sizeBytes / MAX_PARTS / MIB) * MIB);
}

/** The key is part of the name, so that an upload answers for its own key only. */
function stagedName(key: string, token: string): string {
  return `${STAGING_PREFIX}${createHash('sha256').update(key).digest('hex').slice(0, 16)}-${token}`;
}

function unknownUpload(): AppError {
  return new AppError('not_found', 'There is no such upload; it ended or was given up.', {
    details: { outcome: 'not_applied' },
  });
}

function readId(key: string, id: string): Upload {
  const [, token, uploadId] = /^([0-9a-f-]{36})\.(.+)$/.exec(id) ?? [];
  if (!token || !uploadId) throw unknownUpload();
  return { key, token, uploadId, staged: stagedName(key, token) };
}

export function partsDriver({ transport, bucket, signing }: PartsGround): UploadDriver {
  const pathOf = (upload: Upload) => xmlPath(bucket, upload.staged);
  const place = { transport, bucket };

  async function sentParts(upload: Upload, signal: AbortSignal): Promise<XmlPart[]> {
    const all: XmlPart[] = [];
    let marker: string | null = null;
    do {
      const query: Record<string, string> = { uploadId: upload.uploadId, 'max-parts': '1000' };
      if (marker !== null) query['part-number-marker'] = marker;
      const { text } = await transport.text({ method: 'GET', path: pathOf(upload), query, signal });
      const page = readParts(text);
      all.push(...page.parts);
      marker = page.next;
    } while (marker !== null);
    return all;
  }

  /** The parts, or the object that they already became. */
  async function stateOf(upload: Upload, signal: AbortSignal): Promise<XmlPart[] | GcsObject> {
    try {
      return await sentParts(upload, signal);
    } catch (error) {
      if (!isStatus(error, 404) || error.reason !== 'NoSuchUpload') throw error;
      const staged = await findObject(place, upload.staged, signal);
      if (!staged) throw unknownUpload();
      return staged;
    }
  }

  async function sendPart(upload: Upload, number: number, body: Buffer | Readable, options: SendOptions) {
    const { headers } = await transport.text({
      method: 'PUT',
      path: pathOf(upload),
      query: { partNumber: number, uploadId: upload.uploadId },
      headers: {
        'content-length': String(options.sizeBytes),
        ...(options.crc32c === undefined ? {} : { 'x-goog-hash': `crc32c=${options.crc32c}` }),
      },
      body,
      signal: options.signal,
    });
    return headers['x-goog-hash'];
  }

  async function putTogether(upload: Upload, sizeBytes: number, signal: AbortSignal): Promise<GcsObject> {
    const parts = await stateOf(upload, signal);
    if (!Array.isArray(parts)) return parts;
    checkComplete(parts, sizeBytes);
    await transport.text({
      method: 'POST',
      path: pathOf(upload),
      query: { uploadId: upload.uploadId },
      headers: { 'content-type': 'application/xml' },
      body: Buffer.from(writeParts(parts)),
      signal,
    });
    const staged = await findObject(place, upload.staged, signal);
    if (!staged) throw new GcsError({ status: 503, reason: 'staged', message: 'the staged object is not there' });
    return staged;
  }

  return {
    async start(key, { sizeBytes, contentType, metadata, signal }) {
      if (sizeBytes > MAX_OBJECT_BYTES) {
        throw new AppError('invalid_argument', 'A file in this storage holds at most 5 TiB.', {
          details: { field: 'sizeBytes', outcome: 'not_applied' },
        });
      }
      const token = randomUUID();
      const note: Note = { contentType, metadata, partSizeBytes: partSizeFor(sizeBytes) };
      const { text } = await transport.text({
        method: 'POST',
        path: xmlPath(bucket, stagedName(key, token)),
        query: { uploads: '' },
        headers: {
          'content-type': 'application/octet-stream',
          [NOTE]: Buffer.from(JSON.stringify(note)).toString('base64url'),
        },
        signal,
      });
      return { id: `${token}.${readUploadId(text)}`, partSizeBytes: note.partSizeBytes };
    },

    async putPart(key, id, { number, body, sizeBytes, crc32c, signal }) {
      const upload = readId(key, id);
      if (sizeBytes <= HELD_PART_BYTES) {
        const chunks: Buffer[] = [];
        for await (const chunk of body) chunks.push(chunk);
        await sendPart(upload, number, Buffer.concat(chunks), { sizeBytes, crc32c: crc32c(), signal });
      } else {
        const stored = await sendPart(upload, number, body, { sizeBytes, crc32c: undefined, signal });
        if (!stored?.includes(`crc32c=${crc32c()}`)) {
          // An empty part in its place: the upload can then not be completed with what is wrong.
          await sendPart(upload, number, Buffer.alloc(0), { sizeBytes: 0, crc32c: undefined, signal });
          throw new AppError('unavailable', 'The data was damaged on its way to the storage. Send this part again.', {
            details: { outcome: 'not_applied' },
          });
        }
      }
      return { number, sizeBytes };
    },

    ...(signing && {
      async signedPart(key: string, id: string, part: { number: number; sizeBytes: number; expiresInMs: number }) {
        const upload = readId(key, id);
        return signLink(signing, {
          method: 'PUT',
          path: pathOf(upload),
          query: { partNumber: String(part.number), uploadId: upload.uploadId },
          headers: sizeHeader(part.sizeBytes),
          expiresInMs: part.expiresInMs,
        });
      },
    }),

    async listParts(key, id, signal) {
      const state = await stateOf(readId(key, id), signal);
      if (Array.isArray(state)) return state.map(({ number, sizeBytes }) => ({ number, sizeBytes }));
      return partsOf(Number(state.size), noteOf(state).partSizeBytes);
    },

    async complete(key, id, { sizeBytes, condition, signal }): Promise<ObjectInfo> {
      const upload = readId(key, id);
      const ifGenerationMatch = ifGeneration(condition);
      if (ifGenerationMatch !== undefined) {
        // Most conflicts show here, while the upload is still untouched.
        const current = await findObject(place, key, signal);
        const fails = (current?.generation ?? '0') !== ifGenerationMatch;
        if (fails && (!current || uploadOf(current) !== upload.token)) throw changedMeanwhile();
      }
      const staged = await putTogether(upload, sizeBytes, signal);
      if (Number(staged.size) !== sizeBytes) throw missingParts();
      const { contentType, metadata } = noteOf(staged);
      const made = await rewriteObject(place, {
        from: staged.name,
        to: key,
        query: { ifGenerationMatch, sourceGeneration: staged.generation },
        resource: description(contentType, metadata, upload.token),
        signal,
      }).catch(async (error: unknown) => {
        if (!isStatus(error, 412)) throw error;
        // This upload may have met its condition before, and its answer was lost.
        const current = await findObject(place, key, signal);
        if (!current || uploadOf(current) !== upload.token) throw error;
        return current;
      });
      // The object is there; what stays behind costs space until the expiry rules see it.
      await purgeObject(place, staged, signal).catch(() => {});
      return infoOf(made);
    },

    async abort(key, id, signal) {
      const upload = readId(key, id);
      try {
        await transport.text({ method: 'DELETE', path: pathOf(upload), query: { uploadId: upload.uploadId }, signal });
      } catch (error) {
        if (!isStatus(error, 404)) throw error;
        const staged = await findObject(place, upload.staged, signal);
        if (staged) await purgeObject(place, staged, signal);
      }
    },
  };
}

interface SendOptions {
  sizeBytes: number;
  crc32c: string | undefined;
  signal: AbortSignal;
}

function missingParts(): AppError {
  return new AppError('failed_precondition', 'Parts of the file are still missing.', {
    details: { outcome: 'not_applied' },
  });
}

/** From 1 without a gap, all but the last of one length, together as long as the file. */
function checkComplete(parts: readonly XmlPart[], sizeBytes: number): void {
  const sum = parts.reduce((bytes, part) => bytes + part.sizeBytes, 0);
  const first = parts[0]?.sizeBytes;
  const fits = parts.every((part, i) => part.number === i + 1 && (i === parts.length - 1 || part.sizeBytes === first));
  if (parts.length === 0 || sum !== sizeBytes || !fits) throw missingParts();
}

function noteOf(staged: GcsObject): Note {
  const text = staged.metadata?.['cmbcluster-note'] ?? '';
  return noteSchema.parse(JSON.parse(Buffer.from(text, 'base64url').toString('utf8')));
}

function partsOf(sizeBytes: number, partSizeBytes: number): UploadedPart[] {
  const count = Math.max(1, Math.ceil(sizeBytes / partSizeBytes));
  return Array.from({ length: count }, (_, i) => ({
    number: i + 1,
    sizeBytes: Math.min(partSizeBytes, sizeBytes - i * partSizeBytes),
  }));
}
