import { describe, expect, it } from 'vitest';
import { StaleTakeover, Unfinished } from './errors.ts';
import { MemoryBucket, scripted } from './memory-bucket.ts';
import { holds, keys, PAGE_SIZE, page, restoredFrom, TestLeader } from './test-log.ts';

async function led(): Promise<{ bucket: MemoryBucket; leader: TestLeader }> {
  const bucket = new MemoryBucket();
  const leader = await TestLeader.leading(bucket);
  await leader.append(page(1, 'a'));
  return { bucket, leader };
}

describe('taking over', () => {
  it('seals the next slot and fences the leader before', async () => {
    const { bucket, leader } = await led();
    const next = await TestLeader.candidate(bucket);
    expect(await next.seal()).toEqual({ outcome: 'sealed', epoch: 2, seq: 3 });
    expect((await leader.append(page(1, 'late'))).outcome).toBe('lost');
    expect(await next.append(page(1, 'b'))).toMatchObject({ outcome: 'won' });
    expect(holds((await restoredFrom(bucket)).sink, page(1, 'b'))).toBe(true);
  });

  it('applies what the old leader still wrote, and seals behind it', async () => {
    const { bucket, leader } = await led();
    const next = await TestLeader.candidate(bucket);
    await leader.append(page(2, 'b'));
    await leader.append(page(3, 'c'));
    expect(await next.seal()).toEqual({ outcome: 'sealed', epoch: 2, seq: 5 });
    expect(holds(next.sink, page(3, 'c'))).toBe(true);
  });

  it('yields to a faster candidate', async () => {
    const { bucket } = await led();
    const [slow, fast] = [await TestLeader.candidate(bucket), await TestLeader.candidate(bucket)];
    await fast.seal();
    expect(await slow.seal()).toEqual({ outcome: 'yielded', epoch: 2, seq: 3 });
  });

  it('of many candidates one wins; epochs are dense', async () => {
    const { bucket } = await led();
    for (let round = 0; round < 3; round += 1) {
      const candidates = await Promise.all(Array.from({ length: 6 }, () => TestLeader.candidate(bucket)));
      const outcomes = await Promise.all(candidates.map((each) => each.seal()));
      expect(outcomes.filter(({ outcome }) => outcome === 'sealed')).toHaveLength(1);
    }
    expect((await restoredFrom(bucket)).chain.epochs.map(({ epoch }) => epoch)).toEqual([1, 2, 3, 4]);
  });

  it('leaves a database alone whose import has not come to its end', async () => {
    const { bucket, leader } = await led();
    const next = await TestLeader.candidate(bucket);
    await leader.append({ pgno: 1, bytes: Buffer.alloc(PAGE_SIZE) }, page(2, 'b'));
    await expect(next.seal()).rejects.toBeInstanceOf(Unfinished);
    await leader.append(page(1, 'whole'));
    expect(await (await TestLeader.candidate(bucket)).seal()).toMatchObject({ outcome: 'sealed', seq: 5 });
  });

  it.each(['answer-lost', 'late', 'not-applied', 'own-exists', 'conflict', 'exists', 'twice'] as const)(
    'seals once through %s',
    async (fault) => {
      const { bucket } = await led();
      const next = await TestLeader.candidate(bucket);
      bucket.faults = scripted([
        { on: 'putIfAbsent', fault },
        { on: 'list', fault: 'unavailable' },
      ]);
      expect(await next.seal()).toEqual({ outcome: 'sealed', epoch: 2, seq: 3 });
      bucket.land();
      expect((await restoredFrom(bucket)).chain).toMatchObject({ seq: 3, epoch: 2 });
    },
  );

  it('restores again when the next slot belongs to another history', async () => {
    const { bucket } = await led();
    const next = await TestLeader.candidate(bucket);
    const other = await led();
    await other.leader.append(page(2, 'b'));
    bucket.poke(keys.log(3), other.bucket.peek(keys.log(3)) ?? new Uint8Array());
    await expect(next.seal()).rejects.toBeInstanceOf(StaleTakeover);
  });
});
