/**
 * The languages, for server components (`translator()`) and for the root layout, which hands one of them to the browser.
 * Client components must not import it for more than its types: it holds every catalog. They use `useT()`.
 */
import type { Catalog } from './catalog.ts';
import { createTranslator, type Language, type TranslateOf } from './create-translator.ts';
import { en } from './en.ts';

export type Messages = typeof en;
export type MessageKey = keyof Messages;
export type Translate = TranslateOf<Messages>;

export const DEFAULT_LOCALE = 'en';
const LANGUAGES: Readonly<Record<string, Catalog>> = { [DEFAULT_LOCALE]: en };

/** The language asked for, or English: unknown tags never fail a page. Texts that a language lacks are English. */
export function language(locale: string, languages: Readonly<Record<string, Catalog>> = LANGUAGES): Language {
  const catalog = languages[locale] ?? languages[locale.split('-')[0] ?? ''];
  if (!catalog) return { locale: DEFAULT_LOCALE, catalog: en };
  return { locale, catalog: catalog === en ? en : { ...en, ...catalog } };
}

/** Translator for server components. */
export function translator(locale: string = DEFAULT_LOCALE): Translate {
  return createTranslator<Messages>(language(locale));
}
