import { describe, expect, it } from 'vitest';
import { Ambiguous } from './errors.ts';
import { collect, type GcState, planGc } from './gc.ts';
import { MemoryBucket, scripted } from './memory-bucket.ts';
import { keys } from './test-log.ts';

const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, index) => from + index);

/** Epoch 2 since slot 10, tail 30, a BASE of its own at 20. */
const state = (change: Partial<GcState> = {}): GcState => ({
  epoch: 2,
  tail: 30,
  epochs: [
    { epoch: 1, seq: 1 },
    { epoch: 2, seq: 10 },
  ],
  snapshot: { kind: 'base', base: 20, baseEpoch: 2, to: 20 },
  slots: range(1, 30),
  bases: [5, 20],
  diffs: [
    { base: 5, to: 8 },
    { base: 3, to: 4 },
  ],
  ...change,
});
const diff = (to: number): GcState['snapshot'] => ({ kind: 'diff', base: 20, baseEpoch: 2, to });

describe('what a collection deletes', () => {
  it('after a BASE: slots up to it but the seals, older BASEs and their DIFFs, orphans', () => {
    expect(planGc(state())).toEqual({
      slots: range(2, 20).filter((slot) => slot !== 10),
      bases: [5],
      diffs: [
        { base: 5, to: 8 },
        { base: 3, to: 4 },
      ],
    });
  });

  it('after a DIFF: slots up to it and older DIFFs, never its BASE', () => {
    const diffs = [22, 25, 28].map((to) => ({ base: 20, to }));
    const plan = planGc(state({ snapshot: diff(25), bases: [20], diffs }));
    expect(plan.slots.at(-1)).toBe(25);
    expect({ bases: plan.bases, diffs: plan.diffs }).toEqual({ bases: [], diffs: [{ base: 20, to: 22 }] });
  });

  it('the tail stays although the snapshot holds it', () => {
    expect(planGc(state({ tail: 20, slots: range(1, 20) })).slots).not.toContain(20);
  });

  it('a stray seal in a collected slot goes: it is not in the table', () => {
    expect(planGc(state({ slots: [1, 4, 10, 20, 30] })).slots).toEqual([4, 20]);
  });

  it('nothing of a successor', () => {
    const plan = planGc(state({ bases: [20, 40], diffs: [{ base: 40, to: 45 }], slots: range(1, 50) }));
    expect([plan.bases, plan.diffs, plan.slots.at(-1)]).toEqual([[], [], 20]);
  });

  it.each<[string, Partial<GcState>]>([
    ['a BASE of another epoch', { snapshot: { kind: 'diff', base: 5, baseEpoch: 1, to: 20 } }],
    ['a BASE that another epoch wrote late', { snapshot: { kind: 'diff', base: 20, baseEpoch: 1, to: 25 } }],
    ['a BASE from before its seal', { snapshot: { kind: 'base', base: 9, baseEpoch: 2, to: 9 } }],
    ['a table of another epoch', { epoch: 3, snapshot: { kind: 'base', base: 20, baseEpoch: 3, to: 20 } }],
    ['a snapshot ahead of what is durable', { snapshot: { kind: 'base', base: 31, baseEpoch: 2, to: 31 } }],
    ['a BASE that claims to be a DIFF', { snapshot: { kind: 'diff', base: 20, baseEpoch: 2, to: 20 } }],
  ])('a leader may not collect on %s', (_, change) => {
    expect(() => planGc(state(change))).toThrow(RangeError);
  });
});

describe('what is retained', () => {
  it('the BASE below the oldest wanted slot and all that follows it', () => {
    const plan = planGc(state({ bases: [5, 12, 15, 20], retainFrom: 14 }));
    expect(plan).toMatchObject({ bases: [5], slots: range(2, 12).filter((slot) => slot !== 10) });
  });

  it('everything when the log still begins with its first slot', () => {
    expect(planGc(state({ bases: [20], retainFrom: 3 }))).toMatchObject({ bases: [], slots: [] });
  });

  it('from the oldest BASE when earlier slots are gone already', () => {
    const plan = planGc(state({ bases: [12, 20], slots: [1, ...range(8, 30)], retainFrom: 3 }));
    expect(plan).toMatchObject({ bases: [], slots: [8, 9, 11, 12] });
  });

  it('nothing more than needed when the wanted slot is behind the snapshot', () => {
    expect(planGc(state({ retainFrom: 25 }))).toEqual(planGc(state()));
  });
});

describe('collecting', () => {
  const full = () => {
    const bucket = new MemoryBucket();
    for (const slot of range(1, 40)) bucket.poke(keys.log(slot), Buffer.from('x'));
    return bucket;
  };
  const plan = { slots: range(1, 39), bases: [], diffs: [] };

  it('deletes 16 at once and leaves failures to the next time', async () => {
    const bucket = full();
    let open = 0;
    let most = 0;
    bucket.faults = ({ key }) => ({
      ...(key === keys.log(7) && { name: 'unavailable' }),
      before: async () => {
        open += 1;
        most = Math.max(most, open);
      },
      after: async () => {
        open -= 1;
      },
    });
    expect(await collect(bucket, { keys, plan })).toEqual({ deleted: 38, failed: 1, error: expect.any(Ambiguous) });
    expect(bucket.keys()).toEqual([keys.log(7), keys.log(40)]);
    expect(most).toBeLessThanOrEqual(16);
  });

  it('stops when aborted', async () => {
    const bucket = full();
    const stop = new AbortController();
    bucket.faults = scripted([{ on: 'delete', key: keys.log(5), fault: { before: async () => stop.abort() } }]);
    const { deleted } = await collect(bucket, { keys, plan, signal: stop.signal });
    expect(deleted).toBeLessThan(39);
  });
});
