/**
 * Sends one body so that the store compares its checksum before anybody sees the object. Small bodies go in one request that
 * says the sum first; larger ones into a resumable session, whose last request, when all else has arrived, says it.
 */
import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { AppError } from '../../domain/errors.ts';
import type { DriverPut } from '../../ports/storage/driver.ts';
import type { ObjectInfo } from '../../ports/storage/storage.ts';
import { classify } from './errors.ts';
import { uploadPath } from './names.ts';
import { description, ifGeneration, infoOf, OBJECT_FIELDS, objectSchema } from './objects.ts';
import type { Transport } from './transport.ts';

/** Held in memory and sent in one request. */
const SMALL_BYTES = 4 * 1024 * 1024;
/** Pieces of a session are multiples of this; only the last may be shorter. */
const GRAIN_BYTES = 256 * 1024;
/** A body of unknown length is sent in pieces that are held in memory. */
const PIECE_BYTES = 8 * 1024 * 1024;
const CANCEL_MS = 2_000;
const ASK_MS = 10_000;

interface Target {
  transport: Transport;
  bucket: string;
  key: string;
}

export async function sendObject(target: Target, body: Readable, options: DriverPut): Promise<ObjectInfo> {
  const source = createSource(body);
  const query = { ifGenerationMatch: ifGeneration(options.condition), fields: OBJECT_FIELDS };
  const resource = { name: target.key, ...description(options.contentType, options.metadata) };
  const head = await source.take(SMALL_BYTES + 1);
  if (source.ended()) return sendSmall(target, head, { resource, query, put: options });
  source.giveBack(head);
  return sendLarge(target, source, { resource, query, put: options });
}

interface Order {
  resource: { name: string; contentType: string; metadata: Record<string, string> };
  query: Record<string, string | undefined>;
  put: DriverPut;
}

async function sendSmall(target: Target, bytes: Buffer, { resource, query, put }: Order): Promise<ObjectInfo> {
  const boundary = `cmb-${randomUUID()}`;
  const description = JSON.stringify({ ...resource, crc32c: put.crc32c() });
  const before = `--${boundary}\r\nContent-Type: application/json; charset=utf-8\r\n\r\n${description}\r\n--${boundary}\r\nContent-Type: ${resource.contentType}\r\n\r\n`;
  const { text } = await target.transport.text({
    method: 'POST',
    path: uploadPath(target.bucket),
    query: { uploadType: 'multipart', ...query },
    headers: { 'content-type': `multipart/related; boundary=${boundary}` },
    body: Buffer.concat([Buffer.from(before), bytes, Buffer.from(`\r\n--${boundary}--\r\n`)]),
    signal: put.signal,
  });
  return infoOf(objectSchema.parse(JSON.parse(text)));
}

async function sendLarge(target: Target, source: Source, order: Order): Promise<ObjectInfo> {
  const { transport } = target;
  const session = await openSession(target, order);
  const { signal, sizeBytes, crc32c } = order.put;
  const send = (body: Buffer | Readable, place: { at: number; length: number; total: number | null }) => {
    const { at, length, total } = place;
    const range = length === 0 ? `*/${total}` : `${at}-${at + length - 1}/${total ?? '*'}`;
    const sum: Record<string, string> = total === null ? {} : { 'x-goog-hash': `crc32c=${crc32c()}` };
    return transport.text({
      method: 'PUT',
      ...session,
      headers: { 'content-range': `bytes ${range}`, 'content-length': String(length), ...sum },
      body,
      signal,
    });
  };
  /** Hours of sending must not be in doubt for one lost answer: a session that ended tells what it became. */
  const askAfter = async (error: unknown, total: number): Promise<{ text: string }> => {
    if (classify(error)?.outcome !== 'unknown') throw error;
    const answer = await transport
      .text({
        method: 'PUT',
        ...session,
        headers: { 'content-range': `bytes */${total}`, 'x-goog-hash': `crc32c=${crc32c()}` },
        signal: AbortSignal.any([signal, AbortSignal.timeout(ASK_MS)]),
      })
      .catch(() => null);
    if (answer === null || answer.status >= 300) throw error;
    return answer;
  };
  let at = 0;
  try {
    if (sizeBytes !== undefined) {
      // All but the end in one stream, so that nothing waits for a round trip; then the sum is known.
      const length = Math.floor((sizeBytes - 1) / GRAIN_BYTES) * GRAIN_BYTES;
      checkArrived(await send(source.stream(length), { at, length, total: null }), length);
      at = length;
    }
    for (;;) {
      const piece = await source.take(PIECE_BYTES);
      const total = source.ended() ? at + piece.length : null;
      const sent = send(piece, { at, length: piece.length, total });
      at += piece.length;
      if (total !== null) return made(await sent.catch((error: unknown) => askAfter(error, total)));
      checkArrived(await sent, at);
    }
  } catch (error) {
    await cancel(transport, session);
    throw error;
  }
}

function made({ text }: { text: string }): ObjectInfo {
  return infoOf(objectSchema.parse(JSON.parse(text)));
}

interface Session {
  path: string;
  query: Record<string, string>;
}

async function openSession({ transport, bucket }: Target, { resource, query, put }: Order) {
  const body = Buffer.from(JSON.stringify(resource));
  const total: Record<string, string> =
    put.sizeBytes === undefined ? {} : { 'x-upload-content-length': String(put.sizeBytes) };
  const { headers } = await transport.text({
    method: 'POST',
    path: uploadPath(bucket),
    query: { uploadType: 'resumable', ...query },
    headers: {
      'content-type': 'application/json; charset=utf-8',
      'x-upload-content-type': resource.contentType,
      ...total,
    },
    body,
    signal: put.signal,
  });
  // Only path and query count: our credentials go to the endpoint that was configured, whatever host an answer names.
  const { pathname, searchParams } = new URL(headers.location ?? '', transport.origin);
  return { path: pathname, query: Object.fromEntries(searchParams) };
}

function checkArrived(answer: { status: number; headers: { range?: string | undefined } }, expected: number): void {
  const last = /^bytes=0-(\d+)$/.exec(answer.headers.range ?? '')?.[1];
  if (answer.status === 308 && Number(last) + 1 === expected) return;
  throw new AppError('unavailable', 'The storage took only a part of the data; nothing was stored. Try again.', {
    details: { outcome: 'not_applied', expected },
  });
}

/** An open session costs nothing and ends by itself after a week; this is for order's sake. */
async function cancel(transport: Transport, session: Session): Promise<void> {
  const signal = AbortSignal.timeout(CANCEL_MS);
  await transport.text({ method: 'DELETE', ...session, signal }).catch(() => {});
}

/** A body that is read in pieces of a wanted length. */
interface Source {
  /** So many bytes, or all that is left. */
  take(length: number): Promise<Buffer>;
  /** Puts what was taken in front of the rest. */
  giveBack(bytes: Buffer): void;
  /** Exactly so many bytes as a stream; it fails when there are fewer. */
  stream(length: number): Readable;
  /** Whether everything was taken. */
  ended(): boolean;
}

function createSource(body: Readable): Source {
  const chunks: AsyncIterator<Buffer> = body[Symbol.asyncIterator]();
  let held: Buffer = Buffer.alloc(0);
  let done = false;
  const pull = async (): Promise<void> => {
    const next = await chunks.next();
    if (next.done) done = true;
    else held = held.length === 0 ? next.value : Buffer.concat([held, next.value]);
  };
  const cut = (length: number): Buffer => {
    const piece = held.subarray(0, length);
    held = held.subarray(piece.length);
    return piece;
  };
  return {
    async take(length) {
      const pieces: Buffer[] = [];
      let missing = length;
      while (missing > 0) {
        if (held.length === 0 && !done) await pull();
        if (held.length === 0 && done) break;
        const piece = cut(missing);
        pieces.push(piece);
        missing -= piece.length;
      }
      // Whether this was the end shows only when one asks for more.
      while (held.length === 0 && !done) await pull();
      return pieces.length === 1 && pieces[0] ? pieces[0] : Buffer.concat(pieces);
    },
    giveBack(bytes) {
      held = Buffer.concat([bytes, held]);
    },
    stream(length) {
      const give = async function* () {
        for (let missing = length; missing > 0; ) {
          if (held.length === 0 && !done) await pull();
          if (held.length === 0 && done) throw new Error('the body ended early');
          const piece = cut(missing);
          missing -= piece.length;
          if (piece.length > 0) yield piece;
        }
      };
      return Readable.from(give(), { objectMode: false });
    },
    ended: () => done && held.length === 0,
  };
}
