/** The control database on a log: what passes its gate is what another process restores, and refusals come before anything is touched. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ControlDb, openLoggedControlDb } from './database.ts';
import { CaptureMismatch, OutcomeUnknown } from './replication/errors.ts';
import { MemoryBucket } from './replication/memory-bucket.ts';
import { type Elected, elect, eventually, found, SteppedClock, type TestTerms } from './replication/test-leader.ts';
import { keys } from './replication/test-log.ts';
import { createRecordRepository } from './repositories/records.ts';

const migrationsDir = fileURLToPath(new URL('./migrations', import.meta.url));

interface Opened extends Elected {
  db: ControlDb;
}

describe('the database on a log', () => {
  let bucket: MemoryBucket;
  let folder: string;
  const opened: Opened[] = [];
  const folders: string[] = [];
  beforeEach(() => {
    bucket = new MemoryBucket();
    folder = mkdtempSync(join(tmpdir(), 'logged-'));
  });
  afterEach(async () => {
    for (const one of opened.splice(0)) await one.db.close();
    for (const each of [folder, ...folders.splice(0)]) rmSync(each, { recursive: true });
  });

  async function electHere(terms: TestTerms = {}): Promise<Elected> {
    const elected = await elect(bucket, { soleWriter: true, ...terms });
    folders.push(elected.folder);
    return elected;
  }

  async function open(terms: TestTerms = {}, dir = migrationsDir): Promise<Opened> {
    const elected = await electHere(terms);
    const db = await openLoggedControlDb({ file: elected.mainFile, migrationsDir: dir, attach: elected.attach });
    const one = { ...elected, db };
    opened.push(one);
    return one;
  }

  const settings = async (): Promise<unknown[]> =>
    (await found(bucket)).rows("select key || '=' || value from settings order by key");
  const set = ({ db }: Opened, key: string, value: unknown, durability: 'sync' | 'relaxed' = 'sync') =>
    db.write(() => createRecordRepository(db.drizzle).setSetting(key, value), { durability });

  it('begins with a schema that is stored, and goes on where a killed process stopped', async () => {
    const first = await open();
    expect(await settings()).toEqual([]);
    set(first, 'a', 1);
    expect(first.db.settled).toBe(false);
    await first.db.gate();
    expect([first.db.settled, await settings()]).toEqual([true, ['a=1']]);
    first.mortal.kill();
    const slots = bucket.requests.putIfAbsent;
    const second = await open();
    expect(bucket.requests.putIfAbsent - slots, 'an unchanged schema is no change').toBe(1);
    expect(createRecordRepository(second.db.drizzle).getSetting('a')).toBe(1);
    set(second, 'b', 2);
    await second.db.gate();
    expect(await settings()).toEqual(['a=1', 'b=2']);
  });

  it('brings each earlier schema up to date, in one slot or not at all', async () => {
    const journalPath = join(folder, 'meta/_journal.json');
    const entries = JSON.parse(readFileSync(join(migrationsDir, 'meta/_journal.json'), 'utf8')).entries;
    for (let count = 1; count < entries.length; count += 1) {
      bucket = new MemoryBucket();
      cpSync(migrationsDir, folder, { recursive: true });
      writeFileSync(journalPath, JSON.stringify({ entries: entries.slice(0, count) }));
      const old = await open({}, folder);
      await old.db.close();
      const before = await found(bucket);
      const last = entries.at(-1).tag;
      cpSync(migrationsDir, folder, { recursive: true });
      writeFileSync(join(folder, `${last}.sql`), `${readFileSync(join(folder, `${last}.sql`), 'utf8')};\nbroken`);
      await expect(open({}, folder)).rejects.toThrow();
      expect((await found(bucket)).image.equals(before.image)).toBe(true);
      const now = await open();
      const { chain, rows } = await found(bucket);
      expect(chain.seq, 'two seals and the migration').toBe(before.chain.seq + 3);
      expect(rows('select count(*) from __drizzle_migrations')).toEqual([entries.length]);
      await now.db.close();
    }
  });

  it('of a newer version is left alone', async () => {
    cpSync(migrationsDir, folder, { recursive: true });
    const path = join(folder, 'meta/_journal.json');
    const journal = JSON.parse(readFileSync(path, 'utf8'));
    journal.entries.push({ ...journal.entries.at(-1), idx: 99, when: 9_999_999_999_999, tag: '0099_later' });
    writeFileSync(path, JSON.stringify(journal));
    writeFileSync(join(folder, '0099_later.sql'), 'create table later(id)');
    await (await open({}, folder)).db.close();
    const before = bucket.keys();
    await expect(open()).rejects.toMatchObject({ code: 'newer_schema' });
    // The takeover alone has left a trace.
    expect(bucket.keys().length).toBe(before.length + 1);
  });

  it('refuses what the log refuses, before SQLite is touched', async () => {
    const clock = new SteppedClock();
    const one = await open({ pacing: { clock, random: () => 0 } });
    bucket.faults = () => 'unavailable';
    set(one, 'stuck', 1);
    clock.advance(10_001);
    let ran = false;
    const refused = () =>
      one.db.write(() => {
        ran = true;
      });
    expect(refused).toThrow(expect.objectContaining({ code: 'unavailable', retryAfterSeconds: 2 }));
    expect(ran).toBe(false);
    const gate = one.db.gate();
    clock.advance(20_000);
    await expect(gate).rejects.toMatchObject({ code: 'not_durable', retryAfterSeconds: 2 });
    await expect(one.db.effect(() => 'started')).rejects.toMatchObject({ code: 'not_durable' });
  });

  it('keeps silent once another one leads, even of what it knows to be durable', async () => {
    const old = await open();
    set(old, 'a', 1);
    await old.db.gate();
    const next = await open();
    set(next, 'b', 2);
    await next.db.gate();
    set(old, 'lost', 1, 'relaxed');
    expect(old.db.settled).toBe(true);
    set(old, 'lost', 2);
    // The wait is for all commits, so that nothing can be said of a single one.
    await expect(old.db.gate()).rejects.toMatchObject({ code: 'not_durable', cause: expect.any(OutcomeUnknown) });
    expect(old.db.settled).toBe(false);
    expect(() => set(old, 'more', 1)).toThrow(expect.objectContaining({ code: 'not_leader' }));
    expect(await settings()).toEqual(['a=1', 'b=2']);
    expect(old.ends).toHaveLength(1);
  });

  it('lets nothing out after its lease ran out, although nothing waits', async () => {
    const clock = new SteppedClock();
    const one = await open({ soleWriter: false, ttlMs: 6_000, pacing: { clock, random: () => 0 } });
    await eventually(() => bucket.peek(keys.lease) !== null, 'the lease');
    await new Promise(setImmediate);
    await new Promise(setImmediate);
    expect(one.db.settled).toBe(true);
    bucket.faults = () => 'unavailable';
    clock.advance(6_001);
    expect(one.db.settled).toBe(false);
    // Not `not_leader`, which says that nothing happened: an earlier change of the same request is stored.
    await expect(one.db.effect(() => 'started')).rejects.toMatchObject({ code: 'not_durable' });
  });

  it('passes on what is wrong with the file', async () => {
    await (await open()).db.close();
    const elected = await electHere();
    writeFileSync(elected.mainFile, Buffer.alloc(0));
    const opening = openLoggedControlDb({ file: elected.mainFile, migrationsDir, attach: elected.attach });
    await expect(opening).rejects.toThrow(CaptureMismatch);
  });
});
