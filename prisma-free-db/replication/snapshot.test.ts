/** Snapshots and the collection behind them, with SQLite itself: what is left in the bucket always leads to the leader's own bytes. */
import { closeSync, openSync, utimesSync, writeSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { CaptureMismatch, CorruptLog } from './errors.ts';
import type { LogLines } from './leader-terms.ts';
import { MemoryBucket } from './memory-bucket.ts';
import { MemoryPages } from './page-sink.ts';
import { restore } from './restore.ts';
import { eventually, fastClock, found, MAX_RAW, TestDatabase, type TestTerms } from './test-leader.ts';
import { keys } from './test-log.ts';

const open: TestDatabase[] = [];
afterEach(async () => {
  for (const database of open.splice(0)) await database.end();
});

async function lead(bucket: MemoryBucket, terms: TestTerms = {}): Promise<TestDatabase> {
  const database = await TestDatabase.lead(bucket, { soleWriter: true, ...terms });
  open.push(database);
  return database;
}

/** A database of about 40 pages. */
async function filled(bucket: MemoryBucket, terms: TestTerms = {}): Promise<TestDatabase> {
  const database = await lead(bucket, terms);
  await database.commit('create table t(id integer primary key, body blob)');
  await database.commit(
    'insert into t(body) with recursive c(i) as (select 1 union all select i + 1 from c where i < 40) select randomblob(3500) from c',
  );
  return database;
}

const few = (database: TestDatabase, id = 7) =>
  database.commit(`update t set body = randomblob(3500) where id = ${id}`);
const most = (database: TestDatabase) => database.commit('update t set body = randomblob(3500) where id % 4 > 0');

const names = (bucket: MemoryBucket) => bucket.keys().filter((key) => key !== keys.lease);

/** What the bucket holds leads to the leader's own bytes. */
async function isWhole(bucket: MemoryBucket, database: TestDatabase): Promise<void> {
  const { image, rows } = await found(bucket);
  expect(image.equals(database.image())).toBe(true);
  rows('select 1');
}

describe('snapshots', () => {
  it('are a BASE first, then DIFFs on it, then a BASE again when most has changed; older objects go', async () => {
    const bucket = new MemoryBucket();
    const database = await filled(bucket);
    await database.log.snapshotNow();
    expect(names(bucket)).toEqual([keys.base(3), keys.log(1), keys.log(3)]);
    expect(database.log.status()).toMatchObject({ lastSnapshot: { kind: 'base', to: 3 }, gcDeleted: 1 });
    await isWhole(bucket, database);
    await few(database);
    await database.log.snapshotNow();
    await few(database, 8);
    await database.log.snapshotNow();
    expect(names(bucket)).toEqual([keys.base(3), keys.diff(3, 5), keys.log(1), keys.log(5)]);
    expect(database.log.status().lastSnapshot).toMatchObject({ kind: 'diff', to: 5 });
    await isWhole(bucket, database);
    await most(database);
    await database.log.snapshotNow();
    expect(names(bucket)).toEqual([keys.base(6), keys.log(1), keys.log(6)]);
    await database.commit('delete from t where id > 10');
    await database.commit('vacuum');
    await few(database);
    await database.log.snapshotNow();
    await isWhole(bucket, database);
    await database.vanish();
    open.pop();
    const next = await lead(bucket);
    await few(next);
    await next.log.snapshotNow();
    expect(next.log.status().lastSnapshot?.kind).toBe('base');
    await isWhole(bucket, next);
  });

  it('come by themselves after so many slots or bytes, counted over leaders', async () => {
    const bucket = new MemoryBucket();
    const limits = { snapshotSlots: 6, snapshotBytes: 1e9 };
    const first = await filled(bucket, { limits });
    for (let id = 1; id <= 2; id += 1) await few(first, id);
    expect(first.log.status()).toMatchObject({ slotsSinceSnapshot: 5, lastSnapshot: null });
    await first.vanish();
    open.pop();
    const second = await lead(bucket, { limits });
    await few(second);
    await eventually(() => second.log.status().lastSnapshot?.to === 7, 'by slots');
    expect(second.log.status()).toMatchObject({ slotsSinceSnapshot: 0, bytesSinceSnapshot: 0 });
    await second.vanish();
    open.pop();
    const third = await lead(bucket, { limits: { snapshotSlots: 1e9, snapshotBytes: 20_000 } });
    await most(third);
    await eventually(() => third.log.status().lastSnapshot !== null, 'by bytes');
    await isWhole(bucket, third);
  });

  it('of the same state is one, and one of a later state comes after the one under way', async () => {
    const bucket = new MemoryBucket();
    const database = await filled(bucket);
    await Promise.all([database.log.snapshotNow(), database.log.snapshotNow()]);
    await database.log.snapshotNow();
    expect(bucket.requests.putIfAbsent).toBe(1 + 2 + 1);
    const gate = Promise.withResolvers<void>();
    const held = { before: () => gate.promise };
    bucket.faults = ({ operation, key }) =>
      operation === 'putIfAbsent' && key.startsWith(keys.diffPrefix) ? held : undefined;
    await few(database);
    const first = database.log.snapshotNow();
    await eventually(() => bucket.requests.putIfAbsent === 6, 'the first is under way');
    await few(database, 9);
    const second = database.log.snapshotNow();
    gate.resolve();
    await Promise.all([first, second]);
    expect(database.log.status().lastSnapshot?.to).toBe(5);
    await isWhole(bucket, database);
  });

  it('hold the state of their slot, whatever is committed while they are read and sent', async () => {
    const bucket = new MemoryBucket();
    const database = await filled(bucket, { limits: { checkpointPages: 1 } });
    const gate = Promise.withResolvers<void>();
    bucket.faults = ({ operation, key }) =>
      operation === 'putIfAbsent' && key.startsWith(keys.basePrefix) ? { before: () => gate.promise } : undefined;
    const then = database.image();
    const stored = database.log.snapshotNow();
    await eventually(() => bucket.requests.putIfAbsent === 4, 'it is sent');
    for (let id = 1; id <= 5; id += 1) await few(database, id);
    await most(database);
    gate.resolve();
    await stored;
    expect((await found(bucket, 3)).image.equals(then)).toBe(true);
    await isWhole(bucket, database);
    await few(database);
    expect(database.log.status().checkpointMs.longest).toBeGreaterThan(0);
  });

  it('read pages that stand still, although batches come and would be checkpointed', async () => {
    const bucket = new MemoryBucket();
    const database = await lead(bucket, { limits: { checkpointPages: 1 } });
    await database.commit('create table t(id integer primary key, body blob)');
    await database.commit(
      'insert into t(body) with recursive c(i) as (select 1 union all select i + 1 from c where i < 3000) select randomblob(3500) from c',
    );
    let stored = false;
    const snapshot = database.log.snapshotNow().then(() => {
      stored = true;
    });
    let commits = 0;
    for (; !stored; commits += 1) await few(database, 3_000 - (commits % 500));
    await snapshot;
    expect(commits).toBeGreaterThan(3);
    expect(database.ends).toEqual([]);
    await isWhole(bucket, database);
  });

  it('are encrypted like all else', async () => {
    const bucket = new MemoryBucket();
    const encryption = { id: 3, secret: new Uint8Array(32).fill(7) };
    const database = await lead(bucket, { encryption });
    await database.commit("create table t(body); insert into t values ('a secret of the house')");
    await database.log.snapshotNow();
    await database.commit("insert into t values ('another one')");
    const sink = new MemoryPages();
    const reading = { sink, keys: [encryption], maxRawLen: MAX_RAW, log: keys };
    await restore(bucket, reading, { clock: fastClock(100), random: () => 0 });
    expect(sink.content.equals(database.image())).toBe(true);
    for (const key of names(bucket)) expect(Buffer.from(bucket.peek(key) ?? []).includes('secret of'), key).toBe(false);
    await expect(found(bucket)).rejects.toThrow(/key 3/);
  });
});

describe('a snapshot that fails', () => {
  const refusing = (bucket: MemoryBucket, prefix: string) => {
    bucket.faults = ({ operation, key }) =>
      operation === 'putIfAbsent' && key.startsWith(prefix)
        ? { before: () => Promise.reject(new Error('no permission')) }
        : undefined;
  };

  it('costs nothing: what it had set aside is in the next one', async () => {
    const warnings: string[] = [];
    const log: LogLines = { info: () => {}, error: () => {}, warn: (message) => warnings.push(message) };
    const bucket = new MemoryBucket();
    const database = await filled(bucket, { log });
    await database.log.snapshotNow();
    await most(database);
    refusing(bucket, keys.basePrefix);
    await expect(database.log.snapshotNow()).rejects.toThrow('no permission');
    await expect(database.log.snapshotNow(), 'nothing new since').rejects.toThrow('no permission');
    bucket.faults = () => undefined;
    await few(database);
    await database.log.snapshotNow();
    expect([database.ends, warnings.length]).toEqual([[], 1]);
    await isWhole(bucket, database);
  });

  it('by what it reads ends the leader: nothing is stored, nothing deleted', async () => {
    const bucket = new MemoryBucket();
    const database = await filled(bucket);
    const before = names(bucket);
    // Past SQLite and the stamp: what a failing disk does.
    const main = `${database.folder}/db`;
    await database.commit('create table other(id)');
    const damage = () => {
      const fd = openSync(main, 'r+');
      writeSync(fd, Buffer.alloc(100, 1), 0, 100, 4_096 * 5);
      closeSync(fd);
      utimesSync(main, 1, 1);
    };
    let damaged = false;
    const original = database.sqlite.prepare.bind(database.sqlite);
    database.sqlite.prepare = ((source: string) => {
      const statement = original(source);
      if (!source.includes('TRUNCATE')) return statement;
      return {
        get: () => {
          const row = statement.get();
          damage();
          damaged = true;
          return row;
        },
      };
    }) as typeof database.sqlite.prepare;
    await expect(database.log.snapshotNow()).rejects.toThrow(CaptureMismatch);
    expect([damaged, database.ends]).toEqual([true, [expect.any(CaptureMismatch)]]);
    expect(names(bucket)).toEqual([...before, keys.log(4)]);
    await found(bucket);
  });

  it('because others’ bytes lie there ends the leader', async () => {
    const bucket = new MemoryBucket();
    const database = await filled(bucket);
    bucket.poke(keys.base(3), Buffer.from('of somebody else'));
    await expect(database.log.snapshotNow()).rejects.toThrow(CorruptLog);
    expect(database.ends).toEqual([expect.any(CorruptLog)]);
  });

  it('only in its collection holds, and the next collection takes what was left', async () => {
    const bucket = new MemoryBucket();
    const database = await filled(bucket);
    bucket.faults = ({ operation }) =>
      operation === 'delete' ? { before: () => Promise.reject(new Error('no permission')) } : undefined;
    await database.log.snapshotNow();
    expect(names(bucket)).toContain(keys.log(2));
    bucket.faults = ({ operation, key }) =>
      operation === 'list' && key === keys.basePrefix ? { before: () => Promise.reject(new Error('no')) } : undefined;
    await few(database);
    await database.log.snapshotNow();
    bucket.faults = () => undefined;
    await few(database);
    await database.log.snapshotNow();
    expect(names(bucket)).toEqual([keys.base(3), keys.diff(3, 5), keys.log(1), keys.log(5)]);
    expect(database.ends).toEqual([]);
  });

  it('is not held up by a collection that takes long', async () => {
    const bucket = new MemoryBucket();
    const database = await filled(bucket);
    const gate = Promise.withResolvers<void>();
    bucket.faults = ({ operation }) => (operation === 'delete' ? { before: () => gate.promise } : undefined);
    const first = database.log.snapshotNow();
    await eventually(() => database.log.status().lastSnapshot?.to === 3, 'the first is stored');
    await few(database);
    const second = database.log.snapshotNow();
    await eventually(() => database.log.status().lastSnapshot?.to === 4, 'the second is stored');
    gate.resolve();
    await Promise.all([first, second]);
    await few(database);
    await database.log.snapshotNow();
    expect(names(bucket)).toEqual([keys.base(3), keys.diff(3, 5), keys.log(1), keys.log(5)]);
  });

  it('by the end of the leader tells who waits', async () => {
    const bucket = new MemoryBucket();
    const database = await filled(bucket);
    bucket.faults = ({ key }) => (key.startsWith(keys.basePrefix) ? 'unavailable' : undefined);
    const waiting = database.log.snapshotNow();
    const later = database.log.snapshotNow();
    await eventually(() => bucket.requests.putIfAbsent > 3, 'it is tried');
    const told = Promise.allSettled([waiting, later]);
    await database.log.close();
    expect((await told).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  });
});

describe('retention', () => {
  it('by slots: every state within reach stays, and a BASE comes in time so that the rest can go', async () => {
    const bucket = new MemoryBucket();
    const database = await filled(bucket, { retain: { slots: 6 } });
    const images = new Map<number, Buffer>();
    for (let round = 0; round < 20; round += 1) {
      await few(database, round);
      images.set(database.log.status().durableSeq, database.image());
      await database.log.snapshotNow();
    }
    const tail = database.log.status().durableSeq;
    for (let slot = tail - 6; slot <= tail; slot += 1)
      expect((await found(bucket, slot)).image.equals(images.get(slot) ?? Buffer.alloc(0)), `slot ${slot}`).toBe(true);
    const kept = names(bucket).filter((key) => key.startsWith(keys.logPrefix));
    expect(kept.length).toBeLessThan(16);
    expect(names(bucket).filter((key) => key.startsWith(keys.basePrefix)).length).toBeGreaterThan(1);
  });

  it('by age: the state of that time stays within reach', async () => {
    const bucket = new MemoryBucket();
    let hour = 0;
    const clock = {
      now: () => hour * 3_600_000,
      sleep: (_: number, signal?: AbortSignal) => fastClock(1).sleep(60_000, signal),
    };
    const at = () => new Date(hour * 3_600_000).toISOString();
    const terms = { retain: { ms: 5 * 3_600_000 }, at, pacing: { clock, random: () => 0 }, ttlMs: 1e9 };
    const database = await filled(bucket, { ...terms, limits: { waitMs: 1e12, undurableMs: 1e12 } });
    const images = new Map<number, Buffer>();
    for (hour = 1; hour < 20; hour += 1) {
      await few(database, hour);
      images.set(database.log.status().durableSeq, database.image());
      await database.log.snapshotNow();
    }
    const tail = database.log.status().durableSeq;
    for (let slot = tail - 5; slot <= tail; slot += 1)
      expect((await found(bucket, slot)).image.equals(images.get(slot) ?? Buffer.alloc(0)), `slot ${slot}`).toBe(true);
    expect(names(bucket).filter((key) => key.startsWith(keys.logPrefix)).length).toBeLessThan(16);
    await expect(found(bucket, 3)).rejects.toThrow(CorruptLog);
  });
});
