import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readHeader } from '../../../prisma-free-db/replication/codec.ts';
import { MemoryPages } from '../../../prisma-free-db/replication/page-sink.ts';
import { importDatabase, importFormerDatabase } from './import-database.ts';
import {
  LEASE_MS,
  type LogBench,
  lead,
  MIGRATIONS,
  makeDatabase,
  migrationsUpTo,
  openLogBench,
  rowsIn,
  SCHEMAS,
} from './test-bench.ts';
import { readLease, restoreInto, restoreToFile } from './tools.ts';

let bench: LogBench;
let file: string;
beforeEach(async () => {
  bench = await openLogBench();
  file = join(bench.folder, 'data', 'db', 'control.sqlite');
});
afterEach(() => bench.close());

const order = () => ({
  ...bench.tools,
  file,
  workDir: join(bench.folder, 'work'),
  migrationsDir: MIGRATIONS,
  alone: true,
});

describe('importing a database', () => {
  it('brings all of it into the log, and leaves the original as it was', async () => {
    const sqlite = makeDatabase(file);
    sqlite.pragma('wal_checkpoint(TRUNCATE)');
    sqlite.prepare("insert into kept (text) values ('only in the wal')").run();
    const before = [file, `${file}-wal`].map((path) => readFileSync(path));
    const imported = await importDatabase(order());
    expect(imported).toMatchObject({ seq: 2, alreadyThere: false });
    expect([file, `${file}-wal`].map((path) => readFileSync(path))).toEqual(before);
    sqlite.close();
    const back = join(bench.folder, 'back.sqlite');
    await restoreToFile(bench.tools, back);
    expect(rowsIn(back)).toEqual(rowsIn(file));
    expect(rowsIn(back)).toContainEqual({ id: 51, text: 'only in the wal' });
    expect(statSync(back).size).toBe(imported.bytes);
    expect(existsSync(join(bench.folder, 'work'))).toBe(true);
  });

  it('lets a server begin at once', async () => {
    makeDatabase(file).close();
    await importDatabase(order());
    expect(await readLease(bench.tools)).toMatchObject({ released: true, seq: 2, epoch: 1 });
  });

  it.each(Array.from({ length: SCHEMAS }, (_, index) => index + 1))(
    'takes the schema of %i migrations',
    async (count) => {
      makeDatabase(file, migrationsUpTo(count, bench.folder)).close();
      const rows = rowsIn(file);
      await importDatabase(order());
      const back = join(bench.folder, 'back.sqlite');
      await restoreToFile(bench.tools, back);
      expect(rowsIn(back)).toEqual(rows);
    },
  );

  it('refuses a newer schema, and has written nothing then', async () => {
    makeDatabase(file).close();
    const newer = { ...order(), migrationsDir: migrationsUpTo(SCHEMAS - 1, bench.folder) };
    await expect(importDatabase(newer)).rejects.toMatchObject({ code: 'newer_schema' });
    expect((await bench.log.bucket.list('', null)).keys).toEqual([]);
  });

  it.each([
    ['is no database', () => writeFileSync(file, 'x'.repeat(8_192)), /no database that SQLite can read/],
    [
      'is damaged',
      () => {
        makeDatabase(file, MIGRATIONS, 2_000).close();
        const bytes = readFileSync(file);
        bytes.fill(0x5a, bytes.length - 5 * 4_096, bytes.length - 2 * 4_096);
        writeFileSync(file, bytes);
      },
      /is damaged/,
    ],
  ])('refuses a file that %s', async (_, make, message) => {
    mkdirSync(join(bench.folder, 'data', 'db'), { recursive: true });
    make();
    await expect(importDatabase(order())).rejects.toMatchObject({
      code: 'failed_precondition',
      message: expect.stringMatching(message),
    });
    expect((await bench.log.bucket.list('', null)).keys).toEqual([]);
  });

  it('is resumed wherever it was cut off, and done once', async () => {
    makeDatabase(file).close();
    const { bucket } = bench.log;
    for (const [cutAt, operation] of [
      [1, 'putIfAbsent'],
      [2, 'putIfAbsent'],
      [1, 'putIfMatch'],
    ] as const) {
      let left = cutAt;
      const cut = async () => {
        left -= 1;
        if (left === 0) throw new Error('killed');
      };
      const dying = {
        ...bucket,
        putIfAbsent: async (key: string, bytes: Uint8Array) => {
          if (operation === 'putIfAbsent') await cut();
          return bucket.putIfAbsent(key, bytes);
        },
        putIfMatch: async (key: string, bytes: Uint8Array, etag: string | null) => {
          if (operation === 'putIfMatch') await cut();
          return bucket.putIfMatch(key, bytes, etag);
        },
      };
      await expect(importDatabase({ ...order(), log: { ...bench.log, bucket: dying } })).rejects.toThrow('killed');
    }
    const again = await importDatabase(order());
    expect(again).toMatchObject({ alreadyThere: true });
    const back = join(bench.folder, 'back.sqlite');
    await restoreToFile(bench.tools, back);
    expect(rowsIn(back)).toEqual(rowsIn(file));
  });

  /** The order over a bucket whose process dies at that write of a slot, before it or after it. */
  const dyingAt = (write: number, when: 'before' | 'after') => {
    const { bucket } = bench.log;
    let left = write;
    const putIfAbsent = async (key: string, bytes: Uint8Array) => {
      left -= 1;
      if (left === 0 && when === 'before') throw new Error('killed');
      const outcome = await bucket.putIfAbsent(key, bytes);
      if (left === 0) throw new Error('killed');
      return outcome;
    };
    return { ...order(), slotBytes: 40_000, log: { ...bench.log, bucket: { ...bucket, putIfAbsent } } };
  };

  it('brings a large one in several slots, none of them larger than one may be', async () => {
    makeDatabase(file, MIGRATIONS, 1_000).close();
    const imported = await importDatabase({ ...order(), slotBytes: 40_000 });
    const slots = (await bench.log.bucket.list(bench.log.keys.logPrefix, null)).keys;
    expect(imported.seq).toBe(slots.length);
    expect(slots.length).toBe(2 + Math.ceil(imported.pages / 9));
    for (const key of slots) {
      const stored = await bench.log.bucket.get(key);
      expect(readHeader(stored?.bytes ?? new Uint8Array()).rawLen).toBeLessThan(41_000);
    }
    const back = join(bench.folder, 'back.sqlite');
    await restoreToFile(bench.tools, back);
    expect(rowsIn(back)).toEqual(rowsIn(file));
    const led = await lead(bench.tools, bench.folder);
    await led.add('goes on');
    await led.handover();
  });

  it.each([
    ['in the middle', 4, 'before'],
    ['behind a slot', 4, 'after'],
    ['before the last slot', 'last', 'before'],
  ] as const)('cut off %s leaves what nobody takes for a database, and goes on', async (_, write, when) => {
    makeDatabase(file, MIGRATIONS, 1_000).close();
    const slots = 2 + Math.ceil(statSync(file).size / 4_096 / 9);
    await expect(importDatabase(dyingAt(write === 'last' ? slots : write, when))).rejects.toThrow('killed');
    const half = join(bench.folder, 'half.sqlite');
    await expect(restoreToFile(bench.tools, half)).rejects.toMatchObject({ code: 'unfinished' });
    expect(existsSync(half)).toBe(false);
    await expect(lead(bench.tools, bench.folder)).rejects.toMatchObject({ code: 'unfinished' });
    const { keys: written } = await bench.log.bucket.list(bench.log.keys.logPrefix, null);
    expect(written.length).toBe(write === 'last' ? slots - 1 : when === 'before' ? 3 : 4);
    // Even to whoever knows nothing of this: no database for SQLite.
    const sink = new MemoryPages();
    await restoreInto(bench.tools, sink);
    writeFileSync(half, sink.content);
    expect(() => rowsIn(half)).toThrow(/not a database/);

    expect(await importDatabase({ ...order(), slotBytes: 40_000 })).toMatchObject({ alreadyThere: false });
    const back = join(bench.folder, 'back.sqlite');
    await restoreToFile(bench.tools, back);
    expect(rowsIn(back)).toEqual(rowsIn(file));
  });

  it('goes on with a smaller file, and not with one of other pages', async () => {
    makeDatabase(file, MIGRATIONS, 1_000).close();
    await expect(importDatabase(dyingAt(9, 'before'))).rejects.toThrow('killed');
    const other = new Database(join(bench.folder, 'other.sqlite'));
    other.pragma('page_size = 8192');
    other.exec('create table kept (id integer primary key, text text)');
    other.close();
    await expect(importDatabase({ ...order(), file: join(bench.folder, 'other.sqlite') })).rejects.toMatchObject({
      message: expect.stringMatching(/of another database/),
    });
    const small = new Database(join(bench.folder, 'small.sqlite'));
    small.exec('create table kept (id integer primary key, text text)');
    small.close();
    await importDatabase({ ...order(), file: join(bench.folder, 'small.sqlite') });
    await restoreToFile(bench.tools, join(bench.folder, 'back.sqlite'));
    expect(rowsIn(join(bench.folder, 'back.sqlite'))).toEqual([]);
  });

  it('refuses a place that holds another database', async () => {
    makeDatabase(file).close();
    await importDatabase(order());
    makeDatabase(file, MIGRATIONS, 3).close();
    await expect(importDatabase(order())).rejects.toMatchObject({
      code: 'failed_precondition',
      message: expect.stringMatching(/already/),
    });
  });

  it('is encrypted where keys are', async () => {
    const secret = await bench.open({ SECRET_KEY: 'k'.repeat(32), DATABASE_PREFIX: 'sealed' });
    makeDatabase(file).close();
    await importDatabase({ ...order(), log: secret });
    const text = readFileSync(file).subarray(0, 15);
    for (const key of (await secret.bucket.list('sealed/', null)).keys)
      expect(Buffer.from((await secret.bucket.get(key))?.bytes ?? []).includes(text)).toBe(false);
    const lost = await bench.open({ DATABASE_PREFIX: 'sealed' });
    await expect(restoreToFile(bench.toolsOn(lost), join(bench.folder, 'x'))).rejects.toMatchObject({
      code: 'wrong_key',
    });
    expect(existsSync(join(bench.folder, 'x'))).toBe(false);
  });

  it('waits for a lease to run out before it takes a place', async () => {
    makeDatabase(file).close();
    const lease = { epoch: 1, owner: 'somebody', url: 'http://there', seq: 0, n: 1 };
    const put = (n: number, etag: string | null) =>
      bench.log.bucket.putIfMatch(bench.log.keys.lease, Buffer.from(JSON.stringify({ ...lease, n })), etag);
    const etag = await put(1, null);
    // An import into a log that was sealed by hand, and whose leader still lives.
    const beating = importDatabase({ ...order(), alone: false, leaseMs: 10 * LEASE_MS });
    const beats = setInterval(() => void put(2, etag), 300);
    try {
      await expect(beating).rejects.toMatchObject({ message: expect.stringContaining('http://there') });
    } finally {
      clearInterval(beats);
    }
  });
});

describe('a data folder from before the log', () => {
  const former = () => importFormerDatabase(order());

  it('is imported once; a log that got lost is not begun anew with it', async () => {
    makeDatabase(file).close();
    expect(await former()).toMatchObject({ seq: 2 });
    expect(await former()).toBeNull();
    for (const key of (await bench.log.bucket.list('', null)).keys) await bench.log.bucket.delete(key);
    await expect(former()).rejects.toMatchObject({ message: expect.stringContaining(`db import ${file}`) });
    expect(existsSync(file)).toBe(true);
    await importDatabase(order());
    expect(await former()).toBeNull();
  });

  it('is not there', async () => {
    expect(await former()).toBeNull();
  });
});
