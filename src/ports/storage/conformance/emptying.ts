/** Emptying a bucket of everything, also of what no list shows. */
import { expect } from 'vitest';
import { allVersions, listAll, refusal } from './probes.ts';
import type { Spec } from './spec.ts';

export function describeEmptying({ topic, promise }: Spec): void {
  topic('emptying', () => {
    promise(
      'removes objects, folders, versions and uploads, tells how far it is, and keeps the bucket',
      async (tools) => {
        const { provider, bucket, put } = tools;
        for (const key of ['a', 'b/c', 'b/d/e']) for (const text of ['1', '2']) await put(key, text);
        await bucket.delete('a');
        if (bucket.capabilities.folders) await bucket.createFolder('empty/folder');
        const upload = bucket.capabilities.uploads ? await bucket.startUpload('u', { sizeBytes: 1 }) : null;
        const steps: number[] = [];
        await provider.emptyBucket(bucket.name, { onProgress: ({ removed }) => steps.push(removed) });
        expect(steps.at(-1)).toBeGreaterThan(0);
        expect(steps).toEqual([...steps].sort((a, b) => a - b));
        expect(await bucket.list()).toEqual({ objects: [], prefixes: [], next: null });
        expect((await listAll(bucket, { delimiter: '/' })).prefixes).toEqual([]);
        if (bucket.capabilities.history) expect(await allVersions(bucket)).toEqual([]);
        if (upload) expect(await refusal(bucket.listParts('u', upload.id))).toMatchObject({ code: 'not_found' });
        expect(await provider.usage(bucket.name)).toEqual({ objects: 0, sizeBytes: 0 });
        await put('a', 'new');
        await provider.emptyBucket(bucket.name);
        await provider.deleteBucket(bucket.name, { force: false });
      },
    );

    promise('is fine with buckets that are empty or not there', async ({ provider, bucket, newName }) => {
      await provider.emptyBucket(bucket.name);
      await provider.emptyBucket(newName());
    });

    promise('stops by its signal, with the rest still there', async ({ provider, bucket, put }) => {
      await put('a', 'x');
      const call = provider.emptyBucket(bucket.name, { signal: AbortSignal.abort() });
      expect(await refusal(call)).toMatchObject({ code: 'unavailable', details: { aborted: true } });
      expect((await listAll(bucket)).keys).toEqual(['a']);
    });

    promise(
      'a bucket that holds nothing but old versions is deleted by force only',
      { needs: ['history'] },
      async (tools) => {
        const { provider, bucket, put } = tools;
        await put('a', 'dear');
        await bucket.delete('a');
        expect(await refusal(provider.deleteBucket(bucket.name, { force: false }))).toMatchObject({
          code: 'failed_precondition',
        });
        expect(await allVersions(bucket, { key: 'a' })).toHaveLength(1);
        await provider.deleteBucket(bucket.name, { force: true });
        expect(await refusal(provider.getBucketMetadata(bucket.name))).toMatchObject({ code: 'not_found' });
      },
    );
  });
}
