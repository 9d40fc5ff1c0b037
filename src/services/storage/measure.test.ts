import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { eventually } from '../../boot/test-bed.ts';
import { AppError } from '../../domain/errors.ts';
import { openMemoryStorage } from '../../ports/storage/memory.ts';
import type { StorageProvider } from '../../ports/storage/storage.ts';
import { type Bench, openBench } from '../test-bench.ts';
import { createStorage } from './create.ts';
import { createStorageHealth } from './health.ts';
import { measureStorages, storageUsage, sumFolders } from './measure.ts';

const DAY_MS = 24 * 3_600_000;
const { signal } = new AbortController();

let folder: string;
let store: StorageProvider;
let bench: Bench;
let time: number;
let walks: number;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'cmb-measure-'));
  const real = openMemoryStorage({ now: Date.now });
  walks = 0;
  store = {
    ...real,
    usage(bucket, options) {
      walks += 1;
      return real.usage(bucket, options);
    },
  };
  time = Date.now();
  bench = await openBench({ file: join(folder, 'control.sqlite'), store, now: () => time });
});
afterEach(async () => {
  await bench.kill();
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

async function storage() {
  const { deps, actor } = bench;
  const { id, bucket } = createStorage(deps, actor, { displayName: 'Maps' });
  await eventually(() => deps.storages.find(id)?.status === 'active');
  return { id, bucket: store.bucket(bucket) };
}

it('keeps one sample a day, and the largest folders', async () => {
  const { deps, actor } = bench;
  const { id, bucket } = await storage();
  await bucket.put('a/1', Buffer.alloc(10));
  await measureStorages(deps, signal);
  await bucket.put('b/1', Buffer.alloc(100));
  time += 120_000;
  await measureStorages(deps, signal);
  time += DAY_MS;
  await bucket.put('top', Buffer.alloc(1));
  await measureStorages(deps, signal);
  const usage = storageUsage(deps, actor, { id, days: 90 });
  expect(usage.samples.map(({ sizeBytes, objects }) => [sizeBytes, objects])).toEqual([
    [110, 2],
    [111, 3],
  ]);
  expect(usage.folders).toEqual([
    { name: 'b', sizeBytes: 100, objects: 1 },
    { name: 'a', sizeBytes: 10, objects: 1 },
    { name: '', sizeBytes: 1, objects: 1 },
  ]);
  expect(storageUsage(deps, actor, { id, days: 1 }).samples).toHaveLength(1);
});

it('walks no bucket more often than its store bears', async () => {
  const { deps } = bench;
  await storage();
  Object.assign(deps, {
    storageFacts: () => ({ place: null, bucketPaceMs: 0, measureEveryMs: 3_600_000, storageClasses: [] }),
  });
  time += 1;
  for (let i = 0; i < 5; i += 1) await measureStorages(deps, signal);
  time += 3_600_000;
  await measureStorages(deps, signal);
  expect(walks).toBe(1);
  time += DAY_MS;
  await measureStorages(deps, signal);
  expect(walks).toBe(2);
});

it('ends a walk over folders that would take too long, and says so', async () => {
  const { bucket } = await storage();
  let pages = 0;
  const endless = {
    ...bucket,
    list: async () => {
      pages += 1;
      return {
        objects: [{ key: `f${pages}/x`, sizeBytes: pages, modifiedAt: 0, version: '1' }],
        prefixes: [],
        next: String(pages),
      };
    },
  };
  const { largest, partial } = await sumFolders(endless, signal);
  expect([largest.length, partial]).toEqual([20, true]);
  expect(pages).toBeLessThan(1_000);
});

it('is not ready while the store does not answer, and lets browsers reach where it signs', async () => {
  const { deps } = bench;
  let broken = false;
  const changed: StorageProvider = {
    ...store,
    async check() {
      if (broken) throw new AppError('unavailable', 'No answer.');
      return [];
    },
    bucket: (name) => ({
      ...store.bucket(name),
      capabilities: { ...store.bucket(name).capabilities, signedUrls: true },
      signedUrl: async () => ({ method: 'PUT', url: `https://${name}.s3.example.org/x?signed`, headers: {} }),
    }),
  };
  Object.assign(deps, { storageOf: () => changed });
  const health = createStorageHealth(deps);
  await health.look(signal);
  expect(health.notReady()).toEqual([]);
  expect(health.origins).toEqual(['https://*.s3.example.org']);
  broken = true;
  await health.look(signal);
  expect(health.notReady()).toEqual([`storage ${store.name}`]);
  broken = false;
  await health.look(signal);
  expect(health.notReady()).toEqual([]);
});
