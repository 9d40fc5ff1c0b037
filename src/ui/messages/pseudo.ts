/**
 * A made-up language derived from English: every text is wrapped in ⟦ ⟧, longer by a third and accented. What appears
 * without the brackets was not taken from the catalog; what overflows will overflow in German.
 */
import type { Catalog, Entry } from './catalog.ts';
import type { Language } from './create-translator.ts';

const ACCENTS: Readonly<Record<string, string>> = {
  a: 'á',
  e: 'é',
  i: 'í',
  o: 'ó',
  u: 'ú',
  A: 'Á',
  E: 'É',
  I: 'Í',
  O: 'Ó',
  U: 'Ú',
};

export function pseudoText(text: string): string {
  const accented = text.replace(/\{\w+\}|[aeiouAEIOU]/g, (found) => ACCENTS[found] ?? found);
  return `⟦${accented}${'·'.repeat(Math.ceil(text.length / 3))}⟧`;
}

function pseudoEntry(entry: Entry): Entry {
  if (typeof entry === 'string') return pseudoText(entry);
  const { zero, one, other } = entry;
  const plain = { one: pseudoText(one), other: pseudoText(other) };
  return zero === undefined ? plain : { ...plain, zero: pseudoText(zero) };
}

export function pseudoLanguage(source: Catalog): Language {
  return {
    locale: 'en',
    catalog: Object.fromEntries(Object.entries(source).map(([key, entry]) => [key, pseudoEntry(entry)])),
  };
}
