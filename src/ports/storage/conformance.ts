/**
 * The specification of storage, as tests: every provider's suite and every store in memory runs it. Where the contract leaves a
 * choice, the branch is taken by `capabilities`. Needs no clock, no network of its own and no knowledge of the provider.
 */
import { createHash, randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type ErrorCode, isAppError } from '../../domain/errors.ts';
import { compareUtf8 } from '../../domain/storage.ts';
import type { Bucket, ListOptions, ListPage, StorageProvider } from './storage.ts';

export interface StorageUnderTest {
  provider: StorageProvider;
  /** Whether bodies pass through; a store that holds them in memory says false. */
  constantMemory: boolean;
  cleanup: () => Promise<void>;
}

const MIB = 1024 * 1024;

async function bytesOf(body: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of body) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

async function textAt(bucket: Bucket, key: string): Promise<string> {
  return (await bytesOf((await bucket.get(key)).body)).toString('utf8');
}

/** The AppError that a call ends in; anything else fails the test. */
export async function refusal(call: Promise<unknown>): Promise<{ code: ErrorCode; details: Record<string, unknown> }> {
  const outcome = await call.then(
    () => ({ error: null }),
    (error: unknown) => ({ error }),
  );
  if (!isAppError(outcome.error)) {
    throw new Error(`expected an AppError, got ${String(outcome.error)}`, { cause: outcome.error });
  }
  return { code: outcome.error.code, details: outcome.error.details ?? {} };
}

async function listAll(
  bucket: Bucket,
  options: ListOptions = {},
): Promise<{ keys: string[]; prefixes: string[]; pages: number }> {
  const all = { keys: [] as string[], prefixes: [] as string[], pages: 0 };
  let startAfter = options.startAfter;
  for (;;) {
    const page: ListPage = await bucket.list({ ...options, startAfter });
    all.pages += 1;
    all.keys.push(...page.objects.map((object) => object.key));
    all.prefixes.push(...page.prefixes);
    if (page.next === null) return all;
    if (startAfter !== undefined && compareUtf8(page.next, startAfter) <= 0) throw new Error('paging does not advance');
    startAfter = page.next;
  }
}

/** A body of `pieces` MiB that counts how far it was read. */
function countedBody(pieces: number): { body: Readable; sent: () => number } {
  let sent = 0;
  const piece = Buffer.alloc(MIB, 'x');
  const source = function* (): Generator<Buffer> {
    for (; sent < pieces; sent += 1) yield piece;
  };
  return { body: Readable.from(source(), { objectMode: false, highWaterMark: 1 }), sent: () => sent };
}

/** Declares the suite. `open` is called once; tests use buckets of their own. */
export function describeStorage(name: string, open: () => Promise<StorageUnderTest>): void {
  describe(`storage contract: ${name}`, () => {
    let under: StorageUnderTest;
    let provider: StorageProvider;
    let bucket: Bucket;
    const newName = (): string => `t-${randomUUID()}`;

    beforeAll(async () => {
      under = await open();
      provider = under.provider;
    });
    afterAll(async () => {
      await provider.close();
      await under.cleanup();
    });
    beforeEach(async () => {
      const bucketName = newName();
      await provider.createBucket(bucketName, { labels: { suite: 'conformance' } });
      bucket = provider.bucket(bucketName);
    });

    const put = (key: string, text: string) => bucket.put(key, Buffer.from(text));

    describe('buckets', () => {
      test('are created once: the same labels again are fine, other labels are refused', async () => {
        const made = await provider.createBucket(bucket.name, { labels: { suite: 'conformance' } });
        expect(made).toMatchObject({ name: bucket.name, labels: { suite: 'conformance' } });
        expect(await provider.getBucketMetadata(bucket.name)).toEqual(made);
        const foreign = provider.createBucket(bucket.name, { labels: { suite: 'other' } });
        expect(await refusal(foreign)).toMatchObject({ code: 'already_exists' });
      });

      test('racing creations with different labels have one winner', async () => {
        const bucketName = newName();
        const labels = Array.from({ length: 8 }, (_, i) => ({ who: `p${i}` }));
        const results = await Promise.allSettled(
          labels.map((each) => provider.createBucket(bucketName, { labels: each })),
        );
        expect(results.filter((result) => result.status === 'fulfilled')).toHaveLength(1);
      });

      test('are listed', async () => {
        const names = (await provider.listBuckets()).map((info) => info.name);
        expect(names).toContain(bucket.name);
        expect(names).toEqual([...names].sort(compareUtf8));
      });

      test('with files are deleted by force only; unknown ones are fine to delete', async () => {
        await put('a/b', 'x');
        expect(await refusal(provider.deleteBucket(bucket.name, { force: false }))).toMatchObject({
          code: 'failed_precondition',
        });
        expect(await textAt(bucket, 'a/b')).toBe('x');
        await provider.deleteBucket(bucket.name, { force: true });
        expect(await refusal(provider.getBucketMetadata(bucket.name))).toMatchObject({ code: 'not_found' });
        await provider.deleteBucket(bucket.name, { force: false });
      });

      test('without files are deleted, folders or not, and may be made anew by others', async () => {
        if (bucket.capabilities.folders) await bucket.createFolder('left/over');
        await provider.deleteBucket(bucket.name, { force: false });
        expect((await provider.listBuckets()).map((info) => info.name)).not.toContain(bucket.name);
        await provider.createBucket(bucket.name, { labels: { suite: 'another' } });
        expect((await bucket.list()).objects).toEqual([]);
      });

      test('that do not exist answer not_found', async () => {
        const missing = provider.bucket(newName());
        for (const call of [missing.head('a'), missing.get('a'), missing.put('a', Buffer.from('x')), missing.list()]) {
          expect(await refusal(call)).toMatchObject({ code: 'not_found' });
        }
        expect(await refusal(provider.usage(missing.name))).toMatchObject({ code: 'not_found' });
      });

      test.each(['', 'ab', 'A-bucket', '-ab', 'a_b', '../x', 'a.b', `a${'b'.repeat(63)}`])(
        'cannot be named %j',
        async (bad) => {
          expect(await refusal(provider.createBucket(bad, { labels: {} }))).toMatchObject({ code: 'invalid_argument' });
          expect(() => provider.bucket(bad)).toThrow(expect.objectContaining({ code: 'invalid_argument' }));
        },
      );

      test('usage counts objects and bytes', async () => {
        await put('a', '12345');
        await put('b/c', '678');
        await put('empty', '');
        expect(await provider.usage(bucket.name)).toEqual({ objects: 3, sizeBytes: 8 });
      });
    });

    describe('reading and writing', () => {
      test('gives back what was put, with its description', async () => {
        const before = Date.now() - 60_000;
        const info = await bucket.put('notes/a.txt', Buffer.from('hello'), {
          contentType: 'text/plain; charset=utf-8',
          metadata: { origin: 'Größe 😀' },
        });
        expect(info).toMatchObject({
          key: 'notes/a.txt',
          sizeBytes: 5,
          contentType: 'text/plain; charset=utf-8',
          metadata: { origin: 'Größe 😀' },
        });
        expect(info.modifiedAt).toBeGreaterThan(before);
        expect(await bucket.head('notes/a.txt')).toEqual(info);
        const got = await bucket.get('notes/a.txt');
        expect(got.info).toEqual(info);
        expect((await bytesOf(got.body)).toString()).toBe('hello');
      });

      test('a replacement brings its own description and another version', async () => {
        const first = await bucket.put('a', Buffer.from('1'), { contentType: 'text/plain', metadata: { n: '1' } });
        const second = await put('a', '2');
        expect(second).toMatchObject({ contentType: null, metadata: {} });
        expect(second.version).not.toBe(first.version);
        expect(await bucket.head('a')).toEqual(second);
      });

      test('the same content again is another version, however quickly', async () => {
        const versions = new Set<string>();
        for (let i = 0; i < 12; i += 1) versions.add((await put('a', 'same')).version);
        expect(versions.size).toBe(12);
      });

      test('an empty object is an object', async () => {
        expect(await put('empty', '')).toMatchObject({ sizeBytes: 0 });
        expect(await textAt(bucket, 'empty')).toBe('');
        expect((await listAll(bucket)).keys).toEqual(['empty']);
        expect(await refusal(bucket.get('empty', { range: { start: 0 } }))).toMatchObject({ code: 'invalid_argument' });
      });

      test('missing objects are not_found', async () => {
        await put('dir/x', 'x');
        for (const key of ['a', 'dir', 'dir/y', 'dir/x/y', 'no/such/thing']) {
          expect(await refusal(bucket.head(key))).toMatchObject({ code: 'not_found' });
          expect(await refusal(bucket.get(key))).toMatchObject({ code: 'not_found' });
          expect(await refusal(bucket.copy(key, 'z'))).toMatchObject({ code: 'not_found' });
          expect(await refusal(bucket.move(key, 'z'))).toMatchObject({ code: 'not_found' });
        }
        expect((await listAll(bucket)).keys).toEqual(['dir/x']);
      });

      test('ranges are inclusive and cut at the end', async () => {
        await put('r', '0123456789');
        const part = async (range: { start: number; end?: number }) =>
          (await bytesOf((await bucket.get('r', { range })).body)).toString();
        expect(await part({ start: 0, end: 0 })).toBe('0');
        expect(await part({ start: 3, end: 5 })).toBe('345');
        expect(await part({ start: 7 })).toBe('789');
        expect(await part({ start: 9, end: 99 })).toBe('9');
        const middle = await bucket.get('r', { range: { start: 2, end: 3 } });
        expect(middle.info.sizeBytes).toBe(10);
        middle.body.destroy();
        for (const range of [
          { start: 10 },
          { start: 11, end: 12 },
          { start: 5, end: 4 },
          { start: -1 },
          { start: 0.5 },
        ]) {
          expect(await refusal(bucket.get('r', { range }))).toMatchObject({ code: 'invalid_argument' });
        }
      });

      test('streams large bodies both ways, unharmed', async () => {
        const { body } = countedBody(8);
        const info = await bucket.put('large', body, { sizeBytes: 8 * MIB });
        expect(info.sizeBytes).toBe(8 * MIB);
        const hash = createHash('sha256');
        await pipeline((await bucket.get('large')).body, hash);
        expect(hash.digest('hex')).toBe(
          createHash('sha256')
            .update(Buffer.alloc(8 * MIB, 'x'))
            .digest('hex'),
        );
      });

      test('a reader keeps the object that it opened while another is put in its place', async () => {
        const old = Buffer.alloc(2 * MIB, 'o');
        await bucket.put('a', old);
        const { body } = await bucket.get('a');
        await put('a', 'new');
        expect((await bytesOf(body)).equals(old)).toBe(true);
        expect(await textAt(bucket, 'a')).toBe('new');
      });

      test('memory stays constant in both directions', async ({ skip }) => {
        if (!under.constantMemory) skip('this store holds its objects in memory');
        const size = 160;
        const base = process.memoryUsage().rss;
        let peak = 0;
        const sample = () => {
          peak = Math.max(peak, process.memoryUsage().rss - base);
        };
        const { body } = countedBody(size);
        body.on('data', sample);
        body.pause();
        await bucket.put('huge', body, { sizeBytes: size * MIB });
        for await (const _ of (await bucket.get('huge')).body) sample();
        expect(peak).toBeLessThan(96 * MIB);
      });

      test('a slow reader holds the store back', async () => {
        await bucket.put('big', Buffer.alloc(16 * MIB));
        const { body } = await bucket.get('big');
        const first = await new Promise<Buffer>((resolve) => body.once('data', (chunk) => resolve(chunk)));
        body.pause();
        await put('other', 'traffic in the meantime');
        expect(first.length + body.readableLength).toBeLessThan(4 * MIB);
        body.destroy();
      });

      test.each([
        ['short', 3],
        ['long', 1],
      ])('a body that is too %s leaves nothing', async (_, sizeBytes) => {
        const call = bucket.put('x/y', Readable.from([Buffer.from('ab')]), { sizeBytes });
        expect(await refusal(call)).toMatchObject({ code: 'invalid_argument', details: { outcome: 'not_applied' } });
        expect(await refusal(bucket.head('x/y'))).toMatchObject({ code: 'not_found' });
        expect((await listAll(bucket)).keys).toEqual([]);
      });

      test('a body that fails leaves the old object', async () => {
        const old = await put('a', 'old');
        const broken = Readable.from(
          (function* () {
            yield Buffer.alloc(MIB);
            throw new Error('client gone');
          })(),
        );
        expect(await refusal(bucket.put('a', broken))).toMatchObject({
          code: 'unavailable',
          details: { outcome: 'not_applied' },
        });
        expect(await bucket.head('a')).toEqual(old);
      });

      test('aborting a put in the middle leaves nothing, even while its body gives nothing more', async () => {
        const controller = new AbortController();
        const silent = new Readable({ read() {} });
        silent.push(Buffer.alloc(MIB));
        const call = bucket.put('deep/a', silent, { signal: controller.signal });
        setImmediate(() => controller.abort());
        expect(await refusal(call)).toMatchObject({ code: 'unavailable', details: { aborted: true } });
        expect(silent.destroyed).toBe(true);
        expect(await bucket.list({ delimiter: '/' })).toEqual({ objects: [], prefixes: [], next: null });
        expect(await provider.usage(bucket.name)).toEqual({ objects: 0, sizeBytes: 0 });
      });

      test('an aborted signal stops every call before it starts', async () => {
        const signal = AbortSignal.abort();
        await put('a', 'x');
        const calls = [bucket.head('a', { signal }), bucket.get('a', { signal }), bucket.list({ signal })];
        const changes = [
          bucket.delete('a', { signal }),
          bucket.copy('a', 'b', { signal }),
          bucket.move('a', 'b', { signal }),
        ];
        for (const call of [...calls, ...changes]) {
          expect(await refusal(call)).toMatchObject({ code: 'unavailable', details: { aborted: true } });
        }
        expect((await listAll(bucket)).keys).toEqual(['a']);
      });

      test('aborting a download ends its stream with an error', async () => {
        await bucket.put('big', Buffer.alloc(4 * MIB));
        const controller = new AbortController();
        const { body } = await bucket.get('big', { signal: controller.signal });
        setImmediate(() => controller.abort());
        const slowly = async () => {
          for await (const _ of body) await new Promise((resolve) => setImmediate(resolve));
        };
        controller.signal.throwIfAborted();
        body.pause();
        await new Promise((resolve) => controller.signal.addEventListener('abort', resolve));
        expect(await refusal(slowly())).toMatchObject({ code: 'unavailable', details: { aborted: true } });
      });

      test.each([
        [{ metadata: { 'Bad Name': 'x' } }],
        [{ metadata: { ok: 'line\nbreak' } }],
        [{ metadata: { ok: 'x'.repeat(4096) } }],
        [{ contentType: 'no slash' }],
        [{ contentType: 'text/html\r\nx: y' }],
        [{ sizeBytes: -1 }],
      ])('refuses %j', async (options) => {
        expect(await refusal(bucket.put('a', Buffer.from('x'), options))).toMatchObject({ code: 'invalid_argument' });
        expect((await listAll(bucket)).keys).toEqual([]);
      });
    });

    describe('keys', () => {
      const odd = [
        'with space',
        'plus+and&more=?#[]@!$\'()*,;:"<>|\\`^{}~',
        '%2F%00%25',
        'é composed',
        'e\u0301 decomposed',
        '日本語/ファイル.txt',
        '😀',
        '\ufffd',
        '\u{10ffff}',
        '.hidden',
        '...',
        'a./b.',
        ' lead and trail ',
        '-rf',
        '~',
        'CON',
        `${'k'.repeat(255)}/${'l'.repeat(255)}/${'m'.repeat(255)}/${'n'.repeat(255)}`,
        'ü'.repeat(127),
      ];
      test.each(odd)('%j is kept as it is', async (key) => {
        await put(key, key);
        expect(await textAt(bucket, key)).toBe(key);
        expect((await listAll(bucket)).keys).toEqual([key]);
        const info = await bucket.copy(key, 'copy');
        expect(info.key).toBe('copy');
        await bucket.delete(key);
        expect((await listAll(bucket)).keys).toEqual(['copy']);
      });

      test('differing Unicode forms and cases are different objects', async () => {
        const keys = ['\u00e9', 'e\u0301', 'E', 'e'];
        for (const key of keys) await put(key, key);
        expect((await listAll(bucket)).keys).toEqual([...keys].sort(compareUtf8));
        for (const key of keys) expect(await textAt(bucket, key)).toBe(key);
      });

      const bad = [
        '',
        '/',
        '/a',
        'a/',
        'a//b',
        '.',
        '..',
        '../a',
        'a/../b',
        'a/./b',
        'a/..',
        'a\0b',
        'a\nb',
        'a\u007fb',
        'a\ud800',
        'x'.repeat(256),
        `${'a/'.repeat(512)}a`,
      ];
      test.each(bad)('%j is refused by every call', async (key) => {
        await put('ok', 'x');
        const calls: Promise<unknown>[] = [
          bucket.head(key),
          bucket.get(key),
          bucket.put(key, Buffer.from('x')),
          bucket.delete(key),
          bucket.copy(key, 'b'),
          bucket.copy('ok', key),
          bucket.move(key, 'b'),
          bucket.move('ok', key),
          bucket.createFolder(key),
          bucket.deleteFolder(key),
        ];
        for (const outcome of await Promise.all(calls.map(refusal))) {
          expect(outcome).toMatchObject({ code: 'invalid_argument', details: { outcome: 'not_applied' } });
        }
        expect((await listAll(bucket)).keys).toEqual(['ok']);
      });

      test('an object below another is kept, or refused with nothing changed', async () => {
        await put('a', 'file');
        await put('d/e', 'file');
        const nested: [string, string][] = [
          ['a/b', 'below a file'],
          ['d', 'above a file'],
        ];
        if (bucket.capabilities.keysMayNest) {
          for (const [key, text] of nested) await put(key, text);
          expect((await listAll(bucket)).keys).toEqual(['a', 'a/b', 'd', 'd/e']);
        } else {
          for (const [key, text] of nested) {
            expect(await refusal(put(key, text))).toMatchObject({
              code: 'failed_precondition',
              details: { outcome: 'not_applied' },
            });
          }
          expect((await listAll(bucket)).keys).toEqual(['a', 'd/e']);
        }
        expect(await textAt(bucket, 'a')).toBe('file');
      });
    });

    describe('conditions', () => {
      test('ifAbsent creates once', async () => {
        await bucket.put('a', Buffer.from('1'), { condition: { ifAbsent: true } });
        const again = bucket.put('a', Buffer.from('2'), { condition: { ifAbsent: true } });
        expect(await refusal(again)).toMatchObject({ code: 'conflict', details: { outcome: 'not_applied' } });
        expect(await textAt(bucket, 'a')).toBe('1');
        await bucket.delete('a');
        await bucket.put('a', Buffer.from('3'), { condition: { ifAbsent: true } });
      });

      test('ifVersion replaces that version only', async () => {
        const first = await put('a', '1');
        const second = await bucket.put('a', Buffer.from('2'), { condition: { ifVersion: first.version } });
        const stale = bucket.put('a', Buffer.from('3'), { condition: { ifVersion: first.version } });
        expect(await refusal(stale)).toMatchObject({ code: 'conflict', details: { outcome: 'not_applied' } });
        expect(await bucket.head('a')).toEqual(second);
        const absent = bucket.put('new/b', Buffer.from('x'), { condition: { ifVersion: first.version } });
        expect(await refusal(absent)).toMatchObject({ code: 'conflict' });
        expect((await bucket.list({ delimiter: '/' })).prefixes).toEqual([]);
      });

      test('delete with ifVersion removes that version only; without, it is idempotent', async () => {
        const first = await put('a', '1');
        const second = await put('a', '2');
        expect(await refusal(bucket.delete('a', { ifVersion: first.version }))).toMatchObject({ code: 'conflict' });
        await bucket.delete('a', { ifVersion: second.version });
        expect(await refusal(bucket.delete('a', { ifVersion: second.version }))).toMatchObject({ code: 'conflict' });
        await bucket.delete('a');
        await bucket.delete('never/was');
        expect((await listAll(bucket)).keys).toEqual([]);
      });

      test('of 16 racing creations one wins, and its content stays', async () => {
        const bodies = Array.from({ length: 16 }, (_, i) => `writer ${i}`);
        const results = await Promise.allSettled(
          bodies.map((text) => bucket.put('race', Buffer.from(text), { condition: { ifAbsent: true } })),
        );
        const winners = results.flatMap((result, i) => (result.status === 'fulfilled' ? [bodies[i]] : []));
        expect(winners).toHaveLength(1);
        expect(await textAt(bucket, 'race')).toBe(winners[0]);
      });

      test('a counter kept by ifVersion loses no step', async () => {
        await put('n', '0');
        const step = async (): Promise<void> => {
          for (;;) {
            const { info, body } = await bucket.get('n');
            const next = Number((await bytesOf(body)).toString()) + 1;
            const done = await bucket
              .put('n', Buffer.from(String(next)), { condition: { ifVersion: info.version } })
              .then(
                () => true,
                (error: unknown) => {
                  if (isAppError(error) && error.code === 'conflict') return false;
                  throw error;
                },
              );
            if (done) return;
          }
        };
        await Promise.all(Array.from({ length: 8 }, step));
        expect(await textAt(bucket, 'n')).toBe('8');
      });
    });

    describe('copy and move', () => {
      test('copy keeps content and description and leaves the source', async () => {
        const source = await bucket.put('a', Buffer.from('x'), { contentType: 'text/plain', metadata: { n: '1' } });
        const made = await bucket.copy('a', 'deep/b');
        expect(made).toMatchObject({ key: 'deep/b', sizeBytes: 1, contentType: 'text/plain', metadata: { n: '1' } });
        expect(await bucket.head('deep/b')).toEqual(made);
        expect(await bucket.head('a')).toEqual(source);
      });

      test('move keeps content and description and takes the source away', async () => {
        await bucket.put('a', Buffer.from('x'), { contentType: 'text/plain', metadata: { n: '1' } });
        const made = await bucket.move('a', 'deep/b');
        expect(made).toMatchObject({ key: 'deep/b', contentType: 'text/plain', metadata: { n: '1' } });
        expect(await bucket.head('deep/b')).toEqual(made);
        expect((await listAll(bucket)).keys).toEqual(['deep/b']);
        expect(await textAt(bucket, 'deep/b')).toBe('x');
      });

      test.each(['copy', 'move'] as const)('%s replaces, unless a condition forbids it', async (verb) => {
        await put('a', 'a');
        const old = await put('b', 'b');
        for (const condition of [{ ifAbsent: true as const }, { ifVersion: 'other' }]) {
          expect(await refusal(bucket[verb]('a', 'b', { condition }))).toMatchObject({ code: 'conflict' });
        }
        expect(await bucket.head('b')).toEqual(old);
        await bucket[verb]('a', 'b', { condition: { ifVersion: old.version } });
        expect(await textAt(bucket, 'b')).toBe('a');
        await put('c', 'c');
        await bucket[verb]('b', 'c');
        expect(await textAt(bucket, 'c')).toBe('a');
        await bucket[verb]('c', 'd', { condition: { ifAbsent: true } });
        expect(await textAt(bucket, 'd')).toBe('a');
      });

      test('onto itself is refused', async () => {
        await put('a', 'x');
        expect(await refusal(bucket.copy('a', 'a'))).toMatchObject({ code: 'invalid_argument' });
        expect(await refusal(bucket.move('a', 'a'))).toMatchObject({ code: 'invalid_argument' });
        expect(await textAt(bucket, 'a')).toBe('x');
      });

      test('of racing moves of one object one wins', async () => {
        await put('a', 'x');
        const results = await Promise.allSettled(Array.from({ length: 8 }, (_, i) => bucket.move('a', `to/${i}`)));
        const won = results.flatMap((result, i) => (result.status === 'fulfilled' ? [`to/${i}`] : []));
        expect(won).toHaveLength(1);
        if (bucket.capabilities.atomicMove) expect((await listAll(bucket)).keys).toEqual(won);
      });
    });

    describe('lists', () => {
      const keys = ['a', 'a-b', 'a.txt', 'b/1', 'b/2', 'b/c/3', 'b0', 'z', 'é', '\ufb01', '😀'];
      beforeEach(async () => {
        for (const key of keys) await put(key, key);
      });

      test('come in UTF-8 byte order, at any page size', async () => {
        for (const pageSize of [1, 2, 3, 7, 1000]) {
          const all = await listAll(bucket, { pageSize });
          expect(all.keys).toEqual(keys);
          expect(all.prefixes).toEqual([]);
        }
        expect((await listAll(bucket, { pageSize: keys.length })).pages).toBe(1);
      });

      test('tell the same as head', async () => {
        for (const { key, sizeBytes, modifiedAt, version } of (await bucket.list()).objects) {
          expect(await bucket.head(key)).toMatchObject({ key, sizeBytes, modifiedAt, version });
        }
      });

      test('by delimiter show folders as prefixes, at any page size', async () => {
        for (const pageSize of [1, 2, 5, 1000]) {
          const top = await listAll(bucket, { delimiter: '/', pageSize });
          expect(top.prefixes).toEqual(['b/']);
          expect(top.keys).toEqual(keys.filter((key) => !key.startsWith('b/')));
          const inner = await listAll(bucket, { delimiter: '/', prefix: 'b/', pageSize });
          expect(inner).toMatchObject({ keys: ['b/1', 'b/2'], prefixes: ['b/c/'] });
        }
      });

      test('by prefix hold what begins so', async () => {
        expect((await listAll(bucket, { prefix: 'a' })).keys).toEqual(['a', 'a-b', 'a.txt']);
        expect((await listAll(bucket, { prefix: 'b' })).keys).toEqual(['b/1', 'b/2', 'b/c/3', 'b0']);
        expect(await listAll(bucket, { prefix: 'b', delimiter: '/' })).toMatchObject({
          keys: ['b0'],
          prefixes: ['b/'],
        });
        expect((await listAll(bucket, { prefix: 'b/c' })).keys).toEqual(['b/c/3']);
        expect(await listAll(bucket, { prefix: 'b/c', delimiter: '/' })).toMatchObject({
          keys: [],
          prefixes: ['b/c/'],
        });
        for (const prefix of ['none', 'a/', 'b/1/', 'no/such/'])
          expect((await listAll(bucket, { prefix })).keys).toEqual([]);
      });

      test('start strictly after any text, listed or not', async () => {
        const marks = [
          '',
          'a',
          'a-',
          'b',
          'b/',
          'b/1',
          'b/1x',
          'b/c',
          'b/c/',
          'b/c/3',
          'b/d',
          'b/\u{10ffff}',
          'c',
          '\ufb01',
          '\u{10ffff}',
        ];
        for (const startAfter of marks) {
          expect((await listAll(bucket, { startAfter, pageSize: 2 })).keys).toEqual(
            keys.filter((key) => compareUtf8(key, startAfter) > 0),
          );
          const top = await listAll(bucket, { startAfter, delimiter: '/', pageSize: 2 });
          expect(top.prefixes).toEqual(['b/'].filter((prefix) => compareUtf8(prefix, startAfter) > 0));
        }
      });

      test('survive changes between pages', async () => {
        const first = await bucket.list({ pageSize: 3 });
        await bucket.delete('b/1');
        await put('b/15', 'new');
        const rest = await listAll(bucket, { startAfter: first.next ?? '', pageSize: 3 });
        expect(rest.keys).toEqual(['b/15', 'b/2', 'b/c/3', 'b0', 'z', 'é', '\ufb01', '😀']);
      });

      test.each([
        { pageSize: 0 },
        { pageSize: 1001 },
        { pageSize: 1.5 },
        { prefix: '/a' },
        { prefix: '../' },
        { prefix: 'a//b' },
        { prefix: 'a\0' },
        { startAfter: '\ud800' },
      ])('refuse %j', async (options) => {
        expect(await refusal(bucket.list(options))).toMatchObject({ code: 'invalid_argument' });
      });
    });

    describe('folders', () => {
      const shown = async (prefix = '') => (await listAll(bucket, { delimiter: '/', prefix })).prefixes;

      test('are refused where the store has none', async ({ skip }) => {
        if (bucket.capabilities.folders) skip('this store has folders');
        expect(await refusal(bucket.createFolder('a'))).toMatchObject({ code: 'unimplemented' });
        expect(await refusal(bucket.deleteFolder('a'))).toMatchObject({ code: 'unimplemented' });
      });

      test('are made, shown while empty, and removed', async ({ skip }) => {
        if (!bucket.capabilities.folders) skip('this store has no folders');
        await bucket.createFolder('a/b');
        await bucket.createFolder('a/b');
        expect(await shown()).toEqual(['a/']);
        expect(await shown('a/')).toEqual(['a/b/']);
        expect(await shown('a/b/')).toEqual([]);
        expect((await listAll(bucket)).keys).toEqual([]);
        expect(await refusal(bucket.deleteFolder('a'))).toMatchObject({ code: 'failed_precondition' });
        await bucket.deleteFolder('a/b');
        await bucket.deleteFolder('a/b');
        await bucket.deleteFolder('a');
        expect(await shown()).toEqual([]);
      });

      test('stay while they hold something, and stay when they were made and lose it', async ({ skip }) => {
        if (!bucket.capabilities.folders) skip('this store has no folders');
        await bucket.createFolder('a');
        await put('a/x', 'x');
        expect(await refusal(bucket.deleteFolder('a'))).toMatchObject({ code: 'failed_precondition' });
        await bucket.delete('a/x');
        expect(await shown()).toEqual(['a/']);
      });

      test('are removed with all they hold when asked', async ({ skip }) => {
        if (!bucket.capabilities.folders) skip('this store has no folders');
        for (const key of ['a/1', 'a/b/2', 'a/b/c/3', 'ab', 'a.txt']) await put(key, key);
        await bucket.createFolder('a/empty/inner');
        await bucket.deleteFolder('a', { recursive: true });
        expect((await listAll(bucket)).keys).toEqual(['a.txt', 'ab']);
        expect(await shown()).toEqual([]);
        await bucket.deleteFolder('a', { recursive: true });
      });

      test('are moved with all they hold', async ({ skip }) => {
        if (!bucket.capabilities.folders) skip('this store has no folders');
        await bucket.put('a/1', Buffer.from('one'), { contentType: 'text/plain' });
        await put('a/b/2', 'two');
        await bucket.createFolder('a/empty');
        await put('ab', 'other');
        await bucket.moveFolder('a', 'x/y');
        expect((await listAll(bucket)).keys).toEqual(['ab', 'x/y/1', 'x/y/b/2']);
        expect(await shown('x/y/')).toEqual(['x/y/b/', 'x/y/empty/']);
        expect(await bucket.head('x/y/1')).toMatchObject({ contentType: 'text/plain' });
        expect(await shown()).toEqual(['x/']);
      });

      test('are not moved onto anything, into themselves, or from nowhere', async ({ skip }) => {
        if (!bucket.capabilities.folders) skip('this store has no folders');
        await put('a/1', '1');
        await put('file', 'f');
        await bucket.createFolder('taken');
        expect(await refusal(bucket.moveFolder('a', 'taken'))).toMatchObject({ code: 'conflict' });
        expect(await refusal(bucket.moveFolder('a', 'file'))).toMatchObject({ code: 'conflict' });
        expect(await refusal(bucket.moveFolder('a', 'a/b'))).toMatchObject({ code: 'invalid_argument' });
        expect(await refusal(bucket.moveFolder('none', 'b'))).toMatchObject({ code: 'not_found' });
        expect(await refusal(bucket.moveFolder('file', 'b'))).toMatchObject({ code: 'not_found' });
        expect((await listAll(bucket)).keys).toEqual(['a/1', 'file']);
      });
    });

    describe('signed links', () => {
      test('are refused where the store has none', async ({ skip }) => {
        if (bucket.capabilities.signedUrls) skip('this store has signed links; its own suite fetches them');
        const call = bucket.signedUrl('a', { method: 'GET', expiresInMs: 60_000 });
        expect(await refusal(call)).toMatchObject({ code: 'unimplemented' });
      });
    });
  });
}
