/** Where the points of a storage's trend lie, and what it says in a sentence. Pure. */
import type { Outputs } from '../trpc-client.tsx';

export type Usage = Outputs['storages']['usage'];
export type UsageMeasure = 'size' | 'files';

export interface TrendPoint {
  /** `YYYY-MM-DD`, UTC. */
  day: string;
  value: number;
  /** 0 = the first day of the chart, 1 = today. */
  x: number;
  /** 0 = the bottom, 1 = the top of the scale. */
  y: number;
}

export interface Trend {
  points: TrendPoint[];
  /** Top of the scale. */
  top: number;
  /** Neighbouring days, drawn through. */
  runs: TrendPoint[][];
  /** From the last point of a run to the first of the next: nothing was measured between. */
  gaps: [TrendPoint, TrendPoint][];
}

/** How far back the trend reaches. */
export const TREND_DAYS = 90;

const DAY_MS = 24 * 3_600_000;

/** @param today `YYYY-MM-DD`, the right edge; `days` of them end with it */
export function usageTrend(
  samples: Usage['samples'],
  { measure, today, days }: { measure: UsageMeasure; today: string; days: number },
): Trend {
  const end = dayNumber(today);
  const known = samples
    .map(({ day, sizeBytes, objects }) => ({
      day,
      at: dayNumber(day),
      value: measure === 'size' ? sizeBytes : objects,
    }))
    .filter(({ at }) => at <= end && at > end - days);
  const largest = Math.max(0, ...known.map(({ value }) => value));
  const top = measure === 'size' ? roundBytes(largest) : roundCount(largest);
  const runs: TrendPoint[][] = [];
  const gaps: Trend['gaps'] = [];
  let before: { at: number; point: TrendPoint } | null = null;
  for (const { day, at, value } of known) {
    const point = { day, value, x: days > 1 ? 1 - (end - at) / (days - 1) : 1, y: value / top };
    const run = runs.at(-1);
    if (before && run && at - before.at <= 1) run.push(point);
    else {
      runs.push([point]);
      if (before) gaps.push([before.point, point]);
    }
    before = { at, point };
  }
  return { points: runs.flat(), top, runs, gaps };
}

/** One value a day, oldest first; days without a measurement between two hold what was there before them. */
export function dailyValues(
  samples: Usage['samples'],
  { today, days }: { today: string; days: number },
): (number | null)[] {
  const first = dayNumber(today) - days + 1;
  const values = new Array<number | null>(days).fill(null);
  for (const { day, sizeBytes } of samples) {
    const at = dayNumber(day) - first;
    if (at >= 0 && at < days) values[at] = sizeBytes;
  }
  const last = values.findLastIndex((value) => value !== null);
  return values.map((value, at) =>
    value === null && at < last ? (values.slice(0, at).findLast((before) => before !== null) ?? null) : value,
  );
}

function dayNumber(day: string): number {
  return Math.round(Date.parse(`${day}T00:00:00Z`) / DAY_MS);
}

/** `12 → "2026-11-12"` when today is the 24th. */
export function dayBefore(today: string, days: number): string {
  return new Date((dayNumber(today) - days) * DAY_MS).toISOString().slice(0, 10);
}

/** The next 1, 1.5, 2, 3, 4, 6, 8 … (powers of two, and those times one and a half) from 1 KiB on: its half is round too. */
function roundBytes(largest: number): number {
  let top = 1024;
  while (top < largest) {
    if (top * 1.5 >= largest) return top * 1.5;
    top *= 2;
  }
  return top;
}

/** The next even 2, 4, 6, 8 or 10 times a power of ten: its half is a whole number. */
function roundCount(largest: number): number {
  for (let power = 1; ; power *= 10) {
    const found = [2, 4, 6, 8, 10].find((step) => step * power >= largest);
    if (found !== undefined) return found * power;
  }
}

/** The point nearest to that place of the chart; null without points. */
export function nearestPoint(points: readonly TrendPoint[], x: number): TrendPoint | null {
  let best: TrendPoint | null = null;
  for (const point of points) if (!best || Math.abs(point.x - x) < Math.abs(best.x - x)) best = point;
  return best;
}

export type TrendWord = 'none' | 'one' | 'same' | 'grew' | 'shrank';

export function trendWord(points: readonly TrendPoint[]): TrendWord {
  const [first] = points;
  const last = points.at(-1);
  if (!first || !last) return 'none';
  if (points.length === 1) return 'one';
  if (first.value === last.value) return 'same';
  return last.value > first.value ? 'grew' : 'shrank';
}

/** Share of a folder in all that was measured, 0..1; never more than the whole, though the two were counted apart. */
export function shareOf(sizeBytes: number, total: number | null): number {
  return total === null || total <= 0 ? 0 : Math.min(1, sizeBytes / total);
}
