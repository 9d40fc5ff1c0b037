/**
 * Turns a key and its parameters into text of one language. Pure: client components get their translator from
 * `useT()` (messages-provider.tsx), server components from `translator(locale)`.
 */
import type { Args, Catalog, Entry, Value } from './catalog.ts';
import { en } from './en.ts';

export type Messages = typeof en;
export type MessageKey = keyof Messages;
export type Translate = <Key extends MessageKey>(key: Key, ...args: Args<Messages[Key]>) => string;

export interface Language {
  /** BCP 47 tag for Intl and the lang attribute. */
  readonly locale: string;
  readonly catalog: Catalog;
}

const LANGUAGES: Readonly<Record<string, Catalog>> = { en };
export const DEFAULT_LOCALE = 'en';

/** The language asked for, or English: unknown tags never fail a page. */
export function language(locale: string): Language {
  const base = locale.split('-')[0] ?? DEFAULT_LOCALE;
  const catalog = LANGUAGES[locale] ?? LANGUAGES[base];
  return catalog ? { locale, catalog } : { locale: DEFAULT_LOCALE, catalog: en };
}

/** Translator for server components. */
export function translator(locale: string = DEFAULT_LOCALE): Translate {
  return createTranslator(language(locale));
}

/** A missing key of an incomplete language falls back to English, so that no page ever shows a bare key. */
export function createTranslator({ locale, catalog }: Language): Translate {
  const numbers = new Intl.NumberFormat(locale);
  const plurals = new Intl.PluralRules(locale);
  const english: Catalog = en;
  return (key, ...args) => {
    const params: Readonly<Record<string, Value>> = args[0] ?? {};
    const entry = catalog[key] ?? english[key];
    return entry === undefined ? key : fill(choose(entry, params, plurals), params, numbers);
  };
}

function choose(entry: Entry, params: Readonly<Record<string, Value>>, plurals: Intl.PluralRules): string {
  if (typeof entry === 'string') return entry;
  const count = Number(params.count ?? 0);
  if (count === 0 && entry.zero !== undefined) return entry.zero;
  return entry[plurals.select(count)] ?? entry.other;
}

function fill(text: string, params: Readonly<Record<string, Value>>, numbers: Intl.NumberFormat): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = params[name];
    if (value === undefined) return whole;
    return typeof value === 'number' ? numbers.format(value) : value;
  });
}
