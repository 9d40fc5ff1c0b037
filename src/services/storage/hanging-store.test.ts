/** A store of which one call never answers, and hears no signal: every saga gives it up in time, asks again, and reaches its end. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { eventually } from '../../boot/test-bed.ts';
import { openMemoryStorage } from '../../ports/storage/memory.ts';
import type { StorageProvider } from '../../ports/storage/storage.ts';
import { type Bench, openBench } from '../test-bench.ts';
import { deleteStorage } from './change.ts';
import { createStorage } from './create.ts';
import { findOrphans } from './orphans.ts';
import { inspectStorages, repairStorage } from './settings.ts';

let folder: string;
let store: StorageProvider;
let bench: Bench;
const hung: string[] = [];
let hangs: string | null = null;

/** The next call of that name hangs for ever; those after it do not. */
function hanging(real: StorageProvider): StorageProvider {
  return new Proxy(real, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (name !== hangs || typeof value !== 'function') return value;
      return () => {
        hung.push(String(name));
        hangs = null;
        return new Promise<never>(() => {});
      };
    },
  });
}

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'cmb-hanging-'));
  store = openMemoryStorage({ now: Date.now });
  hung.length = 0;
  hangs = null;
  bench = await openBench({ file: join(folder, 'control.sqlite'), store: hanging(store), effectMs: 50 });
});
afterEach(async () => {
  await bench.kill();
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

async function made() {
  const { deps, actor } = bench;
  const { id, bucket } = createStorage(deps, actor, { displayName: 'Maps' });
  await eventually(() => deps.storages.find(id)?.status === 'active');
  return { id, bucket };
}

it.each(['createBucket', 'configureBucket', 'ensureBucketAccess'])('a bucket is made though %s hangs', async (call) => {
  hangs = call;
  await made();
  expect(hung).toEqual([call]);
});

it.each(['getBucketMetadata', 'revokeBucketAccess', 'emptyBucket', 'deleteBucket'])(
  'a bucket is removed though %s hangs',
  async (call) => {
    const { deps, actor } = bench;
    const { id, bucket } = await made();
    await store.bucket(bucket).put('a', Buffer.from('x'));
    hangs = call;
    deleteStorage(deps, actor, { id, confirm: 'Maps' });
    await eventually(() => !deps.storages.find(id));
    expect(hung).toEqual([call]);
    expect(await store.listBuckets()).toEqual([]);
  },
);

it('a look at the settings, their repair and the search for orphans end', async () => {
  const { deps, actor } = bench;
  const { id } = await made();
  const late = { code: 'deadline_exceeded' };
  hangs = 'inspectBucket';
  await expect(repairStorage(deps, actor, id)).rejects.toMatchObject(late);
  deps.db.write(() => deps.storages.update(id, { settingsAt: null }));
  hangs = 'inspectBucket';
  await inspectStorages(deps, new AbortController().signal);
  hangs = 'listBuckets';
  expect((await findOrphans(deps)).unreachable).toHaveLength(1);
  expect(hung).toEqual(['inspectBucket', 'inspectBucket', 'listBuckets']);
});
