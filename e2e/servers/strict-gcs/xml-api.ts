/** The XML API: signed reads and writes, uploads in parts, CORS as the bucket's settings say. */
import { randomUUID } from 'node:crypto';
import { crc32cOf } from '../../../src/ports/storage/checksum.ts';
import type { Call } from './call.ts';
import { sendContent } from './json-objects.ts';
import { noUpload, Refusal } from './refusal.ts';
import { checkConditions, type HeldBucket, isRecord, type PartsUpload, type State } from './state.ts';

const LEAST_PART_BYTES = 5 * 1024 * 1024;

export async function xmlCall(call: Call, state: State, place: { held: HeldBucket; name: string }): Promise<void> {
  const { query, method } = call;
  const uploadId = query.get('uploadId');
  if (query.has('uploads')) return method === 'POST' ? beginUpload(call, place) : listUploads(call, place.held);
  if (uploadId !== null) {
    const upload = place.held.uploads.get(uploadId);
    if (!upload || upload.name !== place.name) throw noUpload();
    if (method === 'PUT') return putPart(call, upload);
    if (method === 'GET') return listParts(call, upload);
    if (method === 'POST') return complete(call, state, { ...place, upload });
    place.held.uploads.delete(uploadId);
    return call.answer(204, Buffer.alloc(0), {});
  }
  if (method === 'PUT') return putObject(call, state, place);
  if (method !== 'GET') throw new Refusal(405, 'MethodNotAllowed', 'Not in this fake.');
  const stored = state.find(place.held, place.name, query.get('generation'));
  const headers: Record<string, string> = {};
  for (const [asked, name] of [
    ['response-content-disposition', 'content-disposition'],
    ['response-content-type', 'content-type'],
  ] as const) {
    const value = query.get(asked);
    if (value !== null) headers[name] = value;
  }
  sendContent(call, stored, headers);
}

async function putObject(call: Call, state: State, { held, name }: { held: HeldBucket; name: string }): Promise<void> {
  const { headers } = call.request;
  const bytes = call.arrived(await call.body());
  checkLength(call, bytes.length);
  const conditions = new URLSearchParams();
  const match = headers['x-goog-if-generation-match'];
  if (match !== undefined) conditions.set('ifGenerationMatch', String(match));
  checkConditions(conditions, state.live(held, name));
  const resource = { contentType: headers['content-type'], metadata: metadataOf(call) };
  const stored = state.store(held, name, { bytes, resource, expected: hashOf(call) });
  call.answer(200, Buffer.alloc(0), {
    'x-goog-generation': stored.generation,
    'x-goog-hash': `crc32c=${stored.crc32c}`,
  });
}

function checkLength(call: Call, length: number): void {
  const range = call.request.headers['x-goog-content-length-range'];
  if (range === undefined) return;
  const [least = 0, most = 0] = String(range).split(',').map(Number);
  if (length < least) throw new Refusal(400, 'EntityTooSmall', 'Your proposed upload is smaller than the minimum.');
  if (length > most) throw new Refusal(400, 'EntityTooLarge', 'Your proposed upload is larger than the maximum.');
}

function hashOf(call: Call): string | undefined {
  return /crc32c=([^,]+)/.exec(String(call.request.headers['x-goog-hash'] ?? ''))?.[1];
}

function metadataOf(call: Call): Record<string, string> {
  const start = 'x-goog-meta-';
  const own = Object.entries(call.request.headers).filter(([name]) => name.startsWith(start));
  return Object.fromEntries(own.map(([name, value]) => [name.slice(start.length), String(value)]));
}

async function beginUpload(call: Call, { held, name }: { held: HeldBucket; name: string }): Promise<void> {
  await call.body();
  const id = randomUUID().replaceAll('-', '');
  const contentType = call.request.headers['content-type'];
  held.uploads.set(id, { id, name, contentType, metadata: metadataOf(call), parts: new Map() });
  const inner = `<Bucket>${held.name}</Bucket><Key>${escapeXml(name)}</Key><UploadId>${id}</UploadId>`;
  call.answerXml(`<InitiateMultipartUploadResult>${inner}</InitiateMultipartUploadResult>`);
}

function listUploads(call: Call, held: HeldBucket): void {
  const each = [...held.uploads.values()].map(
    ({ id, name }) => `<Upload><Key>${escapeXml(name)}</Key><UploadId>${id}</UploadId></Upload>`,
  );
  call.answerXml(`<ListMultipartUploadsResult>${each.join('')}</ListMultipartUploadsResult>`);
}

async function putPart(call: Call, upload: PartsUpload): Promise<void> {
  const number = Number(call.query.get('partNumber'));
  const bytes = call.arrived(await call.body());
  checkLength(call, bytes.length);
  if (!Number.isInteger(number) || number < 1 || number > 10_000)
    throw new Refusal(400, 'InvalidArgument', 'partNumber');
  const crc32c = crc32cOf(bytes);
  const expected = hashOf(call);
  if (expected !== undefined && expected !== crc32c) throw new Refusal(400, 'BadDigest', 'The CRC32C did not match.');
  const etag = `"${randomUUID()}"`;
  upload.parts.set(number, { etag, bytes });
  call.answer(200, Buffer.alloc(0), { etag, 'x-goog-hash': `crc32c=${crc32c}` });
}

function listParts(call: Call, upload: PartsUpload): void {
  const after = Number(call.query.get('part-number-marker') ?? 0);
  const most = Math.min(1000, Number(call.query.get('max-parts') ?? 1000));
  const rest = [...upload.parts].filter(([number]) => number > after).sort(([a], [b]) => a - b);
  const page = rest.slice(0, most);
  const each = page.map(
    ([number, { etag, bytes }]) =>
      `<Part><PartNumber>${number}</PartNumber><ETag>${escapeXml(etag)}</ETag><Size>${bytes.length}</Size></Part>`,
  );
  const more = rest.length > most;
  const mark = more ? `<NextPartNumberMarker>${page.at(-1)?.[0]}</NextPartNumberMarker>` : '';
  call.answerXml(`<ListPartsResult>${mark}<IsTruncated>${more}</IsTruncated>${each.join('')}</ListPartsResult>`);
}

async function complete(
  call: Call,
  state: State,
  { held, name, upload }: { held: HeldBucket; name: string; upload: PartsUpload },
): Promise<void> {
  const text = (await call.body()).toString('utf8');
  const named = [...text.matchAll(/<PartNumber>(\d+)<\/PartNumber><ETag>([^<]*)<\/ETag>/g)];
  const pieces = named.map(([, number, etag = ''], i) => {
    const part = upload.parts.get(Number(number));
    if (!part || escapeXml(part.etag) !== etag) throw new Refusal(400, 'InvalidPart', 'A part was not found.');
    if (i < named.length - 1 && part.bytes.length < LEAST_PART_BYTES) {
      throw new Refusal(400, 'EntityTooSmall', 'A part is smaller than the minimum.');
    }
    return part.bytes;
  });
  if (pieces.length === 0) throw new Refusal(400, 'MalformedCompleteMultipartUploadRequest', 'No parts.');
  const { contentType, metadata } = upload;
  const stored = state.store(held, name, { bytes: Buffer.concat(pieces), resource: { contentType, metadata } });
  held.uploads.delete(upload.id);
  const inner = `<Bucket>${held.name}</Bucket><Key>${escapeXml(name)}</Key>`;
  call.answerXml(`<CompleteMultipartUploadResult>${inner}</CompleteMultipartUploadResult>`, {
    'x-goog-generation': stored.generation,
  });
}

function escapeXml(text: string): string {
  return text.replace(/[<>&"']/g, (char) => `&#${char.charCodeAt(0)};`);
}

/** Headers for a page of an allowed origin; a preflight of any other is answered without them. */
export function corsHeaders(call: Call, held: HeldBucket): Record<string, string> {
  const { origin } = call.request.headers;
  const rules = Array.isArray(held.settings.cors) ? held.settings.cors.filter(isRecord) : [];
  const method = String(call.request.headers['access-control-request-method'] ?? call.method);
  const includes = (list: unknown, value: string) => Array.isArray(list) && list.includes(value);
  const rule = rules.find((each) => includes(each.origin, origin ?? '') && includes(each.method, method));
  if (!origin || !rule) return {};
  const headers = Array.isArray(rule.responseHeader) ? rule.responseHeader.join(', ') : '';
  return {
    'access-control-allow-origin': origin,
    'access-control-allow-methods': method,
    'access-control-allow-headers': headers,
    'access-control-expose-headers': headers,
    vary: 'Origin',
  };
}
