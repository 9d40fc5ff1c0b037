/** The adapter on the stores that need no server; versitygw and Cloud Storage are in e2e/conformance. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LogBucket } from '../../../prisma-free-db/replication/bucket.ts';
import { BUCKET_SUITE } from '../../../prisma-free-db/replication/bucket-suite.ts';
import { systemClock } from '../../../prisma-free-db/replication/clock.ts';
import { Ambiguous, UnsafeStore } from '../../../prisma-free-db/replication/errors.ts';
import { logKeys } from '../../../prisma-free-db/replication/names.ts';
import { probeStore } from '../../../prisma-free-db/replication/probe.ts';
import { AppError, type ErrorCode } from '../../domain/errors.ts';
import { openMemoryStorage } from '../../ports/storage/memory.ts';
import type { Bucket } from '../../ports/storage/storage.ts';
import { readConfig } from '../config.ts';
import { logBucket } from './log-bucket.ts';
import { type DatabaseLog, openLogBucket } from './open-log.ts';

const quiet = { info() {}, warn() {}, error() {} };
const bytes = Buffer.from('bytes');
const pacing = { clock: systemClock, random: Math.random };

let folder: string;
let opened: DatabaseLog;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'cmbcluster-log-'));
  opened = await openLogBucket(readConfig({ CMBCLUSTER_DATA: folder }), { env: {}, log: quiet, now: Date.now });
});
afterEach(async () => {
  await opened.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('a bucket of this machine as the log’s', () => {
  // More than a page of objects, each made durable: seconds on a busy disk.
  it.each(BUCKET_SUITE)('$name', { timeout: 60_000 }, async ({ run }) => {
    await run(opened.bucket, 'suite/');
  });

  it('passes the start-up probe, which leaves nothing behind', async () => {
    await probeStore(opened.bucket, opened.keys, pacing);
    expect(await opened.bucket.list('', null)).toEqual({ keys: [], more: false });
  });

  it('is opened again with what it holds, and lies in the data folder', async () => {
    expect(opened.own).toBe(true);
    expect(opened.placeInWords).toContain(folder);
    await opened.bucket.putIfAbsent('control/log/a', bytes);
    const again = await openLogBucket(readConfig({ CMBCLUSTER_DATA: folder }), { env: {}, log: quiet, now: Date.now });
    expect((await again.bucket.get('control/log/a'))?.bytes).toEqual(bytes);
    await again.close();
  });

  it('is opened where the folder was copied without what lies beside it', async () => {
    await opened.bucket.putIfAbsent('control/log/a', bytes);
    rmSync(join(folder, 'db', 'buckets.meta'), { recursive: true });
    const again = await openLogBucket(readConfig({ CMBCLUSTER_DATA: folder }), { env: {}, log: quiet, now: Date.now });
    expect((await again.bucket.get('control/log/a'))?.bytes).toEqual(bytes);
    expect(await again.bucket.putIfAbsent('control/log/b', bytes)).toBe('created');
    await again.close();
  });

  it('a folder of somebody’s choice is not the data folder’s own', async () => {
    const config = readConfig({ CMBCLUSTER_DATA: folder, DATABASE_FOLDER: join(folder, 'elsewhere') });
    const other = await openLogBucket(config, { env: {}, log: quiet, now: Date.now });
    expect(other.own).toBe(false);
    await other.close();
  });
});

describe('a bucket in memory as the log’s', () => {
  it.each(BUCKET_SUITE)('$name', async ({ run }) => {
    const storage = openMemoryStorage();
    await storage.createBucket('the-log', { labels: {} });
    await run(logBucket(storage.bucket('the-log'), { clock: systemClock }), 'suite/');
  });
});

describe('a store that breaks the promises', () => {
  async function bucketThat(change: (real: Bucket) => Partial<Bucket>): Promise<LogBucket> {
    const storage = openMemoryStorage();
    await storage.createBucket('the-log', { labels: {} });
    const real = storage.bucket('the-log');
    return logBucket({ ...real, ...change(real) }, { clock: systemClock });
  }

  it.each<[string, (real: Bucket) => Partial<Bucket>]>([
    ['ignores every condition', (real) => ({ put: (key, body) => real.put(key, body) })],
    [
      'ignores create-if-absent',
      (real) => ({
        put: (key, body, options) =>
          real.put(key, body, options?.condition && 'ifVersion' in options.condition ? options : {}),
      }),
    ],
    [
      'looks first and writes then',
      (real) => ({
        async put(key, body, options) {
          if (options?.condition && 'ifVersion' in options.condition) return real.put(key, body, options);
          const there = await real.head(key).catch(() => null);
          if (there) throw new AppError('conflict', 'There is one.', { details: { outcome: 'not_applied' } });
          return real.put(key, body);
        },
      }),
    ],
    [
      'compares a version first and writes then',
      (real) => ({
        async put(key, body, options) {
          const condition = options?.condition;
          if (!condition || 'ifAbsent' in condition) return real.put(key, body, options);
          const there = await real.head(key);
          if (there.version !== condition.ifVersion)
            throw new AppError('conflict', 'Another version.', { details: { outcome: 'not_applied' } });
          return real.put(key, body);
        },
      }),
    ],
  ])('is refused by the probe: %s', async (_, change) => {
    const bucket = await bucketThat(change);
    await expect(probeStore(bucket, logKeys('control'), pacing)).rejects.toThrow(UnsafeStore);
  });

  it('is refused when it has no versions to compare', async () => {
    const bucket = await bucketThat(() => ({
      put: async () => {
        throw new AppError('unimplemented', 'This storage cannot compare versions.');
      },
    }));
    await expect(bucket.putIfMatch('a', bytes, 'x')).rejects.toThrow(UnsafeStore);
  });
});

describe('what the store’s failures mean', () => {
  const failing = (error: () => unknown) => {
    const fail = async () => {
      throw error();
    };
    const bucket: Pick<Bucket, 'put' | 'get' | 'list' | 'delete'> = { put: fail, get: fail, list: fail, delete: fail };
    return bucket as Bucket;
  };
  const calls: [string, (bucket: LogBucket) => Promise<unknown>][] = [
    ['putIfAbsent', (bucket) => bucket.putIfAbsent('a', bytes)],
    ['putIfMatch', (bucket) => bucket.putIfMatch('a', bytes, 'v')],
    ['get', (bucket) => bucket.get('a')],
    ['list', (bucket) => bucket.list('', null)],
    ['delete', (bucket) => bucket.delete('a')],
  ];

  it.each(
    calls.flatMap(([name, call]) =>
      (['unavailable', 'deadline_exceeded', 'resource_exhausted'] as const).map((code) => [name, code, call] as const),
    ),
  )('%s answers nothing definite on %s', async (_, code, call) => {
    const bucket = logBucket(
      failing(() => new AppError(code, 'x')),
      { clock: systemClock },
    );
    await expect(call(bucket)).rejects.toThrow(Ambiguous);
  });

  it('two requests that meet (409) are no condition that failed (412)', async () => {
    let retryable = true;
    const bucket = logBucket(
      failing(() => new AppError('conflict', 'x', { retryable })),
      { clock: systemClock },
    );
    await expect(bucket.putIfAbsent('a', bytes)).rejects.toThrow(Ambiguous);
    await expect(bucket.putIfMatch('a', bytes, 'v')).rejects.toThrow(Ambiguous);
    retryable = false;
    expect(await bucket.putIfAbsent('a', bytes)).toBe('exists');
    expect(await bucket.putIfMatch('a', bytes, 'v')).toBeNull();
  });

  it('a bucket that is gone is not an object that is not there', async () => {
    let details: Record<string, unknown> = {};
    const bucket = logBucket(
      failing(() => new AppError('not_found', 'x', { details })),
      {
        clock: systemClock,
        hiccupMs: 0,
      },
    );
    expect(await bucket.get('a')).toBeNull();
    details = { missing: 'bucket' };
    await expect(bucket.get('a')).rejects.toMatchObject({ code: 'not_found' });
  });

  it('a missing bucket is told apart on this machine and in memory', async () => {
    for (const bucket of [opened.storage.bucket('not-there'), openMemoryStorage().bucket('not-there')])
      await expect(logBucket(bucket, { clock: systemClock }).get('a')).rejects.toMatchObject({ code: 'not_found' });
  });

  it('a refusal counts at once where the store never let us in, and after a time where it had', async () => {
    let now = 0;
    const clock = { now: () => now, sleep: async () => {} };
    let code: ErrorCode | null = 'permission_denied';
    const storage = openMemoryStorage();
    await storage.createBucket('the-log', { labels: {} });
    const real = storage.bucket('the-log');
    const moody: Bucket = {
      ...real,
      async list(options) {
        if (code) throw new AppError(code, 'no');
        return real.list(options);
      },
    };
    const bucket = logBucket(moody, { clock, hiccupMs: 1_000 });
    const ask = () =>
      bucket.list('', null).then(
        () => 'answered',
        (error: unknown) => (error instanceof Ambiguous ? 'unclear' : 'refused'),
      );
    expect(await ask()).toBe('refused');
    code = null;
    expect(await ask()).toBe('answered');
    code = 'permission_denied';
    const seen: string[] = [];
    for (now of [5_000, 5_500, 5_999, 6_000, 9_000]) seen.push(await ask());
    expect(seen).toEqual(['unclear', 'unclear', 'unclear', 'refused', 'refused']);
    code = null;
    expect(await ask()).toBe('answered');
    code = 'failed_precondition';
    expect(await ask()).toBe('unclear');
  });

  it('that reads go well does not excuse writes that are refused', async () => {
    let now = 0;
    const clock = { now: () => now, sleep: async () => {} };
    const storage = openMemoryStorage();
    await storage.createBucket('the-log', { labels: {} });
    const real = storage.bucket('the-log');
    let closed = true;
    const readOnly: Bucket = {
      ...real,
      async put(key, body, options) {
        if (closed) throw new AppError('permission_denied', 'no');
        return real.put(key, body, options);
      },
    };
    const bucket = logBucket(readOnly, { clock, hiccupMs: 1_000 });
    const write = async (key: string) => {
      expect(await bucket.get('other')).toBeNull();
      return bucket
        .putIfAbsent(key, bytes)
        .catch((error: unknown) => (error instanceof Ambiguous ? 'unclear' : 'refused'));
    };
    expect(await write('a')).toBe('refused');
    closed = false;
    expect(await write('b')).toBe('created');
    closed = true;
    expect(await write('c')).toBe('unclear');
    now = 999;
    expect(await write('c')).toBe('unclear');
    now = 1_000;
    expect(await write('c')).toBe('refused');
  });
});
