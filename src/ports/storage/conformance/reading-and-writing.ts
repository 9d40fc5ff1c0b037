/** What is put comes back, whole or by ranges, in constant memory, or not at all. */
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { expect } from 'vitest';
import type { PutOptions } from '../storage.ts';
import { bytesOf, countedBody, expectSameInfo, listAll, MIB, refusal, refusals, textAt } from './probes.ts';
import type { Spec } from './spec.ts';

export function describeReadingAndWriting({ topic, promise, each }: Spec): void {
  topic('reading and writing', () => {
    promise('gives back what was put, with its description', async ({ bucket }) => {
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
      expectSameInfo(await bucket.head('notes/a.txt'), info);
      const got = await bucket.get('notes/a.txt');
      expectSameInfo(got.info, info);
      expect((await bytesOf(got.body)).toString()).toBe('hello');
    });

    promise('a replacement brings its own description and another version', async ({ bucket, put }) => {
      const first = await bucket.put('a', Buffer.from('1'), { contentType: 'text/plain', metadata: { n: '1' } });
      const second = await put('a', '2');
      expect(second).toMatchObject({ contentType: null, metadata: {} });
      expect(second.version).not.toBe(first.version);
      expectSameInfo(await bucket.head('a'), second);
    });

    promise('an empty object is an object', async ({ bucket, put }) => {
      expect(await put('empty', '')).toMatchObject({ sizeBytes: 0 });
      expect(await textAt(bucket, 'empty')).toBe('');
      expect((await listAll(bucket)).keys).toEqual(['empty']);
      expect(await refusal(bucket.get('empty', { range: { start: 0 } }))).toMatchObject({ code: 'invalid_argument' });
    });

    promise('missing objects are not_found', async ({ bucket, put }) => {
      await put('dir/x', 'x');
      for (const key of ['a', 'dir', 'dir/y', 'dir/x/y', 'no/such/thing']) {
        expect(await refusal(bucket.head(key))).toMatchObject({ code: 'not_found' });
        expect(await refusal(bucket.get(key))).toMatchObject({ code: 'not_found' });
        expect(await refusal(bucket.copy(key, 'z'))).toMatchObject({ code: 'not_found' });
        expect(await refusal(bucket.move(key, 'z'))).toMatchObject({ code: 'not_found' });
      }
      expect((await listAll(bucket)).keys).toEqual(['dir/x']);
    });

    promise('ranges are inclusive and cut at the end', async ({ bucket, put }) => {
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

    promise('streams large bodies both ways, unharmed', async ({ bucket }) => {
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

    promise('a reader keeps the object that it opened while another is put in its place', async ({ bucket, put }) => {
      const old = Buffer.alloc(2 * MIB, 'o');
      await bucket.put('a', old);
      const { body } = await bucket.get('a');
      await put('a', 'new');
      expect((await bytesOf(body)).equals(old)).toBe(true);
      expect(await textAt(bucket, 'a')).toBe('new');
    });

    promise('memory stays constant in both directions', async ({ under, skip, bucket }) => {
      if (!under.constantMemory) throw skip('This store holds its objects in memory.');
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

    promise('a slow reader holds the store back', async ({ bucket, put }) => {
      await bucket.put('big', Buffer.alloc(16 * MIB));
      const { body } = await bucket.get('big');
      const first = await new Promise<Buffer>((resolve) => body.once('data', (chunk) => resolve(chunk)));
      body.pause();
      await put('other', 'traffic in the meantime');
      expect(first.length + body.readableLength).toBeLessThan(4 * MIB);
      body.destroy();
    });

    each('a body of another length than announced leaves nothing', [3, 1], async (sizeBytes, { bucket }) => {
      const call = bucket.put('x/y', Readable.from([Buffer.from('ab')]), { sizeBytes });
      expect(await refusal(call)).toMatchObject({ code: 'invalid_argument', details: { outcome: 'not_applied' } });
      expect(await refusal(bucket.head('x/y'))).toMatchObject({ code: 'not_found' });
      expect((await listAll(bucket)).keys).toEqual([]);
    });

    promise('a body that fails leaves the old object', async ({ bucket, put }) => {
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
      expectSameInfo(await bucket.head('a'), old);
    });

    promise(
      'aborting a put in the middle leaves nothing, even while its body gives nothing more',
      async ({ provider, bucket }) => {
        const controller = new AbortController();
        const silent = new Readable({ read() {} });
        silent.push(Buffer.alloc(MIB));
        const call = bucket.put('deep/a', silent, { signal: controller.signal });
        setImmediate(() => controller.abort());
        expect(await refusal(call)).toMatchObject({ code: 'unavailable', details: { aborted: true } });
        expect(silent.destroyed).toBe(true);
        expect(await bucket.list({ delimiter: '/' })).toEqual({ objects: [], prefixes: [], next: null });
        expect(await provider.usage(bucket.name)).toEqual({ objects: 0, sizeBytes: 0 });
      },
    );

    promise('an aborted signal stops every call before it starts', async ({ bucket, put }) => {
      const signal = AbortSignal.abort();
      await put('a', 'x');
      const calls = [bucket.head('a', { signal }), bucket.get('a', { signal }), bucket.list({ signal })];
      const changes = [
        bucket.delete('a', { signal }),
        bucket.copy('a', 'b', { signal }),
        bucket.move('a', 'b', { signal }),
      ];
      for (const outcome of await refusals([...calls, ...changes])) {
        expect(outcome).toMatchObject({ code: 'unavailable', details: { aborted: true } });
      }
      expect((await listAll(bucket)).keys).toEqual(['a']);
    });

    promise('aborting a download ends its stream with an error', async ({ bucket }) => {
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

    const bad: PutOptions[] = [
      { metadata: { 'Bad Name': 'x' } },
      { metadata: { ok: 'line\nbreak' } },
      { metadata: { ok: 'x'.repeat(4096) } },
      { contentType: 'no slash' },
      { contentType: 'text/html\r\nx: y' },
      { sizeBytes: -1 },
      { crc32c: 'not a sum' },
    ];
    each('refuses', bad, async (options, { bucket }) => {
      expect(await refusal(bucket.put('a', Buffer.from('x'), options))).toMatchObject({ code: 'invalid_argument' });
      expect((await listAll(bucket)).keys).toEqual([]);
    });
  });
}
