/** Order and pages of lists: the same answers as the store in memory, and a large folder that is read once. */
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { open, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openMemoryStorage } from '../../../ports/storage/memory.ts';
import type { Bucket, ListOptions, ListPage } from '../../../ports/storage/storage.ts';
import { createFolderNames, type FolderNames } from './folder-names.ts';
import { listPage } from './listing.ts';
import { type Ground, newGround } from './test-bench.ts';
import { settleTime } from './version.ts';

const FILES = 20_000;

let ground: Ground;
beforeAll(async () => {
  ground = await newGround();
});
afterAll(() => ground.remove());

/** Names that sort differently as text, as bytes and as paths. */
const name = fc.constantFrom('a', 'a-', 'a.b', 'a0', 'b', 'é', 'e\u0301', '\ufb01', '\u{1f600}', '~');
const key = fc.array(name, { minLength: 1, maxLength: 4 }).map((names) => names.join('/'));

async function pages(bucket: Bucket, options: ListOptions): Promise<{ keys: string[]; prefixes: string[] }[]> {
  const all: { keys: string[]; prefixes: string[] }[] = [];
  let startAfter = options.startAfter;
  do {
    const page = await bucket.list({ ...options, startAfter });
    all.push({ keys: page.objects.map((object) => object.key), prefixes: page.prefixes });
    startAfter = page.next ?? undefined;
  } while (startAfter !== undefined);
  return all;
}

test('any tree lists like the store in memory, page by page', async () => {
  const memory = openMemoryStorage();
  let round = 0;
  const tree = fc.uniqueArray(key, { maxLength: 12 }).map((keys) =>
    // On a disk a file and a folder cannot share a name.
    keys.filter((each) => !keys.some((other) => other.startsWith(`${each}/`))),
  );
  const question = fc.record({
    prefix: fc.option(
      fc.tuple(key, fc.nat(20)).map(([text, cut]) => text.slice(0, cut)),
      { nil: undefined },
    ),
    startAfter: fc.option(key, { nil: undefined }),
    delimiter: fc.constantFrom(undefined, '/' as const),
    pageSize: fc.integer({ min: 1, max: 5 }),
  });
  await fc.assert(
    fc.asyncProperty(tree, fc.array(question, { minLength: 1, maxLength: 6 }), async (keys, questions) => {
      round += 1;
      const bucketName = `round-${round}`;
      await memory.createBucket(bucketName, { labels: {} });
      await ground.provider.createBucket(bucketName, { labels: {} });
      const [expected, actual] = [memory.bucket(bucketName), ground.provider.bucket(bucketName)];
      for (const each of keys) {
        await expected.put(each, Buffer.from(each));
        await actual.put(each, Buffer.from(each));
      }
      for (const options of questions) {
        const safe = { ...options, prefix: options.prefix?.isWellFormed() ? options.prefix : undefined };
        expect(await pages(actual, safe)).toEqual(await pages(expected, safe));
      }
    }),
    { numRuns: 25 },
  );
});

test('a large folder is read once, not for every page, and nobody is held up meanwhile', async () => {
  const folder = join(ground.files, 'many');
  mkdirSync(folder);
  for (let i = 0; i < FILES; i += 1) closeSync(openSync(join(folder, `file-${i}`), 'w'));
  const names = createFolderNames();
  const readings = new Set<readonly string[]>();
  const counted: FolderNames = {
    read: async (handle) => {
      const read = await names.read(handle);
      readings.add(read);
      return read;
    },
  };
  const { signal } = new AbortController();
  let count = 0;
  let last = '';
  let startAfter: string | null = '';
  while (startAfter !== null) {
    const page: ListPage = await listPage(ground.files, counted, {
      prefix: 'many/',
      delimiter: '/',
      startAfter,
      pageSize: 1000,
      signal,
    });
    for (const object of page.objects) {
      if (object.key <= last) throw new Error(`${object.key} comes after ${last}`);
      last = object.key;
    }
    count += page.objects.length;
    startAfter = page.next;
  }
  expect(count).toBe(FILES);
  // Once more at most, when the first page came within the tick of the last file.
  expect(readings.size).toBeLessThanOrEqual(2);

  let turns = 0;
  let measuring = true;
  const others = (async () => {
    for (; measuring; turns += 1) await turn();
  })();
  expect((await ground.provider.usage('ground')).objects).toBe(FILES);
  measuring = false;
  await others;
  expect(turns).toBeGreaterThan(FILES / 500);
}, 60_000);

test('a page is the same when the disk has to be asked', async () => {
  const folder = join(ground.files, 'asked');
  const keys: string[] = [];
  for (const path of ['a', 'b/c', 'b/d/e', 'f']) {
    mkdirSync(join(folder, path), { recursive: true });
    for (let i = 0; i < 3; i += 1) {
      await writeFile(join(folder, path, `${i}`), '');
      keys.push(`asked/${path}/${i}`);
    }
  }
  const page = (fromMemoryMs?: number) =>
    listPage(ground.files, createFolderNames(), {
      prefix: 'asked/',
      delimiter: undefined,
      startAfter: '',
      pageSize: 1000,
      signal: new AbortController().signal,
      fromMemoryMs,
    });
  // Less than nothing: every look is one that took too long.
  const asked = await page(-1);
  expect(asked.objects.map(({ key }) => key)).toEqual(keys);
  expect(asked).toEqual(await page());
});

test.each([3, 600])('what is remembered of a folder of %i files ends with any change in it', async (count) => {
  const names = createFolderNames();
  const folder = join(ground.files, `of-${count}`);
  mkdirSync(folder);
  for (let i = 0; i < count; i += 1) closeSync(openSync(join(folder, `f${i}`), 'w'));
  const handle = await open(folder, 'r');
  try {
    let before = await names.read(handle);
    // Within a tick of the last change nothing may be remembered, so ask until the tick is over.
    for (let again = await names.read(handle); again !== before; again = await names.read(handle)) before = again;
    expect(before).toHaveLength(count);
    for (let i = 0; i < 20; i += 1) {
      await writeFile(join(folder, `new${i}`), '');
      expect(await names.read(handle)).toHaveLength(count + 1);
      await unlink(join(folder, `new${i}`));
      expect(await names.read(handle)).toHaveLength(count);
    }
  } finally {
    await handle.close();
  }
});

test('many who read a folder at once count it once', async () => {
  const names = createFolderNames();
  const handles = await Promise.all(
    ['crowd', 'other'].map(async (name) => {
      const folder = join(ground.files, name);
      mkdirSync(folder);
      for (let i = 0; i < 600; i += 1) closeSync(openSync(join(folder, `f${i}`), 'w'));
      return await open(folder, 'r');
    }),
  );
  const [crowd, other] = handles;
  if (!crowd || !other) throw new Error('Two folders were opened.');
  try {
    await settleTime();
    // Counted each time, they would be more than all that is remembered.
    await Promise.all(Array.from({ length: 400 }, () => names.read(crowd)));
    const before = await names.read(crowd);
    await names.read(other);
    expect(await names.read(crowd)).toBe(before);
  } finally {
    for (const handle of handles) await handle.close();
  }
});
