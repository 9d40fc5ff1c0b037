import { describe, expect, it } from 'vitest';
import { launchSteps } from './launch-steps.ts';

describe('launchSteps', () => {
  it('shows what is done with its time, the current step and the rest', () => {
    const view = launchSteps(
      [
        { step: 'accepted', at: 1000 },
        { step: 'storage', at: 1040 },
      ],
      null,
    );
    expect(view).toEqual([
      { step: 'accepted', state: 'done', tookMs: null, since: null },
      { step: 'storage', state: 'done', tookMs: 40, since: null },
      { step: 'started', state: 'current', tookMs: null, since: 1040 },
      { step: 'ready', state: 'waiting', tookMs: null, since: null },
    ]);
  });

  it('adds the steps that only some providers report', () => {
    const steps = launchSteps(
      [
        { step: 'accepted', at: 1 },
        { step: 'storage', at: 2 },
        { step: 'image', at: 9 },
      ],
      null,
    );
    expect(steps.map(({ step }) => step)).toEqual(['accepted', 'storage', 'image', 'started', 'ready']);
  });

  it('turns the failed step red and keeps the rest waiting', () => {
    const view = launchSteps([{ step: 'accepted', at: 1 }], { step: 'started' });
    expect(view.map(({ state }) => state)).toEqual(['done', 'waiting', 'failed', 'waiting']);
  });

  it('marks a failure after readiness at the last step', () => {
    const all = (['accepted', 'storage', 'started', 'ready'] as const).map((step, at) => ({ step, at }));
    expect(launchSteps(all, { step: 'ready' }).map(({ state }) => state)).toEqual(['done', 'done', 'done', 'failed']);
  });

  it('has nothing current when all is done', () => {
    const all = (['accepted', 'storage', 'started', 'ready'] as const).map((step, at) => ({ step, at }));
    expect(launchSteps(all, null).every(({ state }) => state === 'done')).toBe(true);
  });
});
