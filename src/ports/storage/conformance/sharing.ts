/** Two processes on one store: each sees at once what the other did, and conditions hold between them. */
import { expect } from 'vitest';
import { isAppError } from '../../../domain/errors.ts';
import type { Bucket } from '../storage.ts';
import { bytesOf, expectSameInfo, listAll, refusal, textAt } from './probes.ts';
import type { Spec, Tools } from './spec.ts';

export function describeSharing({ topic, promise }: Spec): void {
  topic('sharing', () => {
    const shared = (run: (both: [Bucket, Bucket], tools: Tools) => Promise<void>) => async (tools: Tools) => {
      const { under, bucket, skip } = tools;
      if (!under.another) throw skip('This store lives in one process.');
      const other = await under.another();
      try {
        await run([bucket, other.bucket(bucket.name)], tools);
      } finally {
        await other.close();
      }
    };

    promise(
      'what one does the other sees at once',
      shared(async ([one, two]) => {
        const info = await one.put('a', Buffer.from('1'), { contentType: 'text/plain' });
        expectSameInfo(await two.head('a'), info);
        await two.put('a', Buffer.from('2'));
        expect(await textAt(one, 'a')).toBe('2');
        await one.move('a', 'b');
        expect((await listAll(two)).keys).toEqual(['b']);
        await two.delete('b');
        expect(await refusal(one.head('b'))).toMatchObject({ code: 'not_found' });
      }),
    );

    promise(
      'of creations that race between them one wins',
      shared(async (both) => {
        const puts = Array.from({ length: 12 }, (_, i) =>
          both[i % 2 === 0 ? 0 : 1].put('race', Buffer.from(String(i)), { condition: { ifAbsent: true } }),
        );
        const results = await Promise.allSettled(puts);
        const winners = results.flatMap((result, i) => (result.status === 'fulfilled' ? [String(i)] : []));
        expect(winners).toHaveLength(1);
        expect(await textAt(both[0], 'race')).toBe(winners[0]);
      }),
    );

    promise('a counter that both keep by ifVersion loses no step', { needs: ['versions'] }, async (tools) => {
      await tools.put('n', '0');
      await shared(async (both) => {
        await Promise.all(both.flatMap((bucket) => Array.from({ length: 4 }, () => step(bucket))));
      })(tools);
      expect(await textAt(tools.bucket, 'n')).toBe('8');
    });
  });
}

/** Adds one by compare-and-swap until it works. */
async function step(bucket: Bucket): Promise<void> {
  for (;;) {
    const { info, body } = await bucket.get('n');
    const next = Buffer.from(String(Number((await bytesOf(body)).toString()) + 1));
    const done = await bucket.put('n', next, { condition: { ifVersion: info.version } }).then(
      () => true,
      (error: unknown) => {
        if (isAppError(error) && error.code === 'conflict') return false;
        throw error;
      },
    );
    if (done) return;
  }
}
