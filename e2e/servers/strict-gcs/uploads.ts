/** The three ways to send an object by the JSON API: in one piece, with a description in front, in a resumable session. */
import { randomUUID } from 'node:crypto';
import { type Call, parseJson } from './call.ts';
import { objectResource } from './json-objects.ts';
import { invalid, Refusal } from './refusal.ts';
import { checkConditions, type HeldBucket, type Json, type Session, type State, type Stored } from './state.ts';

/** Pieces of a session, but the last, and what is kept of a piece that breaks off, are multiples of this. */
const GRAIN_BYTES = 256 * 1024;

export async function upload(call: Call, state: State, held: HeldBucket): Promise<void> {
  const { query } = call;
  switch (query.get('uploadType')) {
    case 'media': {
      const bytes = call.arrived(await call.body());
      const resource = { contentType: call.request.headers['content-type'] };
      finish(call, state, { held, name: query.get('name') ?? '', resource, bytes });
      return;
    }
    case 'multipart': {
      const { resource, bytes } = splitRelated(call, await call.body());
      const name = String(resource.name ?? query.get('name') ?? '');
      finish(call, state, { held, name, resource, bytes: call.arrived(bytes) });
      return;
    }
    case 'resumable':
      return openSession(call, state, held);
    default:
      throw invalid('Upload type unknown');
  }
}

interface Arrived {
  held: HeldBucket;
  name: string;
  resource: Json;
  bytes: Buffer;
  conditions?: URLSearchParams;
  expected?: string;
}

function finish(call: Call, state: State, arrived: Arrived): Stored {
  const { held, name, resource, bytes, conditions = call.query, expected } = arrived;
  checkConditions(conditions, state.live(held, name));
  const stored = state.store(held, name, { bytes, resource, expected });
  call.answerJson(objectResource(held.name, stored));
  return stored;
}

/** RFC 2387 with exactly two parts. */
function splitRelated(call: Call, body: Buffer): { resource: Json; bytes: Buffer } {
  const boundary = /boundary=(?:"([^"]+)"|([^;]+))/.exec(call.request.headers['content-type'] ?? '');
  const mark = Buffer.from(`--${boundary?.[1] ?? boundary?.[2] ?? ''}`);
  const first = body.indexOf(mark);
  const second = body.indexOf(mark, first + mark.length);
  const last = body.lastIndexOf(`\r\n${mark}--`);
  if (!boundary || first < 0 || second < 0 || last < second) throw invalid('Malformed multipart body.');
  const description = body.subarray(first + mark.length, second).toString('utf8');
  const begin = body.indexOf('\r\n\r\n', second);
  const resource = parseJson(description.slice(description.indexOf('\r\n\r\n') + 4));
  const type = /content-type: *([^\r]*)/i.exec(body.subarray(second, begin).toString('utf8'))?.[1];
  return { resource: { contentType: type, ...resource }, bytes: body.subarray(begin + 4, Math.max(begin + 4, last)) };
}

async function openSession(call: Call, state: State, held: HeldBucket): Promise<void> {
  const resource = { contentType: call.request.headers['x-upload-content-type'], ...(await call.json()) } as Json;
  const name = String(resource.name ?? call.query.get('name') ?? '');
  checkConditions(call.query, state.live(held, name));
  const id = randomUUID();
  const parts = { bucket: held.name, resource: { ...resource, name }, conditions: call.query };
  state.sessions.set(id, { id, ...parts, bytes: [], length: 0 });
  const location = `${call.url.origin}/upload/storage/v1/b/${held.name}/o?uploadType=resumable&upload_id=${id}`;
  call.answer(200, Buffer.alloc(0), { location });
}

export async function continueSession(call: Call, state: State): Promise<void> {
  const session = state.sessions.get(call.query.get('upload_id') ?? '');
  if (!session) throw new Refusal(410, 'gone', 'The upload session is gone.');
  if (call.method === 'DELETE') {
    state.sessions.delete(session.id);
    call.answer(499, Buffer.alloc(0), {});
    return;
  }
  if (session.made) return call.answerJson(session.made);
  const range = /^bytes (?:(\d+)-(\d+|\*)|\*)\/(\d+|\*)$/.exec(call.request.headers['content-range'] ?? 'bytes 0-*/*');
  if (!range) throw invalid('Invalid Content-Range');
  const [, first, last, total] = range;
  if (first !== undefined) {
    if (Number(first) !== session.length) throw new Refusal(503, 'backendError', 'The piece does not follow.');
    const final = last === '*' || total !== '*';
    await take(call, session);
    if (!final && session.length % GRAIN_BYTES !== 0) throw invalid('Pieces are multiples of 256 KiB.');
    if (last !== '*' && session.length !== Number(last) + 1) throw invalid('The piece has another length.');
    if (final && (total === '*' || Number(total) === session.length)) return finalize(call, state, session);
  } else if (total !== '*' && Number(total) === session.length) {
    return finalize(call, state, session);
  }
  const kept: Record<string, string> = session.length === 0 ? {} : { range: `bytes=0-${session.length - 1}` };
  call.answer(308, Buffer.alloc(0), kept);
}

/** What breaks off is kept up to a whole grain. */
async function take(call: Call, session: Session): Promise<void> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of call.request) chunks.push(chunk);
  } catch (error) {
    const whole = Buffer.concat(chunks);
    keep(session, whole.subarray(0, Math.floor(whole.length / GRAIN_BYTES) * GRAIN_BYTES));
    throw error;
  }
  keep(session, call.arrived(Buffer.concat(chunks)));
}

function keep(session: Session, bytes: Buffer): void {
  session.bytes.push(bytes);
  session.length += bytes.length;
}

function finalize(call: Call, state: State, session: Session): void {
  const { resource, conditions } = session;
  const expected = /crc32c=([^,]+)/.exec(String(call.request.headers['x-goog-hash'] ?? ''))?.[1];
  const bytes = Buffer.concat(session.bytes);
  state.sessions.delete(session.id);
  const held = state.bucket(session.bucket);
  const stored = finish(call, state, { held, name: String(resource.name), resource, bytes, conditions, expected });
  // Asked again, a session that ended tells what it became.
  state.sessions.set(session.id, { ...session, bytes: [], made: objectResource(held.name, stored) });
}
