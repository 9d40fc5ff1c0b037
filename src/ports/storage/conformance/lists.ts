/** Lists: order, pages, prefixes, folders. */
import { expect } from 'vitest';
import { compareUtf8 } from '../../../domain/storage.ts';
import type { ListOptions } from '../storage.ts';
import { listAll, refusal } from './probes.ts';
import type { Spec, Tools } from './spec.ts';

export function describeLists({ topic, promise, each }: Spec): void {
  topic('lists', () => {
    const keys = ['a', 'a-b', 'a.txt', 'b/1', 'b/2', 'b/c/3', 'b0', 'z', 'é', '\ufb01', '😀'];
    const seeded = (run: (tools: Tools) => Promise<void>) => async (tools: Tools) => {
      for (const key of keys) await tools.put(key, key);
      await run(tools);
    };

    promise(
      'come in UTF-8 byte order, at any page size',
      seeded(async ({ bucket }) => {
        for (const pageSize of [1, 2, 3, 7, 1000]) {
          const all = await listAll(bucket, { pageSize });
          expect(all.keys).toEqual(keys);
          expect(all.prefixes).toEqual([]);
        }
        expect((await listAll(bucket, { pageSize: keys.length })).pages).toBe(1);
      }),
    );

    promise(
      'tell the same as head',
      seeded(async ({ bucket }) => {
        for (const { key, sizeBytes, modifiedAt, version } of (await bucket.list()).objects) {
          expect(await bucket.head(key)).toMatchObject({ key, sizeBytes, modifiedAt, version });
        }
      }),
    );

    promise(
      'by delimiter show folders as prefixes, at any page size',
      seeded(async ({ bucket }) => {
        for (const pageSize of [1, 2, 5, 1000]) {
          const top = await listAll(bucket, { delimiter: '/', pageSize });
          expect(top.prefixes).toEqual(['b/']);
          expect(top.keys).toEqual(keys.filter((key) => !key.startsWith('b/')));
          const inner = await listAll(bucket, { delimiter: '/', prefix: 'b/', pageSize });
          expect(inner).toMatchObject({ keys: ['b/1', 'b/2'], prefixes: ['b/c/'] });
        }
      }),
    );

    promise(
      'by prefix hold what begins so',
      seeded(async ({ bucket }) => {
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
      }),
    );

    promise(
      'start strictly after any text, listed or not',
      seeded(async ({ bucket }) => {
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
      }),
    );

    promise(
      'survive changes between pages',
      seeded(async ({ bucket, put }) => {
        const first = await bucket.list({ pageSize: 3 });
        await bucket.delete('b/1');
        await put('b/15', 'new');
        const rest = await listAll(bucket, { startAfter: first.next ?? '', pageSize: 3 });
        expect(rest.keys).toEqual(['b/15', 'b/2', 'b/c/3', 'b0', 'z', 'é', '\ufb01', '😀']);
      }),
    );

    const bad: ListOptions[] = [
      { pageSize: 0 },
      { pageSize: 1001 },
      { pageSize: 1.5 },
      { prefix: '/a' },
      { prefix: '../' },
      { prefix: 'a//b' },
      { prefix: 'a\0' },
      { startAfter: '\ud800' },
    ];
    each('refuse', bad, async (options, { bucket }) => {
      expect(await refusal(bucket.list(options))).toMatchObject({ code: 'invalid_argument' });
    });
  });
}
