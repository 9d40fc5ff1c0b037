import { describe, expect, it } from 'vitest';
import { closeLog } from './closing.ts';
import { Moved } from './errors.ts';
import { MemoryBucket, scripted } from './memory-bucket.ts';
import { holds, keys, pacing, page, restoredFrom, TestLeader } from './test-log.ts';

async function led(): Promise<{ bucket: MemoryBucket; leader: TestLeader }> {
  const bucket = new MemoryBucket();
  const leader = await TestLeader.leading(bucket);
  await leader.append(page(1, 'a'));
  return { bucket, leader };
}

let nonces = 0;
function close(bucket: MemoryBucket, { chain }: Pick<TestLeader, 'chain'>): Promise<boolean> {
  nonces += 1;
  const nonce = `closing-${nonces}`;
  const candidate = { keys, chain, owner: 'mover', nonce: () => nonce, at: () => '2026-01-01T00:00:00Z' };
  return closeLog(bucket, { ...candidate, movedTo: 'elsewhere' }, pacing());
}

describe('a closed log', () => {
  it('fences its leader, and nobody leads it any more', async () => {
    const { bucket, leader } = await led();
    const forgotten = await TestLeader.candidate(bucket);
    expect(await close(bucket, await TestLeader.candidate(bucket))).toBe(true);
    expect((await leader.append(page(1, 'late'))).outcome).toBe('lost');
    expect(await forgotten.seal()).toMatchObject({ outcome: 'yielded' });
    await expect(forgotten.seal()).rejects.toThrow(Moved);
    await expect((await TestLeader.candidate(bucket)).seal()).rejects.toMatchObject({ code: 'moved', to: 'elsewhere' });
    const { chain, sink } = await restoredFrom(bucket);
    expect({ seq: chain.seq, movedTo: chain.movedTo }).toEqual({ seq: 3, movedTo: 'elsewhere' });
    expect(holds(sink, page(1, 'a'))).toBe(true);
  });

  it('is not closed twice, nor over what somebody wrote meanwhile', async () => {
    const { bucket, leader } = await led();
    const late = await TestLeader.candidate(bucket);
    await leader.append(page(2, 'b'));
    expect(await close(bucket, late)).toBe(false);
    expect((await leader.append(page(3, 'c'))).outcome).toBe('won');
    expect(await close(bucket, await TestLeader.candidate(bucket))).toBe(true);
    await expect(close(bucket, await TestLeader.candidate(bucket))).rejects.toThrow(Moved);
  });

  it.each(['answer-lost', 'late', 'not-applied', 'own-exists', 'twice'] as const)(
    'is closed once through %s',
    async (fault) => {
      const { bucket } = await led();
      const mover = await TestLeader.candidate(bucket);
      bucket.faults = scripted([{ on: 'putIfAbsent', fault }]);
      expect(await close(bucket, mover)).toBe(true);
      bucket.land();
      expect((await restoredFrom(bucket)).chain).toMatchObject({ seq: 3, movedTo: 'elsewhere' });
    },
  );
});
