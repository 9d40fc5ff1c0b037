'use client';
/**
 * The language and time zone of the person, for client components: `useT()` for texts, `useFormat()` for numbers, sizes
 * and times. Without a provider it is English in the browser's zone, so that error pages and tests need none.
 */
import { createContext, type ReactNode, useContext, useMemo } from 'react';
import {
  formatBytes,
  formatClock,
  formatCoresNumber,
  formatDuration,
  formatExact,
  formatPercent,
  formatRelative,
} from './format.ts';
import { createTranslator, DEFAULT_LOCALE, type Language, language, type Translate } from './translate.ts';

export interface Format {
  bytes: (sizeBytes: number) => string;
  cores: (cpuMillicores: number) => string;
  memory: (memoryMiB: number) => string;
  number: (value: number) => string;
  percent: (fraction: number) => string;
  duration: (durationMs: number) => string;
  relative: (atMs: number, nowMs: number, short?: boolean) => string;
  exact: (atMs: number) => string;
  clock: (atMs: number) => string;
}

interface Speech {
  t: Translate;
  format: Format;
}

function speak(spoken: Language, timeZone: string | undefined): Speech {
  const t = createTranslator(spoken);
  const { locale } = spoken;
  const zoned = { locale, timeZone };
  const numbers = new Intl.NumberFormat(locale);
  return {
    t,
    format: {
      bytes: (sizeBytes) => formatBytes(sizeBytes, locale),
      // The word depends on the count; "0.5 cores", "1 core".
      cores: (cpuMillicores) =>
        t('unit.cores', { count: cpuMillicores / 1000, cores: formatCoresNumber(cpuMillicores, locale) }),
      memory: (memoryMiB) => formatBytes(memoryMiB * 1024 * 1024, locale),
      number: (value) => numbers.format(value),
      percent: (fraction) => formatPercent(fraction, locale),
      duration: (durationMs) => formatDuration(durationMs, locale),
      relative: (atMs, nowMs, short = false) => formatRelative(atMs, nowMs, { locale, short }),
      exact: (atMs) => formatExact(atMs, zoned),
      clock: (atMs) => formatClock(atMs, zoned),
    },
  };
}

const SpeechContext = createContext<Speech>(speak(language(DEFAULT_LOCALE), undefined));

interface MessagesProviderProps {
  locale?: string;
  /** IANA zone from the person's preferences; left out = the browser's own. */
  timeZone?: string | undefined;
  /** Instead of `locale`: a language that is not shipped (tests with the pseudo language). */
  spoken?: Language;
  children: ReactNode;
}

export function MessagesProvider({ locale = DEFAULT_LOCALE, timeZone, spoken, children }: MessagesProviderProps) {
  const speech = useMemo(() => speak(spoken ?? language(locale), timeZone), [locale, timeZone, spoken]);
  return <SpeechContext value={speech}>{children}</SpeechContext>;
}

export function useT(): Translate {
  return useContext(SpeechContext).t;
}

export function useFormat(): Format {
  return useContext(SpeechContext).format;
}
