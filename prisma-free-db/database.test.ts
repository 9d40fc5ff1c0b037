import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';
import { sql } from 'drizzle-orm';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ControlDb, openControlDb } from './database.ts';
import { heldBack } from './durability.ts';
import { createRecordRepository, type RecordRepository } from './repositories/records.ts';

const migrationsDir = fileURLToPath(new URL('./migrations', import.meta.url));
const SMALL_DISK = fileURLToPath(new URL('./test-small-disk.ts', import.meta.url));

describe('the database', () => {
  let folder: string;
  let file: string;
  let db: ControlDb;
  let records: RecordRepository;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'cmb-db-'));
    file = join(folder, 'control.sqlite');
    db = openControlDb({ file, migrationsDir });
    records = createRecordRepository(db.drizzle);
  });
  afterEach(async () => {
    await db.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('rolls all of a failed write back, and tells nobody of it', () => {
    const told: string[] = [];
    const fault = new Error('in the middle');
    expect(() =>
      db.write(() => {
        db.afterCommit(() => told.push('lost'));
        records.setSetting('a', 1);
        throw fault;
      }),
    ).toThrow(fault);
    expect([records.getSetting('a'), told]).toEqual([undefined, []]);
    db.write(() => db.afterCommit(() => told.push('kept')));
    expect(told).toEqual(['kept']);
  });

  it('joins nested writes into one: all or nothing, told once at the end', () => {
    const told: string[] = [];
    expect(() =>
      db.write(() => {
        db.write(() => {
          records.setSetting('inner', 1);
          db.afterCommit(() => told.push('inner'));
        });
        throw new Error('outer');
      }),
    ).toThrow('outer');
    expect(records.getSetting('inner')).toBeUndefined();
    db.write(() => {
      db.write(() => {
        records.setSetting('inner', 2);
        db.afterCommit(() => told.push('inner'));
      });
      expect(told).toEqual([]);
    });
    expect([records.getSetting('inner'), told]).toEqual([2, ['inner']]);
  });

  it('lets what runs after a commit write again', () => {
    db.write(() => db.afterCommit(() => db.write(() => records.setSetting('later', true))));
    expect(records.getSetting('later')).toBe(true);
  });

  it('keeps what was committed when a listener throws, and tells the others', async () => {
    const faults: unknown[] = [];
    const told: string[] = [];
    const other = openControlDb({ file: ':memory:', migrationsDir, onListenerFault: (error) => faults.push(error) });
    const fault = new Error('listener');
    const result = other.write(() => {
      other.afterCommit(() => {
        throw fault;
      });
      other.afterCommit(() => told.push('second'));
      return 'committed';
    });
    expect([result, told, faults]).toEqual(['committed', ['second'], [fault]]);
    await other.close();
  });

  it('refuses a transaction that spans an await, with nothing written', () => {
    expect(() =>
      db.write(async () => {
        records.setSetting('async', 1);
      }),
    ).toThrow();
    expect(records.getSetting('async')).toBeUndefined();
  });

  it('refuses afterCommit outside of a write and the gate inside of one', async () => {
    expect(() => db.afterCommit(() => {})).toThrow('outside of write');
    const inside = db.write(() => ({ gate: db.gate() }));
    await expect(inside.gate).rejects.toThrow('inside a transaction');
  });

  it('holds gate and effects until the commit is durable; relaxed writes hold nothing', async () => {
    const durability = heldBack();
    const held = openControlDb({ file: ':memory:', migrationsDir, durability: () => durability });
    const rows = createRecordRepository(held.drizzle);
    durability.hold();
    held.write(() => rows.setSetting('seen', 1), { durability: 'relaxed' });
    expect(held.settled).toBe(true);
    held.write(() => rows.setSetting('order', 1));
    const done: string[] = [];
    const waits = [held.gate().then(() => done.push('gate')), held.effect(() => done.push('effect'))];
    await new Promise(setImmediate);
    expect([held.settled, done]).toEqual([false, []]);
    durability.release();
    await Promise.all(waits);
    expect([...done].sort()).toEqual(['effect', 'gate']);
    durability.hold();
    held.write(() => rows.setSetting('order', 2));
    durability.fail(new Error('the log is gone'));
    await expect(held.effect(() => done.push('never'))).rejects.toMatchObject({ code: 'not_durable' });
    expect(done).not.toContain('never');
    await held.close();
  });

  it('holds the gate for a change that was made past write, too', async () => {
    const durability = heldBack();
    const held = openControlDb({ file: ':memory:', migrationsDir, durability: () => durability });
    expect(held.settled).toBe(true);
    durability.hold();
    const rolledBack = () =>
      held.write(() => {
        createRecordRepository(held.drizzle).setSetting('rolled back', 1);
        throw new Error('after the change');
      });
    expect(rolledBack).toThrow('after the change');
    expect(held.settled).toBe(true);
    createRecordRepository(held.drizzle).setSetting('past', 1);
    expect(held.settled).toBe(false);
    const gate = held.gate();
    durability.release();
    await gate;
    expect(held.settled).toBe(true);
    await held.close();
  });

  it('names constraint faults, and answers pings until it is closed', async () => {
    db.write(() => db.drizzle.run(sql`create table one (id integer primary key)`));
    const insert = () => db.write(() => db.drizzle.run(sql`insert into one values (1)`));
    insert();
    expect(insert).toThrow(expect.objectContaining({ name: 'DatabaseError', code: 'constraint' }));
    expect(db.ping()).toBe(true);
    await db.close();
    expect(db.ping()).toBe(false);
  });

  it('keeps what a killed process had committed, and nothing of what it had not', async () => {
    const program = `
      import { openControlDb } from ${JSON.stringify(new URL('./database.ts', import.meta.url).href)};
      import { createRecordRepository } from ${JSON.stringify(new URL('./repositories/records.ts', import.meta.url).href)};
      const db = openControlDb({ file: process.argv[1], migrationsDir: process.argv[2] });
      const records = createRecordRepository(db.drizzle);
      db.write(() => records.setSetting('committed', 1));
      db.write(() => {
        records.setSetting('uncommitted', 1);
        process.kill(process.pid, 'SIGKILL');
        for (;;);
      });`;
    const args = ['--input-type=module', '-e', program, file, migrationsDir];
    const { signal } = spawnSync(process.execPath, args, { timeout: 10_000 });
    expect(signal).toBe('SIGKILL');
    expect([records.getSetting('committed'), records.getSetting('uncommitted')]).toEqual([1, undefined]);
  });

  it('names a file that is no database, and leaves it as it is', async () => {
    const broken = join(folder, 'broken.sqlite');
    writeFileSync(broken, 'not a database, however long it may be'.repeat(200));
    const before = readFileSync(broken);
    expect(() => openControlDb({ file: broken, migrationsDir })).toThrow(expect.objectContaining({ code: 'corrupt' }));
    expect(readFileSync(broken)).toEqual(before);
  });

  it.each(['closed well', 'killed before'])(
    'refuses a folder of a newer version that was %s, untouched',
    async (how) => {
      const newer = join(folder, 'newer');
      cpSync(migrationsDir, newer, { recursive: true });
      const journalFile = join(newer, 'meta/_journal.json');
      const journal = JSON.parse(readFileSync(journalFile, 'utf8'));
      const last = journal.entries.at(-1);
      journal.entries.push({ ...last, idx: last.idx + 1, when: last.when + 1, tag: '9999_future' });
      writeFileSync(journalFile, JSON.stringify(journal));
      writeFileSync(join(newer, '9999_future.sql'), 'CREATE TABLE `future` (`id` text PRIMARY KEY NOT NULL);');
      const place = mkdtempSync(join(folder, 'data-'));
      const data = join(place, 'control.sqlite');
      const future = openControlDb({ file: data, migrationsDir: newer });
      future.write(() => createRecordRepository(future.drizzle).setSetting('a', 'b'));
      if (how === 'closed well') await future.close();
      else {
        // As a kill leaves it: the log still beside the file.
        const copy = mkdtempSync(join(folder, 'copy-'));
        for (const name of readdirSync(place)) copyFileSync(join(place, name), join(copy, name));
        await future.close();
        rmSync(place, { recursive: true });
        cpSync(copy, place, { recursive: true });
      }
      // The -shm file is SQLite's shared memory, rebuilt by whoever reads a log that a killed process left: nobody's data.
      const digest = () =>
        readdirSync(place)
          .filter((name) => how === 'closed well' || !name.endsWith('-shm'))
          .sort()
          .map((name) => [
            name,
            createHash('sha256')
              .update(readFileSync(join(place, name)))
              .digest('hex'),
          ]);
      const before = digest();
      expect(() => openControlDb({ file: data, migrationsDir })).toThrow(
        expect.objectContaining({ code: 'newer_schema', message: expect.stringContaining('newer version') }),
      );
      expect(digest()).toEqual(before);
      const back = openControlDb({ file: data, migrationsDir: newer });
      expect(createRecordRepository(back.drizzle).getSetting('a')).toBe('b');
      await back.close();
    },
  );

  it('has migrations in the order of the journal, each with its file, none twice', () => {
    const { entries } = JSON.parse(readFileSync(join(migrationsDir, 'meta/_journal.json'), 'utf8')) as {
      entries: { idx: number; when: number; tag: string }[];
    };
    expect(entries.map(({ idx }) => idx)).toEqual(entries.map((_, i) => i));
    const times = entries.map(({ when }) => when);
    expect(times).toEqual([...new Set(times)].sort((a, b) => a - b));
    const files = readdirSync(migrationsDir).filter((name) => name.endsWith('.sql'));
    expect(files.sort()).toEqual(entries.map(({ tag }) => `${tag}.sql`).sort());
    for (const { tag, idx } of entries) expect(tag.startsWith(String(idx).padStart(4, '0'))).toBe(true);
  });

  it('migrates once and again without a change, and rolls a broken migration back whole', async () => {
    const schema = () => {
      const probe = new Database(file, { readonly: true });
      const rows = probe.prepare('select name, sql from sqlite_master order by name').all();
      probe.close();
      return rows;
    };
    const before = schema();
    await db.close();
    await openControlDb({ file, migrationsDir }).close();
    expect(schema()).toEqual(before);
    const broken = join(folder, 'migrations');
    cpSync(migrationsDir, broken, { recursive: true });
    const journalFile = join(broken, 'meta/_journal.json');
    const journal = JSON.parse(readFileSync(journalFile, 'utf8'));
    const last = journal.entries.at(-1);
    journal.entries.push({ ...last, idx: last.idx + 1, when: last.when + 1, tag: '9999_broken' });
    writeFileSync(journalFile, JSON.stringify(journal));
    writeFileSync(
      join(broken, '9999_broken.sql'),
      'CREATE TABLE `half` (`id` text);\n--> statement-breakpoint\nCREATE TABLE `users` (`id` text);',
    );
    expect(() => openControlDb({ file, migrationsDir: broken })).toThrow();
    expect(schema()).toEqual(before);
  });

  it('on a full disk refuses writes with a clear word, loses nothing, and goes on once there is space', ({ skip }) => {
    const unshare = process.getuid?.() === 0 ? ['-m'] : ['-rm'];
    const onSmallDisk = (...command: string[]) =>
      spawnSync(
        'unshare',
        [...unshare, 'sh', '-c', 'mount -t tmpfs -o size=2m none "$0" && exec "$@"', folder, ...command],
        { encoding: 'utf8', timeout: 12_000 },
      );
    if (onSmallDisk('true').status !== 0) skip('this machine does not let tests mount a small disk');
    const { stdout, stderr } = onSmallDisk(process.execPath, SMALL_DISK, folder);
    const full = expect.stringMatching(/^resource_exhausted: The disk .* is full/);
    expect(
      stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
      stderr,
    ).toEqual([
      { failed: full },
      { halves: 0 },
      { told: true },
      { readable: 'kept', alive: true },
      { again: full },
      { after: 'ok' },
      { reopened: ['kept', 8_000, null] },
      { opening: full },
    ]);
  });
});
