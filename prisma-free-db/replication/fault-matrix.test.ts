/**
 * Every request of the store × every way in which it can fail × every phase of a database's life (format document, section 18.3): what
 * was acknowledged is there, what was refused is not, the restored bytes are the leader's, and the log goes on.
 */
import { describe, expect, it } from 'vitest';
import { MemoryBucket, type Operation } from './memory-bucket.ts';
import { contents, FaultLife, type Mishap, PHASES, type Phase } from './test-fault-life.ts';

const OPERATIONS: readonly Operation[] = ['putIfAbsent', 'putIfMatch', 'get', 'list', 'delete'];

/** In words of a store. A 412 speaks of a condition; to a read, a list or a delete it is one more answer that is none. */
const MISHAPS: readonly (readonly [words: string, mishap: Mishap])[] = [
  ['503, 409 or a time-out, not applied', 'unavailable'],
  ['a time-out, applied', 'answer-lost'],
  ['a reset, arriving late', 'late'],
  ['slow, 10 s', 'slow'],
  ['412 because of a rival', 'rival'],
  ['412 because of itself', 'own-exists'],
  ['412 without a reason', 'exists'],
  ['a copy that lands after the collection', 'twice'],
];

/** Where an operation occurs. A leader that appends or stores a snapshot reads only behind a PUT without an answer. */
const OCCURS: Readonly<Record<Operation, readonly Phase[]>> = {
  putIfAbsent: ['genesis', 'append', 'snapshot', 'takeover', 'collection', 'release'],
  putIfMatch: ['genesis', 'takeover', 'release'],
  get: ['genesis', 'append', 'snapshot', 'takeover'],
  list: ['genesis', 'snapshot', 'takeover', 'collection'],
  delete: ['snapshot', 'collection'],
};

describe.each(PHASES)('a fault in the phase %s', (phase) => {
  const cases = OPERATIONS.filter((on) => OCCURS[on].includes(phase)).flatMap((on) =>
    MISHAPS.map(([words, mishap]) => ({ on, words, mishap })),
  );

  it.each(cases)('of $on: $words', async ({ on, mishap }) => {
    const bucket = new MemoryBucket();
    const behindUnanswered = on === 'get' && (phase === 'append' || phase === 'snapshot');
    const life = new FaultLife(bucket, { phase, on, mishap, behindUnanswered });
    try {
      await life.live();
      expect(life.struck, 'the fault happened').toBe(1);
      expect(await life.faults(), contents(bucket)).toEqual([]);
      expect(life.acked.length).toBeGreaterThan(4);
      expect(life.compared).toBeGreaterThan(2);
    } finally {
      await life.end();
    }
  });
});
