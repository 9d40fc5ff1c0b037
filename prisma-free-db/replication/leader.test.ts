/** The leader with SQLite itself over a bucket with faults: what is told durable is what anybody restores, byte for byte. */
import Database from 'better-sqlite3';
import { afterEach, describe, expect, it } from 'vitest';
import {
  Ambiguous,
  CaptureMismatch,
  Fenced,
  NotLeader,
  OutcomeUnknown,
  TransactionTooLarge,
  Unavailable,
} from './errors.ts';
import { LeaderLog } from './leader.ts';
import { LeaseObserver } from './lease.ts';
import { parseLease } from './lease-record.ts';
import { MemoryBucket } from './memory-bucket.ts';
import { eventually, fastClock, found, SteppedClock, TestDatabase, type TestTerms } from './test-leader.ts';
import { keys } from './test-log.ts';

const SCHEMA = `create table t(id integer primary key, name text, body blob, twice int generated always as (id * 2) stored);
  create index t_name on t(name);
  create virtual table words using fts5(name, content='t', content_rowid='id');
  create trigger t_in after insert on t begin insert into words(rowid, name) values (new.id, new.name); end;`;

const open: TestDatabase[] = [];
afterEach(async () => {
  for (const database of open.splice(0)) await database.end();
});

async function lead(bucket: MemoryBucket, terms: TestTerms = {}): Promise<TestDatabase> {
  const database = await TestDatabase.lead(bucket, terms);
  open.push(database);
  return database;
}

async function vanish(database: TestDatabase): Promise<void> {
  open.splice(open.indexOf(database), 1);
  await database.vanish();
}

/** Holds back every PUT of a slot until it is opened. */
function gated(bucket: MemoryBucket): { open: () => void } {
  const gate = Promise.withResolvers<void>();
  bucket.faults = ({ operation, key }) =>
    operation === 'putIfAbsent' && key.startsWith(keys.logPrefix) ? { before: () => gate.promise } : undefined;
  return { open: () => gate.resolve() };
}

const settledIn = async (promise: Promise<unknown>): Promise<string> =>
  Promise.race([
    promise.then(
      () => 'done',
      (error: Error) => error.name,
    ),
    new Promise<string>((resolve) => setTimeout(() => resolve('waits'), 30)),
  ]);

describe('commits', () => {
  it('are in the bucket when they are called durable, byte for byte, whatever they are', async () => {
    const bucket = new MemoryBucket();
    const database = await lead(bucket);
    const steps = [
      SCHEMA,
      "insert into t(name, body) with recursive c(i) as (select 1 union all select i + 1 from c where i < 400) select 'word' || i, randomblob(900) from c",
      'delete from t where id % 3 = 1',
      'update t set body = randomblob(2000) where id % 5 = 0',
      'vacuum',
      'insert into t(body) values (randomblob(18000000))',
      'delete from t where id > 100',
      'vacuum',
      'drop trigger t_in; drop table words',
    ];
    for (const step of steps) {
      await database.commit(step);
      expect((await found(bucket)).image.equals(database.image()), step).toBe(true);
    }
    await vanish(database);
    const next = await lead(bucket);
    await next.commit("insert into t(name) values ('after the crash')");
    const { image, rows, chain } = await found(bucket);
    expect(image.equals(next.image())).toBe(true);
    expect(rows('select name from t order by id desc limit 1')).toEqual(['after the crash']);
    expect(chain.epoch).toBe(2);
  });

  it('wait for their PUT, and what comes meanwhile shares the next one', async () => {
    const bucket = new MemoryBucket();
    const database = await lead(bucket);
    await database.commit('create table t(id integer primary key)');
    const gate = gated(bucket);
    const first = database.commit('insert into t default values');
    await eventually(() => bucket.requests.putIfAbsent === 3, 'the PUT is sent');
    const others = Array.from({ length: 50 }, () => database.commit('insert into t default values'));
    expect(await settledIn(Promise.race([first, ...others]))).toBe('waits');
    expect([database.log.position, (await found(bucket)).rows('select count(*) from t')]).toEqual([1, [0]]);
    gate.open();
    await Promise.all([first, ...others]);
    expect(database.log.status()).toMatchObject({
      batches: 3,
      commits: 52,
      durableSeq: 4,
      undurableAgeMs: 0,
      pendingBytes: 0,
    });
    expect((await found(bucket)).rows('select count(*) from t')).toEqual([51]);
  });

  it('that change nothing need no slot', async () => {
    const bucket = new MemoryBucket();
    const database = await lead(bucket);
    await database.commit('create table t(id)');
    await database.commit('delete from t where id = 1');
    expect(database.log.status()).toMatchObject({ batches: 1, durableSeq: 2 });
  });

  it('relaxed ride along with the next batch, or with a tick', async () => {
    const bucket = new MemoryBucket();
    const clock = new SteppedClock();
    const database = await lead(bucket, { pacing: { clock, random: () => 0 } });
    await database.commit('create table t(id)');
    void database.commit('insert into t values (1)', 'relaxed');
    expect(await settledIn(database.log.durable(2))).toBe('waits');
    await database.commit('insert into t values (2)');
    expect(database.log.position).toBe(3);
    const alone = database.commit('insert into t values (3)', 'relaxed');
    expect(await settledIn(alone)).toBe('waits');
    clock.advance(2_000);
    await alone;
    expect((await found(bucket)).rows('select id from t')).toEqual([1, 2, 3]);
    void database.commit('insert into t values (4)', 'relaxed');
    await database.log.flush();
    expect(database.log.position).toBe(5);
  });

  it('linger for company when told to', async () => {
    const bucket = new MemoryBucket();
    const clock = new SteppedClock();
    const database = await lead(bucket, { pacing: { clock, random: () => 0 }, limits: { lingerMs: 100 } });
    const first = database.commit('create table t(id)');
    expect(await settledIn(first)).toBe('waits');
    const second = database.commit('insert into t values (1)');
    clock.advance(100);
    await Promise.all([first, second]);
    expect(database.log.status().batches).toBe(1);
  });

  it('wait while a statement is open, unchecked', async () => {
    const bucket = new MemoryBucket();
    const database = await lead(bucket);
    await database.commit('create table t(id); insert into t values (1), (2)');
    const rows = database.sqlite.prepare('select * from t').iterate();
    rows.next();
    database.log.committed(2, 'sync');
    expect(await settledIn(database.log.durable(2))).toBe('waits');
    rows.return?.();
    await database.log.durable(2);
  });

  it('survive a store that fails all the time', async () => {
    const bucket = new MemoryBucket();
    const database = await lead(bucket, { limits: { undurableMs: 60_000, waitMs: 60_000 } });
    let asked = 0;
    bucket.faults = ({ operation }) => {
      asked += 1;
      if (operation === 'putIfAbsent') return asked % 2 ? 'answer-lost' : 'conflict';
      return asked % 3 ? undefined : 'unavailable';
    };
    await database.commit('create table t(id)');
    for (let id = 0; id < 20; id += 1) await database.commit(`insert into t values (${id})`);
    bucket.faults = () => undefined;
    expect((await found(bucket)).rows('select count(*) from t')).toEqual([20]);
    expect(database.log.status().store).toMatchObject({ lastError: expect.any(String) });
    expect(database.log.status().store.retries).toBeGreaterThan(0);
  });
});

describe('when the store is away', () => {
  it('changes are refused before they touch SQLite, by age and by bytes, until it is back', async () => {
    const bucket = new MemoryBucket();
    const clock = new SteppedClock();
    const terms = { pacing: { clock, random: () => 0 }, soleWriter: true, limits: { pendingBytes: 100_000 } };
    const database = await lead(bucket, terms);
    await database.commit('create table t(body)');
    const gate = gated(bucket);
    const stuck = database.commit("insert into t values ('stuck')");
    await eventually(() => bucket.requests.putIfAbsent === 3, 'the PUT is sent');
    clock.advance(9_999);
    const full = database.commit('insert into t values (randomblob(150000))');
    expect(() => database.log.admit()).toThrow(Unavailable);
    expect(() => database.log.admit()).toThrow(/slower than what is written/);
    clock.advance(2);
    expect(() => database.log.admit()).toThrow(/does not answer/);
    gate.open();
    await Promise.all([stuck, full]);
    database.log.admit();
    expect((await found(bucket)).rows('select count(*) from t')).toEqual([2]);
  });

  it('nobody waits longer than the limit, and who comes later not at all', async () => {
    const bucket = new MemoryBucket();
    const clock = new SteppedClock();
    const database = await lead(bucket, { pacing: { clock, random: () => 0 }, soleWriter: true });
    const gate = gated(bucket);
    const first = database.commit('create table t(id)');
    clock.advance(5_000);
    const reader = database.log.durable(1);
    reader.catch(() => undefined);
    clock.advance(15_000);
    await expect(first).rejects.toThrow(OutcomeUnknown);
    expect(await settledIn(reader)).toBe('waits');
    clock.advance(5_001);
    await expect(reader).rejects.toThrow(OutcomeUnknown);
    await expect(database.log.durable(1)).rejects.toThrow(OutcomeUnknown);
    gate.open();
    await database.log.flush();
    await database.log.durable(1);
    expect(database.ends).toEqual([]);
  });

  it('its status tells since when, and when a change was stored last', async () => {
    const bucket = new MemoryBucket();
    let minute = 0;
    const database = await lead(bucket, { soleWriter: true, at: () => `2026-11-24T10:0${minute}:00Z` });
    await database.log.ready();
    expect(database.log.status()).toMatchObject({ storedAt: null, store: { failingSince: null } });
    minute = 1;
    await database.commit('create table t(id)');
    expect(database.log.status().storedAt).toBe('2026-11-24T10:01:00Z');
    bucket.faults = () => 'unavailable';
    minute = 2;
    const stuck = database.commit('insert into t values (1)');
    await eventually(() => database.log.status().store.failingSince !== null, 'the failure is seen');
    minute = 3;
    await eventually(() => database.log.status().store.lastErrorAt === '2026-11-24T10:03:00Z', 'it is tried again');
    expect(database.log.status()).toMatchObject({
      storedAt: '2026-11-24T10:01:00Z',
      store: { failingSince: '2026-11-24T10:02:00Z' },
    });
    bucket.faults = () => undefined;
    await stuck;
    expect(database.log.status()).toMatchObject({ storedAt: '2026-11-24T10:03:00Z', store: { failingSince: null } });
  });
});

describe('the end of a leader', () => {
  it('fenced: what was never sent is not kept, what lost the slot is unknown, and it acknowledges nothing any more', async () => {
    const bucket = new MemoryBucket();
    const old = await lead(bucket);
    await old.commit('create table t(id)');
    const next = await lead(bucket);
    await next.commit('insert into t values (1)');
    const seen = Promise.withResolvers<void>();
    bucket.faults = ({ operation }) => (operation === 'get' ? { before: () => seen.promise } : undefined);
    const lost = old.commit('insert into t values (2)');
    await eventually(() => bucket.requests.putIfAbsent === 5, 'it is sent');
    const unsent = old.commit('insert into t values (3)');
    seen.resolve();
    await expect(lost).rejects.toMatchObject({ name: 'OutcomeUnknown', cause: expect.any(Fenced) });
    await expect(unsent).rejects.toThrow(Fenced);
    expect(old.ends).toEqual([expect.any(Fenced)]);
    expect(() => old.commit('insert into t values (4)')).toThrow(Fenced);
    await expect(old.log.flush()).rejects.toThrow(Fenced);
    await expect(old.log.snapshotNow()).rejects.toThrow(Fenced);
    expect([old.log.current, old.log.position, old.log.status().role]).toEqual([false, 1, 'ended']);
    expect((await found(bucket)).rows('select id from t')).toEqual([1]);
  });

  it('by a checkpoint that is not its own: what was committed since is not acknowledged', async () => {
    const bucket = new MemoryBucket();
    const database = await lead(bucket);
    await database.commit('create table t(id)');
    database.sqlite.exec('insert into t values (1)');
    database.sqlite.pragma('wal_checkpoint(RESTART)');
    await expect(database.commit('insert into t values (2)')).rejects.toThrow(Unavailable);
    expect(database.ends).toEqual([expect.any(CaptureMismatch)]);
    expect((await found(bucket)).rows('select count(*) from t')).toEqual([0]);
  });

  it('also by one right after its own, when log and count are as it left them', async () => {
    const bucket = new MemoryBucket();
    const database = await lead(bucket, { limits: { checkpointPages: 1 } });
    await database.commit('create table t(id)');
    await database.log.flush();
    database.sqlite.exec('insert into t values (1)');
    database.sqlite.pragma('wal_checkpoint(TRUNCATE)');
    await expect(database.commit('delete from t where id = 2')).rejects.toThrow(Unavailable);
    expect(database.ends).toEqual([expect.any(CaptureMismatch)]);
  });

  it('by a transaction that no slot can hold', async () => {
    const bucket = new MemoryBucket();
    const database = await lead(bucket, { limits: { batchBytes: 1_000_000 } });
    await database.commit('create table t(body)');
    const huge = database.commit('insert into t values (randomblob(1000000))');
    await expect(huge).rejects.toThrow(TransactionTooLarge);
    expect(database.ends).toEqual([expect.any(TransactionTooLarge)]);
    expect((await found(bucket)).rows('select count(*) from t')).toEqual([0]);
  });

  it('by a database that begins a log and does not fit into one slot, and names the way that it does', async () => {
    const database = await lead(new MemoryBucket(), { limits: { batchBytes: 5_000 } });
    const first = database.commit('create table t(body)');
    await expect(first).rejects.toThrow(/begin this log.*cmbcluster db import/);
    expect(database.ends).toEqual([expect.any(TransactionTooLarge)]);
  });

  it('by a refusal of the store that no retry cures: unknown for what was sent', async () => {
    const bucket = new MemoryBucket();
    const database = await lead(bucket);
    const refusal = new Error('no permission');
    bucket.faults = ({ operation }) =>
      operation === 'putIfAbsent' ? { after: () => Promise.reject(refusal) } : undefined;
    await expect(database.commit('create table t(id)')).rejects.toThrow(OutcomeUnknown);
    expect(database.ends).toEqual([refusal]);
  });

  it('by the signal of whoever made it, and once only', async () => {
    const bucket = new MemoryBucket();
    const stop = new AbortController();
    const database = await lead(bucket, { pacing: { clock: fastClock(100), random: () => 0, signal: stop.signal } });
    await database.log.ready();
    stop.abort(new Error('enough'));
    expect(database.ends).toEqual([new Error('enough')]);
    await expect(database.log.durable(1)).rejects.toThrow(Unavailable);
    await database.log.close();
    expect(database.ends).toHaveLength(1);
  });
});

describe('a file that was there before the log', () => {
  it('is in its first batch, whole', async () => {
    const bucket = new MemoryBucket();
    const prepare = (file: string) => {
      const sqlite = new Database(file);
      sqlite.exec("create table old(name); insert into old values ('from before')");
      sqlite.close();
    };
    const database = await TestDatabase.lead(bucket, { prepare, limits: { pendingBytes: 4_096 } });
    open.push(database);
    expect(database.log.status().pendingBytes).toBeGreaterThan(4_096);
    database.log.admit();
    await database.log.flush();
    const { image, rows } = await found(bucket);
    expect(rows('select name from old')).toEqual(['from before']);
    expect(image.equals(database.image())).toBe(true);
  });
});

describe('a restored file', () => {
  it('that is not what the log says is refused', async () => {
    const bucket = new MemoryBucket();
    const database = await lead(bucket);
    await database.commit('create table t(id)');
    const { chain } = await found(bucket);
    const other = await lead(new MemoryBucket());
    expect(() => other.log.status()).not.toThrow();
    const terms = {
      bucket,
      keys,
      chain,
      sqlite: other.sqlite,
      mainFile: `${other.folder}/db`,
      owner: 'x',
      url: 'u',
      ttlMs: 1,
    };
    const pacing = { clock: fastClock(100), random: () => 0 };
    const silent = { info: () => {}, warn: () => {}, error: () => {} };
    const rest = { pacing, at: () => '', onEnd: () => {}, onWant: () => {}, log: silent };
    expect(() => LeaderLog.attach({ ...terms, ...rest })).toThrow(CaptureMismatch);
    other.sqlite.pragma('wal_autocheckpoint=1000');
    expect(() => LeaderLog.attach({ ...terms, ...rest })).toThrow(/wal_autocheckpoint=1000/);
  });
});

describe('the lease', () => {
  const leaseOf = (bucket: MemoryBucket) => parseLease(bucket.peek(keys.lease) ?? new Uint8Array());

  it('names the leader, then its last durable slot', async () => {
    const bucket = new MemoryBucket();
    const clock = new SteppedClock();
    const database = await lead(bucket, { owner: 'me', ttlMs: 6_000, pacing: { clock, random: () => 0 } });
    await database.log.ready();
    expect(leaseOf(bucket)).toEqual({ epoch: 1, owner: 'me', url: 'http://leader', seq: 1, n: 1 });
    await database.commit('create table t(id)');
    clock.advance(2_000);
    await eventually(() => leaseOf(bucket)?.n === 2, 'the next renewal');
    expect(leaseOf(bucket)).toMatchObject({ seq: 2 });
    expect(database.log.status().leaseDeadlineMs).toBe(9_000);
  });

  it('that runs out ends the leader at once, also when no timer came in between', async () => {
    const bucket = new MemoryBucket();
    const clock = new SteppedClock();
    const database = await lead(bucket, { ttlMs: 6_000, pacing: { clock, random: () => 0 } });
    await database.log.ready();
    bucket.faults = () => 'unavailable';
    clock.advance(2_000);
    await eventually(() => bucket.requests.putIfMatch > 1, 'a renewal is tried');
    clock.advance(3_999);
    expect(database.log.current).toBe(true);
    clock.advance(1);
    expect(database.log.current).toBe(false);
    expect(() => database.log.admit()).toThrow(NotLeader);
    expect(database.ends).toEqual([expect.any(NotLeader)]);
  });

  it('that runs out ends nothing where nobody else can reach the bucket', async () => {
    const bucket = new MemoryBucket();
    const clock = new SteppedClock();
    const database = await lead(bucket, { soleWriter: true, ttlMs: 6_000, pacing: { clock, random: () => 0 } });
    await database.log.ready();
    clock.advance(100_000);
    expect([database.log.current, database.ends]).toEqual([true, []]);
    await database.commit('create table t(id)');
  });

  it('of a newer epoch ends the leader, although it wrote nothing', async () => {
    const bucket = new MemoryBucket();
    const old = await lead(bucket, { ttlMs: 6_000 });
    await old.log.ready();
    const next = await lead(bucket);
    await next.log.ready();
    await eventually(() => old.ends.length === 1, 'the old leader is deposed');
    expect(old.ends).toEqual([expect.any(NotLeader)]);
    expect([old.log.current, next.log.current]).toEqual([false, true]);
  });
});

describe('a handover', () => {
  it('refuses changes, stores what was committed, releases the lease; the successor loses nothing', async () => {
    const bucket = new MemoryBucket();
    const old = await lead(bucket);
    await old.log.ready();
    await old.commit('create table t(id)');
    const last = old.commit('insert into t values (1)');
    void old.commit('insert into t values (2)', 'relaxed');
    let seen: boolean | null = null;
    const answer = async () => {
      await last;
      for (let hop = 0; hop < 50; hop += 1) await Promise.resolve();
      seen = old.log.current;
    };
    void answer();
    const done = old.log.handover();
    expect(() => old.log.admit()).toThrow(Unavailable);
    await done;
    await last;
    expect([seen, old.log.current, old.ends, old.log.status().role]).toEqual([true, false, [], 'released']);
    expect(parseLease(bucket.peek(keys.lease) ?? new Uint8Array())).toMatchObject({ released: true, seq: 3 });
    expect(() => old.log.admit()).toThrow(Unavailable);
    const next = await lead(bucket);
    await next.log.ready();
    expect((await found(bucket)).rows('select id from t')).toEqual([1, 2]);
  });

  it('gives up after its deadline, and what was not stored is not acknowledged', async () => {
    const bucket = new MemoryBucket();
    const clock = new SteppedClock();
    const database = await lead(bucket, { soleWriter: true, pacing: { clock, random: () => 0 } });
    await database.log.ready();
    bucket.faults = () => 'unavailable';
    const stuck = database.commit('create table t(id)');
    await eventually(() => bucket.requests.putIfAbsent > 1, 'the PUT is tried');
    const done = database.log.handover();
    clock.advance(19_999);
    expect(await settledIn(done)).toBe('waits');
    clock.advance(1);
    await done;
    await expect(stuck).rejects.toThrow(OutcomeUnknown);
    expect([database.ends, database.log.status().role]).toEqual([[], 'released']);
  });

  it('is asked for by a newer instance', async () => {
    const bucket = new MemoryBucket();
    const database = await lead(bucket, { ttlMs: 6_000 });
    await database.log.ready();
    const observer = new LeaseObserver(bucket, { keys, ttlMs: 6_000 }, { clock: fastClock(100), random: () => 0 });
    for (let tries = 0; database.wants.length === 0 && tries < 50; tries += 1) {
      await observer.ask('newer').catch((error: unknown) => expect(error).toBeInstanceOf(Ambiguous));
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
    expect(database.wants).toEqual(['newer']);
  });
});
