/** Symbolic links in a bucket are never followed: not as objects, not on the way, not when they appear in the middle of a call. */
import { mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { isAppError } from '../../../domain/errors.ts';
import { refusal } from '../../../ports/storage/conformance/probes.ts';
import { type Ground, newGround, startOther } from './test-bench.ts';

let ground: Ground;
let outside: string;

beforeEach(async () => {
  ground = await newGround();
  outside = join(ground.root, 'outside');
  await mkdir(join(outside, 'sub'), { recursive: true });
  await writeFile(join(outside, 'secret'), 'top secret');
  await writeFile(join(outside, 'sub', 'deep'), 'deep');
});
afterEach(() => ground.remove());

async function expectOutsideUntouched(): Promise<void> {
  expect((await readdir(outside)).sort()).toEqual(['secret', 'sub']);
  expect(await readdir(join(outside, 'sub'))).toEqual(['deep']);
  expect(await readFile(join(outside, 'secret'), 'utf8')).toBe('top secret');
}

test.each([
  ['to a folder outside', '../../outside'],
  ['to a file outside', '../../outside/secret'],
  ['to a folder inside', 'real'],
  ['to a file inside', 'real/file'],
  ['to itself', 'link'],
  ['to nothing', 'nowhere'],
])('a link %s is not shown and refused by every call', async (_, target) => {
  const { bucket, files } = ground;
  await bucket.put('real/file', Buffer.from('real'));
  await symlink(target, join(files, 'link'));
  const calls: Promise<unknown>[] = ['link', 'link/secret'].flatMap((key) => [
    bucket.head(key),
    bucket.get(key),
    bucket.put(key, Buffer.from('x')),
    bucket.put(key, Buffer.from('x'), { condition: { ifAbsent: true } }),
    bucket.delete(key),
    bucket.copy(key, 'b'),
    bucket.copy('real/file', key),
    bucket.move(key, 'b'),
    bucket.move('real/file', key),
    bucket.createFolder(key),
    bucket.deleteFolder(key),
    bucket.deleteFolder(key, { recursive: true }),
    bucket.moveFolder(key, 'b'),
  ]);
  for (const outcome of await Promise.all(calls.map(refusal))) {
    expect(outcome).toMatchObject({ code: 'failed_precondition', details: { outcome: 'not_applied' } });
  }
  expect((await bucket.list()).objects.map((object) => object.key)).toEqual(['real/file']);
  expect((await bucket.list({ delimiter: '/' })).prefixes).toEqual(['real/']);
  expect((await bucket.list({ prefix: 'link/' })).objects).toEqual([]);
  expect(await ground.provider.usage('ground')).toEqual({ objects: 1, sizeBytes: 4 });
  await expectOutsideUntouched();
});

test('a folder with a link in it is not empty; removing it with all removes the link alone', async () => {
  await ground.bucket.createFolder('d');
  await symlink(outside, join(ground.files, 'd', 'link'));
  expect(await refusal(ground.bucket.deleteFolder('d'))).toMatchObject({ code: 'failed_precondition' });
  await ground.bucket.deleteFolder('d', { recursive: true });
  expect(await readdir(ground.files)).toEqual([]);
  await expectOutsideUntouched();
});

test('deleting a bucket removes links alone, and refuses to without force', async () => {
  await mkdir(join(ground.files, 'd'));
  await symlink(outside, join(ground.files, 'd', 'link'));
  expect(await refusal(ground.provider.deleteBucket('ground', { force: false }))).toMatchObject({
    code: 'failed_precondition',
  });
  await ground.provider.deleteBucket('ground', { force: true });
  await expectOutsideUntouched();
});

test('a bucket that is itself a link is no bucket', async () => {
  await symlink(outside, join(ground.root, 'buckets', 'linked-bucket'));
  const bucket = ground.provider.bucket('linked-bucket');
  for (const call of [
    bucket.head('secret'),
    bucket.list(),
    bucket.put('x', Buffer.from('x')),
    ground.provider.usage('linked-bucket'),
  ]) {
    expect(await refusal(call)).toMatchObject({ code: 'not_found' });
  }
  expect((await ground.provider.listBuckets()).map((info) => info.name)).toEqual(['ground']);
  await ground.provider.deleteBucket('linked-bucket', { force: true });
  await expectOutsideUntouched();
});

test('a folder that turns into a link in the middle of calls leads none of them outside', async () => {
  const { bucket, files, provider } = ground;
  await bucket.put('d/secret', Buffer.from('inside'));
  const swapper = await startOther(['swap', ground.root, 'ground', '2000']);
  let running = true;
  void swapper.ended.then(() => {
    running = false;
  });
  swapper.go();

  const seen = new Set<string>();
  let naive = 0;
  const tolerate = async (work: () => Promise<unknown>): Promise<void> => {
    await work().catch((error: unknown) => {
      if (!isAppError(error)) throw error;
      seen.add(error.code);
    });
  };
  const read = async (): Promise<void> => {
    const { body } = await bucket.get('d/secret');
    expect(Buffer.concat(await body.toArray()).toString()).not.toBe('top secret');
  };
  const calls: (() => Promise<unknown>)[] = [
    read,
    () => bucket.put('d/secret', Buffer.from('inside')),
    () => bucket.put('d/new', Buffer.from('inside'), { condition: { ifAbsent: true } }),
    () => bucket.put('d/sub/deep', Buffer.from('inside')),
    () => bucket.copy('d/secret', 'copied'),
    () => bucket.copy('copied', 'd/other'),
    () => bucket.move('d/other', 'd/third'),
    () => bucket.delete('d/new'),
    () => bucket.createFolder('d/made'),
    () => bucket.deleteFolder('d/made'),
    () => bucket.deleteFolder('d/sub', { recursive: true }),
    () => bucket.moveFolder('d/made', 'd/moved'),
    () => bucket.deleteFolder('d/moved'),
    async () => {
      const { objects } = await bucket.list({ prefix: 'd/' });
      expect(objects.filter((object) => object.key === 'd/secret').every((object) => object.sizeBytes === 6)).toBe(
        true,
      );
    },
    () => provider.usage('ground'),
  ];
  while (running) {
    for (const call of calls) await tolerate(call);
    // The control: a plain path does get led outside, so the swapping does bite.
    naive += await stat(join(files, 'd', 'sub', 'deep')).then(
      (found) => Number(found.size === 4),
      () => 0,
    );
    naive += await readFile(join(files, 'd', 'secret'), 'utf8').then(
      (text) => Number(text === 'top secret'),
      () => 0,
    );
  }
  expect(await swapper.ended).toBe(0);
  expect(naive).toBeGreaterThan(0);
  expect(seen).toContain('failed_precondition');
  expect([...seen].filter((code) => !['failed_precondition', 'not_found', 'conflict'].includes(code))).toEqual([]);
  await expectOutsideUntouched();
  expect(await readFile(join(ground.files, 'copied'), 'utf8').catch(() => 'inside')).toBe('inside');
}, 15_000);
