import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Check } from '../check.ts';
import { type Env, readConfig } from '../config.ts';
import { examineLog } from './examine-log.ts';
import { moveLog } from './move-log.ts';
import { checkObjects, listContent } from './survey.ts';
import { type LogBench, lead, openLogBench } from './test-bench.ts';

let bench: LogBench;
beforeEach(async () => {
  bench = await openLogBench();
});
afterEach(() => bench.close());

const seen: string[] = [];
async function examined(variables: Env = {}): Promise<Record<string, Check>> {
  const env = { ...bench.env, ...variables };
  const checks = await examineLog(readConfig(env), env, (file) => {
    seen.push(file);
    return { name: 'inspected', ok: true, message: '' };
  });
  return Object.fromEntries(checks.map((check) => [check.name, check]));
}

async function history(variables: Env = {}): Promise<void> {
  const log = await bench.open(variables);
  const leading = await lead(bench.toolsOn(log), bench.folder);
  await leading.add('one');
  await leading.leader.snapshotNow();
  await leading.add('two');
  await leading.handover();
}

const KEY = 'k'.repeat(32);
const OTHER = 'o'.repeat(32);

describe('the doctor on the database', () => {
  it('a first start makes it, and the doctor does not', async () => {
    const dataDir = join(bench.folder, 'fresh');
    expect(await examined({ CMBCLUSTER_DATA: dataDir })).toEqual({
      database: { name: 'database', ok: true, message: expect.stringMatching(/first start/) },
    });
    expect(existsSync(dataDir)).toBe(false);
  });

  it('finds nothing wrong where nothing is', async () => {
    await history();
    const checks = await examined();
    expect(Object.values(checks).filter(({ ok }) => !ok)).toEqual([]);
    expect(checks.database?.message).toMatch(/slot 4 .*of this data folder alone/);
    expect(checks['database restore']?.message).toMatch(/whole/);
    expect(checks.inspected).toBeDefined();
    expect(existsSync(seen.at(-1) ?? '')).toBe(false);
    expect((await bench.log.bucket.list('control/probe/', null)).keys).toEqual([]);
  });

  it('a named place that is empty, or mistyped', async () => {
    await history({ DATABASE_FOLDER: join(bench.folder, 'log') });
    for (const place of [
      { DATABASE_FOLDER: join(bench.folder, 'log'), DATABASE_PREFIX: 'mistyped' },
      { DATABASE_FOLDER: join(bench.folder, 'mistyped') },
    ])
      expect((await examined(place)).database).toMatchObject({
        ok: false,
        message: expect.stringMatching(/DATABASE_PREFIX.*db init.*db import/s),
      });
  });

  it('who holds it', async () => {
    const named = { DATABASE_FOLDER: join(bench.folder, 'log') };
    const leading = await lead(bench.toolsOn(await bench.open(named)), bench.folder);
    const held = (await examined(named)).database;
    expect(held).toMatchObject({ ok: true, message: expect.stringContaining('held by http://lead') });
    await leading.handover();
    expect((await examined(named)).database?.message).toMatch(/nobody holds it/);
  });

  it('a key that is missing, and one that is not needed any more', async () => {
    const sealed = { SECRET_KEY: KEY, DATABASE_PREFIX: 'sealed' };
    await history(sealed);
    expect((await examined({ ...sealed, SECRET_KEY: OTHER }))['database keys']).toMatchObject({
      ok: false,
      message: expect.stringMatching(/not among those configured/),
    });
    expect((await examined({ ...sealed, SECRET_KEY: `${OTHER},${KEY}` }))['database keys']).toMatchObject({
      ok: true,
      message: expect.not.stringMatching(/not needed/),
    });
    expect((await examined({ ...sealed, SECRET_KEY: `${KEY},${OTHER}` }))['database keys']).toMatchObject({
      ok: true,
      message: expect.stringMatching(/entry 2 is not needed/),
    });
  });

  it('a rotation: the old key goes once a snapshot with the new one is there', async () => {
    const sealed = { SECRET_KEY: KEY, DATABASE_PREFIX: 'sealed' };
    await history(sealed);
    const both = { ...sealed, SECRET_KEY: `${OTHER},${KEY}` };
    const alone = { ...sealed, SECRET_KEY: OTHER };
    const leading = await lead(bench.toolsOn(await bench.open(both)), bench.folder);
    await leading.add('with the new key');
    expect((await examined(alone))['database keys']?.ok).toBe(false);
    await leading.leader.snapshotNow();
    expect((await examined(both))['database keys']?.message).toMatch(/entry 2 is not needed/);
    const checks = await examined(alone);
    expect([checks['database keys']?.ok, checks['database restore']?.ok]).toEqual([true, true]);
    const without = bench.toolsOn(await bench.open(alone));
    expect(await checkObjects(without, () => undefined)).toMatchObject({ faults: [] });
    expect((await listContent(without)).slots[0], 'the first seal, under the old key').toBe(1);
    await leading.handover();
  });

  it('an object that is damaged', async () => {
    await history();
    const { bucket, keys } = bench.log;
    const stored = await bucket.get(keys.log(4));
    const damaged = Buffer.from(stored?.bytes ?? []);
    damaged[180] = (damaged[180] ?? 0) ^ 1;
    await bucket.putIfMatch(keys.log(4), damaged, stored?.etag ?? '');
    expect((await examined())['database restore']).toMatchObject({
      ok: false,
      message: expect.stringMatching(/0000000000000004/),
    });
  });

  it('a database that went elsewhere', async () => {
    await history();
    await moveLog(bench.tools, await bench.open({ DATABASE_PREFIX: 'new' }));
    expect((await examined()).database).toMatchObject({ ok: false, message: expect.stringMatching(/moved to/) });
  });
});
