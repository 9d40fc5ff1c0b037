/** What can go wrong around a leader without the store: a full disk, a folder that vanishes, clocks that jump. Nothing acknowledged is lost. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it, onTestFinished } from 'vitest';
import { LeaseObserver } from './lease.ts';
import { MemoryBucket } from './memory-bucket.ts';
import { fastClock, found, SteppedClock, TestDatabase, type TestTerms } from './test-leader.ts';
import { keys } from './test-log.ts';

const FULL_DISK = fileURLToPath(new URL('./test-full-disk.ts', import.meta.url));
const DAY_MS = 86_400_000;

const open: TestDatabase[] = [];
afterEach(async () => {
  for (const database of open.splice(0)) await database.end();
});

async function lead(bucket: MemoryBucket, terms: TestTerms = {}): Promise<TestDatabase> {
  const database = await TestDatabase.lead(bucket, terms);
  open.push(database);
  return database;
}

describe('a full disk', () => {
  it('refuses what does not fit, keeps what was acknowledged, and ends a leader only at a checkpoint', ({ skip }) => {
    const folder = mkdtempSync(join(tmpdir(), 'full-disk-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const unshare = process.getuid?.() === 0 ? ['-m'] : ['-rm'];
    const onSmallDisk = (...command: string[]) =>
      spawnSync(
        'unshare',
        [...unshare, 'sh', '-c', 'mount -t tmpfs -o size=1m none "$0" && exec "$@"', folder, ...command],
        { encoding: 'utf8', timeout: 12_000, env: { ...process.env, TMPDIR: folder } },
      );
    if (onSmallDisk('true').status !== 0) skip('this machine does not let tests mount a small disk');
    const { stdout, stderr } = onSmallDisk(process.execPath, '--disable-warning=ExperimentalWarning', FULL_DISK);
    expect(stdout === '' ? stderr : JSON.parse(stdout)).toEqual({
      ...{ refusals: ['SQLITE_FULL'], alive: true, whileFull: 1, afterwards: 10 },
      ...{ snapshot: 'failed', ended: 1, same: true },
    });
  });
});

describe('a folder that is removed under a live leader', () => {
  it('harms nothing: it goes on, checkpoints and stores snapshots on what it holds open', async () => {
    const bucket = new MemoryBucket();
    const database = await lead(bucket, { soleWriter: true });
    await database.commit('create table t(id integer primary key, body blob)');
    rmSync(database.folder, { recursive: true });
    for (let id = 1; id < 10; id += 1) {
      await database.commit(`insert into t values (${id}, randomblob(9000))`);
      if (id % 3 === 0) await database.log.snapshotNow();
    }
    const { image, rows } = await found(bucket);
    expect(rows('select count(*) from t')).toEqual([9]);
    expect(image.equals(database.image())).toBe(true);
    mkdirSync(database.folder);
  });
});

describe('clocks that jump by a day', () => {
  const JUMPS = [DAY_MS, -DAY_MS, 30 * DAY_MS, -30 * DAY_MS];

  it('of the wall: every state of the present stays, with a retention by age too', async () => {
    const bucket = new MemoryBucket();
    let now = Date.parse('2026-06-01T00:00:00Z');
    const terms: TestTerms = { at: () => new Date(now).toISOString(), retain: { ms: 5 * 3_600_000 }, soleWriter: true };
    let database = await lead(bucket, terms);
    await database.commit('create table t(id integer primary key, body blob)');
    let rows = 0;
    for (const jump of [...JUMPS, ...JUMPS]) {
      now += jump;
      for (let each = 0; each < 3; each += 1) {
        rows += 1;
        await database.commit(`insert into t values (${rows}, randomblob(5000))`);
      }
      await database.log.snapshotNow();
      const { image, rows: query } = await found(bucket);
      expect(query('select count(*) from t')).toEqual([rows]);
      expect(image.equals(database.image())).toBe(true);
      if (jump < 0) database = await lead(bucket, terms);
    }
    expect(database.ends).toEqual([]);
  });

  it('of the wall: a lease runs out neither earlier nor later', async () => {
    const bucket = new MemoryBucket();
    const clock = new SteppedClock();
    let now = Date.parse('2026-06-01T00:00:00Z');
    const at = () => new Date(now).toISOString();
    const database = await lead(bucket, { at, ttlMs: 6_000, pacing: { clock, random: () => 0 } });
    await database.log.ready();
    const observer = new LeaseObserver(bucket, { keys, ttlMs: 6_000 }, { clock: fastClock(1), random: () => 0 });
    expect((await observer.look(1)).due).toBe(false);
    for (const jump of JUMPS) {
      now += jump;
      expect([database.log.current, (await observer.look(1)).due]).toEqual([true, false]);
    }
    await database.commit('create table t(id)');
    expect(database.ends).toEqual([]);
  });
});
