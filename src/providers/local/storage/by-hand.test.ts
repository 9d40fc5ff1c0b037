/** A bucket is a plain folder: what people and programs do in it with their own tools is part of the storage. */
import { execFileSync } from 'node:child_process';
import { appendFile, chmod, mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { refusal } from '../../../ports/storage/conformance/probes.ts';
import { pruneFacts } from './facts.ts';
import { layoutOf } from './layout.ts';
import { openLocalStorage } from './local-storage.ts';
import { type Ground, newGround, quiet } from './test-bench.ts';

let ground: Ground;
let file: (key: string) => string;

beforeEach(async () => {
  ground = await newGround();
  file = (key) => join(ground.files, key);
});
afterEach(() => ground.remove());

describe('files put in by hand', () => {
  test('are objects, without anything of ours beside them', async () => {
    await mkdir(file('made/by'), { recursive: true });
    await writeFile(file('made/by/hand.txt'), 'hello');
    await rm(ground.meta, { recursive: true });
    const info = await ground.bucket.head('made/by/hand.txt');
    expect(info).toMatchObject({ sizeBytes: 5, contentType: null, metadata: {} });
    expect((await ground.bucket.list()).objects).toEqual([
      { key: info.key, sizeBytes: info.sizeBytes, modifiedAt: info.modifiedAt, version: info.version },
    ]);
    await ground.bucket.put('made/by/hand.txt', Buffer.from('changed'), { condition: { ifVersion: info.version } });
    expect(await readFile(file('made/by/hand.txt'), 'utf8')).toBe('changed');
  });

  test('change their version with every write in place, however quick and alike', async () => {
    await writeFile(file('a'), '0');
    const versions = new Set<string>();
    for (let i = 0; i < 10; i += 1) {
      await writeFile(file('a'), String(i % 10));
      versions.add((await ground.bucket.head('a')).version);
    }
    expect(versions.size).toBe(10);
  });

  test('change their version although the modification time is set back', async () => {
    await writeFile(file('a'), 'one');
    const { mtime, atime } = await stat(file('a'));
    const { version } = await ground.bucket.head('a');
    await writeFile(file('a'), 'two');
    await utimes(file('a'), atime, mtime);
    expect((await ground.bucket.head('a')).version).not.toBe(version);
    const stale = ground.bucket.put('a', Buffer.from('x'), { condition: { ifVersion: version } });
    expect(await refusal(stale)).toMatchObject({ code: 'conflict' });
  });

  test('lose what was said of the content that they overwrite', async () => {
    await ground.bucket.put('a', Buffer.from('1'), { contentType: 'text/plain' });
    await writeFile(file('a'), '2');
    expect(await ground.bucket.head('a')).toMatchObject({ contentType: null });
  });

  test('keep what was said of them when they are renamed', async () => {
    await ground.bucket.put('a', Buffer.from('1'), { contentType: 'text/plain', metadata: { n: '1' } });
    await rename(file('a'), file('b'));
    expect(await ground.bucket.head('b')).toMatchObject({ contentType: 'text/plain', metadata: { n: '1' } });
  });

  test('stay executable when they are replaced', async () => {
    await writeFile(file('run.sh'), '#!/bin/sh');
    await chmod(file('run.sh'), 0o750);
    await ground.bucket.put('run.sh', Buffer.from('#!/bin/sh\ntrue'));
    expect((await stat(file('run.sh'))).mode & 0o777).toBe(0o750);
  });

  test('are copied whole, large ones, too, whatever the disk can do about it', async () => {
    const large = Buffer.alloc(3 * 1024 * 1024 + 1, 'l');
    await writeFile(file('large'), large);
    expect(await ground.bucket.copy('large', 'copy')).toMatchObject({ sizeBytes: large.length });
    expect((await readFile(file('copy'))).equals(large)).toBe(true);
    expect(await readdir(join(ground.meta, 'staging'))).toEqual([]);
  });

  test('may grow while they are read: the reader gets what was announced', async () => {
    await writeFile(file('log'), 'first');
    const { info, body } = await ground.bucket.get('log');
    await appendFile(file('log'), 'second');
    expect(Buffer.concat(await body.toArray()).toString()).toBe('first');
    expect(info.sizeBytes).toBe(5);
  });

  test('that shrink while they are read end in an error, not in a short file', async () => {
    await writeFile(file('log'), Buffer.alloc(8 * 1024 * 1024));
    const { body } = await ground.bucket.get('log');
    await writeFile(file('log'), 'gone');
    expect(await refusal(body.toArray())).toMatchObject({ code: 'unavailable' });
  });
});

describe('what cannot be an object', () => {
  test('pipes and sockets are not shown and do not block', async () => {
    execFileSync('mkfifo', [file('pipe')]);
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(file('sock'), resolve));
    try {
      for (const key of ['pipe', 'sock']) {
        expect(await refusal(ground.bucket.head(key))).toMatchObject({ code: 'not_found' });
        expect(await refusal(ground.bucket.get(key))).toMatchObject({ code: 'not_found' });
        expect(await refusal(ground.bucket.put(key, Buffer.from('x')))).toMatchObject({ code: 'failed_precondition' });
      }
      expect((await ground.bucket.list()).objects).toEqual([]);
    } finally {
      await new Promise((resolve) => server.close(resolve));
    }
  });

  test('names that are no text or hold control characters are not shown, but count and go with their folder', async () => {
    await mkdir(file('d'));
    await writeFile(Buffer.concat([Buffer.from(`${ground.files}/d/`), Buffer.from([0xff, 0x61])]), 'raw');
    await writeFile(file('d/line\nbreak'), 'nl');
    await writeFile(file('d/ok'), 'ok');
    expect((await ground.bucket.list()).objects.map((object) => object.key)).toEqual(['d/ok']);
    expect(await ground.provider.usage('ground')).toEqual({ objects: 3, sizeBytes: 7 });
    await ground.bucket.delete('d/ok');
    expect(await refusal(ground.bucket.deleteFolder('d'))).toMatchObject({ code: 'failed_precondition' });
    expect(await refusal(ground.provider.deleteBucket('ground', { force: false }))).toMatchObject({
      code: 'failed_precondition',
    });
    await ground.bucket.deleteFolder('d', { recursive: true });
    expect(await readdir(ground.files)).toEqual([]);
  });
});

describe('the data folder', () => {
  test('holds nothing of ours in the bucket, and no leftovers beside it', async () => {
    const { bucket } = ground;
    await bucket.put('a', Buffer.from('1'), { contentType: 'text/plain' });
    await bucket.put('a', Buffer.from('2'), {
      contentType: 'text/plain',
      condition: { ifVersion: (await bucket.head('a')).version },
    });
    await bucket.copy('a', 'b');
    await bucket.move('b', 'c');
    await bucket.delete('a');
    await bucket.delete('c');
    await bucket.put('only', Buffer.from('x'));
    expect(await readdir(ground.files)).toEqual(['only']);
    expect(await readdir(join(ground.meta, 'staging'))).toEqual([]);
    const records = (await readdir(join(ground.meta, 'facts'), { recursive: true })).filter((name) =>
      name.endsWith('.json'),
    );
    const { ino } = await stat(file('only'), { bigint: true });
    expect(records).toEqual([expect.stringMatching(new RegExp(`/${ino.toString(36)}-1-`))]);
  });

  test('serves a folder of buckets that was made by hand', async () => {
    await mkdir(join(ground.root, 'buckets', 'found-folder'));
    await mkdir(join(ground.root, 'buckets', 'Not A Bucket'));
    await writeFile(join(ground.root, 'buckets', 'a-file'), '');
    const found = await ground.provider.getBucketMetadata('found-folder');
    expect(found).toMatchObject({ labels: {} });
    expect((await ground.provider.listBuckets()).map((info) => info.name)).toEqual(['found-folder', 'ground']);
    const claim = ground.provider.createBucket('found-folder', { labels: { owner: 'me' } });
    expect(await refusal(claim)).toMatchObject({ code: 'already_exists' });
    expect(await refusal(ground.provider.createBucket('a-file', { labels: {} }))).toMatchObject({
      code: 'already_exists',
    });
  });

  test('takes a creation up again that was cut short', async () => {
    await rm(ground.files, { recursive: true });
    expect(await ground.provider.createBucket('ground', { labels: { now: 'other' } })).toMatchObject({
      labels: { now: 'other' },
    });
    await ground.bucket.put('a', Buffer.from('x'));
  });

  test('empties the trash that a killed deletion left', async () => {
    const { trash } = layoutOf(ground.root);
    await mkdir(join(trash, 'dead.0.1.1.7', 'deep'), { recursive: true });
    await writeFile(join(trash, 'dead.0.1.1.7', 'deep', 'file'), 'x');
    await openLocalStorage({ root: ground.root, now: Date.now, log: quiet }).deleteBucket('no-such-bucket', {
      force: true,
    });
    expect(await readdir(trash)).toEqual([]);
  });

  test('removes trees deeper than the number of folders that may be open', async () => {
    const deep = Array.from({ length: 200 }, () => 'n').join('/');
    await ground.bucket.put(`top/${deep}/file`, Buffer.from('x'));
    await ground.bucket.deleteFolder('top', { recursive: true });
    expect(await readdir(ground.files)).toEqual([]);
    expect(await readdir(layoutOf(ground.root).trash)).toEqual([]);
  });

  test('forgets what was said of contents that are gone, and only of those', async () => {
    await ground.bucket.put('a', Buffer.from('1'), { contentType: 'text/plain' });
    await ground.bucket.put('b', Buffer.from('2'), { contentType: 'text/plain' });
    await rm(file('b'));
    const { facts } = layoutOf(ground.root).bucket('ground');
    const records = async () => (await readdir(facts, { recursive: true })).filter((name) => name.endsWith('.json'));
    await ground.provider.usage('ground');
    expect(await records()).toHaveLength(2);
    const { ino, size, mtimeNs } = await stat(file('a'), { bigint: true });
    const alive = [ino, size, mtimeNs].map((part) => part.toString(36)).join('-');
    await pruneFacts(facts, new Set([alive]), Date.now() + 1000);
    expect(await records()).toHaveLength(1);
    expect(await ground.bucket.head('a')).toMatchObject({ contentType: 'text/plain' });
  });
});

test('mounts as the very folder, which can do all that a disk can', async () => {
  expect(await ground.provider.mount('ground', '/workspace', null)).toEqual({
    kind: 'host-path',
    hostPath: ground.files,
    mountPath: '/workspace',
    capabilities: { rename: true, append: true, overwrite: true, symlink: true, locks: true },
  });
  expect(await refusal(ground.provider.mount('no-such-bucket', '/workspace', null))).toMatchObject({
    code: 'not_found',
  });
  expect(await refusal(ground.provider.mount('ground', 'relative', null))).toMatchObject({ code: 'invalid_argument' });
});
