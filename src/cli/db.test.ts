/** The `db` commands as a person runs them, on a log of this machine; on real servers in e2e/conformance. */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Env } from '../boot/config.ts';
import { openDataFolder } from '../boot/data-folder.ts';
import { type LogBench, lead, MIGRATIONS, makeDatabase, openLogBench, rowsIn } from '../boot/database/test-bench.ts';
import { runDb } from './db.ts';

let bench: LogBench;
beforeEach(async () => {
  bench = await openLogBench();
});
afterEach(() => bench.close());

async function run(args: string[], variables: Env = {}) {
  let out = '';
  let err = '';
  const code = await runDb(args, {
    env: { ...bench.env, ...variables },
    migrationsDir: MIGRATIONS,
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
  });
  return { code, out, err, json: () => JSON.parse(out) };
}

async function history(): Promise<void> {
  const leading = await lead(bench.tools, bench.folder, { retain: { ms: 86_400_000 } });
  for (const text of ['one', 'two', 'three']) await leading.add(text);
  await leading.leader.snapshotNow();
  await leading.add('four');
  await leading.handover();
}

const path = (name: string) => join(bench.folder, name);

describe('cmbcluster db', () => {
  it.each<[string[], number]>([
    [['help'], 0],
    [[], 0],
    [['restore', '--help'], 0],
    [['explode'], 2],
    [['constructor'], 2],
    [['status', '--loud'], 2],
    [['restore'], 2],
    [['restore', '--out'], 2],
    [['restore', '--out', 'a', '--to', 'b'], 2],
    [['import'], 2],
    [['inspect', 'a', 'b'], 2],
    [['export'], 2],
    [['move'], 2],
    [['move', '--to-storage', 'memory'], 2],
    [['gc'], 2],
  ])('%j ends with %i and tells the usage', async (args, code) => {
    const ran = await run(args);
    expect(ran.code).toBe(code);
    expect(ran.out + ran.err).toContain('cmbcluster db');
  });

  it('says what to do where there is nothing', async () => {
    for (const args of [['status'], ['verify'], ['export', '--out', path('x')], ['restore', '--to', 'y']]) {
      const ran = await run(args);
      expect(ran.code).toBe(1);
      expect(ran.out + ran.err).toMatch(/db init.*db import|db import.*db init/s);
    }
    expect(existsSync(path('x'))).toBe(false);
  });

  it('tells what is there, as text and as JSON', async () => {
    await history();
    const text = await run(['status']);
    expect(text).toMatchObject({ code: 0, out: expect.stringMatching(/last +slot 6 .*\n.*\nsnapshot +slot 5/s) });
    expect((await run(['status', '--json'])).json()).toMatchObject({
      ok: true,
      last: { seq: 6 },
      counts: { bases: 1 },
    });
  });

  it('proves the present, and every object', async () => {
    await history();
    expect((await run(['verify', '--json'])).json()).toMatchObject({ ok: true, seq: 6, snapshot: 5, slots: 1 });
    expect((await run(['verify', '--all'])).out).toMatch(/All \d+ objects are whole/);
    const { bucket, keys } = bench.log;
    const stored = await bucket.get(keys.log(3));
    await bucket.putIfMatch(keys.log(3), Buffer.from('damaged'), stored?.etag ?? '');
    expect(await run(['verify'])).toMatchObject({ code: 0 });
    const all = await run(['verify', '--all']);
    expect(all).toMatchObject({ code: 3, out: expect.stringContaining(keys.log(3)) });
    const last = await bucket.get(keys.log(6));
    await bucket.putIfMatch(keys.log(6), Buffer.from('damaged'), last?.etag ?? '');
    const ran = await run(['verify']);
    expect(ran.code).toBe(3);
    expect(ran.err).toMatch(/0000000000000006.*OPERATIONS/s);
    expect((await run(['inspect', keys.log(6)])).code).toBe(3);
  });

  it('lists and inspects objects', async () => {
    await history();
    expect((await run(['inspect'])).out.trim().split('\n')).toHaveLength(7);
    expect((await run(['inspect', 'log/0000000000000001', '--json'])).json()).toMatchObject({
      kind: 'seal',
      fault: null,
    });
    expect((await run(['inspect', 'log/00000000000000ff'])).code).toBe(1);
  });

  it('exports and restores to a file, beside a running server too', async () => {
    await history();
    const folder = openDataFolder(join(bench.folder, 'data'));
    expect(await run(['export', '--out', path('now')])).toMatchObject({ code: 0 });
    expect(rowsIn(path('now'))).toHaveLength(4);
    expect(await run(['restore', '--at', '4', '--out', path('then')])).toMatchObject({ code: 0 });
    expect(rowsIn(path('then'))).toHaveLength(2);
    expect(await run(['export', '--out', path('now')])).toMatchObject({
      code: 1,
      err: expect.stringMatching(/already/),
    });
    expect(await run(['restore', '--at', '99', '--out', path('never')])).toMatchObject({
      code: 1,
      err: expect.stringMatching(/ends with slot 6/),
    });
    for (const slot of [2, 3, 4]) await bench.log.bucket.delete(bench.log.keys.log(slot));
    expect(await run(['restore', '--at', '4', '--out', path('never')])).toMatchObject({
      code: 1,
      err: expect.stringMatching(/oldest state is slot 5/),
    });
    expect(existsSync(path('never'))).toBe(false);
    folder.release();
  });

  it('brings yesterday back below a new prefix, from which a server goes on', async () => {
    await history();
    const ran = await run(['restore', '--at', '4', '--to', 'yesterday']);
    expect(ran).toMatchObject({ code: 0, out: expect.stringContaining('DATABASE_PREFIX=yesterday') });
    const log = await bench.open({ DATABASE_PREFIX: 'yesterday' });
    const leading = await lead(bench.toolsOn(log), bench.folder);
    await leading.add('another');
    await leading.handover();
    await run(['export', '--out', path('new')], { DATABASE_PREFIX: 'yesterday' });
    expect(rowsIn(path('new')).map((row) => (row as { text: string }).text)).toEqual(['one', 'two', 'another']);
    expect((await run(['status', '--json'])).json().last.seq).toBe(6);
    expect((await run(['restore', '--to', 'yesterday'])).code).toBe(1);
  });

  it('begins with a file, once', async () => {
    makeDatabase(path('old.sqlite')).close();
    expect(await run(['import', path('old.sqlite')])).toMatchObject({
      code: 0,
      out: expect.stringMatching(/byte by byte/),
    });
    expect((await run(['import', path('old.sqlite'), '--json'])).json()).toMatchObject({
      ok: true,
      alreadyThere: true,
    });
    expect(await run(['import', path('no-such-file')])).toMatchObject({ code: 1 });
    writeFileSync(path('text'), 'no database, but long enough to have a header of one hundred bytes'.repeat(3));
    expect(await run(['import', path('text')], { DATABASE_PREFIX: 'x' })).toMatchObject({ code: 1 });
  });

  it('begins empty, once, in a folder that is named', async () => {
    const named = { DATABASE_FOLDER: path('log') };
    expect(await run(['init'], named)).toMatchObject({ code: 0 });
    expect((await run(['status', '--json'], named)).json()).toMatchObject({ ok: true, lease: { released: true } });
    // A server goes on from it.
    const log = await bench.open(named);
    const leading = await lead(bench.toolsOn(log), bench.folder);
    await leading.add('first');
    await leading.handover();
    expect(await run(['init'], named)).toMatchObject({ code: 1, err: expect.stringMatching(/already/) });
  });

  it('moves, and says with which variables to go on', async () => {
    await history();
    const ran = await run(['move', '--to-folder', path('new-disk'), '--to-prefix', 'a/b']);
    expect(ran).toMatchObject({ code: 0, out: expect.stringContaining(`DATABASE_FOLDER=${path('new-disk')}`) });
    const there = { DATABASE_FOLDER: path('new-disk'), DATABASE_PREFIX: 'a/b' };
    expect((await run(['verify', '--json'], there)).json()).toMatchObject({ ok: true, seq: 6 });
    expect((await run(['status'])).out).toMatch(/moved +to/);
    expect(await run(['move', '--to-prefix', 'c'])).toMatchObject({
      code: 1,
      err: expect.stringMatching(/was moved to/),
    });
    expect(await run(['move', '--to-prefix', '../out'])).toMatchObject({
      code: 1,
      err: expect.stringMatching(/to-prefix/),
    });
  });

  it('does not lead the log of this machine beside a server', async () => {
    await history();
    const folder = openDataFolder(join(bench.folder, 'data'));
    for (const args of [['move', '--to-prefix', 'x'], ['import', path('y')], ['init']])
      expect(await run(args)).toMatchObject({ code: 1, err: expect.stringMatching(/server is running/) });
    expect((await run(['status'])).code).toBe(0);
    folder.release();
  });

  it('tells what would be collected', async () => {
    await history();
    expect((await run(['gc', '--dry-run', '--json'])).json()).toMatchObject({ slots: [], retainedFrom: 1 });
    const none = (await run(['gc', '--dry-run', '--json'], { DATABASE_RETENTION_DAYS: '0' })).json();
    expect(none.slots).toEqual([2, 3, 4, 5]);
    expect((await run(['inspect'])).out.trim().split('\n')).toHaveLength(7);
  });

  it('probes the storage', async () => {
    expect(await run(['probe'])).toMatchObject({ code: 0, out: expect.stringContaining('✓') });
    expect((await run(['status'])).code).toBe(1);
  });

  it('names a wrong key, and a missing one', async () => {
    const key = { SECRET_KEY: 'k'.repeat(32), DATABASE_PREFIX: 'sealed' };
    const leading = await lead(bench.toolsOn(await bench.open(key)), bench.folder);
    await leading.add('secret');
    await leading.handover();
    expect(await run(['verify'], key)).toMatchObject({ code: 0 });
    const rotated = { ...key, SECRET_KEY: `${'n'.repeat(32)},${'k'.repeat(32)}` };
    expect(await run(['verify'], rotated)).toMatchObject({ code: 0 });
    for (const SECRET_KEY of ['o'.repeat(32), undefined])
      expect(await run(['verify'], { ...key, SECRET_KEY })).toMatchObject({
        code: 1,
        err: expect.stringMatching(/SECRET_KEY/),
      });
  });

  it('tells of wrong variables as a start does, and of errors as JSON', async () => {
    expect(await run(['status'], { DATABASE_PREFIX: '//' })).toMatchObject({
      code: 1,
      err: expect.stringContaining('DATABASE_PREFIX'),
    });
    expect((await run(['verify', '--json'])).json()).toMatchObject({
      ok: false,
      error: expect.stringMatching(/db init/),
    });
  });
});
