/** The JSON API's objects: lists, descriptions, contents, deletions, rewrites. */
import { randomUUID } from 'node:crypto';
import { compareUtf8 } from '../../../src/domain/storage.ts';
import type { Call } from './call.ts';
import { invalid, Refusal } from './refusal.ts';
import { checkConditions, type HeldBucket, isRecord, type Json, type State, type Stored } from './state.ts';

/** A rewrite of more than this takes several calls. */
const REWRITE_STEP_BYTES = 4 * 1024 * 1024;

export function objectResource(bucket: string, stored: Stored): Json {
  return {
    kind: 'storage#object',
    bucket,
    name: stored.name,
    generation: stored.generation,
    metageneration: String(stored.metageneration),
    size: String(stored.bytes.length),
    crc32c: stored.crc32c,
    contentType: stored.contentType,
    metadata: stored.metadata,
    timeCreated: stored.timeCreated,
    updated: stored.timeCreated,
    timeDeleted: stored.timeDeleted,
    storageClass: 'STANDARD',
  };
}

export function listObjects(call: Call, held: HeldBucket): Json {
  const { query } = call;
  const prefix = query.get('prefix') ?? '';
  const delimiter = query.get('delimiter');
  const from = query.get('startOffset') ?? '';
  const end = query.get('endOffset');
  const after = Buffer.from(query.get('pageToken') ?? '', 'base64url').toString('utf8');
  const most = Math.min(1000, Number(query.get('maxResults') ?? 1000));
  const all = query.get('versions') === 'true';
  const rows: { mark: string; prefix: string | null; stored: Stored }[] = [];
  for (const name of [...held.objects.keys()].sort(compareUtf8)) {
    if (!name.startsWith(prefix) || compareUtf8(name, from) < 0 || (end !== null && compareUtf8(name, end) >= 0))
      continue;
    const cut = delimiter ? name.indexOf(delimiter, prefix.length) : -1;
    const folder = cut < 0 ? null : name.slice(0, cut + 1);
    for (const stored of held.objects.get(name) ?? []) {
      if (!all && stored.timeDeleted !== undefined) continue;
      if (folder !== null && rows.at(-1)?.prefix === folder) continue;
      rows.push({ mark: folder ?? `${name}\0${stored.generation.padStart(20, '0')}`, prefix: folder, stored });
    }
  }
  const rest = rows.filter(({ mark }) => after === '' || compareUtf8(mark, after) > 0);
  const page = rest.slice(0, most);
  const items = page.filter((row) => row.prefix === null).map(({ stored }) => objectResource(held.name, stored));
  const prefixes = page.flatMap((row) => row.prefix ?? []);
  const next = rest.length > most ? Buffer.from(page.at(-1)?.mark ?? '').toString('base64url') : undefined;
  return { kind: 'storage#objects', items, prefixes, nextPageToken: next };
}

export function readObject(call: Call, state: State, { held, name }: { held: HeldBucket; name: string }): void {
  const stored = state.find(held, name, call.query.get('generation'));
  checkConditions(call.query, stored);
  if (call.query.get('alt') !== 'media') call.answerJson(objectResource(held.name, stored));
  else sendContent(call, stored);
}

export function sendContent(call: Call, stored: Stored, headers: Record<string, string> = {}): void {
  const size = stored.bytes.length;
  const range = /^bytes=(\d+)-(\d*)$/.exec(call.request.headers.range ?? '');
  const start = range ? Number(range[1]) : 0;
  if (range && start >= size) {
    throw new Refusal(416, 'requestedRangeNotSatisfiable', 'Request range not satisfiable', {
      'content-range': `bytes */${size}`,
    });
  }
  const end = range?.[2] ? Math.min(Number(range[2]), size - 1) : size - 1;
  const bytes = Buffer.from(stored.bytes.subarray(start, end + 1));
  if (call.faults.downloads && bytes.length > 0) bytes[0] = (bytes[0] ?? 0) ^ 1;
  call.answer(range ? 206 : 200, bytes, {
    'content-type': stored.contentType ?? 'application/octet-stream',
    'x-goog-generation': stored.generation,
    'x-goog-metageneration': String(stored.metageneration),
    'x-goog-hash': `crc32c=${stored.crc32c}`,
    ...(range ? { 'content-range': `bytes ${start}-${end}/${size}` } : {}),
    ...headers,
  });
}

export function deleteObject(call: Call, state: State, { held, name }: { held: HeldBucket; name: string }): void {
  const generation = call.query.get('generation');
  const found = generation === null ? state.live(held, name) : state.find(held, name, generation);
  // What is not there meets no condition but its own absence; Cloud Storage says 404 then.
  if (found) checkConditions(call.query, found);
  state.remove(held, name, generation);
  call.answer(204, Buffer.alloc(0), {});
}

export async function patchObject(call: Call, state: State, place: { held: HeldBucket; name: string }): Promise<void> {
  const stored = state.find(place.held, place.name, call.query.get('generation'));
  checkConditions(call.query, stored);
  const patch = await call.json();
  if (typeof patch.contentType === 'string') stored.contentType = patch.contentType;
  if (isRecord(patch.metadata)) {
    const merged = Object.entries({ ...stored.metadata, ...patch.metadata }).filter(([, value]) => value !== null);
    stored.metadata = Object.fromEntries(merged.map(([key, value]) => [key, String(value)]));
  }
  stored.metageneration += 1;
  call.answerJson(objectResource(place.held.name, stored));
}

export async function rewriteObject(
  call: Call,
  state: State,
  order: { from: { bucket: string; name: string }; to: { bucket: string; name: string } },
): Promise<void> {
  const { query } = call;
  const source = state.find(state.bucket(order.from.bucket), order.from.name, query.get('sourceGeneration'));
  const held = state.bucket(order.to.bucket);
  const resource = await call.json();
  checkConditions(query, source, 'Source');
  checkConditions(query, state.live(held, order.to.name));
  const size = source.bytes.length;
  const what = JSON.stringify([order, source.generation, resource]);
  const token = query.get('rewriteToken');
  if (token !== null && state.rewrites.get(token) !== what) throw invalid('Invalid rewrite token');
  const sizes = { kind: 'storage#rewriteResponse', objectSize: String(size) };
  if (token === null && size > REWRITE_STEP_BYTES) {
    const rewriteToken = randomUUID();
    state.rewrites.set(rewriteToken, what);
    call.answerJson({ ...sizes, done: false, rewriteToken, totalBytesRewritten: String(REWRITE_STEP_BYTES) });
    return;
  }
  if (token !== null) state.rewrites.delete(token);
  const kept = { contentType: source.contentType, metadata: source.metadata };
  const stored = state.store(held, order.to.name, {
    bytes: source.bytes,
    resource: Object.keys(resource).length === 0 ? kept : resource,
  });
  call.answerJson({
    ...sizes,
    done: true,
    totalBytesRewritten: String(size),
    resource: objectResource(held.name, stored),
  });
}
