/**
 * What lies at a log's place, without restoring it: how many objects of which kind, who holds the lease, what the last slot says, how far
 * back it goes. Reads only; whoever wants proof verifies.
 */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { listAll } from '../../../prisma-free-db/replication/bucket.ts';
import {
  type DecodedObject,
  decodeObject,
  type ObjectHeader,
  type ObjectMeta,
  readHeader,
} from '../../../prisma-free-db/replication/codec.ts';
import { CorruptObject, WrongKey } from '../../../prisma-free-db/replication/errors.ts';
import type { DiffName } from '../../../prisma-free-db/replication/gc.ts';
import type { LeaseRecord } from '../../../prisma-free-db/replication/lease-record.ts';
import { persist } from '../../../prisma-free-db/replication/pacing.ts';
import { AppError } from '../../domain/errors.ts';
import { type LogTools, MAX_RAW_BYTES, nothingAt, readLease, restoreToFile } from './tools.ts';

/** What lies at the place, by name. */
export interface LogContent {
  readonly slots: readonly number[];
  readonly bases: readonly number[];
  readonly diffs: readonly DiffName[];
  /** Keys below the prefix that are no name of a log; `lease.json` is none of them. */
  readonly strangers: readonly string[];
}

export async function listContent({ log: { bucket, keys }, pacing }: LogTools): Promise<LogContent> {
  const all = await listAll(bucket, { prefix: keys.root, after: null }, pacing);
  const slots: number[] = [];
  const bases: number[] = [];
  const diffs: DiffName[] = [];
  const strangers: string[] = [];
  for (const key of all) {
    const slot = keys.seqOf(key);
    const base = keys.baseOf(key);
    const diff = keys.diffOf(key);
    if (slot !== null) slots.push(slot);
    else if (base !== null) bases.push(base);
    else if (diff !== null) diffs.push(diff);
    else if (key !== keys.lease) strangers.push(key);
  }
  return { slots, bases, diffs, strangers };
}

/** A state that can be restored, and when it was current from. */
export interface Point {
  readonly seq: number;
  /** ISO 8601; null: the object does not tell. */
  readonly at: string | null;
}

export interface Survey {
  readonly place: string;
  readonly encrypted: boolean;
  readonly content: LogContent;
  readonly lease: Omit<LeaseRecord, 'n'> | null;
  readonly epoch: number;
  readonly last: Point;
  /** The oldest state that can be restored. */
  readonly oldest: Point;
  /** Slot of the newest snapshot, 0 for none. */
  readonly snapshot: number;
  readonly databaseBytes: number;
  readonly movedTo: string | null;
}

/** Null: nothing is there. */
export async function survey(tools: LogTools): Promise<Survey | null> {
  const content = await listContent(tools);
  const found = await readLease(tools);
  const last = content.slots.at(-1) ?? 0;
  if (last === 0 && content.bases.length === 0 && found === null) return null;
  const { header, meta } = await peek(tools, last);
  const { movedTo } = meta;
  const lease = found && {
    ...{ epoch: found.epoch, owner: found.owner, url: found.url, seq: found.seq },
    ...(found.released && { released: found.released }),
    ...(found.want !== undefined && { want: found.want }),
  };
  return {
    place: tools.log.placeInWords,
    encrypted: (header?.keyId ?? 0) !== 0,
    content,
    lease,
    epoch: header?.epoch ?? 0,
    last: { seq: last, at: timeOf({ meta }) },
    oldest: await pointAt(tools, oldestState(content)),
    snapshot: Math.max(0, ...content.bases, ...usableDiffs(content).map(({ to }) => to)),
    databaseBytes: (header?.dbPages ?? 0) * (header?.pageSize ?? 0),
    movedTo: typeof movedTo === 'string' ? movedTo : null,
  };
}

/** As much as that slot tells, whole or not: what is wrong with it is not for here. */
async function peek(
  { log: { bucket, keys, ring }, pacing }: LogTools,
  seq: number,
): Promise<{ header: ObjectHeader | null; meta: ObjectMeta }> {
  const stored = seq === 0 ? null : await persist(pacing, () => bucket.get(keys.log(seq)));
  if (!stored) return { header: null, meta: {} };
  try {
    return await decodeObject(stored.bytes, { keys: ring, maxRawLen: MAX_RAW_BYTES });
  } catch (error) {
    if (error instanceof WrongKey) return { header: readHeader(stored.bytes), meta: {} };
    if (error instanceof CorruptObject) return { header: null, meta: {} };
    throw error;
  }
}

const usableDiffs = ({ bases, diffs }: LogContent): DiffName[] => diffs.filter(({ base }) => bases.includes(base));

/** The first slot with all behind it there, or the oldest BASE from which the log goes on. */
function oldestState({ slots, bases }: LogContent): number {
  const present = new Set(slots);
  const last = slots.at(-1) ?? 0;
  let dense = last;
  while (present.has(dense - 1)) dense -= 1;
  // A seal that was kept alone is no beginning.
  const base = bases.filter((each) => each >= dense - 1 && each <= last).sort((a, b) => a - b)[0];
  return dense === 1 ? 1 : (base ?? last);
}

async function pointAt(tools: LogTools, seq: number): Promise<Point> {
  if (seq === 0) return { seq, at: null };
  return { seq, at: timeOf(await readSlot(tools, seq).catch(unreadable)) ?? (await timeBehind(tools, seq)) };
}

/** The slot itself may be collected under its BASE; the next one was written soon after. */
async function timeBehind(tools: LogTools, seq: number): Promise<string | null> {
  return timeOf(await readSlot(tools, seq + 1).catch(unreadable));
}

function unreadable(error: unknown): null {
  if (error instanceof CorruptObject || error instanceof WrongKey) return null;
  throw error;
}

const timeOf = (object: Pick<DecodedObject, 'meta'> | null): string | null =>
  typeof object?.meta.at === 'string' ? object.meta.at : null;

/** Null: there is none. @throws CorruptObject; WrongKey */
export async function readSlot({ log: { bucket, keys, ring }, pacing }: LogTools, seq: number) {
  const stored = await persist(pacing, () => bucket.get(keys.log(seq)));
  return stored && decodeObject(stored.bytes, { keys: ring, maxRawLen: MAX_RAW_BYTES });
}

/**
 * The slot that a person means: a number, or the last one that was written at or before a time.
 * @throws AppError invalid_argument for what is neither, not_found for a time before all that is kept
 */
export async function slotAt(tools: LogTools, wanted: string): Promise<number> {
  if (/^\d{1,15}$/.test(wanted)) return keptSlot(tools, Number(wanted));
  const time = Date.parse(wanted);
  if (Number.isNaN(time))
    throw new AppError(
      'invalid_argument',
      `“${wanted}” is neither a slot nor a time. Use a number, or a time such as 2026-11-24T12:00:00Z.`,
    );
  const content = await listContent(tools);
  const oldest = oldestState(content);
  let [low, high] = [oldest, content.slots.at(-1) ?? 0];
  const first = await pointAt(tools, low);
  if (high === 0 || first.at === null || Date.parse(first.at) > time)
    throw new AppError(
      'not_found',
      `Nothing is kept of ${new Date(time).toISOString()}: the oldest state is slot ${low}${first.at ? ` of ${first.at}` : ''}.`,
    );
  // The last slot at or before that time: slots are dense from the oldest state on, and their times ascend.
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    const at = timeOf(await readSlot(tools, middle));
    if (at !== null && Date.parse(at) > time) high = middle - 1;
    else low = middle;
  }
  return low;
}

async function keptSlot(tools: LogTools, seq: number): Promise<number> {
  const content = await listContent(tools);
  const [oldest, last] = [oldestState(content), content.slots.at(-1) ?? 0];
  if ((seq >= oldest && seq <= last && seq > 0) || content.bases.includes(seq)) return seq;
  const bounds = seq > last ? `the log ends with slot ${last}` : `the oldest state is slot ${oldest}`;
  throw new AppError(
    'not_found',
    last === 0 ? nothingAt(tools.log.placeInWords) : `Slot ${seq} is not kept: ${bounds}.`,
  );
}

/** What one object says of itself; the body is decoded where the key for it is there. */
export async function inspectObject(tools: LogTools, key: string) {
  const { bucket, ring } = tools.log;
  const stored = await persist(tools.pacing, () => bucket.get(key));
  if (!stored) throw new AppError('not_found', `There is no object ${key}.`);
  if (key === tools.log.keys.lease) return { key, bytes: stored.bytes.length, lease: await readLease(tools) };
  const header = headerOf(stored.bytes);
  if (header instanceof CorruptObject)
    return { key, bytes: stored.bytes.length, etag: stored.etag, fault: header.message };
  const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
  const told = {
    key,
    bytes: stored.bytes.length,
    etag: stored.etag,
    ...header,
    dbSum: header.dbSum.toString(16).padStart(16, '0'),
    prevHash: hex(header.prevHash),
    nonce: hex(header.nonce),
  };
  try {
    const { meta, pages, hash } = await decodeObject(stored.bytes, { keys: ring, maxRawLen: MAX_RAW_BYTES });
    return { ...told, hash: hex(hash), meta, pages: pages.map(({ pgno }) => pgno), fault: null };
  } catch (error) {
    if (error instanceof CorruptObject || error instanceof WrongKey) return { ...told, fault: error.message };
    throw error;
  }
}

function headerOf(bytes: Uint8Array): ObjectHeader | CorruptObject {
  try {
    return readHeader(bytes);
  } catch (error) {
    if (error instanceof CorruptObject) return error;
    throw error;
  }
}

export interface Proof {
  readonly seq: number;
  readonly epoch: number;
  readonly databaseBytes: number;
  /** Slot of the snapshot that it began with, and slots applied behind it. */
  readonly snapshot: number;
  readonly slots: number;
  readonly ms: number;
}

/** Restores the present into a file, has SQLite read all of it, and throws it away. @throws CorruptLog; WrongKey; AppError */
export async function verifyPresent(tools: LogTools, workDir: string): Promise<Proof> {
  await mkdir(workDir, { recursive: true, mode: 0o700 });
  const work = await mkdtemp(join(workDir, 'verify-'));
  const started = tools.pacing.clock.now();
  try {
    const { chain, snapshot } = await restoreToFile(tools, join(work, 'state.sqlite'));
    const { seq, epoch } = chain;
    const ms = Math.round(tools.pacing.clock.now() - started);
    return { seq, epoch, databaseBytes: chain.dbPages * chain.pageSize, snapshot, slots: seq - snapshot, ms };
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/**
 * Looks at every object that is kept, not only at those that the present needs: each must decode, and be what its name says.
 * @param onObject called after each
 */
export async function checkObjects(tools: LogTools, onObject: (done: number, of: number) => void) {
  const { bucket, keys, ring } = tools.log;
  const content = await listContent(tools);
  const { slots, bases, diffs } = content;
  const oldest = oldestState(content);
  const wanted = [
    ...bases.map((to) => ({ key: keys.base(to), kinds: ['base'], from: 0, to })),
    ...diffs.map(({ base, to }) => ({ key: keys.diff(base, to), kinds: ['diff'], from: base, to })),
    ...slots.map((to) => ({ key: keys.log(to), kinds: ['seg', 'seal'], from: to - 1, to })),
  ];
  const faults: { key: string; reason: string }[] = [];
  const queue = wanted[Symbol.iterator]();
  let done = 0;
  const work = async () => {
    for (const { key, kinds, from, to } of queue) {
      const stored = await persist(tools.pacing, () => bucket.get(key));
      // Collected by the leader meanwhile.
      if (stored) {
        try {
          const { header } = await decodeObject(stored.bytes, { keys: ring, maxRawLen: MAX_RAW_BYTES });
          if (!kinds.includes(header.kind) || header.from !== from || header.to !== to)
            faults.push({ key, reason: `holds ${header.kind} ${header.from}-${header.to}` });
        } catch (error) {
          if (!(error instanceof CorruptObject || error instanceof WrongKey)) throw error;
          // Seals are kept for ever; before the oldest state nobody opens them any more, and their hash holds.
          const spent = error instanceof WrongKey && kinds.includes('seal') && to < oldest;
          if (!spent) faults.push({ key, reason: error.message });
        }
      }
      done += 1;
      onObject(done, wanted.length);
    }
  };
  await Promise.all(Array.from({ length: 8 }, work));
  return { objects: wanted.length, faults: faults.sort((a, b) => (a.key < b.key ? -1 : 1)) };
}
