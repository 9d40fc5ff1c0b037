/** Buckets as a whole: making, naming, listing, measuring, deleting. */
import { expect } from 'vitest';
import { compareUtf8 } from '../../../domain/storage.ts';
import { refusal, refusals, textAt } from './probes.ts';
import type { Spec } from './spec.ts';

export function describeBuckets({ topic, promise, each }: Spec): void {
  topic('buckets', () => {
    promise(
      'are created once: the same labels again are fine, other labels are refused',
      async ({ provider, bucket }) => {
        const made = await provider.createBucket(bucket.name, { labels: { suite: 'conformance' } });
        expect(made).toMatchObject({ name: bucket.name, labels: { suite: 'conformance' } });
        expect(await provider.getBucketMetadata(bucket.name)).toEqual(made);
        const foreign = provider.createBucket(bucket.name, { labels: { suite: 'other' } });
        expect(await refusal(foreign)).toMatchObject({ code: 'already_exists' });
      },
    );

    promise('racing creations with different labels have one winner', async ({ provider, newName }) => {
      const bucketName = newName();
      const labels = Array.from({ length: 8 }, (_, i) => ({ who: `p${i}` }));
      const results = await Promise.allSettled(
        labels.map((each) => provider.createBucket(bucketName, { labels: each })),
      );
      expect(results.filter((result) => result.status === 'fulfilled')).toHaveLength(1);
    });

    promise('are listed', async ({ provider, bucket }) => {
      const names = (await provider.listBuckets()).map((info) => info.name);
      expect(names).toContain(bucket.name);
      expect(names).toEqual([...names].sort(compareUtf8));
      const alike = await provider.listBuckets({ prefix: bucket.name.slice(0, -4) });
      expect(alike.map((info) => info.name)).toContain(bucket.name);
      expect(await provider.listBuckets({ prefix: `${bucket.name}-x` })).toEqual([]);
      expect(await refusal(provider.listBuckets({ prefix: 'No*' }))).toMatchObject({ code: 'invalid_argument' });
    });

    promise(
      'with files are deleted by force only; unknown ones are fine to delete',
      async ({ provider, bucket, put }) => {
        await put('a/b', 'x');
        expect(await refusal(provider.deleteBucket(bucket.name, { force: false }))).toMatchObject({
          code: 'failed_precondition',
        });
        expect(await textAt(bucket, 'a/b')).toBe('x');
        await provider.deleteBucket(bucket.name, { force: true });
        expect(await refusal(provider.getBucketMetadata(bucket.name))).toMatchObject({ code: 'not_found' });
        await provider.deleteBucket(bucket.name, { force: false });
      },
    );

    promise(
      'without files are deleted, folders or not, and may be made anew by others',
      async ({ provider, bucket }) => {
        if (bucket.capabilities.folders) await bucket.createFolder('left/over');
        await provider.deleteBucket(bucket.name, { force: false });
        expect((await provider.listBuckets()).map((info) => info.name)).not.toContain(bucket.name);
        await provider.createBucket(bucket.name, { labels: { suite: 'another' } });
        expect((await bucket.list()).objects).toEqual([]);
      },
    );

    promise('that do not exist answer not_found', async ({ provider, newName }) => {
      const missing = provider.bucket(newName());
      for (const outcome of await refusals([
        missing.head('a'),
        missing.get('a'),
        missing.put('a', Buffer.from('x')),
        missing.list(),
      ])) {
        expect(outcome).toMatchObject({ code: 'not_found' });
      }
      expect(await refusal(provider.usage(missing.name))).toMatchObject({ code: 'not_found' });
    });

    each(
      'cannot be named',
      ['', 'ab', 'A-bucket', '-ab', 'a_b', '../x', 'a.b', `a${'b'.repeat(63)}`],
      async (bad, { provider }) => {
        expect(await refusal(provider.createBucket(bad, { labels: {} }))).toMatchObject({ code: 'invalid_argument' });
        expect(() => provider.bucket(bad)).toThrow(expect.objectContaining({ code: 'invalid_argument' }));
      },
    );

    promise('usage counts objects and bytes', async ({ provider, bucket, put }) => {
      await put('a', '12345');
      await put('b/c', '678');
      await put('empty', '');
      expect(await provider.usage(bucket.name)).toEqual({ objects: 3, sizeBytes: 8 });
    });
  });
}
