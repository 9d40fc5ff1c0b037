/** Conditional creating, replacing and deleting, races included. */
import { expect } from 'vitest';
import { isAppError } from '../../../domain/errors.ts';
import { bytesOf, expectSameInfo, listAll, refusal, textAt } from './probes.ts';
import type { Spec } from './spec.ts';

export function describeConditions({ topic, promise }: Spec): void {
  topic('conditions', () => {
    promise('ifAbsent creates once', async ({ bucket }) => {
      await bucket.put('a', Buffer.from('1'), { condition: { ifAbsent: true } });
      const again = bucket.put('a', Buffer.from('2'), { condition: { ifAbsent: true } });
      expect(await refusal(again)).toMatchObject({ code: 'conflict', details: { outcome: 'not_applied' } });
      expect(await textAt(bucket, 'a')).toBe('1');
      await bucket.delete('a');
      await bucket.put('a', Buffer.from('3'), { condition: { ifAbsent: true } });
    });

    promise('ifVersion replaces that version only', { needs: ['versions'] }, async ({ bucket, put }) => {
      const first = await put('a', '1');
      const second = await bucket.put('a', Buffer.from('2'), { condition: { ifVersion: first.version } });
      const stale = bucket.put('a', Buffer.from('3'), { condition: { ifVersion: first.version } });
      expect(await refusal(stale)).toMatchObject({ code: 'conflict', details: { outcome: 'not_applied' } });
      expectSameInfo(await bucket.head('a'), second);
      const absent = bucket.put('new/b', Buffer.from('x'), { condition: { ifVersion: first.version } });
      expect(await refusal(absent)).toMatchObject({ code: 'conflict' });
      expect((await bucket.list({ delimiter: '/' })).prefixes).toEqual([]);
    });

    promise(
      'delete with ifVersion removes that version only; without, it is idempotent',
      { needs: ['versions'] },
      async ({ bucket, put }) => {
        const first = await put('a', '1');
        const second = await put('a', '2');
        expect(await refusal(bucket.delete('a', { ifVersion: first.version }))).toMatchObject({ code: 'conflict' });
        await bucket.delete('a', { ifVersion: second.version });
        expect(await refusal(bucket.delete('a', { ifVersion: second.version }))).toMatchObject({ code: 'conflict' });
        await bucket.delete('a');
        await bucket.delete('never/was');
        expect((await listAll(bucket)).keys).toEqual([]);
      },
    );

    promise('of 16 racing creations one wins, and its content stays', async ({ bucket }) => {
      const bodies = Array.from({ length: 16 }, (_, i) => `writer ${i}`);
      const results = await Promise.allSettled(
        bodies.map((text) => bucket.put('race', Buffer.from(text), { condition: { ifAbsent: true } })),
      );
      const winners = results.flatMap((result, i) => (result.status === 'fulfilled' ? [bodies[i]] : []));
      expect(winners).toHaveLength(1);
      expect(await textAt(bucket, 'race')).toBe(winners[0]);
    });

    promise('a counter kept by ifVersion loses no step', { needs: ['versions'] }, async ({ bucket, put }) => {
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
}
