/**
 * The counterexamples of the format document, section 15, against the real code: each plays the schedule in which a log without the
 * invariant loses an acknowledged write or becomes unreadable, and ends with a restore. Where the invariant is data (the table of
 * epochs, the tail), the schedule runs once without it too and must then do the harm: a proof that could not fail proves nothing.
 */
import { describe, expect, it } from 'vitest';
import { decide } from './decide.ts';
import { StaleTakeover } from './errors.ts';
import { planGc } from './gc.ts';
import { MemoryBucket, scripted } from './memory-bucket.ts';
import { holds, keys, pacing, page, restoredFrom, TestLeader } from './test-log.ts';

describe('I1: a slot’s bytes are frozen', () => {
  /** The write of `old` reaches slot 3, its answer is lost, and before it asks again a successor seals, snapshots and collects the slot. */
  async function schedule() {
    const bucket = new MemoryBucket();
    const old = await TestLeader.leading(bucket);
    await old.append(page(1, 'a'));
    const segment = await old.segment([page(2, 'acked')]);
    const succeed = async () => {
      const next = await TestLeader.leading(bucket);
      await next.append(page(3, 'c'));
      await next.snapshot('base');
      await next.collect('base');
      expect(bucket.peek(keys.log(3))).toBeNull();
    };
    bucket.faults = scripted([
      { on: 'putIfAbsent', key: keys.log(3), fault: 'answer-lost' },
      { on: 'get', key: keys.log(3), fault: { before: succeed } },
    ]);
    return { bucket, old, segment };
  }

  it('the retry sends the same bytes, so what it acknowledges is what the successor has', async () => {
    const { bucket, segment } = await schedule();
    const decision = await decide(bucket, { key: keys.log(3), bytes: segment.bytes }, pacing());
    expect(decision).toEqual({ outcome: 'won', attempts: 2 });
    expect(bucket.peek(keys.log(3))).toEqual(Uint8Array.from(segment.bytes));
    const { sink, chain } = await restoredFrom(bucket);
    expect([chain.seq, holds(sink, page(2, 'acked')), holds(sink, page(3, 'c'))]).toEqual([5, true, true]);
  });

  it('with other bytes the retry would acknowledge a write that is nowhere', async () => {
    const { bucket, old, segment } = await schedule();
    await bucket.putIfAbsent(keys.log(3), segment.bytes).catch(() => undefined);
    await bucket.get(keys.log(3));
    const other = await old.segment([page(2, 'acked'), page(3, 'acked too')]);
    expect(await bucket.putIfAbsent(keys.log(3), other.bytes)).toBe('created');
    expect(holds((await restoredFrom(bucket)).sink, page(3, 'acked too'))).toBe(false);
  });
});

describe('I2: seals are never deleted', () => {
  async function wake(collected: (next: TestLeader, bucket: MemoryBucket) => Promise<void>) {
    const bucket = new MemoryBucket();
    const idle = await TestLeader.leading(bucket);
    await idle.append(page(1, 'a'));
    const next = await TestLeader.leading(bucket);
    await next.append(page(2, 'b'));
    await next.append(page(3, 'c'));
    await next.snapshot('base');
    await collected(next, bucket);
    const { outcome } = await idle.append(page(2, 'from the idle one'));
    return { outcome, restored: await restoredFrom(bucket) };
  }

  it('an idle leader that wakes finds its next slot taken', async () => {
    const { outcome, restored } = await wake((next) => next.collect('base'));
    expect(outcome).toBe('lost');
    expect(holds(restored.sink, page(2, 'b'))).toBe(true);
  });

  it('without the seal it would acknowledge a write that is nowhere', async () => {
    const { outcome, restored } = await wake(async (next, bucket) => {
      await next.collect('base');
      bucket.remove(keys.log(3));
    });
    expect(outcome).toBe('won');
    expect(holds(restored.sink, page(2, 'from the idle one'))).toBe(false);
  });
});

describe('I3: nothing may lie behind a seal just won', () => {
  it('a slow candidate that seals a collected slot is told, harms nobody, and its stray is collected', async () => {
    const bucket = new MemoryBucket();
    const leader = await TestLeader.leading(bucket);
    await leader.append(page(1, 'a'));
    const slow = await TestLeader.candidate(bucket);
    for (const text of ['b', 'c', 'd']) await leader.append(page(1, text));
    await leader.snapshot('base');
    await leader.collect('base');
    expect(bucket.peek(keys.log(3))).toBeNull();

    await expect(slow.seal()).rejects.toBeInstanceOf(StaleTakeover);
    expect(bucket.peek(keys.log(3))).not.toBeNull();
    expect(await leader.append(page(2, 'acked'))).toMatchObject({ outcome: 'won' });
    const { sink, chain } = await restoredFrom(bucket);
    expect([chain.epoch, holds(sink, page(2, 'acked'))]).toEqual([1, true]);

    await leader.snapshot('base');
    await leader.collect('base');
    expect(bucket.keys().filter((key) => key.startsWith(keys.logPrefix))).toEqual([keys.log(1), keys.log(6)]);
  });
});

describe('I4: the tail slot is never deleted', () => {
  async function retake(removeTail: boolean) {
    const bucket = new MemoryBucket();
    const leader = await TestLeader.leading(bucket);
    await leader.append(page(1, 'a'));
    const slow = await TestLeader.candidate(bucket);
    await leader.append(page(1, 'b'));
    await leader.snapshot('base');
    await leader.collect('base');
    if (removeTail) bucket.remove(keys.log(3));
    return { bucket, leader, slow, takeover: await slow.seal() };
  }

  it('a slow candidate finds it, applies it and seals behind it', async () => {
    const { bucket, takeover, slow } = await retake(false);
    expect(takeover).toEqual({ outcome: 'sealed', epoch: 2, seq: 4 });
    expect(holds(slow.sink, page(1, 'b'))).toBe(true);
    expect((await restoredFrom(bucket)).chain).toMatchObject({ seq: 4, epoch: 2 });
  });

  it('without it the candidate retakes the slot, no list shows that, and nothing can be restored', async () => {
    const { bucket, takeover, slow } = await retake(true);
    expect(takeover).toEqual({ outcome: 'sealed', epoch: 2, seq: 3 });
    await slow.append(page(2, 'acked'));
    await expect(restoredFrom(bucket)).rejects.toThrow(/another history/);
  });
});

describe('I5: a leader builds and collects on a BASE of its own epoch only', () => {
  it('a stale collection leaves the successor’s BASE alone, whatever it finds', async () => {
    const bucket = new MemoryBucket();
    const first = await TestLeader.leading(bucket);
    await first.append(page(1, 'a'));
    await first.snapshot('base');
    await first.append(page(1, 'b'));
    await first.snapshot('base');
    const stale = await first.plan('base');

    const next = await TestLeader.leading(bucket);
    await next.append(page(2, 'acked'));
    // It restored on the BASE of the first leader, and may not lean on it.
    next.base = first.base;
    await expect(next.plan('diff')).rejects.toThrow(RangeError);
    await next.snapshot('base');
    await next.append(page(3, 'acked'));
    await next.snapshot('diff');

    for (const to of stale.bases) bucket.remove(keys.base(to));
    for (const slot of stale.slots) bucket.remove(keys.log(slot));
    await first.collect('base');
    const { sink, result } = await restoredFrom(bucket);
    expect(result).toMatchObject({ snapshot: next.chain.seq });
    expect([holds(sink, page(2, 'acked')), holds(sink, page(3, 'acked'))]).toEqual([true, true]);
  });

  it('a DIFF on the BASE of another would lose it to that one’s collection', async () => {
    const bucket = new MemoryBucket();
    const first = await TestLeader.leading(bucket);
    await first.append(page(1, 'a'));
    await first.snapshot('base');
    await first.append(page(1, 'b'));
    const next = await TestLeader.candidate(bucket);
    // The first leader's second BASE is durable before the seal, its collection runs after the successor's.
    await first.snapshot('base');
    await next.seal();
    await next.append(page(2, 'acked'));
    next.base = { to: 2, epoch: 2 };
    await next.snapshot('diff');
    await expect(next.plan('diff')).rejects.toThrow(RangeError);
    for (const slot of [2, 3]) bucket.remove(keys.log(slot));
    const before = await restoredFrom(bucket);
    expect(before.result).toMatchObject({ snapshot: 5 });
    for (const to of planGc({ ...gcStateOf(first), bases: [2, 3], slots: [], diffs: [] }).bases)
      bucket.remove(keys.base(to));
    bucket.remove(keys.log(4));
    await expect(restoredFrom(bucket)).rejects.toThrow(/slot 4 is missing/);
  });
});

const gcStateOf = ({ chain: { epoch, seq, epochs } }: TestLeader) => ({
  epoch,
  tail: seq,
  epochs,
  snapshot: { kind: 'base' as const, base: seq, baseEpoch: epoch, to: seq },
});
