import { expect, it } from 'vitest';
import { Ambiguous, UnsafeStore } from './errors.ts';
import { type FaultPlan, MemoryBucket, type Operation, scripted } from './memory-bucket.ts';
import { probeStore } from './probe.ts';
import { keys, pacing } from './test-log.ts';

const always =
  (operation: Operation, name: 'ignores-condition' | 'stale'): FaultPlan =>
  (request) =>
    request.operation === operation ? name : undefined;

it('passes a sound store and leaves nothing behind', async () => {
  const bucket = new MemoryBucket();
  await probeStore(bucket, keys, pacing());
  expect(bucket.keys()).toEqual([]);
});

it('starts again after indefinite answers', async () => {
  const bucket = new MemoryBucket({
    faults: scripted([
      { on: 'putIfAbsent', fault: 'answer-lost' },
      { on: 'putIfMatch', fault: 'unavailable', times: 2 },
      { on: 'get', fault: 'not-applied' },
    ]),
  });
  await probeStore(bucket, keys, pacing());
});

it.each(['get', 'putIfAbsent', 'list', 'delete'] as const)(
  'a store that never answers a %s is away, not unsafe',
  async (mute) => {
    const bucket = new MemoryBucket({ faults: ({ operation }) => (operation === mute ? 'unavailable' : undefined) });
    await expect(probeStore(bucket, keys, pacing())).rejects.toBeInstanceOf(Ambiguous);
  },
);

it.each([
  ['ignores create-if-absent', always('putIfAbsent', 'ignores-condition'), /ignores create-if-absent/],
  ['ignores versions', always('putIfMatch', 'ignores-condition'), /ignores the condition/],
  ['lists late', always('list', 'stale'), /list does not show/],
])('refuses a store that %s', async (_, faults, why) => {
  const bucket = new MemoryBucket({ faults });
  const refusal = await probeStore(bucket, keys, pacing()).catch((error: unknown) => error);
  expect(refusal).toBeInstanceOf(UnsafeStore);
  expect(String(refusal)).toMatch(why);
  expect(bucket.keys()).toEqual([]);
});

it('refuses a store that loses one race only', async () => {
  // Two creates of the same object both succeed, as with a server that looks first and writes later.
  let racing = 0;
  const faults: FaultPlan = ({ operation, key }) => {
    if (operation !== 'putIfAbsent' || !key.includes('race-2')) return undefined;
    racing += 1;
    return racing === 2 ? 'ignores-condition' : undefined;
  };
  await expect(probeStore(new MemoryBucket({ faults }), keys, pacing())).rejects.toThrow(/2 creates of one object/);
});
