import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '../../boot/test-bed.ts';
import { AppError } from '../../domain/errors.ts';
import type { StorageId } from '../../domain/ids.ts';
import { openMemoryStorage } from '../../ports/storage/memory.ts';
import { BUCKET_SETTINGS, type StorageProvider } from '../../ports/storage/storage.ts';
import { type Bench, mortal, openBench } from '../test-bench.ts';
import { cancelDeletion, deleteStorage, retryStorage } from './change.ts';
import { createStorage } from './create.ts';
import { ONBOARDING_STEPS } from './onboarding.ts';
import { findOrphans } from './orphans.ts';
import { inspectStorages, repairStorage } from './settings.ts';
import { getStorage } from './view.ts';

let folder: string;
let file: string;
let store: StorageProvider;
let benches: Bench[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cmb-sagas-'));
  file = join(folder, 'control.sqlite');
  store = openMemoryStorage({ now: Date.now });
  benches = [];
});
afterEach(async () => {
  for (const bench of benches) await bench.kill();
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

async function bench(options: Partial<Parameters<typeof openBench>[0]> = {}): Promise<Bench> {
  const opened = await openBench({ file, store, ...options });
  benches.push(opened);
  return opened;
}

async function kill(victim: Bench): Promise<void> {
  benches = benches.filter((other) => other !== victim);
  await victim.kill();
}

const names = async () => (await store.listBuckets()).map(({ name }) => name);
const settled = (b: Bench, id: StorageId) => eventually(() => b.deps.storages.find(id)?.status === 'active');

async function made(b: Bench, displayName = 'Maps'): Promise<StorageId> {
  const { id } = createStorage(b.deps, b.actor, { displayName });
  await settled(b, id);
  return id;
}

const points = (calls: number) =>
  Array.from({ length: calls }, (_, i) => i + 1).flatMap((call) => [
    [call, 'before' as const] as const,
    [call, 'after' as const] as const,
  ]);

describe('making a bucket', () => {
  it('takes every step in its order, and tells of each', async () => {
    const { deps, actor } = await bench();
    const { id, bucket } = createStorage(deps, actor, { displayName: 'Maps' });
    expect(getStorage(deps, actor, id).work).toMatchObject({ kind: 'create', cancellable: false });
    await settled({ deps, actor } as Bench, id);
    const row = deps.storages.find(id);
    expect(row?.steps.map(({ step }) => step)).toEqual([...ONBOARDING_STEPS]);
    expect(row?.settings.map(({ setting }) => setting)).toEqual([...BUCKET_SETTINGS]);
    expect(await names()).toEqual([bucket]);
    expect((await store.getBucketMetadata(bucket)).labels).toEqual({ owner: actor.userId, storage: id });
  });

  it.each(points(ONBOARDING_STEPS.length))(
    'killed at call %i, %s it is carried out, is made all the same',
    async (call, when) => {
      const mine = mortal(store);
      const first = await bench({ store: mine.store });
      mine.dieAt(call, when);
      const { id, bucket } = createStorage(first.deps, first.actor, { displayName: 'Maps' });
      await eventually(() => mine.calls.length === call);
      const before = first.deps.storages.find(id);
      expect(before?.status).toBe('creating');
      expect(before?.steps.length).toBeLessThan(call);
      await kill(first);
      const next = await bench();
      await settled(next, id);
      expect(next.deps.storages.find(id)?.steps.map(({ step }) => step)).toEqual([...ONBOARDING_STEPS]);
      expect(await names()).toEqual([bucket]);
    },
  );

  it('waits out a store that is busy, and says so meanwhile', async () => {
    const mine = mortal(store);
    mine.failNext('configureBucket', new AppError('unavailable', 'The store is busy.'), 3);
    const { deps, actor } = await bench({ store: mine.store });
    const { id } = createStorage(deps, actor, { displayName: 'Maps' });
    await eventually(() => getStorage(deps, actor, id).work?.waiting === 'The store is busy.');
    await settled({ deps, actor } as Bench, id);
    expect(mine.calls.filter((call) => call === 'createBucket')).toHaveLength(1);
    expect(deps.storages.find(id)?.waiting).toBeNull();
  });

  it('says why it cannot be made, and goes on from there when asked to', async () => {
    const mine = mortal(store);
    mine.failNext('ensureBucketAccess', new AppError('permission_denied', 'The role may not do that.'));
    const { deps, actor } = await bench({ store: mine.store });
    const { id } = createStorage(deps, actor, { displayName: 'Maps' });
    await eventually(() => deps.storages.find(id)?.status === 'failed');
    expect(getStorage(deps, actor, id).failure).toBe('The role may not do that.');
    retryStorage(deps, actor, id);
    await settled({ deps, actor } as Bench, id);
    expect(mine.calls.filter((call) => call === 'createBucket')).toHaveLength(1);
  });

  it('never takes a bucket that is somebody else’s, and never removes it', async () => {
    const { deps, actor } = await bench({ reconcile: false });
    const { id, bucket } = createStorage(deps, actor, { displayName: 'Maps' });
    await store.createBucket(bucket, { labels: { owner: 'somebody' } });
    await store.bucket(bucket).put('theirs.txt', Buffer.from('theirs'));
    const next = await bench();
    await eventually(() => next.deps.storages.find(id)?.status === 'failed');
    deleteStorage(next.deps, next.actor, { id, confirm: 'Maps' });
    await eventually(() => !next.deps.storages.find(id));
    expect(await store.bucket(bucket).head('theirs.txt')).toMatchObject({ sizeBytes: 6 });
  });

  it('keeps to the pace of the store', async () => {
    const times: number[] = [];
    const watched: StorageProvider = {
      ...store,
      createBucket(name, options) {
        times.push(performance.now());
        return store.createBucket(name, options);
      },
    };
    const { deps, actor } = await bench({ store: watched, bucketPaceMs: 100 });
    const begun = performance.now();
    const ids = ['a', 'b', 'c'].map((displayName) => createStorage(deps, actor, { displayName }).id);
    for (const id of ids) await settled({ deps, actor } as Bench, id);
    // From the first order on: a machine that is late with one turn is not ahead of the next.
    for (const [turn, time] of times.entries()) expect(time - begun).toBeGreaterThan(turn * 100 - 5);
    expect(times).toHaveLength(3);
  });
});

describe('removing a bucket', () => {
  const fill = async (bucket: string, files = 30) => {
    for (let i = 0; i < files; i += 1) {
      await store.bucket(bucket).put(`d/${i}.txt`, Buffer.from('old'));
      await store.bucket(bucket).put(`d/${i}.txt`, Buffer.from('new'));
    }
  };

  it.each(points(4))('killed at call %i, %s it is carried out, is removed all the same', async (call, when) => {
    const mine = mortal(store);
    const first = await bench({ store: mine.store });
    const [id, other] = [await made(first), await made(first, 'Others')];
    const bucketOf = (one: StorageId) => first.deps.storages.find(one)?.bucket ?? '';
    const [bucket, kept] = [bucketOf(id), bucketOf(other)];
    await fill(bucket);
    await fill(kept, 2);
    const before = mine.calls.length;
    mine.dieAt(call, when);
    deleteStorage(first.deps, first.actor, { id, confirm: 'Maps' });
    await eventually(() => mine.calls.length === before + call);
    // The record outlives the bucket, never the other way round.
    expect(first.deps.storages.find(id)?.status).toBe('deleting');
    await kill(first);
    const next = await bench();
    await eventually(() => !next.deps.storages.find(id));
    expect(await names()).toEqual([kept]);
    expect((await store.bucket(kept).list()).objects).toHaveLength(2);
  });

  it('can be called off until access goes, not later', async () => {
    const first = await bench();
    const id = await made(first);
    await kill(first);
    const idle = await bench({ reconcile: false });
    deleteStorage(idle.deps, idle.actor, { id, confirm: 'Maps' });
    expect(getStorage(idle.deps, idle.actor, id).work).toMatchObject({ kind: 'delete', cancellable: true });
    cancelDeletion(idle.deps, idle.actor, id);
    await kill(idle);
    const mine = mortal(store);
    const next = await bench({ store: mine.store });
    await settled(next, id);
    // metadata, revoke, empty: it dies inside the third.
    mine.dieAt(3, 'before');
    deleteStorage(next.deps, next.actor, { id, confirm: 'Maps' });
    await eventually(() => mine.calls.at(-1) === 'emptyBucket');
    expect(() => cancelDeletion(next.deps, next.actor, id)).toThrow('too late');
  });

  it('starts over when something was written behind its back', async () => {
    let late = true;
    const watched: StorageProvider = {
      ...store,
      async deleteBucket(name, options) {
        if (late) await store.bucket(name).put('late.txt', Buffer.from('x'));
        late = false;
        return store.deleteBucket(name, options);
      },
    };
    const { deps, actor } = await bench({ store: watched });
    const id = await made({ deps, actor } as Bench);
    deleteStorage(deps, actor, { id, confirm: 'Maps' });
    await eventually(() => !deps.storages.find(id));
    expect(await names()).toEqual([]);
  });

  it('counts what is gone over several runs, never backwards', async () => {
    const slow: StorageProvider = {
      ...store,
      async emptyBucket(name, options) {
        options?.onProgress?.({ removed: 20 });
        await new Promise((resolve) => setTimeout(resolve, 510));
        options?.onProgress?.({ removed: 40 });
        if (seen.length < 2) throw new AppError('unavailable', 'Again later.');
        await store.emptyBucket(name);
      },
    };
    const seen: number[] = [];
    const { deps, actor } = await bench({ store: slow });
    const id = await made({ deps, actor } as Bench);
    deps.feed.subscribe(actor.userId, () => {
      const removed = deps.storages.find(id)?.removed;
      if (removed && removed !== seen.at(-1)) seen.push(removed);
    });
    deleteStorage(deps, actor, { id, confirm: 'Maps' });
    await eventually(() => !deps.storages.find(id), 10_000);
    expect(seen.length).toBeGreaterThan(1);
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
  });
});

describe('settings and orphans', () => {
  it('sees a setting that somebody switched off, and puts it right', async () => {
    let off = true;
    const watched: StorageProvider = {
      ...store,
      async inspectBucket(name, wanted) {
        const states = await store.inspectBucket(name, wanted);
        return states.map((state) =>
          state.setting === 'versions' && off ? { ...state, state: 'off', reason: 'Versioning is suspended.' } : state,
        );
      },
      configureBucket(name, setting, wanted) {
        if (setting === 'versions') off = false;
        return store.configureBucket(name, setting, wanted);
      },
    };
    let time = Date.now();
    const { deps, actor } = await bench({ store: watched, now: () => time });
    const id = await made({ deps, actor } as Bench);
    off = true;
    time += 7 * 3_600_000;
    await inspectStorages(deps, new AbortController().signal);
    expect(getStorage(deps, actor, id).drift).toEqual(['versions']);
    expect((await repairStorage(deps, actor, id)).drift).toEqual([]);
  });

  it('notices a bucket that was removed outside, and makes a new one when asked to', async () => {
    let time = Date.now();
    const { deps, actor } = await bench({ now: () => time });
    const id = await made({ deps, actor } as Bench);
    const bucket = deps.storages.find(id)?.bucket ?? '';
    await store.deleteBucket(bucket, { force: true });
    expect((await findOrphans(deps)).records.map((record) => record.id)).toEqual([id]);
    time += 7 * 3_600_000;
    await inspectStorages(deps, new AbortController().signal);
    expect(getStorage(deps, actor, id)).toMatchObject({
      status: 'failed',
      failure: expect.stringContaining('outside'),
    });
    retryStorage(deps, actor, id);
    await settled({ deps, actor } as Bench, id);
    expect(await names()).toEqual([bucket]);
  });

  it('reports buckets without a record, and no others', async () => {
    const { deps, actor } = await bench();
    await made({ deps, actor } as Bench);
    await store.createBucket('cmb-sto-00000000000000000000', { labels: { owner: 'usr-1' } });
    await store.createBucket('else-sto-0000000000000000000', { labels: {} });
    const report = await findOrphans(deps);
    expect(report.buckets).toEqual([
      expect.objectContaining({ bucket: 'cmb-sto-00000000000000000000', owner: 'usr-1', storage: null }),
    ]);
    expect(report.records).toEqual([]);
  });
});
