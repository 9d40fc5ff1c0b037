'use client';
/**
 * The language and time zone of the person, for client components: `useT()` for texts, `useFormat()` for numbers, sizes
 * and times.
 */
import { createContext, type ReactNode, useContext, useMemo } from 'react';
import { createTranslator, type Language } from './create-translator.ts';
import {
  formatBytes,
  formatClock,
  formatCoresNumber,
  formatDay,
  formatDuration,
  formatExact,
  formatPercent,
  formatRelative,
} from './format.ts';
import type { Messages, Translate } from './translate.ts';

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
  /** Of `YYYY-MM-DD`. */
  day: (day: string) => string;
}

interface Speech {
  t: Translate;
  format: Format;
}

function speak(spoken: Language, timeZone: string | undefined): Speech {
  const t = createTranslator<Messages>(spoken);
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
      day: (day) => formatDay(day, locale),
    },
  };
}

const SpeechContext = createContext<Speech | null>(null);

interface MessagesProviderProps {
  spoken: Language;
  /** IANA zone from the person's preferences; left out = the browser's own. */
  timeZone?: string | undefined;
  children: ReactNode;
}

export function MessagesProvider({ spoken, timeZone, children }: MessagesProviderProps) {
  const speech = useMemo(() => speak(spoken, timeZone), [spoken, timeZone]);
  return <SpeechContext value={speech}>{children}</SpeechContext>;
}

function useSpeech(): Speech {
  const speech = useContext(SpeechContext);
  if (!speech) throw new Error('Texts need a MessagesProvider.');
  return speech;
}

export function useT(): Translate {
  return useSpeech().t;
}

export function useFormat(): Format {
  return useSpeech().format;
}
