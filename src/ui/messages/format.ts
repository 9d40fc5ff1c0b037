/**
 * Numbers, sizes and times as people read them. Pure: locale, zone and clock are arguments. Sizes are binary (KiB, MiB,
 * GiB), CPU is cores, times are relative with the exact zoned time beside.
 */
export interface FormatOptions {
  locale: string;
  /** IANA zone; undefined = the browser's own. */
  timeZone?: string | undefined;
}

const BYTE_UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'] as const;

/** `1536 → "1.5 KiB"`; three significant digits, whole bytes. */
export function formatBytes(sizeBytes: number, locale: string): string {
  let value = Math.max(0, sizeBytes);
  let unit = 0;
  // 1023.5 KiB would print as "1,024 KiB": step up before rounding does it.
  while (value >= 999.5 && unit < BYTE_UNITS.length - 1) {
    value /= 1024;
    unit++;
  }
  const digits = unit === 0 || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
  const text = new Intl.NumberFormat(locale, { maximumFractionDigits: digits }).format(value);
  return `${text} ${BYTE_UNITS[unit]}`;
}

/** Cores as a bare number: `500 → "0.5"`, `2000 → "2"`. */
export function formatCoresNumber(cpuMillicores: number, locale: string): string {
  return new Intl.NumberFormat(locale, { maximumFractionDigits: 2 }).format(cpuMillicores / 1000);
}

/** `0.42 → "42%"` */
export function formatPercent(fraction: number, locale: string): string {
  return new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 0 }).format(fraction);
}

const RELATIVE_STEPS: readonly (readonly [unit: Intl.RelativeTimeFormatUnit, ms: number, upTo: number])[] = [
  ['second', 1000, 60_000],
  ['minute', 60_000, 3_600_000],
  ['hour', 3_600_000, 86_400_000],
  ['day', 86_400_000, 30 * 86_400_000],
  ['month', 30 * 86_400_000, 365 * 86_400_000],
  ['year', 365 * 86_400_000, Number.POSITIVE_INFINITY],
];

/** `"3 minutes ago"`, `"in 2 hours"`; under ten seconds `"now"`. Short writes `"3 min. ago"`. */
export function formatRelative(
  atMs: number,
  nowMs: number,
  { locale, short = false }: { locale: string; short?: boolean },
): string {
  const delta = atMs - nowMs;
  const size = Math.abs(delta);
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: 'auto', style: short ? 'short' : 'long' });
  if (size < 10_000) return relative.format(0, 'second');
  const [unit, ms] = RELATIVE_STEPS.find(([, , upTo]) => size < upTo) ??
    RELATIVE_STEPS[RELATIVE_STEPS.length - 1] ?? ['second', 1000];
  return relative.format(Math.trunc(delta / ms), unit);
}

/** `"24 Nov 2026, 10:15:02 CET"` in the order of the language. */
export function formatExact(atMs: number, { locale, timeZone }: FormatOptions): string {
  return new Intl.DateTimeFormat(locale, {
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    timeZoneName: 'short',
    timeZone,
  }).format(atMs);
}

/** `"10:15:02"` */
export function formatClock(atMs: number, { locale, timeZone }: FormatOptions): string {
  return new Intl.DateTimeFormat(locale, {
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
    timeZone,
  }).format(atMs);
}

/** A day of the calendar, `"2026-11-24" → "24 Nov 2026"`, the same in every zone. */
export function formatDay(day: string, locale: string): string {
  return new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short', year: 'numeric', timeZone: 'UTC' }).format(
    Date.parse(`${day}T00:00:00Z`),
  );
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** `850 → "850 ms"`, `8_200 → "8.2 s"`, `95_000 → "1 min 35 s"`, `7_500_000 → "2 h 5 min"`, `90_000_000 → "1 d 1 h"`. Symbols of the SI. */
export function formatDuration(durationMs: number, locale: string): string {
  const ms = Math.max(0, Math.round(durationMs));
  const number = (value: number, digits = 0) =>
    new Intl.NumberFormat(locale, { maximumFractionDigits: digits }).format(value);
  if (ms < SECOND) return `${number(ms)} ms`;
  if (ms < 59_500) return `${number(ms / SECOND, ms < 9_950 ? 1 : 0)} s`;
  const pair = (total: number, size: number, units: readonly [big: string, small: string]) => {
    const rest = total % size;
    const big = `${number(Math.floor(total / size))} ${units[0]}`;
    return rest === 0 ? big : `${big} ${number(rest)} ${units[1]}`;
  };
  // Round to the smaller unit first, so that it never shows as 60.
  if (ms < HOUR - SECOND / 2) return pair(Math.round(ms / SECOND), 60, ['min', 's']);
  if (ms < DAY - MINUTE / 2) return pair(Math.round(ms / MINUTE), 60, ['h', 'min']);
  return pair(Math.round(ms / HOUR), 24, ['d', 'h']);
}
