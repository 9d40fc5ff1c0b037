/** Kept versions: nothing that was replaced or deleted is gone at once. */
import { expect } from 'vitest';
import { compareUtf8 } from '../../../domain/storage.ts';
import type { Bucket } from '../storage.ts';
import { allVersions, expectSameInfo, listAll, refusal, refusals, textAt } from './probes.ts';
import type { Spec } from './spec.ts';

const kept = { needs: ['history'] } as const;

export function describeHistory({ topic, promise }: Spec): void {
  topic('history', () => {
    /** Ids of a key's contents, the newest first. */
    const idsOf = async (bucket: Bucket, key: string) =>
      (await allVersions(bucket, { key })).map(({ versionId }) => versionId);

    promise('a replaced content is kept: listed newest first, and readable', kept, async ({ bucket, put }) => {
      await bucket.put('a', Buffer.from('one'), { contentType: 'text/plain', metadata: { n: '1' } });
      await put('a', 'two!');
      const current = await put('a', 'three');
      const versions = await allVersions(bucket, { key: 'a' });
      expect(versions.map(({ key, sizeBytes }) => [key, sizeBytes])).toEqual([
        ['a', 5],
        ['a', 4],
        ['a', 3],
      ]);
      expect(versions.map(({ replacedAt }) => replacedAt === null)).toEqual([true, false, false]);
      expect(versions[0]?.versionId).toBe(current.versionId);
      expect(new Set(versions.map(({ versionId }) => versionId)).size).toBe(3);
      const first = versions[2]?.versionId ?? '';
      expect(await textAt(bucket, 'a', first)).toBe('one');
      expect(await bucket.head('a', { versionId: first })).toMatchObject({
        key: 'a',
        sizeBytes: 3,
        versionId: first,
        contentType: 'text/plain',
        metadata: { n: '1' },
      });
      expect(await textAt(bucket, 'a')).toBe('three');
    });

    promise('ranges of a kept content are read', kept, async ({ bucket, put }) => {
      const { versionId } = await put('a', '0123456789');
      await put('a', 'x');
      const { body } = await bucket.get('a', { versionId: versionId ?? '', range: { start: 3, end: 5 } });
      expect(Buffer.concat(await body.toArray()).toString()).toBe('345');
    });

    promise('a deleted content is kept and comes back with its description', kept, async ({ bucket }) => {
      await bucket.put('dir/a', Buffer.from('dear'), { contentType: 'text/plain', metadata: { n: '1' } });
      await bucket.delete('dir/a');
      expect((await listAll(bucket)).keys).toEqual([]);
      expect(await refusal(bucket.head('dir/a'))).toMatchObject({ code: 'not_found' });
      const [deleted] = await allVersions(bucket, { key: 'dir/a' });
      expect(deleted?.replacedAt).toEqual(expect.any(Number));
      const info = await bucket.restore('dir/a', deleted?.versionId ?? '', { condition: { ifAbsent: true } });
      expect(info).toMatchObject({ key: 'dir/a', contentType: 'text/plain', metadata: { n: '1' } });
      expectSameInfo(await bucket.head('dir/a'), info);
      expect(await textAt(bucket, 'dir/a')).toBe('dear');
    });

    promise('restoring over a content keeps that one, too', kept, async ({ bucket, put }) => {
      const first = await put('a', 'first');
      const second = await put('a', 'second');
      await bucket.restore('a', first.versionId ?? '', { condition: { ifVersion: second.version } });
      expect(await textAt(bucket, 'a')).toBe('first');
      await bucket.restore('a', second.versionId ?? '');
      expect(await textAt(bucket, 'a')).toBe('second');
    });

    promise('restoring obeys its condition', kept, async ({ bucket, put }) => {
      const first = await put('a', 'first');
      await put('a', 'second');
      for (const condition of [{ ifAbsent: true as const }, { ifVersion: first.version }]) {
        const call = bucket.restore('a', first.versionId ?? '', { condition });
        expect(await refusal(call)).toMatchObject({ code: 'conflict', details: { outcome: 'not_applied' } });
      }
      expect(await textAt(bucket, 'a')).toBe('second');
      expect(await textAt(bucket, 'a', first.versionId ?? '')).toBe('first');
    });

    promise('a version that is purged is gone for ever, and only that one', kept, async ({ bucket, put }) => {
      const first = await put('a', 'first');
      const second = await put('a', 'second');
      await put('a', 'third');
      const id = first.versionId ?? '';
      await bucket.purgeVersion('a', id);
      await bucket.purgeVersion('a', id);
      expect(await idsOf(bucket, 'a')).not.toContain(id);
      for (const outcome of await refusals([
        bucket.head('a', { versionId: id }),
        bucket.get('a', { versionId: id }),
        bucket.restore('a', id),
      ])) {
        expect(outcome).toMatchObject({ code: 'not_found' });
      }
      expect(await textAt(bucket, 'a', second.versionId ?? '')).toBe('second');
      expect(await textAt(bucket, 'a')).toBe('third');
    });

    promise('purging the current content does not bring the one before it back', kept, async ({ bucket, put }) => {
      const first = await put('a', 'first');
      const second = await put('a', 'second');
      await bucket.purgeVersion('a', second.versionId ?? '');
      expect(await refusal(bucket.head('a'))).toMatchObject({ code: 'not_found' });
      expect((await listAll(bucket)).keys).toEqual([]);
      expect(await textAt(bucket, 'a', first.versionId ?? '')).toBe('first');
    });

    promise('a version belongs to its key', kept, async ({ bucket, put }) => {
      const { versionId } = await put('a', 'secret of a');
      await put('a', 'new');
      await put('b', 'b');
      expect(await refusal(bucket.head('b', { versionId: versionId ?? '' }))).toMatchObject({ code: 'not_found' });
      expect(await refusal(bucket.restore('b', versionId ?? ''))).toMatchObject({ code: 'not_found' });
      expect(await textAt(bucket, 'b')).toBe('b');
    });

    promise('is listed by prefix in key order, at any page size', kept, async ({ bucket, put }) => {
      const keys = ['a', 'a-b', 'a.txt', 'b/1', 'b/c/2', 'b0', '😀'];
      for (const key of keys) for (const text of ['1', '22', '333']) await put(key, text);
      await bucket.delete('a');
      await bucket.delete('b/1');
      const whole = await allVersions(bucket);
      expect(whole.map(({ key }) => key)).toEqual(keys.flatMap((key) => [key, key, key]));
      const identity = ({ key, versionId }: { key: string; versionId: string }) => `${key} ${versionId}`;
      for (const pageSize of [1, 2, 4, 1000]) {
        const paged = await allVersions(bucket, { pageSize });
        expect(paged.map(identity).sort()).toEqual(whole.map(identity).sort());
        expect(paged.map(({ key }) => key)).toEqual([...paged.map(({ key }) => key)].sort(compareUtf8));
      }
      expect(new Set((await allVersions(bucket, { prefix: 'b/' })).map(({ key }) => key))).toEqual(
        new Set(['b/1', 'b/c/2']),
      );
      expect(new Set((await allVersions(bucket, { prefix: 'a' })).map(({ key }) => key))).toEqual(
        new Set(['a', 'a-b', 'a.txt']),
      );
      expect(await allVersions(bucket, { key: 'b' })).toEqual([]);
      expect(await allVersions(bucket, { key: 'a' })).toHaveLength(3);
    });

    promise('what a folder held is kept when it is removed', { needs: ['history', 'folders'] }, async (tools) => {
      const { bucket, put } = tools;
      for (const key of ['d/1', 'd/e/2', 'd/e/f/3']) await put(key, key);
      await bucket.createFolder('d/empty');
      await bucket.deleteFolder('d', { recursive: true });
      expect((await listAll(bucket, { delimiter: '/' })).prefixes).toEqual([]);
      const versions = await allVersions(bucket, { prefix: 'd/' });
      expect(versions.map(({ key }) => key)).toEqual(['d/1', 'd/e/2', 'd/e/f/3']);
      for (const { key, versionId } of versions) await bucket.restore(key, versionId);
      expect((await listAll(bucket)).keys).toEqual(['d/1', 'd/e/2', 'd/e/f/3']);
      expect(await textAt(bucket, 'd/e/2')).toBe('d/e/2');
    });

    promise('a move keeps what it replaces', kept, async ({ bucket, put }) => {
      await put('a', 'moved');
      const replaced = await put('b', 'replaced');
      await bucket.move('a', 'b');
      expect(await textAt(bucket, 'b', replaced.versionId ?? '')).toBe('replaced');
      await bucket.restore('b', replaced.versionId ?? '');
      expect(await textAt(bucket, 'b')).toBe('replaced');
    });

    promise('refuses page marks and pages that cannot be', kept, async ({ bucket }) => {
      for (const options of [{ pageSize: 0 }, { pageSize: 1001 }, { page: '' }, { key: 'a', prefix: 'b' }]) {
        expect(await refusal(bucket.listVersions(options))).toMatchObject({ code: 'invalid_argument' });
      }
      for (const versionId of ['', 'two words', 'line\nbreak']) {
        expect(await refusal(bucket.head('a', { versionId }))).toMatchObject({ code: 'invalid_argument' });
      }
    });
  });
}
