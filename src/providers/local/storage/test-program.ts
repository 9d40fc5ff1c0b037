/**
 * What a second process does in the tests of this folder, started as `node test-program.ts <mode> <data folder> <bucket> [n]`.
 * Prints one JSON value per line; waits for a line on stdin after `"ready"`.
 */
import { execFileSync } from 'node:child_process';
import { renameSync, rmSync, symlinkSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { isAppError } from '../../../domain/errors.ts';
import type { Bucket } from '../../../ports/storage/storage.ts';
import { layoutOf } from './layout.ts';
import { openLocalStorage } from './local-storage.ts';
import { holdKeys } from './locks.ts';

const [mode = '', root = '', bucketName = '', count = '0'] = process.argv.slice(2);
const log = { info: () => {}, warn: () => {}, error: () => {} };
const provider = openLocalStorage({ root, now: Date.now, log });

function say(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}

async function code(call: Promise<unknown>): Promise<string> {
  return call.then(
    () => 'ok',
    (error: unknown) => (isAppError(error) ? error.code : String(error)),
  );
}

/** Adds one by compare-and-swap until it works. */
async function increment(bucket: Bucket): Promise<number> {
  for (;;) {
    const { info, body } = await bucket.get('counter');
    const chunks = await body.toArray();
    const next = Number(Buffer.concat(chunks).toString()) + 1;
    const put = bucket.put('counter', Buffer.from(String(next)), { condition: { ifVersion: info.version } });
    const outcome = await code(put);
    if (outcome === 'ok') return next;
    if (outcome !== 'conflict') throw new Error(`increment: ${outcome}`);
  }
}

async function countUp(bucket: Bucket): Promise<void> {
  for (let i = 0; i < Number(count); i += 1) say(await increment(bucket));
}

async function claim(bucket: Bucket): Promise<void> {
  for (let i = 0; i < Number(count); i += 1) {
    const put = bucket.put(`claims/${i}`, Buffer.from(String(process.pid)), { condition: { ifAbsent: true } });
    const outcome = await code(put);
    if (outcome === 'ok') say(i);
    else if (outcome !== 'conflict') throw new Error(`claim: ${outcome}`);
  }
}

/** Holds a key until it is killed. */
async function hold(): Promise<void> {
  await holdKeys(layoutOf(root).bucket(bucketName).locks, ['counter'], async () => {
    say('held');
    await new Promise((resolve) => setTimeout(resolve, 600_000));
  });
}

/** Uploads until it is killed. */
async function upload(bucket: Bucket): Promise<void> {
  const chunk = Buffer.alloc(65_536);
  const endless = function* (): Generator<Buffer> {
    for (let i = 0; ; i += 1) {
      if (i === 16) say('uploading');
      yield chunk;
    }
  };
  await bucket.put('endless', Readable.from(endless()));
}

/** Sends all parts of an upload and completes it; `count` is its id, size and part size. */
async function sendParts(bucket: Bucket): Promise<void> {
  const [id = '', size = '', partSize = ''] = count.split(':');
  const sizeBytes = Number(size);
  const send = async (): Promise<void> => {
    for (let number = 1, left = sizeBytes; left > 0; number += 1, left -= Number(partSize)) {
      const body = Buffer.alloc(Math.min(left, Number(partSize)), number);
      await bucket.putPart('big', id, { number, body, sizeBytes: body.length });
    }
    await bucket.completeUpload('big', id, { sizeBytes });
  };
  // Part of one is written again while the other completes: then parts are missing for a moment.
  let outcome = await code(send());
  while (outcome === 'failed_precondition') outcome = await code(send());
  say(outcome);
}

/** Swaps the folder `d` of the bucket with a link to `outside`, as fast as it can. */
function swap(): void {
  const folder = join(layoutOf(root).bucket(bucketName).files, 'd');
  const aside = join(root, 'aside');
  const until = Date.now() + Number(count);
  let swaps = 0;
  for (; Date.now() < until; swaps += 1) {
    try {
      renameSync(folder, aside);
      symlinkSync(join(root, 'outside'), folder);
    } catch {
      // The other side removed or made it just now.
    }
    try {
      unlinkSync(folder);
      renameSync(aside, folder);
    } catch {
      rmSync(aside, { recursive: true, force: true });
    }
  }
  say(swaps);
}

/** Runs in a mount namespace of its own, where `root` is a disk of a few megabytes. */
async function fullDisk(bucket: Bucket): Promise<void> {
  await provider.createBucket(bucketName, { labels: {} });
  await bucket.put('small', Buffer.from('kept'));
  const large = Readable.from(Array.from({ length: 64 }, () => Buffer.alloc(1024 * 1024)));
  say({ full: await code(bucket.put('dir/large', large)) });
  say({ fullReplace: await code(bucket.put('small', Buffer.alloc(32 * 1024 * 1024))) });
  say({ left: (await bucket.list()).objects.map(({ key, sizeBytes }) => ({ key, sizeBytes })) });
  say({ folders: (await bucket.list({ delimiter: '/' })).prefixes });
  say({ after: await code(bucket.put('small2', Buffer.from('works again'))) });
  execFileSync('mount', ['-o', 'remount,ro', root]);
  say({ readOnly: await code(bucket.put('small', Buffer.from('x'))) });
  say({ readOnlyDelete: await code(bucket.delete('small')) });
  say({ readable: (await bucket.head('small')).sizeBytes });
}

async function run(): Promise<void> {
  const bucket = provider.bucket(bucketName);
  say('ready');
  const lines = createInterface({ input: process.stdin });
  await new Promise((resolve) => lines.once('line', resolve));
  lines.close();
  switch (mode) {
    case 'count':
      return countUp(bucket);
    case 'claim':
      return claim(bucket);
    case 'hold':
      return hold();
    case 'upload':
      return upload(bucket);
    case 'parts':
      return sendParts(bucket);
    case 'swap':
      return swap();
    case 'full':
      return fullDisk(bucket);
    default:
      throw new Error(`unknown mode ${mode}`);
  }
}

await run();
