/** Promises between processes that share a data folder: atomic conditions, and nothing left standing after kill -9. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type Ground, newGround, type Other, startOther } from './test-bench.ts';

let ground: Ground;
const others: Other[] = [];

beforeEach(async () => {
  ground = await newGround();
});
afterEach(async () => {
  for (const other of others.splice(0)) {
    other.process.kill('SIGKILL');
    await other.ended;
  }
  await ground.remove();
});

async function start(mode: string, count = 0): Promise<Other> {
  const other = await startOther([mode, ground.root, 'ground', String(count)]);
  others.push(other);
  return other;
}

async function counter(): Promise<number> {
  const { body } = await ground.bucket.get('counter');
  return Number(Buffer.concat(await body.toArray()).toString());
}

test('two processes that count by ifVersion lose no step', async () => {
  await ground.bucket.put('counter', Buffer.from('0'));
  const both = await Promise.all([start('count', 25), start('count', 25)]);
  for (const other of both) other.go();
  expect(await Promise.all(both.map((other) => other.ended))).toEqual([0, 0]);
  expect(await counter()).toBe(50);
  const steps = both.flatMap((other) => other.said).sort((a, b) => Number(a) - Number(b));
  expect(steps).toEqual(Array.from({ length: 50 }, (_, i) => i + 1));
});

test('each of many ifAbsent creations has one winner among processes', async () => {
  const both = await Promise.all([start('claim', 40), start('claim', 40)]);
  for (const other of both) other.go();
  expect(await Promise.all(both.map((other) => other.ended))).toEqual([0, 0]);
  const won = both.flatMap((other) => other.said);
  expect(won.sort((a, b) => Number(a) - Number(b))).toEqual(Array.from({ length: 40 }, (_, i) => i));
  for (const other of both) {
    for (const i of other.said) {
      const { body } = await ground.bucket.get(`claims/${i}`);
      expect(Buffer.concat(await body.toArray()).toString()).toBe(String(other.process.pid));
    }
  }
});

test('a process killed while it counts stops nobody and takes no step back', async () => {
  await ground.bucket.put('counter', Buffer.from('0'));
  const [victim, survivor] = await Promise.all([start('count', 10_000), start('count', 25)]);
  victim.go();
  survivor.go();
  await vi.waitFor(() => expect(victim.said.length).toBeGreaterThan(5), { timeout: 10_000, interval: 5 });
  victim.process.kill('SIGKILL');
  expect(await victim.ended).toBe('SIGKILL');
  expect(await survivor.ended).toBe(0);
  const acknowledged = victim.said.length + survivor.said.length;
  const total = await counter();
  // The last step of the victim may have been made and never told.
  expect(total).toBeGreaterThanOrEqual(acknowledged);
  expect(total).toBeLessThanOrEqual(acknowledged + 1);
}, 20_000);

test('a key held by a process that was killed is free at once; by a living one it is waited for', async () => {
  await ground.bucket.put('counter', Buffer.from('0'));
  const holder = await start('hold');
  holder.go();
  await holder.says('held');
  let settled = false;
  const write = ground.bucket.put('counter', Buffer.from('1')).finally(() => {
    settled = true;
  });
  // Another key goes through meanwhile, so the waiting is not for want of time.
  await ground.bucket.put('elsewhere', Buffer.from('x'));
  expect(settled).toBe(false);
  holder.process.kill('SIGKILL');
  await write;
  expect(await counter()).toBe(1);
});

test('what a killed upload left is cleared by the next process that writes', async () => {
  const uploader = await start('upload');
  uploader.go();
  await uploader.says('uploading');
  const staging = join(ground.meta, 'staging');
  expect(await readdir(staging)).toHaveLength(1);
  uploader.process.kill('SIGKILL');
  await uploader.ended;
  expect((await ground.bucket.list()).objects).toEqual([]);
  await ground.bucket.put('a', Buffer.from('x'));
  expect(await readdir(staging)).toEqual([]);
});

test('the chain of a lock does not grow', async () => {
  for (let i = 0; i < 20; i += 1) await ground.bucket.put('counter', Buffer.from(String(i)));
  const stripes = await readdir(join(ground.meta, 'locks'));
  for (const stripe of stripes) expect(await readdir(join(ground.meta, 'locks', stripe))).toHaveLength(1);
});
