import { describe, expect, it } from 'vitest';
import { BIN_MS, type LagSample, remember, SPAN_MS, worstOf } from './lag-history.ts';

const NOW = 1_000 * BIN_MS + 1;
const BINS = SPAN_MS / BIN_MS;

describe('what a page remembers of the lag', () => {
  it('is the worst of each bin, and gaps where nobody looked', () => {
    const samples: LagSample[] = [
      { at: NOW - 3 * BIN_MS, ageMs: 40 },
      { at: NOW - BIN_MS, ageMs: 7 },
      { at: NOW - BIN_MS + 2_000, ageMs: 900 },
      { at: NOW, ageMs: 0 },
    ];
    const bins = worstOf(samples, NOW);
    expect(bins).toHaveLength(BINS);
    expect(bins.slice(-4)).toEqual([40, null, 900, 0]);
    expect(bins.slice(0, -4).every((bin) => bin === null)).toBe(true);
  });

  it('moves on while nothing is heard', () => {
    const samples = [{ at: NOW, ageMs: 3 }];
    expect(worstOf(samples, NOW + 2 * BIN_MS).slice(-3)).toEqual([3, null, null]);
    expect(worstOf(samples, NOW + SPAN_MS)).toEqual(Array(BINS).fill(null));
  });

  it('forgets what is too old, what a clock that was put back left ahead, and repetitions', () => {
    const old = { at: NOW - SPAN_MS, ageMs: 1 };
    const recent = { at: NOW - 1, ageMs: 2 };
    const ahead = { at: NOW + 5, ageMs: 3 };
    const samples = remember([old, recent, ahead], { at: NOW, ageMs: 4 });
    expect(samples.map(({ ageMs }) => ageMs)).toEqual([2, 4]);
    expect(remember(samples, { at: NOW, ageMs: 4 })).toBe(samples);
  });
});
