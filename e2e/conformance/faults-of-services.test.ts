/**
 * What the services do on real clouds while the network fails: storages are made and removed, files copied, moved, deleted and
 * brought back. While it storms nothing is lost and nothing ends in a false verdict; once it is over everything reaches its end.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { eventually } from '../../src/boot/test-bed.ts';
import type { StorageId } from '../../src/domain/ids.ts';
import { bytesOf } from '../../src/ports/storage/conformance/probes.ts';
import type { Bucket } from '../../src/ports/storage/storage.ts';
import { getFileJob, orderFileJob, undoFileJob } from '../../src/services/files/jobs.ts';
import { deleteStorage } from '../../src/services/storage/change.ts';
import { createStorage } from '../../src/services/storage/create.ts';
import { ONBOARDING_STEPS } from '../../src/services/storage/onboarding.ts';
import { wantedSettings } from '../../src/services/storage/setting-reports.ts';
import { type Bench, openBench } from '../../src/services/test-bench.ts';
import { type FaultGround, GROUNDS } from '../servers/fault-ground.ts';
import { FAULT_KINDS, seededPlan } from '../servers/fault-plan.ts';

const SEED = 20_261_124;
/** Of a storm; afterwards the sky is clear. */
const STORM_MS = 2_000;
/** Longer than the longest back-off that a storm of this length can lead to. */
const CALM_MS = 20_000;
const STORAGES = 4;
const FILES = 24;

describe.each(GROUNDS)('services on $name behind a proxy that fails', ({ name, start }) => {
  let ground: FaultGround;
  let folder: string;
  let bench: Bench;
  beforeAll(async () => {
    ground = await start();
  });
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'cmbcluster-faults-'));
    bench = await openBench({ file: join(folder, 'control.sqlite'), store: ground.faulty, effectMs: 8_000 });
  });
  afterEach(async () => {
    ground.proxy.setPlan(null);
    await bench.kill();
    rmSync(folder, { recursive: true, force: true });
  });
  afterAll(async () => {
    process.stdout.write(`${name}, services: ${ground.summary()}\n`);
    await ground.close();
  });

  /** Bad weather for a time, or until all is done in it. */
  async function storm(seed: number, done: () => boolean): Promise<void> {
    // A list in JSON or XML has no checksum; what flips in it is not what this is about.
    const kinds = FAULT_KINDS.filter((kind) => !kind.startsWith('flip'));
    ground.proxy.setPlan(seededPlan({ seed, rate: 0.35, kinds, longestDelayMs: 50 }));
    await eventually(done, STORM_MS).catch(() => {});
    ground.proxy.setPlan(null);
  }

  test('storages are made with all their settings, and removed with all their files', async () => {
    const { deps, actor } = bench;
    const ids: StorageId[] = [];
    for (let i = 0; i < STORAGES; i += 1) ids.push(createStorage(deps, actor, { displayName: `Maps ${i}` }).id);
    const statuses = () => ids.map((id) => deps.storages.find(id)?.status);
    const seen = new Set<string | undefined>();
    const are = (wanted: string | undefined) => () => {
      const now = statuses();
      for (const status of now) seen.add(status);
      return now.every((status) => status === wanted);
    };
    await storm(SEED, are('active'));
    await eventually(are('active'), CALM_MS);
    // Nothing that passes by itself is a verdict.
    expect(seen).not.toContain('failed');
    const rows = ids.flatMap((id) => deps.storages.find(id) ?? []);
    for (const row of rows) {
      expect(row.steps.map(({ step }) => step)).toEqual([...ONBOARDING_STEPS]);
      const { labels } = await ground.direct.getBucketMetadata(row.bucket);
      expect(labels).toMatchObject({ owner: actor.userId, storage: row.id });
      const settings = await ground.direct.inspectBucket(row.bucket, wantedSettings(deps, row));
      expect(settings.filter(({ state }) => state === 'off')).toEqual([]);
      const bucket = ground.direct.bucket(row.bucket);
      for (const content of ['old', 'new']) await bucket.put('a/b.txt', Buffer.from(content));
      await bucket.delete('a/b.txt');
      await bucket.startUpload('unfinished', { sizeBytes: 5 });
    }
    expect(await ground.direct.listBuckets({ prefix: 'cmb-' })).toHaveLength(STORAGES);

    const kept = rows[0];
    if (!kept) throw new Error('no storage');
    const going = ids.slice(1);
    await ground.direct.bucket(kept.bucket).put('kept.txt', Buffer.from('kept'));
    for (const [i, id] of ids.entries()) if (i > 0) deleteStorage(deps, actor, { id, confirm: `Maps ${i}` });
    const gone = () => going.every((id) => !deps.storages.find(id));
    await storm(SEED + 1, gone);
    await eventually(gone, CALM_MS);
    expect((await ground.direct.listBuckets({ prefix: 'cmb-' })).map((bucket) => bucket.name)).toEqual([kept.bucket]);
    const { body } = await ground.direct.bucket(kept.bucket).get('kept.txt');
    expect(String(await bytesOf(body))).toBe('kept');
  });

  test('jobs on files end as if the weather had been fine', async () => {
    const { deps, actor } = bench;
    const { id, bucket: bucketName } = createStorage(deps, actor, { displayName: 'Maps' });
    await eventually(() => deps.storages.find(id)?.status === 'active', CALM_MS);
    const direct = ground.direct.bucket(bucketName);
    const files: Record<string, string> = {};
    for (let i = 0; i < FILES; i += 1) files[`src/${i % 3}/${i}`] = `content ${i}`;
    for (const [key, text] of Object.entries(files)) await direct.put(key, Buffer.from(text));
    const renamed = (from: string, to: string) =>
      Object.fromEntries(Object.entries(files).map(([key, text]) => [key.replace(from, to), text]));

    async function carriedOut(seed: number, order: () => ReturnType<typeof orderFileJob>) {
      let jobId: Awaited<ReturnType<typeof orderFileJob>>['id'] | null = null;
      const ordered = order().then((job) => {
        jobId = job.id;
      });
      const ended = () => jobId !== null && getFileJob(deps, actor, { id, jobId }).status !== 'running';
      await storm(seed, ended);
      await ordered;
      await eventually(ended, CALM_MS);
      if (jobId === null) throw new Error('no job');
      const job = getFileJob(deps, actor, { id, jobId });
      expect(job).toMatchObject({ status: 'done', failures: [], failedCount: 0 });
      return job;
    }

    const copy = { id, kind: 'copy' as const, items: [{ key: 'src/', to: 'copied/' }] };
    await carriedOut(SEED + 2, () => orderFileJob(deps, actor, copy));
    expect(await contents(direct)).toEqual({ ...files, ...renamed('src/', 'copied/') });
    const move = { id, kind: 'move' as const, items: [{ key: 'src/', to: 'moved/' }] };
    await carriedOut(SEED + 3, () => orderFileJob(deps, actor, move));
    expect(await contents(direct)).toEqual({ ...renamed('src/', 'moved/'), ...renamed('src/', 'copied/') });
    const older: { key: string; versionId: string }[] = [];
    for (const key of Object.keys(renamed('src/', 'moved/'))) {
      const { versionId } = await direct.head(key);
      await direct.put(key, Buffer.from('written over'));
      older.push({ key, versionId: versionId ?? '' });
    }
    await carriedOut(SEED + 6, () => orderFileJob(deps, actor, { id, kind: 'restore', items: older }));
    expect(await contents(direct)).toEqual({ ...renamed('src/', 'moved/'), ...renamed('src/', 'copied/') });
    const removal = { id, kind: 'delete' as const, items: [{ key: 'copied/' }] };
    const removed = await carriedOut(SEED + 4, () => orderFileJob(deps, actor, removal));
    expect(await contents(direct)).toEqual(renamed('src/', 'moved/'));
    expect(removed.undo).toBe(true);
    // This server refuses “only where nothing is” where something was deleted.
    if (name.startsWith('S3')) return;
    await carriedOut(SEED + 5, () => undoFileJob(deps, actor, { id, jobId: removed.id }));
    expect(await contents(direct)).toEqual({ ...renamed('src/', 'moved/'), ...renamed('src/', 'copied/') });
  });
});

async function contents(bucket: Bucket): Promise<Record<string, string>> {
  const files: Record<string, string> = {};
  for (const { key } of (await bucket.list()).objects) files[key] = String(await bytesOf((await bucket.get(key)).body));
  return files;
}
