/**
 * Damage of every object that a restore needs: each bit flipped, each length cut, each object missing, in another's place or foreign. Whoever
 * restores gets the leader's own bytes or a refusal, never anything else.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import { decodeObject, type EncryptionKey } from './codec.ts';
import { CorruptLog, CorruptObject } from './errors.ts';
import { encodeLease } from './lease-record.ts';
import { MemoryBucket } from './memory-bucket.ts';
import { MemoryPages } from './page-sink.ts';
import { restore } from './restore.ts';
import { MAX_RAW, TestDatabase } from './test-leader.ts';
import { keys, pacing } from './test-log.ts';

const KEY: EncryptionKey = { id: 7, secret: new Uint8Array(32).fill(9) };

/** What is in the bucket, and to which bytes it leads. */
interface Log {
  readonly objects: ReadonlyMap<string, Uint8Array>;
  readonly image: Buffer;
  readonly ring: readonly EncryptionKey[];
}

/** A BASE, a DIFF, slots of two epochs behind it, the lease; pages that compress well, so that the objects are small. */
async function written(encryption: EncryptionKey | undefined, name = 'one'): Promise<Log> {
  const bucket = new MemoryBucket();
  const terms = { ...(encryption && { encryption }), soleWriter: true };
  const first = await TestDatabase.lead(bucket, terms);
  await first.commit('create table t(id integer primary key, name text)');
  await first.commit("insert into t(name) values ('one'), ('two')");
  await first.commit(`create table other(name); insert into other values ('${name}'); create table third(id)`);
  await first.log.snapshotNow();
  for (const each of ['three', 'and a half']) await first.commit(`insert into t(name) values ('${each}')`);
  await first.log.snapshotNow();
  await first.commit("insert into t(name) values ('four')");
  await first.vanish();
  const second = await TestDatabase.lead(bucket, terms);
  await second.commit("insert into t(name) values ('five')");
  await second.log.handover();
  await second.end();
  const rest = encryption ? [encryption] : [];
  const objects = new Map(bucket.keys().map((key) => [key, bucket.peek(key) ?? new Uint8Array()]));
  const image = (await outcome({ objects, image: Buffer.alloc(0), ring: rest }, new Map())).image;
  return { objects, image, ring: rest };
}

type Outcome = 'same' | 'refused' | 'another database';

/** Restores the log with `changes` applied; null = removed. */
async function outcome(
  { objects, image, ring }: Log,
  changes: ReadonlyMap<string, Uint8Array | null>,
): Promise<{ outcome: Outcome; image: Buffer }> {
  const bucket = new MemoryBucket();
  for (const [key, bytes] of new Map<string, Uint8Array | null>([...objects, ...changes]))
    if (bytes) bucket.poke(key, bytes);
  const sink = new MemoryPages();
  try {
    const { chain } = await restore(bucket, { log: keys, sink, keys: ring, maxRawLen: MAX_RAW }, pacing());
    const same = chain.seq > 0 && sink.content.equals(image);
    return { outcome: same ? 'same' : 'another database', image: sink.content };
  } catch (error) {
    if (error instanceof CorruptLog || error instanceof CorruptObject) return { outcome: 'refused', image };
    throw error;
  }
}

/** Each change by its name, with what came of it unless that was allowed. */
async function sweep(
  log: Log,
  changes: Iterable<readonly [name: string, key: string, bytes: Uint8Array | null]>,
  allowed: (key: string) => readonly Outcome[],
): Promise<{ tried: number; wrong: string[] }> {
  let tried = 0;
  const wrong: string[] = [];
  for (const [name, key, bytes] of changes) {
    const { outcome: seen } = await outcome(log, new Map([[key, bytes]]));
    tried += 1;
    if (!allowed(key).includes(seen)) wrong.push(`${key}, ${name}: ${seen}`);
  }
  return { tried, wrong };
}

function flipped(bytes: Uint8Array, at: number, bit: number): Uint8Array {
  const copy = Uint8Array.from(bytes);
  copy[at] = (copy[at] ?? 0) ^ (1 << bit);
  return copy;
}

/** The newest snapshot. Its own slot, and the seals before it, are kept as the fence that they are; a restore does not read them. */
const SNAPSHOT = 6;
const isRead = (key: string): boolean => (keys.seqOf(key) ?? SNAPSHOT + 1) > SNAPSHOT;
const refusedWhereRead = (key: string): readonly Outcome[] =>
  key === keys.lease ? ['same', 'refused'] : isRead(key) ? ['refused'] : ['same'];

describe.each([
  ['plain', undefined],
  ['encrypted', KEY],
])('a log (%s)', (_, encryption) => {
  let log: Log;
  let objects: [string, Uint8Array][];
  beforeAll(async () => {
    log = await written(encryption);
    objects = [...log.objects];
  });

  it('is whole before it is damaged, and holds every kind of object', async () => {
    expect((await outcome(log, new Map())).outcome).toBe('same');
    const kinds = objects.filter(([key]) => key !== keys.lease).map(([, bytes]) => bytes[6]);
    expect(new Set(kinds)).toEqual(new Set([1, 2, 3, 4]));
  });

  it('every flipped bit of every object is found by whoever decodes it', async () => {
    for (const [key, bytes] of objects) {
      if (key === keys.lease) continue;
      for (let at = 0; at < bytes.length; at += 1) {
        const damaged = flipped(bytes, at, at % 8);
        const decoded = decodeObject(damaged, { keys: log.ring, maxRawLen: MAX_RAW });
        await expect(decoded, `${key} at ${at}`).rejects.toBeInstanceOf(CorruptObject);
      }
    }
  });

  it('every flipped byte of every object that a restore reads is refused by it', async () => {
    const changes = objects.flatMap(([key, bytes]) =>
      Array.from(bytes, (__, at) => [`byte ${at}`, key, flipped(bytes, at, at % 8)] as const),
    );
    const { tried, wrong } = await sweep(log, changes, refusedWhereRead);
    expect(wrong).toEqual([]);
    expect(tried).toBeGreaterThan(1_000);
  });

  it('every cut and every longer object is refused', async () => {
    const changes = objects.flatMap(([key, bytes]) => {
      const lengths = [0, 1, 31, 32, 159, 160, 191, 192, bytes.length - 32, bytes.length - 1];
      const cuts = lengths.filter((length) => length < bytes.length).map((length) => bytes.subarray(0, length));
      const longer = [Buffer.concat([bytes, Buffer.alloc(1)]), Buffer.concat([bytes, bytes])];
      return [...cuts, ...longer].map((each) => [`${each.length} bytes`, key, each] as const);
    });
    expect((await sweep(log, changes, refusedWhereRead)).wrong).toEqual([]);
  });

  it('every missing object is noticed; the lease is only a hint', async () => {
    const changes = objects.map(([key]) => ['missing', key, null] as const);
    const allowed = (key: string): readonly Outcome[] => (isRead(key) && key !== keys.lease ? ['refused'] : ['same']);
    expect((await sweep(log, changes, allowed)).wrong).toEqual([]);
  });

  it('every object in the place of another, and of another log in its own place, is refused', async () => {
    const other = await written(encryption, 'two');
    const changes = objects.flatMap(([key, bytes]) => {
      const others = objects.filter(([name, each]) => name !== key && Buffer.compare(each, bytes) !== 0);
      const foreign = other.objects.get(key);
      return [
        ...others.map(([name, each]) => [`holds ${name}`, key, each] as const),
        ...(foreign && key !== keys.lease ? [['of another log', key, foreign] as const] : []),
      ];
    });
    expect((await sweep(log, changes, refusedWhereRead)).wrong).toEqual([]);
  });

  it('foreign objects under names of their own change nothing', async () => {
    const names = ['log/readme', 'log/000000000000000', 'base/latest', 'diff/1-2', 'log/00000000000000zz', 'else'];
    const changes = names.map((name) => [name, keys.root + name, Buffer.from('foreign')] as const);
    expect((await sweep(log, changes, () => ['same'])).wrong).toEqual([]);
  });

  it('a stray of another history is refused behind the end, and does no harm in a collected slot', async () => {
    const slots = objects.map(([key]) => keys.seqOf(key)).filter((seq) => seq !== null);
    const last = Math.max(...slots);
    const stray = log.objects.get(keys.log(last)) ?? new Uint8Array();
    expect((await outcome(log, new Map([[keys.log(last + 1), stray]]))).outcome).toBe('refused');
    expect((await outcome(log, new Map([[keys.log(2), stray]]))).outcome).toBe('same');
  });

  it('a lost end is told by the lease', async () => {
    const last = objects.map(([key]) => keys.seqOf(key) ?? 0).reduce((most, seq) => Math.max(most, seq));
    const lease = encodeLease({ epoch: 1, owner: 'o', url: 'u', seq: last, n: 9 });
    const changes = new Map<string, Uint8Array | null>([
      [keys.log(last), null],
      [keys.lease, lease],
    ]);
    expect((await outcome(log, changes)).outcome).toBe('refused');
  });
});
