/**
 * Turns a key and its parameters into text. Knows no catalog: the server sends the one of the person's language with the page,
 * so that no script carries texts and another language costs nothing.
 */
import type { Args, Catalog, Entry, Value } from './catalog.ts';

/** Plain data: crosses from server to browser as it is. */
export interface Language {
  /** BCP 47 tag for Intl and the lang attribute. */
  readonly locale: string;
  readonly catalog: Catalog;
}

export type TranslateOf<Source extends Catalog> = <Key extends keyof Source & string>(
  key: Key,
  ...args: Args<Source[Key]>
) => string;

export function createTranslator<Source extends Catalog>({ locale, catalog }: Language): TranslateOf<Source> {
  const numbers = new Intl.NumberFormat(locale);
  const plurals = new Intl.PluralRules(locale);
  return (key, ...args) => {
    const params: Readonly<Record<string, Value>> = args[0] ?? {};
    const entry = catalog[key];
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
