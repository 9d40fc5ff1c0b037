import { describe, expect, it } from 'vitest';
import { dailyValues, dayBefore, nearestPoint, shareOf, trendWord, usageTrend } from './usage-trend.ts';

const sample = (day: string, sizeBytes: number, objects = 1) => ({ day, sizeBytes, objects });
const of = { measure: 'size', today: '2026-11-24', days: 11 } as const;
const KIB = 1024;

describe('usageTrend', () => {
  it('puts today at the right edge and the first day at the left', () => {
    const { points } = usageTrend([sample('2026-11-14', 10), sample('2026-11-19', 20), sample('2026-11-24', 30)], of);
    expect(points.map(({ x }) => x)).toEqual([0, 0.5, 1]);
  });

  it('leaves out what is older than the chart', () => {
    expect(usageTrend([sample('2026-11-13', 10), sample('2026-11-24', 30)], of).points).toHaveLength(1);
  });

  it('draws through neighbouring days only, across a change of month too', () => {
    const days = ['2026-11-29', '2026-11-30', '2026-12-01', '2026-12-04'].map((day) => sample(day, 5));
    const { runs, gaps } = usageTrend(days, { ...of, today: '2026-12-04' });
    expect(runs.map((run) => run.map(({ day }) => day))).toEqual([
      ['2026-11-29', '2026-11-30', '2026-12-01'],
      ['2026-12-04'],
    ]);
    expect(gaps.map(([from, to]) => [from.day, to.day])).toEqual([['2026-12-01', '2026-12-04']]);
  });

  it('ends the scale at a round number above the largest value', () => {
    const top = (sizeBytes: number) => usageTrend([sample('2026-11-24', sizeBytes)], of).top;
    expect([0, 1000, 1100, 2000, 700 * KIB, 1024 * KIB].map(top)).toEqual([
      KIB,
      KIB,
      1.5 * KIB,
      2 * KIB,
      768 * KIB,
      1024 * KIB,
    ]);
    const count = (objects: number) => usageTrend([sample('2026-11-24', 1, objects)], { ...of, measure: 'files' }).top;
    expect([0, 1, 3, 10, 11, 67, 1001].map(count)).toEqual([2, 2, 4, 10, 20, 80, 2000]);
  });

  it('measures height against that scale', () => {
    expect(usageTrend([sample('2026-11-24', 512 * KIB)], of).points[0]?.y).toBe(1);
    expect(usageTrend([sample('2026-11-24', 384 * KIB), sample('2026-11-24', 768 * KIB)], of).points[0]?.y).toBe(0.5);
  });
});

describe('what a trend says', () => {
  const word = (...sizes: number[]) =>
    trendWord(
      usageTrend(
        sizes.map((size, at) => sample(dayBefore('2026-11-24', sizes.length - 1 - at), size)),
        of,
      ).points,
    );

  it('compares the first with the last', () => {
    expect([word(), word(5), word(5, 9, 5), word(5, 6), word(6, 5)]).toEqual(['none', 'one', 'same', 'grew', 'shrank']);
  });
});

describe('nearestPoint', () => {
  it('finds the measured day next to the pointer', () => {
    const { points } = usageTrend([sample('2026-11-14', 10), sample('2026-11-24', 30)], of);
    expect(nearestPoint(points, 0.4)?.day).toBe('2026-11-14');
    expect(nearestPoint(points, 0.6)?.day).toBe('2026-11-24');
    expect(nearestPoint([], 0.6)).toBeNull();
  });
});

it('shareOf never exceeds the whole', () => {
  expect([shareOf(5, 10), shareOf(12, 10), shareOf(5, 0), shareOf(5, null)]).toEqual([0.5, 1, 0, 0]);
});

it('dayBefore crosses months', () => {
  expect(dayBefore('2026-03-01', 1)).toBe('2026-02-28');
});

describe('dailyValues', () => {
  it('fills days between two measurements, not those before the first or after the last', () => {
    const samples = [sample('2026-11-20', 5), sample('2026-11-22', 7)];
    expect(dailyValues(samples, { today: '2026-11-24', days: 6 })).toEqual([null, 5, 5, 7, null, null]);
  });
});
