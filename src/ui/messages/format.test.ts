import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  formatBytes,
  formatClock,
  formatCoresNumber,
  formatDay,
  formatDuration,
  formatExact,
  formatRelative,
} from './format.ts';

const KIB = 1024;

describe('formatBytes', () => {
  it.each([
    [0, '0 B'],
    [1, '1 B'],
    [999, '999 B'],
    [1000, '0.98 KiB'],
    [1536, '1.5 KiB'],
    [1023.6 * KIB, '1 MiB'],
    [10 * KIB ** 2, '10 MiB'],
    [2.345 * KIB ** 3, '2.35 GiB'],
    [120.4 * KIB ** 3, '120 GiB'],
    [5 * KIB ** 6, '5,120 PiB'],
    [-5, '0 B'],
  ])('%d → %s', (size, text) => {
    expect(formatBytes(size, 'en')).toBe(text);
  });

  it('never shows more than three digits below the last unit', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 999 * KIB ** 5 }), (size) => {
        const digits = formatBytes(size, 'en').split(' ')[0]?.replace(/\D/g, '') ?? '';
        expect(digits.replace(/^0/, '').length).toBeLessThanOrEqual(3);
      }),
    );
  });

  it('writes the number as the language does', () => {
    expect(formatBytes(1536, 'de')).toBe('1,5 KiB');
  });
});

describe('formatDuration', () => {
  it.each([
    [0, '0 ms'],
    [850, '850 ms'],
    [1000, '1 s'],
    [8_240, '8.2 s'],
    [9_960, '10 s'],
    [59_499, '59 s'],
    [59_600, '1 min'],
    [95_000, '1 min 35 s'],
    [3_599_600, '1 h'],
    [7_500_000, '2 h 5 min'],
    [86_399_000, '1 d'],
    [90_000_000, '1 d 1 h'],
  ])('%d ms → %s', (ms, text) => {
    expect(formatDuration(ms, 'en')).toBe(text);
  });

  it('never shows 60 of a smaller unit, nor 24 hours', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 40 * 86_400_000 }), (ms) => {
        expect(formatDuration(ms, 'en')).not.toMatch(/\b(60 (s|min)|24 h|1,?000 ms)\b/);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('times', () => {
  const now = Date.UTC(2026, 10, 24, 10, 0, 0);

  it.each([
    [now - 3_000, 'now'],
    [now - 59_000, '59 seconds ago'],
    [now - 61_000, '1 minute ago'],
    [now - 3 * 3_600_000, '3 hours ago'],
    [now - 26 * 3_600_000, 'yesterday'],
    [now + 2 * 3_600_000, 'in 2 hours'],
    [now - 400 * 86_400_000, 'last year'],
  ])('relative %d → %s', (at, text) => {
    expect(formatRelative(at, now, { locale: 'en' })).toBe(text);
  });

  it('writes the exact time with its zone', () => {
    const text = formatExact(now, { locale: 'en-GB', timeZone: 'Europe/Berlin' });
    expect(text).toMatch(/24 Nov 2026,? (at )?11:00:00/);
    expect(text).toMatch(/(CET|GMT\+1)$/);
    expect(formatClock(now, { locale: 'en', timeZone: 'UTC' })).toBe('10:00:00');
  });

  it('writes cores without needless digits', () => {
    expect([500, 1000, 2250].map((cpu) => formatCoresNumber(cpu, 'en'))).toEqual(['0.5', '1', '2.25']);
  });
});

describe('formatDay', () => {
  it('is the day that was named, in every zone', () => {
    expect(formatDay('2026-11-24', 'en-GB')).toBe('24 Nov 2026');
    expect(formatDay('2026-01-01', 'de')).toBe('1. Jan. 2026');
  });
});
