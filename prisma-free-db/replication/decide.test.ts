import { describe, expect, it } from 'vitest';
import { decide } from './decide.ts';
import { type FaultName, MemoryBucket, scripted } from './memory-bucket.ts';
import { pacing } from './test-log.ts';

const mine = Buffer.from('mine');
const theirs = Buffer.from('theirs');
const ask = (bucket: MemoryBucket, signal?: AbortSignal) => decide(bucket, { key: 'k', bytes: mine }, pacing(signal));

describe('decide', () => {
  it.each([
    ['unavailable', 2],
    ['conflict', 2],
    ['not-applied', 2],
    ['answer-lost', 1],
    ['late', 2],
    ['exists', 2],
    ['own-exists', 1],
    ['twice', 1],
  ] as const)('wins a free slot through %s', async (fault: FaultName, attempts) => {
    const bucket = new MemoryBucket({ faults: scripted([{ on: 'putIfAbsent', fault }]) });
    expect(await ask(bucket)).toEqual({ outcome: 'won', attempts });
    bucket.land();
    expect(bucket.peek('k')).toEqual(Uint8Array.from(mine));
  });

  it.each(['unavailable', 'not-applied', 'answer-lost', 'late', 'exists', 'own-exists'] as const)(
    "loses another's slot through %s",
    async (fault) => {
      const bucket = new MemoryBucket({ faults: scripted([{ on: 'putIfAbsent', fault }]) });
      bucket.poke('k', theirs);
      const decision = await ask(bucket);
      expect(decision.outcome === 'lost' && Buffer.from(decision.bytes).toString()).toBe('theirs');
    },
  );

  it('a rival between a lost request and the next one wins', async () => {
    const bucket = new MemoryBucket({
      faults: scripted([
        { on: 'putIfAbsent', fault: 'not-applied' },
        { on: 'get', fault: { after: async () => bucket.poke('k', theirs) } },
      ]),
    });
    expect((await ask(bucket)).outcome).toBe('lost');
  });

  it('an own request that lands late counts as won', async () => {
    const bucket = new MemoryBucket({
      faults: scripted([
        { on: 'putIfAbsent', fault: 'late' },
        { on: 'get', fault: { after: async () => bucket.land() } },
      ]),
    });
    expect(await ask(bucket)).toEqual({ outcome: 'won', attempts: 2 });
  });

  it('progresses although every answer is lost, backing off between 5 and 500 ms', async () => {
    let gets = 0;
    const bucket = new MemoryBucket({
      faults: ({ operation }) => {
        if (operation === 'putIfAbsent') return 'answer-lost';
        gets += 1;
        return gets <= 12 ? 'unavailable' : undefined;
      },
    });
    const paced = pacing();
    expect((await decide(bucket, { key: 'k', bytes: mine }, paced)).outcome).toBe('won');
    expect(paced.clock.slept).toEqual(
      [5, 10, 20, 40, 80, 160, 320, 500, 500, 500, 500, 500, 500].map((ms) => ms * 0.75),
    );
  });

  it('a store that contradicts itself is not asked in a hot loop', async () => {
    const bucket = new MemoryBucket({ faults: scripted([{ on: 'putIfAbsent', fault: 'exists', times: 4 }]) });
    const paced = pacing();
    expect(await decide(bucket, { key: 'k', bytes: mine }, paced)).toEqual({ outcome: 'won', attempts: 5 });
    expect(paced.clock.slept).toHaveLength(4);
  });

  it('gives up when aborted, also while a request hangs', async () => {
    const stop = new AbortController();
    const hanging = new MemoryBucket({ faults: () => ({ before: () => new Promise(() => stop.abort('enough')) }) });
    await expect(ask(hanging, stop.signal)).rejects.toBe('enough');
    const untouched = new MemoryBucket();
    await expect(ask(untouched, AbortSignal.abort('before'))).rejects.toBe('before');
    expect(untouched.requests.putIfAbsent).toBe(0);
  });

  it('passes on what no retry cures', async () => {
    const refusal = new Error('no permission');
    const bucket = new MemoryBucket({
      faults: () => ({
        before: async () => {
          throw refusal;
        },
      }),
    });
    await expect(ask(bucket)).rejects.toBe(refusal);
  });
});
