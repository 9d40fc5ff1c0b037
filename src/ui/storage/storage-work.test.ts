import { describe, expect, it } from 'vitest';
import { type StorageWork, workDone, workSteps } from './storage-work.ts';

const CREATE = ['bucket', 'private', 'transport', 'encryption', 'versions', 'expiry', 'cors', 'logs', 'access'];
const work = (change: Partial<StorageWork>, done: readonly number[] = [], names = CREATE): StorageWork => ({
  kind: 'create',
  steps: names.map((step, at) => ({ step, at: done[at] ?? null })),
  waiting: null,
  removed: null,
  total: null,
  cancellable: false,
  since: 1000,
  ...change,
});

describe('workSteps', () => {
  it('shows the settings as one step and how many of them are made', () => {
    const steps = workSteps(work({}, [1500, 1600, 1700]), false);
    expect(steps.map(({ id, state }) => [id, state])).toEqual([
      ['bucket', 'done'],
      ['settings', 'current'],
      ['access', 'waiting'],
    ]);
    expect(steps[0]).toMatchObject({ tookMs: 500 });
    expect(steps[1]).toMatchObject({ done: 2, of: 7, since: 1500, tookMs: null });
  });

  it('begins with the first one', () => {
    expect(workSteps(work({}), false)[0]).toMatchObject({ state: 'current', since: 1000 });
  });

  it('turns the step red at which it stopped', () => {
    const steps = workSteps(work({}, [1500, 1600]), true);
    expect(steps.map(({ state }) => state)).toEqual(['done', 'failed', 'waiting']);
  });

  it('claims no time for what an earlier try did', () => {
    const steps = workSteps(work({ since: 9000 }, [1500]), false);
    expect(steps[0]).toMatchObject({ state: 'done', tookMs: null });
    expect(steps[1]).toMatchObject({ state: 'current', since: 9000 });
  });

  it('ends with every step done', () => {
    const all = CREATE.map((_, at) => 2000 + at);
    expect(workSteps(work({}, all), false).map(({ state }) => state)).toEqual(['done', 'done', 'done']);
  });

  it('keeps the three steps of a removal apart', () => {
    const steps = workSteps(work({ kind: 'delete' }, [1200], ['access', 'content', 'bucket']), false);
    expect(steps.map(({ id, state }) => [id, state])).toEqual([
      ['access', 'done'],
      ['content', 'current'],
      ['bucket', 'waiting'],
    ]);
  });
});

it('workDone counts every step', () => {
  expect(workDone(work({}, [1, 2, 3]))).toEqual({ done: 3, of: 9 });
});
