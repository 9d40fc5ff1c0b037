import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '../../boot/test-bed.ts';
import { AppError } from '../../domain/errors.ts';
import type { FileJobId, StorageId } from '../../domain/ids.ts';
import { openMemoryStorage } from '../../ports/storage/memory.ts';
import type { Bucket, StorageProvider } from '../../ports/storage/storage.ts';
import { createStorage } from '../storage/create.ts';
import { type Bench, mortal, openBench } from '../test-bench.ts';
import { cancelFileJob, getFileJob, orderFileJob, undoFileJob } from './jobs.ts';

let folder: string;
let store: StorageProvider;
let benches: Bench[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cmb-jobs-'));
  store = openMemoryStorage({ now: Date.now });
  benches = [];
});
afterEach(async () => {
  for (const bench of benches) await bench.kill();
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

async function bench(name = 'control', using: StorageProvider = store): Promise<Bench> {
  const opened = await openBench({ file: join(folder, `${name}.sqlite`), store: using });
  benches.push(opened);
  return opened;
}

async function kill(victim: Bench): Promise<void> {
  benches = benches.filter((other) => other !== victim);
  await victim.kill();
}

async function ready({ deps, actor }: Bench): Promise<{ id: StorageId; bucket: Bucket }> {
  const { id, bucket } = createStorage(deps, actor, { displayName: 'Maps' });
  await eventually(() => deps.storages.find(id)?.status === 'active');
  return { id, bucket: store.bucket(bucket) };
}

async function write(bucket: Bucket, files: Record<string, string>): Promise<void> {
  for (const [key, text] of Object.entries(files)) await bucket.put(key, Buffer.from(text));
}

async function read(bucket: Bucket): Promise<Record<string, string>> {
  const files: Record<string, string> = {};
  for (const { key } of (await bucket.list()).objects) {
    const { body } = await bucket.get(key);
    files[key] = Buffer.concat(await body.toArray()).toString();
  }
  return files;
}

describe('changes to many files', () => {
  it('moves files and folders, and back again', async () => {
    const { deps, actor } = await bench();
    const { id, bucket } = await ready({ deps, actor } as Bench);
    const before = { 'a/1': 'one', 'a/b/2': 'two', c: 'three' };
    await write(bucket, before);
    const items = [
      { key: 'a/', to: 'z/' },
      { key: 'c', to: 'z/c' },
    ];
    const job = await orderFileJob(deps, actor, { id, kind: 'move', items: [items[1] ?? { key: '' }] });
    expect(job).toMatchObject({ status: 'done', done: 1, failedCount: 0, undo: true });
    expect(await read(bucket)).toEqual({ 'a/1': 'one', 'a/b/2': 'two', 'z/c': 'three' });
    const whole = await orderFileJob(deps, actor, { id, kind: 'move', items: [{ key: 'a/', to: 'y/' }] });
    expect(whole).toMatchObject({ status: 'done', failedCount: 0 });
    expect(Object.keys(await read(bucket))).toEqual(['y/1', 'y/b/2', 'z/c']);
    await undoFileJob(deps, actor, { id, jobId: whole.id });
    await undoFileJob(deps, actor, { id, jobId: job.id });
    expect(await read(bucket)).toEqual(before);
  });

  it('never replaces what is at the target, and says which stayed', async () => {
    const { deps, actor } = await bench();
    const { id, bucket } = await ready({ deps, actor } as Bench);
    await write(bucket, { a: 'mine', b: 'theirs', c: 'more' });
    const job = await orderFileJob(deps, actor, {
      id,
      kind: 'copy',
      items: [
        { key: 'a', to: 'b' },
        { key: 'c', to: 'd' },
        { key: 'gone', to: 'e' },
      ],
    });
    expect(job).toMatchObject({ status: 'done', done: 1, failedCount: 2 });
    expect(job.failures.map(({ key, code }) => [key, code])).toEqual([
      ['a', 'conflict'],
      ['gone', 'not_found'],
    ]);
    expect(await read(bucket)).toEqual({ a: 'mine', b: 'theirs', c: 'more', d: 'more' });
  });

  it('refuses a folder into itself', async () => {
    const { deps, actor } = await bench();
    const { id, bucket } = await ready({ deps, actor } as Bench);
    await write(bucket, { 'a/1': 'x' });
    const job = await orderFileJob(deps, actor, { id, kind: 'copy', items: [{ key: 'a/', to: 'a/b/' }] });
    expect(job.failures[0]?.code).toBe('invalid_argument');
    expect(await read(bucket)).toEqual({ 'a/1': 'x' });
  });

  it('brings everything back that it deleted, except where something new is', async () => {
    const { deps, actor } = await bench();
    const { id, bucket } = await ready({ deps, actor } as Bench);
    const before = { 'a/1': 'one', 'a/b/2': 'two', c: 'three', d: 'stays' };
    await write(bucket, before);
    const job = await orderFileJob(deps, actor, { id, kind: 'delete', items: [{ key: 'a/' }, { key: 'c' }] });
    expect(job).toMatchObject({ status: 'done', done: 3, total: 3, undo: true });
    expect(await read(bucket)).toEqual({ d: 'stays' });
    await write(bucket, { c: 'new' });
    const undone = await undoFileJob(deps, actor, { id, jobId: job.id });
    expect(undone.failures.map(({ key, code }) => [key, code])).toEqual([['c', 'conflict']]);
    expect(await read(bucket)).toEqual({ ...before, c: 'new' });
  });

  it('restores a folder’s deleted files, and an older content', async () => {
    const { deps, actor } = await bench();
    const { id, bucket } = await ready({ deps, actor } as Bench);
    await write(bucket, { 'a/1': 'old', 'a/2': 'two' });
    await write(bucket, { 'a/1': 'new' });
    await orderFileJob(deps, actor, { id, kind: 'delete', items: [{ key: 'a/' }] });
    await orderFileJob(deps, actor, { id, kind: 'restore', items: [{ key: 'a/' }] });
    expect(await read(bucket)).toEqual({ 'a/1': 'new', 'a/2': 'two' });
    const old = (await bucket.listVersions({ key: 'a/1' })).versions.findLast(({ replacedAt }) => replacedAt !== null);
    const item = { key: 'a/1', versionId: old?.versionId };
    await orderFileJob(deps, actor, { id, kind: 'restore', items: [item] });
    expect((await read(bucket))['a/1']).toBe('old');
  });

  it('answers the same job for the same key, and nobody else’s', async () => {
    const { deps, actor } = await bench();
    const { id, bucket } = await ready({ deps, actor } as Bench);
    await write(bucket, { a: '1' });
    const order = { id, kind: 'copy', items: [{ key: 'a', to: 'b' }], clientKey: 'key-00001' } as const;
    const [one, other] = await Promise.all([
      orderFileJob(deps, actor, { ...order, items: [...order.items] }),
      orderFileJob(deps, actor, { ...order, items: [...order.items] }),
    ]);
    expect(one.id).toBe(other.id);
    const stranger = { ...actor, userId: 'usr-00000000000000000000' as typeof actor.userId };
    expect(() => getFileJob(deps, stranger, { id, jobId: one.id })).toThrow('not on record');
    await expect(orderFileJob(deps, stranger, { ...order, items: [] })).rejects.toMatchObject({ code: 'not_found' });
  });

  it('waits out a busy store, counts nothing twice, and fails as a whole when the disk is full', async () => {
    const mine = mortal(store);
    const { deps, actor } = await bench('control', mine.store);
    const { id, bucket } = await ready({ deps, actor } as Bench);
    await write(bucket, Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`a/${i}`, String(i)])));
    mine.failNext('bucket.copy', new AppError('unavailable', 'Busy.'), 3);
    const { id: jobId } = await orderFileJob(deps, actor, { id, kind: 'copy', items: [{ key: 'a/', to: 'b/' }] });
    await eventually(() => getFileJob(deps, actor, { id, jobId }).status !== 'running', 10_000);
    expect(getFileJob(deps, actor, { id, jobId })).toMatchObject({
      status: 'done',
      done: 30,
      total: 30,
      failedCount: 0,
    });
    mine.failNext('bucket.copy', new AppError('resource_exhausted', 'The disk is full.'));
    const full = await orderFileJob(deps, actor, { id, kind: 'copy', items: [{ key: 'a/', to: 'c/' }] });
    expect(full).toMatchObject({ status: 'failed', message: 'The disk is full.' });
  });

  it('stops at the next file when cancelled', async () => {
    const mine = mortal(store);
    const { deps, actor } = await bench('control', mine.store);
    const { id, bucket } = await ready({ deps, actor } as Bench);
    await write(bucket, Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`a/${i}`, 'x'])));
    mine.failNext('bucket.delete', new AppError('unavailable', 'Busy.'), 10_000);
    const { id: jobId } = await orderFileJob(deps, actor, { id, kind: 'delete', items: [{ key: 'a/' }] });
    expect(cancelFileJob(deps, actor, { id, jobId }).status).toBe('cancelled');
    mine.failNext('bucket.delete', new AppError('unavailable', 'Busy.'), 0);
    expect(Object.keys(await read(bucket))).toHaveLength(20);
    expect(getFileJob(deps, actor, { id, jobId }).status).toBe('cancelled');
  });

  it('lets two jobs work at once', async () => {
    const { deps, actor } = await bench();
    const { id, bucket } = await ready({ deps, actor } as Bench);
    await write(bucket, Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`a/${i}`, String(i)])));
    const jobs = await Promise.all([
      orderFileJob(deps, actor, { id, kind: 'copy', items: [{ key: 'a/', to: 'b/' }] }),
      orderFileJob(deps, actor, { id, kind: 'copy', items: [{ key: 'a/', to: 'c/' }] }),
    ]);
    expect(jobs.map(({ status, done }) => [status, done])).toEqual([
      ['done', 60],
      ['done', 60],
    ]);
    expect(Object.keys(await read(bucket))).toHaveLength(180);
  });
});

const tree = fc.dictionary(
  fc
    .array(fc.constantFrom('a', 'b', 'c', 'd'), { minLength: 1, maxLength: 3 })
    .map((parts) => `src/${parts.join('/')}`),
  fc.string({ maxLength: 4 }),
  { minKeys: 1, maxKeys: 12 },
);

it('killed anywhere, any number of times, a job ends as if nothing had happened', async () => {
  let run = 0;
  const change = fc.constantFrom('move' as const, 'copy' as const, 'delete' as const);
  const deaths = fc.array(fc.tuple(fc.integer({ min: 1, max: 25 }), fc.boolean()), { maxLength: 3 });
  await fc.assert(
    fc.asyncProperty(tree, change, deaths, async (files, kind, kills) => {
      run += 1;
      const name = `run-${run}`;
      let current = await bench(name);
      const { id, bucket } = await ready(current);
      await write(bucket, files);
      await kill(current);
      let jobId: FileJobId | null = null;
      let done = 0;
      for (const [call, before] of kills) {
        const mine = mortal(store);
        current = await bench(name, mine.store);
        mine.dieAt(call, before ? 'before' : 'after');
        if (jobId === null) {
          void orderFileJob(current.deps, current.actor, order(id, kind)).catch(() => {});
          jobId = current.deps.fileWork.runningJobs()[0]?.id ?? null;
        }
        const looking = jobId;
        await eventually(() => mine.calls.length >= call || ended(current, looking));
        const row = looking && current.deps.fileWork.findJob(looking);
        if (row) {
          expect(row.done).toBeGreaterThanOrEqual(done);
          if (row.total !== null) expect(row.done).toBeLessThanOrEqual(row.total);
          done = row.done;
        }
        await kill(current);
      }
      current = await bench(name);
      const last = jobId ?? (await orderFileJob(current.deps, current.actor, order(id, kind))).id;
      await eventually(() => ended(current, last), 8_000);
      const row = current.deps.fileWork.findJob(last);
      expect(row).toMatchObject({ status: 'done', failedCount: 0, done: Object.keys(files).length });
      expect(await read(bucket)).toEqual(expected(files, kind));
      if (kind === 'delete') {
        const { id: undone } = await undoFileJob(current.deps, current.actor, { id, jobId: last });
        await eventually(() => ended(current, undone), 8_000);
        expect(await read(bucket)).toEqual(files);
      }
      await kill(current);
    }),
    { numRuns: 25 },
  );
}, 60_000);

function ended({ deps }: Bench, id: FileJobId | null): boolean {
  return id !== null && deps.fileWork.findJob(id)?.status !== 'running';
}

function order(id: StorageId, kind: 'move' | 'copy' | 'delete') {
  return { id, kind, items: [kind === 'delete' ? { key: 'src/' } : { key: 'src/', to: 'new/' }] };
}

function expected(files: Record<string, string>, kind: 'move' | 'copy' | 'delete'): Record<string, string> {
  const moved = Object.fromEntries(Object.entries(files).map(([key, text]) => [key.replace('src/', 'new/'), text]));
  return { delete: {}, move: moved, copy: { ...moved, ...files } }[kind];
}
