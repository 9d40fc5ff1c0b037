import { describe, expect, it } from 'vitest';
import type { Catalog, Entry } from './catalog.ts';
import { createTranslator } from './create-translator.ts';
import { en } from './en.ts';
import { pseudoLanguage } from './pseudo.ts';
import { language, type Messages, translator } from './translate.ts';

const t = translator();

describe('translate', () => {
  it('fills parameters and writes numbers in the language', () => {
    expect(t('table.selectRow', { name: 'run-1' })).toBe('Select run-1');
    expect(t('log.position', { current: 1, total: 12_345 })).toBe('1 of 12,345');
  });

  it('chooses the plural form by count, with a form of its own for nothing', () => {
    expect(t('log.matches', { count: 0 })).toBe('No matches');
    expect(t('log.matches', { count: 1 })).toBe('1 match');
    expect(t('log.matches', { count: 2000 })).toBe('2,000 matches');
  });

  it('does not expand placeholders that come with a value', () => {
    expect(t('table.selectRow', { name: '{name}' })).toBe('Select {name}');
  });

  it('falls back to English for what a language lacks and for unknown languages', () => {
    const partial = createTranslator<Messages>(language('de-AT', { de: { 'action.cancel': 'Abbrechen' } }));
    expect(partial('action.cancel')).toBe('Abbrechen');
    expect(partial('action.close')).toBe('Close');
    expect(language('xx-YY').locale).toBe('en');
    expect(language('en-GB').locale).toBe('en-GB');
  });
});

const names = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map((found) => found[1]).sort();
const texts = (entry: Entry) => (typeof entry === 'string' ? [entry] : Object.values(entry));

describe('the English catalog', () => {
  const entries: [string, Entry][] = Object.entries<Entry>(en);

  it.each(entries)('%s is written out, trimmed and without stray braces', (_key, entry) => {
    for (const text of texts(entry)) {
      expect(text.trim()).toBe(text);
      expect(text).not.toBe('');
      expect(text.replace(/\{\w+\}/g, '')).not.toMatch(/[{}]/);
    }
  });

  it('has a pseudo language with the same keys and parameters, every text marked', () => {
    const pseudo: Catalog = pseudoLanguage(en).catalog;
    expect(Object.keys(pseudo)).toEqual(Object.keys(en));
    for (const [key, entry] of entries) {
      const other = pseudo[key];
      if (other === undefined) throw new Error(`${key} is missing`);
      expect(texts(other).flatMap(names).sort()).toEqual(texts(entry).flatMap(names).sort());
      for (const text of texts(other)) expect(text).toMatch(/^⟦.*⟧$/);
    }
  });
});
