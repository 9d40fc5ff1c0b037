/** Files that come in parts, on a disk: what lies where, and processes that share an upload or die. */
import { link, mkdir, readdir, readFile, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { allVersions, refusal } from '../../../ports/storage/conformance/probes.ts';
import { layoutOf } from './layout.ts';
import { openLocalStorage } from './local-storage.ts';
import { type Ground, newGround, type Other, quiet, startOther } from './test-bench.ts';

const DAY_MS = 24 * 3_600_000;

let ground: Ground;
let file: (key: string) => string;
const others: Other[] = [];

beforeEach(async () => {
  ground = await newGround();
  file = (key) => join(ground.files, key);
  await ground.provider.configureBucket('ground', 'versions', {
    keepVersionsDays: 30,
    corsOrigins: [],
    logBucket: null,
  });
});
afterEach(async () => {
  for (const other of others.splice(0)) {
    other.process.kill('SIGKILL');
    await other.ended;
  }
  await ground.remove();
});

describe('uploads in parts', () => {
  const PART = 8 * 1024 * 1024;
  const sizeBytes = PART + 3;
  const send = (id: string, number: number, fill = number) =>
    ground.bucket.putPart('big', id, {
      ...{ number, sizeBytes: number === 1 ? PART : 3 },
      body: Buffer.alloc(number === 1 ? PART : 3, fill),
    });

  test('take no second place on the disk, and completing copies nothing', async () => {
    const { id } = await ground.bucket.startUpload('big', { sizeBytes });
    await send(id, 1);
    await send(id, 2);
    const { uploads, staging } = layoutOf(ground.root).bucket('ground');
    expect(await readdir(staging)).toEqual([]);
    const { ino } = await stat(join(uploads, id, 'content'));
    await ground.bucket.completeUpload('big', id, { sizeBytes });
    expect((await stat(file('big'))).ino).toBe(ino);
    expect(await readdir(uploads)).toEqual([]);
  });

  test('a part that was told to be there is there for a process that goes on; a half one is not', async () => {
    const { id } = await ground.bucket.startUpload('big', { sizeBytes });
    await send(id, 2);
    const { uploads } = layoutOf(ground.root).bucket('ground');
    await writeFile(join(uploads, id, '1.part'), 'half');
    const next = openLocalStorage({ root: ground.root, now: Date.now, log: quiet }).bucket('ground');
    expect(await next.listParts('big', id)).toEqual([{ number: 2, sizeBytes: 3 }]);
    expect(await refusal(next.completeUpload('big', id, { sizeBytes }))).toMatchObject({ code: 'failed_precondition' });
    await send(id, 1);
    await next.completeUpload('big', id, { sizeBytes });
  });

  test('never touch the object again that a killed process made of them', async () => {
    const { id } = await ground.bucket.startUpload('big', { sizeBytes });
    await send(id, 1);
    await send(id, 2);
    const { uploads } = layoutOf(ground.root).bucket('ground');
    await link(join(uploads, id, 'content'), file('big'));
    expect(await refusal(send(id, 2, 9))).toMatchObject({ code: 'not_found' });
    expect(await refusal(ground.bucket.listParts('big', id))).toMatchObject({ code: 'not_found' });
    expect((await readFile(file('big'))).subarray(PART)).toEqual(Buffer.alloc(3, 2));
    await ground.bucket.abortUpload('big', id);
    expect(await readdir(uploads)).toEqual([]);
    expect((await readFile(file('big'))).length).toBe(sizeBytes);
  });

  test('an id is no path', async () => {
    await mkdir(file('x'));
    for (const id of ['../../../buckets/ground/x', '..', 'x'.repeat(32)]) {
      expect(await refusal(ground.bucket.listParts('big', id))).toMatchObject({ code: 'not_found' });
      await ground.bucket.abortUpload('big', id);
    }
    expect(await readdir(ground.files)).toEqual(['x']);
  });

  test('are tidied up when nobody sent a part for a week', async () => {
    const { uploads } = layoutOf(ground.root).bucket('ground');
    const { id: old } = await ground.bucket.startUpload('big', { sizeBytes });
    const { id: alive } = await ground.bucket.startUpload('big', { sizeBytes });
    const ago = (days: number) => (Date.now() - days * DAY_MS) / 1000;
    await utimes(join(uploads, old), ago(8), ago(8));
    await utimes(join(uploads, alive), ago(8), ago(8));
    await send(alive, 2);
    await ground.provider.usage('ground');
    expect(await readdir(uploads)).toEqual([alive]);
  });

  test('two processes that send and complete the same one make one whole object', async () => {
    const { id } = await ground.bucket.startUpload('big', { sizeBytes });
    const both = await Promise.all(
      [0, 1].map(() => startOther(['parts', ground.root, 'ground', `${id}:${sizeBytes}:${PART}`])),
    );
    others.push(...both);
    for (const other of both) other.go();
    expect(await Promise.all(both.map((other) => other.ended))).toEqual([0, 0]);
    expect(both.flatMap((other) => other.said).sort()).toEqual(['not_found', 'ok']);
    const whole = Buffer.concat([Buffer.alloc(PART, 1), Buffer.alloc(3, 2)]);
    expect((await readFile(file('big'))).equals(whole)).toBe(true);
    expect((await allVersions(ground.bucket, { key: 'big' })).length).toBe(1);
  });
});
