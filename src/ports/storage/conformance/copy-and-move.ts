/** Copies and moves of single objects. */
import { expect } from 'vitest';
import { expectSameInfo, listAll, refusal, textAt } from './probes.ts';
import type { Spec, Tools } from './spec.ts';

export function describeCopyAndMove({ topic, promise }: Spec): void {
  topic('copy and move', () => {
    promise('copy keeps content and description and leaves the source', async ({ bucket }) => {
      const source = await bucket.put('a', Buffer.from('x'), { contentType: 'text/plain', metadata: { n: '1' } });
      const made = await bucket.copy('a', 'deep/b');
      expect(made).toMatchObject({ key: 'deep/b', sizeBytes: 1, contentType: 'text/plain', metadata: { n: '1' } });
      expectSameInfo(await bucket.head('deep/b'), made);
      expectSameInfo(await bucket.head('a'), source);
    });

    promise('move keeps content and description and takes the source away', async ({ bucket }) => {
      await bucket.put('a', Buffer.from('x'), { contentType: 'text/plain', metadata: { n: '1' } });
      const made = await bucket.move('a', 'deep/b');
      expect(made).toMatchObject({ key: 'deep/b', contentType: 'text/plain', metadata: { n: '1' } });
      expectSameInfo(await bucket.head('deep/b'), made);
      expect((await listAll(bucket)).keys).toEqual(['deep/b']);
      expect(await textAt(bucket, 'deep/b')).toBe('x');
    });

    const replaces = async (verb: 'copy' | 'move', { bucket, put }: Tools) => {
      await put('a', 'a');
      const old = await put('b', 'b');
      for (const condition of [{ ifAbsent: true as const }, { ifVersion: 'other' }]) {
        expect(await refusal(bucket[verb]('a', 'b', { condition }))).toMatchObject({ code: 'conflict' });
      }
      expectSameInfo(await bucket.head('b'), old);
      await bucket[verb]('a', 'b', { condition: { ifVersion: old.version } });
      expect(await textAt(bucket, 'b')).toBe('a');
      await put('c', 'c');
      await bucket[verb]('b', 'c');
      expect(await textAt(bucket, 'c')).toBe('a');
      await bucket[verb]('c', 'd', { condition: { ifAbsent: true } });
      expect(await textAt(bucket, 'd')).toBe('a');
    };
    for (const verb of ['copy', 'move'] as const) {
      promise(`${verb} replaces, unless a condition forbids it`, { needs: ['versions'] }, (tools) =>
        replaces(verb, tools),
      );
    }

    promise('onto itself is refused', async ({ bucket, put }) => {
      await put('a', 'x');
      expect(await refusal(bucket.copy('a', 'a'))).toMatchObject({ code: 'invalid_argument' });
      expect(await refusal(bucket.move('a', 'a'))).toMatchObject({ code: 'invalid_argument' });
      expect(await textAt(bucket, 'a')).toBe('x');
    });

    promise('of racing moves of one object one wins', async ({ bucket, put }) => {
      await put('a', 'x');
      const results = await Promise.allSettled(Array.from({ length: 8 }, (_, i) => bucket.move('a', `to/${i}`)));
      const won = results.flatMap((result, i) => (result.status === 'fulfilled' ? [`to/${i}`] : []));
      expect(won).toHaveLength(1);
      if (bucket.capabilities.atomicMove) expect((await listAll(bucket)).keys).toEqual(won);
    });
  });
}
