/** What is kept of replaced and deleted contents on a disk: next to programs, other processes, and processes that die. */
import { link, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { allVersions, refusal, textAt } from '../../../ports/storage/conformance/probes.ts';
import type { WantedSettings } from '../../../ports/storage/storage.ts';
import { layoutOf } from './layout.ts';
import { openLocalStorage } from './local-storage.ts';
import { type Ground, newGround, type Other, quiet, startOther } from './test-bench.ts';

const DAY_MS = 24 * 3_600_000;
const wanted: WantedSettings = { keepVersionsDays: 30, corsOrigins: [], logBucket: null };

let ground: Ground;
let file: (key: string) => string;
const others: Other[] = [];

beforeEach(async () => {
  ground = await newGround();
  file = (key) => join(ground.files, key);
  await ground.provider.configureBucket('ground', 'versions', wanted);
});
afterEach(async () => {
  for (const other of others.splice(0)) {
    other.process.kill('SIGKILL');
    await other.ended;
  }
  await ground.remove();
});

const put = (key: string, text: string) => ground.bucket.put(key, Buffer.from(text));
const texts = async (key: string): Promise<string[]> => {
  const versions = await allVersions(ground.bucket, { key });
  return Promise.all(versions.map(({ versionId }) => textAt(ground.bucket, key, versionId)));
};
const filesBelow = async (folder: string): Promise<string[]> => {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isFile()).map((entry) => entry.name);
};
const later = (days: number) =>
  openLocalStorage({ root: ground.root, now: () => Date.now() + days * DAY_MS, log: quiet });

describe('beside programs', () => {
  test('what they put there is kept when it is replaced through the contract, not when they write into it', async () => {
    await writeFile(file('a'), 'by hand');
    await put('a', 'ours');
    await writeFile(file('a'), 'by hand again');
    expect(await texts('a')).toEqual(['by hand again', 'by hand']);
  });

  test('nothing of it shows in the folder of the bucket', async () => {
    await put('d/a', '1');
    await put('d/a', '2');
    await ground.bucket.delete('d/a');
    expect(await readdir(file('d'))).toEqual([]);
    expect(await ground.provider.usage('ground')).toEqual({ objects: 0, sizeBytes: 0 });
  });

  test('a kept content survives that its key becomes a folder', async () => {
    await put('a', 'file');
    await ground.bucket.delete('a');
    await put('a/b', 'below');
    await ground.bucket.delete('a/b');
    expect(await texts('a')).toEqual(['file']);
    expect(await texts('a/b')).toEqual(['below']);
    const [version] = await allVersions(ground.bucket, { key: 'a' });
    const call = ground.bucket.restore('a', version?.versionId ?? '');
    expect(await refusal(call)).toMatchObject({ code: 'failed_precondition' });
    expect(await texts('a')).toEqual(['file']);
    await ground.bucket.deleteFolder('a');
    await ground.bucket.restore('a', version?.versionId ?? '');
    expect(await readFile(file('a'), 'utf8')).toBe('file');
  });
});

describe('for a time', () => {
  test('then it is neither shown nor stored, and what was known of it goes with it', async () => {
    await ground.provider.configureBucket('ground', 'expiry', wanted);
    const { versionId } = await put('a', 'old');
    await put('a', 'new');
    await put('gone', 'x');
    await ground.bucket.delete('gone');
    const soon = later(29);
    expect(await allVersions(soon.bucket('ground'))).toHaveLength(3);
    const then = later(31);
    expect(await allVersions(then.bucket('ground'))).toHaveLength(1);
    const call = then.bucket('ground').head('a', { versionId: versionId ?? '' });
    expect(await refusal(call)).toMatchObject({ code: 'not_found' });
    const { history, facts } = layoutOf(ground.root).bucket('ground');
    expect(await filesBelow(history)).toHaveLength(2);
    await then.usage('ground');
    expect(await readdir(history)).toEqual([]);
    expect(await filesBelow(facts)).toHaveLength(1);
  });

  test('a bucket that holds only what is over is empty', async () => {
    await ground.provider.configureBucket('ground', 'expiry', wanted);
    await put('a', 'x');
    await ground.bucket.delete('a');
    await later(31).deleteBucket('ground', { force: false });
    expect(await readdir(join(ground.root, 'buckets'))).toEqual([]);
  });
});

describe('data folders of before', () => {
  test('keep nothing until the setting is made', async () => {
    const { record } = layoutOf(ground.root).bucket('ground');
    await writeFile(record, JSON.stringify({ createdAt: 1, labels: { a: 'b' }, storageClass: 'standard' }));
    await put('a', 'one');
    await put('a', 'two');
    expect(await texts('a')).toEqual(['two']);
    expect((await ground.provider.inspectBucket('ground', wanted)).map(({ state }) => state)).toContain('off');
    await ground.provider.configureBucket('ground', 'versions', wanted);
    expect(await ground.provider.getBucketMetadata('ground')).toMatchObject({ createdAt: 1, labels: { a: 'b' } });
    await put('a', 'three');
    expect(await texts('a')).toEqual(['three', 'two']);
  });

  test('what was kept of a bucket does not pass to another owner of its name', async () => {
    await put('a', 'secret');
    await ground.bucket.delete('a');
    await rm(ground.files, { recursive: true });
    await ground.provider.createBucket('ground', { labels: {} });
    expect(await texts('a')).toEqual(['secret']);
    await rm(ground.files, { recursive: true });
    await ground.provider.createBucket('ground', { labels: { owner: 'other' } });
    expect(await allVersions(ground.bucket)).toEqual([]);
  });
});

describe('processes', () => {
  async function start(mode: string, count: number): Promise<Other> {
    const other = await startOther([mode, ground.root, 'ground', String(count)]);
    others.push(other);
    return other;
  }

  test('two that replace one file keep every content of it, once', async () => {
    await put('counter', '0');
    const both = await Promise.all([start('count', 15), start('count', 15)]);
    for (const other of both) other.go();
    expect(await Promise.all(both.map((other) => other.ended))).toEqual([0, 0]);
    expect(await texts('counter')).toEqual(Array.from({ length: 31 }, (_, i) => String(30 - i)));
  });

  test('one that is killed while it replaces a file loses none of what it was told', async () => {
    await put('counter', '0');
    const victim = await start('count', 10_000);
    victim.go();
    await vi.waitFor(() => expect(victim.said.length).toBeGreaterThan(8), { timeout: 10_000, interval: 3 });
    victim.process.kill('SIGKILL');
    await victim.ended;
    const kept = await texts('counter');
    expect(kept).toEqual(expect.arrayContaining(['0', ...victim.said.map(String)]));
    expect(new Set(kept).size).toBe(kept.length);
  });

  test('a content that a dead one left in both places is one version, also once it is replaced', async () => {
    const { versionId } = await put('a', 'dear');
    const { history } = layoutOf(ground.root).bucket('ground');
    await mkdir(join(history, 'a'), { recursive: true });
    await link(file('a'), join(history, 'a', '\u0001000000000.00000000.dead.0.1.1.7'));
    expect(await texts('a')).toEqual(['dear']);
    await put('a', 'new');
    expect(await texts('a')).toEqual(['new', 'dear']);
    await ground.bucket.purgeVersion('a', versionId ?? '');
    expect(await texts('a')).toEqual(['new']);
    expect(await readdir(history)).toEqual([]);
  });

  test('a folder that a dead one was deleting is kept by the next', async () => {
    await ground.bucket.put('d/e/1', Buffer.from('one'), { contentType: 'text/plain' });
    await put('d/2', 'two');
    const { leaving } = layoutOf(ground.root).bucket('ground');
    await mkdir(join(leaving, 'dead.0.1.1.7'), { recursive: true });
    await rename(file('d'), join(leaving, 'dead.0.1.1.7', 'd'));
    const next = openLocalStorage({ root: ground.root, now: Date.now, log: quiet }).bucket('ground');
    const versions = await allVersions(next, { prefix: 'd/' });
    expect(versions.map(({ key }) => key)).toEqual(['d/2', 'd/e/1']);
    expect(await readdir(leaving)).toEqual([]);
    expect(await next.restore('d/e/1', versions[1]?.versionId ?? '')).toMatchObject({ contentType: 'text/plain' });
    expect(await readFile(file('d/e/1'), 'utf8')).toBe('one');
  });
});

test('a put that fails its condition keeps nothing and leaves nothing', async () => {
  await put('a', 'x');
  const call = ground.bucket.put('a', Buffer.from('y'), { condition: { ifAbsent: true }, contentType: 'text/plain' });
  expect(await refusal(call)).toMatchObject({ code: 'conflict' });
  const { facts, history } = layoutOf(ground.root).bucket('ground');
  expect(await filesBelow(facts)).toHaveLength(1);
  expect(await filesBelow(history)).toEqual([]);
});
