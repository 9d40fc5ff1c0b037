import { describe, expect, it } from 'vitest';
import { type Desired, PHASES, type Phase } from '../../domain/environment.ts';
import {
  canCancel,
  canOpen,
  canStart,
  canStop,
  isLaunching,
  latest,
  phasesOf,
  readStatusFilters,
  statusOf,
} from './environment-state.ts';

const ALL = PHASES.flatMap((phase) =>
  (['running', 'stopped', 'deleted'] as Desired[]).map((desired) => ({ phase, desired })),
);

describe('what an environment offers', () => {
  it('never offers to start and to end it at the same time', () => {
    for (const moment of ALL) {
      const offers = [canStart(moment), canStop(moment), canCancel(moment)].filter(Boolean);
      expect(offers.length, `${moment.phase}/${moment.desired}`).toBeLessThanOrEqual(1);
    }
  });

  it('opens only what runs and shall run', () => {
    expect(ALL.filter(canOpen)).toEqual([{ phase: 'running', desired: 'running' }]);
  });

  it('offers nothing for what is being deleted', () => {
    for (const moment of ALL.filter(({ desired }) => desired === 'deleted')) {
      expect(canStart(moment) || canStop(moment) || canCancel(moment) || canOpen(moment)).toBe(false);
      expect(statusOf(moment).word).toBe('environments.phase.deleting');
    }
  });

  it('tells a restart from a stop', () => {
    expect(statusOf({ phase: 'stopping', desired: 'running' }).word).toBe('environments.phase.restarting');
    expect(isLaunching({ phase: 'stopping', desired: 'running' })).toBe(true);
    expect(isLaunching({ phase: 'stopping', desired: 'stopped' })).toBe(false);
  });
});

describe('status filters', () => {
  it('reads known words only, in the order of the chips', () => {
    expect(readStatusFilters('failed,nonsense,running')).toEqual(['running', 'failed']);
    expect(readStatusFilters(null)).toEqual([]);
  });

  it('covers every phase exactly once', () => {
    const all = phasesOf(['running', 'starting', 'stopped', 'failed']);
    expect([...(all ?? [])].sort()).toEqual([...PHASES].sort());
    expect(phasesOf([])).toBeUndefined();
  });
});

describe('latest', () => {
  const known = { generation: 2, phaseAt: 100, phase: 'running' as Phase, name: 'Lab' };
  it('drops an answer that was overtaken', () => {
    expect(latest(known, { generation: 2, phaseAt: 90, phase: 'stopping' })).toBe(known);
    expect(latest(known, { generation: 1, phaseAt: 200, phase: 'stopped' })).toBe(known);
  });
  it('takes what is newer, and what the person did just now', () => {
    expect(latest(known, { generation: 2, phaseAt: 100, phase: 'stopping' }).phase).toBe('stopping');
    expect(latest(known, { generation: 3, phaseAt: 50, phase: 'pending' }).phase).toBe('pending');
    expect(latest(known, { name: 'New' })).toEqual({ ...known, name: 'New' });
  });
});
