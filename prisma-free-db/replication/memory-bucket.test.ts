import { describe, expect, it } from 'vitest';
import { BUCKET_SUITE } from './bucket-suite.ts';
import { Ambiguous } from './errors.ts';
import { type FaultName, MemoryBucket, scripted } from './memory-bucket.ts';

const body = Buffer.from('body');

describe('a bucket in memory', () => {
  it.each(BUCKET_SUITE)('$name', async ({ run }) => {
    await run(new MemoryBucket(), 'suite/');
  });

  it('a store that ignores conditions, or lists late, fails the suite', async () => {
    const failing = async (fault: FaultName) => {
      const results = await Promise.allSettled(
        BUCKET_SUITE.map(({ run }) =>
          run(
            new MemoryBucket({
              faults: ({ operation }) => (operation === 'get' || operation === 'delete' ? undefined : fault),
            }),
            'x/',
          ),
        ),
      );
      return BUCKET_SUITE.filter((_, index) => results[index]?.status === 'rejected').length;
    };
    expect(await failing('ignores-condition')).toBeGreaterThanOrEqual(4);
    const stale = new MemoryBucket({ faults: ({ operation }) => (operation === 'list' ? 'stale' : undefined) });
    await expect(Promise.all(BUCKET_SUITE.map(({ run }, index) => run(stale, `${index}/`)))).rejects.toThrow();
  });
});

describe('its faults', () => {
  const put = async (name: FaultName) => {
    const bucket = new MemoryBucket({ faults: scripted([{ on: 'putIfAbsent', fault: name }]) });
    const answer = await bucket.putIfAbsent('a', body).catch((error: unknown) => {
      if (error instanceof Ambiguous) return 'ambiguous';
      throw error;
    });
    const there = bucket.peek('a') !== null;
    bucket.remove('a');
    bucket.land();
    return { answer, there, later: bucket.peek('a') !== null };
  };

  it.each([
    ['unavailable', { answer: 'ambiguous', there: false, later: false }],
    ['conflict', { answer: 'ambiguous', there: false, later: false }],
    ['not-applied', { answer: 'ambiguous', there: false, later: false }],
    ['answer-lost', { answer: 'ambiguous', there: true, later: false }],
    ['late', { answer: 'ambiguous', there: false, later: true }],
    ['twice', { answer: 'created', there: true, later: true }],
    ['exists', { answer: 'exists', there: false, later: false }],
    ['own-exists', { answer: 'exists', there: true, later: false }],
  ] as const)('%s', async (name, told) => {
    expect(await put(name)).toEqual(told);
  });

  it('others can act right before and right after a request is applied', async () => {
    const bucket = new MemoryBucket();
    const seen: (boolean | string)[] = [];
    const look = async () => void seen.push(bucket.peek('a') !== null);
    bucket.faults = scripted([{ on: 'putIfAbsent', fault: { before: look, after: look } }]);
    seen.push(await bucket.putIfAbsent('a', body));
    expect(seen).toEqual([false, true, 'created']);
  });
});
