/**
 * The one format of everything that the log keeps (format document, section 4): header (160 B), body, SHA-256 of both (32 B).
 * Little-endian, except the magic. The trailer is the object's hash; it covers what is stored, so a chain verifies without the key.
 * Long work (hash, encryption, copying) goes in steps of about 1 MiB and lets the event loop run between them; compression runs
 * on the thread pool. Nothing here knows a bucket or SQLite.
 */
import { createHash, randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { promisify } from 'node:util';
import { constants, createZstdCompress, deflate, inflate, zstdCompress, zstdDecompress } from 'node:zlib';
import { decipher, encipher, TAG_BYTES } from './cipher.ts';
import { CorruptObject, type CorruptReason, WrongKey } from './errors.ts';
import { inSteps, STEP_BYTES } from './in-steps.ts';

export const HEADER_BYTES = 160;
export const HASH_BYTES = 32;
const MAGIC = 0x53514c52;
const VERSION = 1;
const NONCE_BYTES = 12;
const KEY_BYTES = 32;
const MAX_U32 = 0xffff_ffff;
/** Pages read at once for a snapshot. */
const READ_PAGES = 256;

/** SEG: pages of one batch. SEAL: start of an epoch. BASE: all pages after a slot. DIFF: pages changed since one BASE. */
export type ObjectKind = 'seg' | 'seal' | 'base' | 'diff';
export type BodyCodec = 'raw' | 'zstd' | 'deflate';

const KIND_CODES: Readonly<Record<ObjectKind, number>> = { seg: 1, seal: 2, base: 3, diff: 4 };
const CODEC_CODES: Readonly<Record<BodyCodec, number>> = { raw: 0, zstd: 1, deflate: 2 };
const KINDS: readonly (ObjectKind | undefined)[] = [undefined, 'seg', 'seal', 'base', 'diff'];
const CODECS: readonly BodyCodec[] = ['raw', 'zstd', 'deflate'];

/** One page of the database: number from 1, exactly `pageSize` bytes. */
export interface Page {
  readonly pgno: number;
  readonly bytes: Uint8Array;
}

/** A key of the ring: `id` 1..2^32-1 is stored in the header, `secret` are the 32 bytes of AES-256. */
export interface EncryptionKey {
  readonly id: number;
  readonly secret: Uint8Array;
}

/** JSON at the head of the body (section 4): SEAL `{owner, nonce, at}`, SEG `{at}`, BASE and DIFF `{epochs}`. */
export type ObjectMeta = Readonly<Record<string, unknown>>;

export interface ObjectHeader {
  readonly kind: ObjectKind;
  readonly codec: BodyCodec;
  /** Bytes: a power of two in 512..65536. */
  readonly pageSize: number;
  /** Pages of the whole database after this object is applied. */
  readonly dbPages: number;
  /** Pages in this object. */
  readonly nPages: number;
  /** Bytes of the meta JSON. */
  readonly metaLen: number;
  readonly epoch: number;
  /** SEG and SEAL `to - 1`, BASE 0, DIFF the slot of its base. */
  readonly from: number;
  /** The slot; for BASE and DIFF the slot after which this is the state. */
  readonly to: number;
  /** Checksum of the whole database after apply (db-sum.ts), 64 bits. */
  readonly dbSum: bigint;
  /** Bytes of the body as stored. */
  readonly bodyLen: number;
  /** Bytes of the body before compression. */
  readonly rawLen: number;
  /** SEG and SEAL: hash of slot `to - 1`. BASE and DIFF: hash of slot `to`. 32 bytes. */
  readonly prevHash: Uint8Array;
  /** 0 = not encrypted. */
  readonly keyId: number;
  /** 12 bytes; zeros when not encrypted. */
  readonly nonce: Uint8Array;
}

export interface ObjectInput {
  readonly kind: ObjectKind;
  readonly codec: BodyCodec;
  readonly pageSize: number;
  readonly dbPages: number;
  readonly epoch: number;
  readonly from: number;
  readonly to: number;
  readonly dbSum: bigint;
  readonly prevHash: Uint8Array;
  readonly meta: ObjectMeta;
  /** Strictly ascending by `pgno`. The caller leaves the bytes alone until the object is encoded. */
  readonly pages: readonly Page[];
  readonly key?: EncryptionKey;
}

/** An object whose pages are read while it is encoded: the whole of them is never in memory. Its codec is zstd. */
export interface PagesInput extends Omit<ObjectInput, 'codec' | 'pages'> {
  /** Strictly ascending. */
  readonly pgnos: readonly number[];
  /** Fills `target` with these pages, one behind the other. */
  readonly read: (pgnos: readonly number[], target: Buffer) => Promise<void>;
}

export interface EncodedObject {
  readonly bytes: Uint8Array;
  /** The trailer: SHA-256 of header and body, 32 bytes. */
  readonly hash: Uint8Array;
}

export interface DecodedObject {
  readonly header: ObjectHeader;
  readonly meta: ObjectMeta;
  /** Ascending by `pgno`; views into one buffer. */
  readonly pages: readonly Page[];
  readonly hash: Uint8Array;
}

export interface DecodeOptions {
  /** What the object's name says; a header that disagrees is refused. */
  readonly expect?: { readonly kind: ObjectKind; readonly from: number; readonly to: number };
  readonly keys?: readonly EncryptionKey[];
  /** Bytes: the most that a body may have before compression. */
  readonly maxRawLen: number;
}

type Flaw = readonly [reason: CorruptReason, detail: string];

/**
 * Encodes one object. Called once per slot: a retry sends these bytes again, never newly encoded ones (invariant I1), because the
 * nonce and so every byte of an encrypted body would differ.
 * @throws RangeError for an object that the decoder would refuse
 */
export async function encodeObject(input: ObjectInput): Promise<EncodedObject> {
  const metaBytes = Buffer.from(JSON.stringify(input.meta));
  refuse(
    input.pages.some(({ bytes }) => bytes.length !== input.pageSize) ? ['page_size', 'a page of another size'] : null,
  );
  const header = unsealedHeader(
    input,
    metaBytes.length,
    input.pages.map(({ pgno }) => pgno),
  );
  const packed = await compress(input.codec, await layOut(metaBytes, input.pages, header.rawLen));
  return assemble(header, [packed], input.key);
}

/** As `encodeObject`, with pages that are read piece by piece; what `read` throws passes through. */
export async function encodePages(input: PagesInput): Promise<EncodedObject> {
  const metaBytes = Buffer.from(JSON.stringify(input.meta));
  const header = unsealedHeader({ ...input, codec: 'zstd' }, metaBytes.length, input.pgnos);
  const packed: Uint8Array[] = [];
  const zstd = createZstdCompress({
    chunkSize: pieceBytes(header.rawLen),
    pledgedSrcSize: header.rawLen,
    params: { [constants.ZSTD_c_compressionLevel]: 3 },
  });
  await pipeline(Readable.from(bodyPieces(metaBytes, input)), zstd, async (pieces: AsyncIterable<Uint8Array>) => {
    for await (const piece of pieces) packed.push(piece);
  });
  return assemble(header, packed, input.key);
}

/** Checks all that can be known before the body is there; its length follows. */
function unsealedHeader(input: Omit<ObjectInput, 'pages'>, metaLen: number, pgnos: readonly number[]): ObjectHeader {
  refuse(sizeFlaw(input, pgnos.length));
  const rawLen = rawLength(metaLen, pgnos.length, input.pageSize);
  const header: ObjectHeader = {
    ...input,
    nPages: pgnos.length,
    metaLen,
    rawLen,
    bodyLen: input.codec === 'raw' ? sealedLength(rawLen, input.key) : 0,
    keyId: input.key?.id ?? 0,
    nonce: input.key ? randomBytes(NONCE_BYTES) : Buffer.alloc(NONCE_BYTES),
  };
  refuse(shapeFlaw(header) ?? pageOrderFlaw(pgnos, input.dbPages));
  return header;
}

/**
 * Decodes one object and proves it against every rule of section 4; the digest comes before the decompression.
 * @throws CorruptObject with the rule that is broken; WrongKey when the key ring cannot open it
 */
export async function decodeObject(bytes: Uint8Array, options: DecodeOptions): Promise<DecodedObject> {
  const header = readHeader(bytes);
  const hash = await verifyDigest(bytes, header);
  reject(nameFlaw(header, options.expect));
  if (header.rawLen > options.maxRawLen)
    throw new CorruptObject('raw_length', `${header.rawLen} bytes are over the cap of ${options.maxRawLen}`);
  const stored = bytes.subarray(HEADER_BYTES, HEADER_BYTES + header.bodyLen);
  const packed = header.keyId === 0 ? stored : await open(stored, header, { bytes, keys: options.keys ?? [] });
  const raw = await decompress(header, packed);
  const pages = pagesOf(header, raw);
  reject(
    pageOrderFlaw(
      pages.map(({ pgno }) => pgno),
      header.dbPages,
    ),
  );
  return { header, meta: metaOf(raw.subarray(0, header.metaLen)), pages, hash };
}

/**
 * Reads and checks the header alone; the first 160 bytes suffice. The digest is not looked at.
 * @throws CorruptObject
 */
export function readHeader(bytes: Uint8Array): ObjectHeader {
  if (bytes.length < HEADER_BYTES) throw new CorruptObject('length', `${bytes.length} bytes hold no header`);
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, HEADER_BYTES);
  if (view.readUInt32BE(0) !== MAGIC) throw new CorruptObject('magic', 'not an object of this log');
  const version = view.readUInt16LE(4);
  if (version !== VERSION) throw new CorruptObject('version', `format ${version}, this code knows ${VERSION}`);
  const kind = KINDS[view.readUInt8(6)];
  if (kind === undefined) throw new CorruptObject('kind', `unknown kind ${view.readUInt8(6)}`);
  const codec = CODECS[view.readUInt8(7)];
  if (codec === undefined) throw new CorruptObject('codec', `unknown codec ${view.readUInt8(7)}`);
  if (view.subarray(112, HEADER_BYTES).some((byte) => byte !== 0))
    throw new CorruptObject('reserved', 'reserved bytes are not zero');
  const header: ObjectHeader = {
    kind,
    codec,
    pageSize: view.readUInt32LE(8),
    dbPages: view.readUInt32LE(12),
    nPages: view.readUInt32LE(16),
    metaLen: view.readUInt32LE(20),
    epoch: Number(view.readBigUInt64LE(24)),
    from: Number(view.readBigUInt64LE(32)),
    to: Number(view.readBigUInt64LE(40)),
    dbSum: view.readBigUInt64LE(48),
    bodyLen: view.readUInt32LE(56),
    rawLen: view.readUInt32LE(60),
    prevHash: Uint8Array.from(view.subarray(64, 96)),
    keyId: view.readUInt32LE(96),
    nonce: Uint8Array.from(view.subarray(100, 112)),
  };
  reject(shapeFlaw(header));
  return header;
}

function writeHeader(target: Buffer, header: ObjectHeader): void {
  target.writeUInt32BE(MAGIC, 0);
  target.writeUInt16LE(VERSION, 4);
  target.writeUInt8(KIND_CODES[header.kind], 6);
  target.writeUInt8(CODEC_CODES[header.codec], 7);
  target.writeUInt32LE(header.pageSize, 8);
  target.writeUInt32LE(header.dbPages, 12);
  target.writeUInt32LE(header.nPages, 16);
  target.writeUInt32LE(header.metaLen, 20);
  target.writeBigUInt64LE(BigInt(header.epoch), 24);
  target.writeBigUInt64LE(BigInt(header.from), 32);
  target.writeBigUInt64LE(BigInt(header.to), 40);
  target.writeBigUInt64LE(header.dbSum, 48);
  target.writeUInt32LE(header.bodyLen, 56);
  target.writeUInt32LE(header.rawLen, 60);
  target.set(header.prevHash, 64);
  target.writeUInt32LE(header.keyId, 96);
  target.set(header.nonce, 100);
}

const rawLength = (metaLen: number, nPages: number, pageSize: number): number => metaLen + nPages * (4 + pageSize);

const sealedLength = (length: number, key: EncryptionKey | undefined): number => length + (key ? TAG_BYTES : 0);

/** The rules that a header must keep by itself; encoder and decoder share them. */
function shapeFlaw(header: ObjectHeader): Flaw | null {
  const { pageSize, rawLen, bodyLen, metaLen, nPages } = header;
  if (pageSize < 512 || pageSize > 65_536 || (pageSize & (pageSize - 1)) !== 0)
    return ['page_size', `${pageSize} is no page size`];
  if (rawLen !== rawLength(metaLen, nPages, pageSize))
    return ['raw_length', `${rawLen} bytes cannot hold ${nPages} pages and ${metaLen} bytes of meta`];
  const sealed = header.keyId === 0 ? bodyLen : bodyLen - TAG_BYTES;
  if (header.codec === 'raw' && sealed !== rawLen) return ['raw_length', 'a raw body has another length'];
  if (header.keyId === 0 && header.nonce.some((byte) => byte !== 0)) return ['encryption', 'a nonce without a key'];
  return positionFlaw(header) ?? countFlaw(header);
}

function positionFlaw({ kind, from, to, epoch }: ObjectHeader): Flaw | null {
  if (![from, to, epoch].every(Number.isSafeInteger) || to < 1 || epoch < 1)
    return ['positions', `epoch ${epoch}, slots ${from} to ${to}`];
  const fits = kind === 'base' ? from === 0 : kind === 'diff' ? from > 0 && from < to : from === to - 1;
  return fits ? null : ['positions', `${kind} from ${from} to ${to}`];
}

function countFlaw({ kind, nPages, dbPages }: ObjectHeader): Flaw | null {
  if (kind === 'seal' && nPages > 0) return ['page_count', 'a seal carries pages'];
  if (kind === 'base' && nPages !== dbPages) return ['page_count', `a base has ${nPages} of ${dbPages} pages`];
  return nPages > dbPages ? ['page_count', `${nPages} pages of a database of ${dbPages}`] : null;
}

/** With the count checked, ascending numbers in 1..dbPages also prove that a BASE has them all. */
function pageOrderFlaw(pgnos: readonly number[], dbPages: number): Flaw | null {
  let last = 0;
  for (const pgno of pgnos) {
    if (pgno <= last || pgno > dbPages || !Number.isInteger(pgno))
      return ['page_order', `page ${pgno} after page ${last} in a database of ${dbPages}`];
    last = pgno;
  }
  return null;
}

function nameFlaw(header: ObjectHeader, expect: DecodeOptions['expect']): Flaw | null {
  if (!expect || (header.kind === expect.kind && header.from === expect.from && header.to === expect.to)) return null;
  return ['name', `holds ${header.kind} ${header.from}-${header.to}, named ${expect.kind} ${expect.from}-${expect.to}`];
}

/** What a typed caller can still get wrong and a header could not even express. */
function sizeFlaw(input: Omit<ObjectInput, 'pages'>, nPages: number): Flaw | null {
  if (input.prevHash.length !== HASH_BYTES) return ['length', 'prevHash needs 32 bytes'];
  if (input.dbSum < 0n || input.dbSum > 0xffff_ffff_ffff_ffffn) return ['length', 'dbSum has 64 bits'];
  if (!Number.isInteger(input.dbPages) || input.dbPages < 0 || input.dbPages > MAX_U32)
    return ['length', 'dbPages has 32 bits'];
  // Also keeps the meta length within its field: the raw length holds it.
  if (nPages * (4 + input.pageSize) > MAX_U32 / 2) return ['length', 'body over 2 GiB'];
  if (!input.key) return null;
  const { id, secret } = input.key;
  if (!Number.isInteger(id) || id < 1 || id > MAX_U32) return ['encryption', 'a key needs an id of 32 bits, not 0'];
  return secret.length === KEY_BYTES ? null : ['encryption', 'a key needs 32 bytes'];
}

function reject(flaw: Flaw | null): void {
  if (flaw) throw new CorruptObject(flaw[0], flaw[1]);
}

function refuse(flaw: Flaw | null): void {
  if (flaw) throw new RangeError(`Not encodable (${flaw[0]}): ${flaw[1]}`);
}

/** Body before compression: meta ++ page numbers ++ pages. */
async function layOut(meta: Uint8Array, pages: readonly Page[], rawLen: number): Promise<Buffer> {
  const raw = Buffer.allocUnsafe(rawLen);
  raw.set(meta, 0);
  let numbers = meta.length;
  let at = numbers + 4 * pages.length;
  let copied = 0;
  for (const { pgno, bytes } of pages) {
    numbers = raw.writeUInt32LE(pgno, numbers);
    raw.set(bytes, at);
    at += bytes.length;
    copied += bytes.length;
    if (copied >= STEP_BYTES) {
      copied = 0;
      await nextTurn();
    }
  }
  return raw;
}

/** The same layout piece by piece. */
async function* bodyPieces(meta: Uint8Array, { pgnos, pageSize, read }: PagesInput): AsyncGenerator<Uint8Array> {
  yield Buffer.concat([meta, numbered(pgnos)]);
  for (let at = 0; at < pgnos.length; at += READ_PAGES) {
    const wanted = pgnos.slice(at, at + READ_PAGES);
    const piece = Buffer.allocUnsafe(wanted.length * pageSize);
    await read(wanted, piece);
    yield piece;
  }
}

function numbered(pgnos: readonly number[]): Buffer {
  const numbers = Buffer.allocUnsafe(4 * pgnos.length);
  pgnos.forEach((pgno, index) => {
    numbers.writeUInt32LE(pgno, 4 * index);
  });
  return numbers;
}

const zstdAsync = promisify(zstdCompress);
const unzstdAsync = promisify(zstdDecompress);
const deflateAsync = promisify(deflate);
const inflateAsync = promisify(inflate);

/** Output comes in pieces of this many bytes: one for small bodies, few for large ones. */
const pieceBytes = (length: number): number => Math.min(Math.max(length, 4_096), 4 * STEP_BYTES);

async function compress(codec: BodyCodec, raw: Buffer): Promise<Buffer> {
  const chunkSize = pieceBytes(raw.length);
  if (codec === 'zstd') return zstdAsync(raw, { chunkSize, params: { [constants.ZSTD_c_compressionLevel]: 3 } });
  return codec === 'deflate' ? deflateAsync(raw, { chunkSize, level: 6 }) : raw;
}

/** Never produces more than the header announced, whatever the body claims. */
async function decompress({ codec, rawLen }: ObjectHeader, packed: Uint8Array): Promise<Uint8Array> {
  const options = { chunkSize: pieceBytes(rawLen), maxOutputLength: Math.max(rawLen, 1) };
  let raw: Uint8Array;
  try {
    raw =
      codec === 'raw'
        ? packed
        : codec === 'zstd'
          ? await unzstdAsync(packed, options)
          : await inflateAsync(packed, options);
  } catch (error) {
    throw new CorruptObject('body', `the ${codec} body does not unpack to ${rawLen} bytes`, error);
  }
  if (raw.length !== rawLen) throw new CorruptObject('raw_length', `${raw.length} bytes, announced ${rawLen}`);
  return raw;
}

/** Header, ciphered body and trailer in one buffer of their exact size; `packed` is used up on the way. */
async function assemble(
  unsealed: ObjectHeader,
  packed: Uint8Array[],
  key: EncryptionKey | undefined,
): Promise<EncodedObject> {
  const packedLen = packed.reduce((sum, piece) => sum + piece.length, 0);
  const header = { ...unsealed, bodyLen: sealedLength(packedLen, key) };
  refuse(header.bodyLen > MAX_U32 ? ['length', 'body over 4 GiB'] : null);
  const bytes = Buffer.alloc(HEADER_BYTES + header.bodyLen + HASH_BYTES);
  writeHeader(bytes, header);
  const body = bytes.subarray(HEADER_BYTES, HEADER_BYTES + header.bodyLen);
  let filled = 0;
  for (let piece = packed.shift(); piece; piece = packed.shift()) {
    const start = filled;
    await inSteps(piece, (step, at) => {
      body.set(step, start + at);
    });
    filled += piece.length;
  }
  const aad = bytes.subarray(0, HEADER_BYTES);
  if (key) await encipher(body, packedLen, { secret: key.secret, nonce: header.nonce, aad });
  const hash = await sha256(bytes.subarray(0, HEADER_BYTES + header.bodyLen));
  bytes.set(hash, bytes.length - HASH_BYTES);
  return { bytes, hash };
}

async function verifyDigest(bytes: Uint8Array, header: ObjectHeader): Promise<Uint8Array> {
  const end = HEADER_BYTES + header.bodyLen;
  if (bytes.length !== end + HASH_BYTES)
    throw new CorruptObject('length', `${bytes.length} bytes, the header announces ${end + HASH_BYTES}`);
  const hash = await sha256(bytes.subarray(0, end));
  if (hash.compare(bytes, end) !== 0) throw new CorruptObject('digest', 'the content has another hash');
  return hash;
}

async function sha256(bytes: Uint8Array): Promise<Buffer> {
  const hash = createHash('sha256');
  await inSteps(bytes, (step) => {
    hash.update(step);
  });
  return hash.digest();
}

async function open(
  stored: Uint8Array,
  { keyId, nonce }: ObjectHeader,
  { bytes, keys }: { bytes: Uint8Array; keys: readonly EncryptionKey[] },
): Promise<Buffer> {
  const key = keys.find(({ id }) => id === keyId);
  if (!key) throw new WrongKey(keyId, `The object needs encryption key ${keyId}, which is not configured.`);
  if (stored.length < TAG_BYTES) throw new CorruptObject('encryption', 'an encrypted body without a tag');
  try {
    return await decipher(stored, { secret: key.secret, nonce, aad: bytes.subarray(0, HEADER_BYTES) });
  } catch (error) {
    // The digest held, so the bytes are as they were written: it is the key that differs.
    throw new WrongKey(keyId, `Encryption key ${keyId} is not the one the object was written with.`, error);
  }
}

function pagesOf({ metaLen, nPages, pageSize }: ObjectHeader, raw: Uint8Array): Page[] {
  const view = Buffer.from(raw.buffer, raw.byteOffset, raw.length);
  const first = metaLen + 4 * nPages;
  return Array.from({ length: nPages }, (_, index) => ({
    pgno: view.readUInt32LE(metaLen + 4 * index),
    bytes: raw.subarray(first + index * pageSize, first + (index + 1) * pageSize),
  }));
}

function metaOf(bytes: Uint8Array): ObjectMeta {
  let meta: unknown;
  try {
    meta = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    throw new CorruptObject('meta', 'not JSON', error);
  }
  if (typeof meta !== 'object' || meta === null || Array.isArray(meta))
    throw new CorruptObject('meta', 'not a JSON object');
  return Object.fromEntries(Object.entries(meta));
}
