import { describe, expect, it } from 'vitest';
import { MemoryBucket } from './memory-bucket.ts';
import { planCollection, retainedFrom } from './retention.ts';
import { keys, MAX_RAW, pacing, page, TestLeader } from './test-log.ts';

const times = { keys, ring: [], maxRawLen: MAX_RAW };

/** A log whose slots, from the second on, were written at these hours. */
async function written(hours: readonly number[], bucket = new MemoryBucket()): Promise<MemoryBucket> {
  const leader = await TestLeader.leading(bucket);
  for (const hour of hours) {
    const at = new Date(hour * 3_600_000).toISOString();
    const { bytes } = await leader.segment([page(1, `hour ${hour}`)], undefined, at);
    bucket.poke(keys.log(leader.chain.seq + 1), bytes);
    await leader.chain.apply(bytes);
  }
  return bucket;
}

describe('the slot that a retention reaches back to', () => {
  const search = async (
    bucket: MemoryBucket,
    { hours, known = 0, tail = 8 }: { hours: number; known?: number; tail?: number },
  ) => {
    const retain = { ms: hours * 3_600_000 };
    return retainedFrom(bucket, { retain, tail, now: 10 * 3_600_000, known, times }, pacing());
  };

  it('is the last one written before that time, by a few looks', async () => {
    const bucket = await written([1, 2, 3, 4, 5, 6, 7]);
    const before = bucket.requests.get;
    expect(await search(bucket, { hours: 6 })).toBe(5);
    expect(bucket.requests.get - before).toBeLessThanOrEqual(4);
    expect(await search(bucket, { hours: 6.5 })).toBe(4);
    expect(await search(bucket, { hours: 0 })).toBe(8);
    expect(await search(bucket, { hours: 6, known: 5 })).toBe(5);
  });

  it('is the first one when all is younger', async () => {
    expect(await search(await written([8, 9, 9, 9, 9, 9, 9]), { hours: 9.9 })).toBe(1);
  });

  it('passes what is collected, and does not give up what it cannot read', async () => {
    const bucket = await written([1, 2, 3, 4, 5, 6, 7]);
    for (const slot of [2, 3, 4]) bucket.remove(keys.log(slot));
    expect(await search(bucket, { hours: 6 })).toBe(5);
    bucket.poke(keys.log(6), Buffer.from('damaged'));
    expect(await search(bucket, { hours: 3 })).toBe(5);
  });

  it('by slots needs no look', async () => {
    const bucket = new MemoryBucket();
    expect(await retainedFrom(bucket, { retain: { slots: 3 }, tail: 8, now: 0, known: 0, times }, pacing())).toBe(5);
    expect(await retainedFrom(bucket, { retain: { slots: 30 }, tail: 8, now: 0, known: 0, times }, pacing())).toBe(1);
    expect(bucket.requests.get).toBe(0);
  });
});

describe('a plan', () => {
  it('lists no more of the log than can go', async () => {
    const bucket = new MemoryBucket({ pageSize: 2 });
    await written(
      Array.from({ length: 40 }, () => 1),
      bucket,
    );
    bucket.poke(keys.base(5), Buffer.from('b'));
    bucket.poke(keys.base(30), Buffer.from('b'));
    const epochs = [{ epoch: 1, seq: 1 }];
    const snapshot = { kind: 'base', to: 30, base: 30, baseEpoch: 1 } as const;
    const lists = async (retainFrom?: number) => {
      const before = bucket.requests.list;
      const state = { epoch: 1, tail: 41, epochs, snapshot, ...(retainFrom && { retainFrom }) };
      const plan = await planCollection(bucket, { keys, state }, pacing());
      return { lists: bucket.requests.list - before, slots: plan.slots, bases: plan.bases };
    };
    // One list each of base/ and diff/, then two slots a page.
    expect(await lists(7)).toEqual({ lists: 5, slots: [2, 3, 4, 5], bases: [] });
    expect(await lists(2)).toEqual({ lists: 5, slots: [], bases: [] });
    const all = await lists();
    expect([all.slots.length, all.bases, all.lists]).toEqual([29, [5], 18]);
  });
});
