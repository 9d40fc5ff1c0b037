import { describe, expect, it } from 'vitest';
import { conditionOf, isBehind, LATE_MS, logNotReady } from './database-log.ts';
import { healthyLog } from './test-database-log.ts';

const NOW = 1_000_000;
const store = (failingSince: number | null) => ({ ...healthyLog().store, failingSince });

describe('what a glance at the log should see', () => {
  it('is the worst of it', () => {
    const failing = { store: store(NOW - LATE_MS - 1), undurableAgeMs: 60_000 };
    expect(conditionOf(healthyLog({ role: 'ended', ...failing }), NOW)).toBe('ended');
    expect(conditionOf(healthyLog({ role: 'handing-over', ...failing }), NOW)).toBe('handing-over');
    expect(conditionOf(healthyLog({ role: 'released', ...failing }), NOW)).toBe('handing-over');
    expect(conditionOf(healthyLog(failing), NOW)).toBe('unreachable');
    expect(conditionOf(healthyLog({ undurableAgeMs: LATE_MS + 1 }), NOW)).toBe('late');
  });

  it('is no alarm for one failure, nor for a change that waits a moment', () => {
    expect(conditionOf(healthyLog({ store: store(NOW - LATE_MS), undurableAgeMs: LATE_MS }), NOW)).toBe('stored');
  });
});

describe('readiness', () => {
  it('fails with a log that does not lead, or takes no changes because it is behind', () => {
    expect(logNotReady(null)).toEqual([]);
    expect(logNotReady(healthyLog({ undurableAgeMs: 10_000, store: store(1) }))).toEqual([]);
    expect(logNotReady(healthyLog({ role: 'handing-over' }))).toEqual(['database log (not leading)']);
    const behind = healthyLog({ undurableAgeMs: 10_001 });
    expect([isBehind(behind), logNotReady(behind)]).toEqual([true, ['database log (changes are not stored)']]);
  });
});
