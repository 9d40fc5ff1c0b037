/** Folders, where a store has them. */
import { expect } from 'vitest';
import type { Bucket } from '../storage.ts';
import { listAll, refusal } from './probes.ts';
import type { Spec } from './spec.ts';

export function describeFolders({ topic, promise }: Spec): void {
  topic('folders', () => {
    const shown = async (bucket: Bucket, prefix = '') => (await listAll(bucket, { delimiter: '/', prefix })).prefixes;

    promise('are made, shown while empty, and removed', { needs: ['folders'] }, async ({ bucket }) => {
      await bucket.createFolder('a/b');
      await bucket.createFolder('a/b');
      expect(await shown(bucket)).toEqual(['a/']);
      expect(await shown(bucket, 'a/')).toEqual(['a/b/']);
      expect(await shown(bucket, 'a/b/')).toEqual([]);
      expect((await listAll(bucket)).keys).toEqual([]);
      expect(await refusal(bucket.deleteFolder('a'))).toMatchObject({ code: 'failed_precondition' });
      await bucket.deleteFolder('a/b');
      await bucket.deleteFolder('a/b');
      await bucket.deleteFolder('a');
      expect(await shown(bucket)).toEqual([]);
    });

    promise(
      'stay while they hold something, and stay when they were made and lose it',
      { needs: ['folders'] },
      async ({ bucket, put }) => {
        await bucket.createFolder('a');
        await put('a/x', 'x');
        expect(await refusal(bucket.deleteFolder('a'))).toMatchObject({ code: 'failed_precondition' });
        await bucket.delete('a/x');
        expect(await shown(bucket)).toEqual(['a/']);
      },
    );

    promise('are removed with all they hold when asked', { needs: ['folders'] }, async ({ bucket, put }) => {
      for (const key of ['a/1', 'a/b/2', 'a/b/c/3', 'ab', 'a.txt']) await put(key, key);
      await bucket.createFolder('a/empty/inner');
      await bucket.deleteFolder('a', { recursive: true });
      expect((await listAll(bucket)).keys).toEqual(['a.txt', 'ab']);
      expect(await shown(bucket)).toEqual([]);
      await bucket.deleteFolder('a', { recursive: true });
    });

    promise('are moved with all they hold', { needs: ['folders'] }, async ({ bucket, put }) => {
      await bucket.put('a/1', Buffer.from('one'), { contentType: 'text/plain' });
      await put('a/b/2', 'two');
      await bucket.createFolder('a/empty');
      await put('ab', 'other');
      await bucket.moveFolder('a', 'x/y');
      expect((await listAll(bucket)).keys).toEqual(['ab', 'x/y/1', 'x/y/b/2']);
      expect(await shown(bucket, 'x/y/')).toEqual(['x/y/b/', 'x/y/empty/']);
      expect(await bucket.head('x/y/1')).toMatchObject({ contentType: 'text/plain' });
      expect(await shown(bucket)).toEqual(['x/']);
    });

    promise(
      'are not moved onto anything, into themselves, or from nowhere',
      { needs: ['folders'] },
      async ({ bucket, put }) => {
        await put('a/1', '1');
        await put('file', 'f');
        await bucket.createFolder('taken');
        expect(await refusal(bucket.moveFolder('a', 'taken'))).toMatchObject({ code: 'conflict' });
        expect(await refusal(bucket.moveFolder('a', 'file'))).toMatchObject({ code: 'conflict' });
        expect(await refusal(bucket.moveFolder('a', 'a/b'))).toMatchObject({ code: 'invalid_argument' });
        expect(await refusal(bucket.moveFolder('none', 'b'))).toMatchObject({ code: 'not_found' });
        expect(await refusal(bucket.moveFolder('file', 'b'))).toMatchObject({ code: 'not_found' });
        expect((await listAll(bucket)).keys).toEqual(['a/1', 'file']);
      },
    );
  });
}
