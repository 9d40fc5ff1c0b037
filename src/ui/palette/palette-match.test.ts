import { describe, expect, it } from 'vitest';
import { paletteScore } from './palette-match.ts';

describe('paletteScore', () => {
  it('prefers the beginning of the title, then of a word, then the inside, then keywords', () => {
    const scores = ['Limits', 'Sizes and limits', 'Unlimited'].map((title) => paletteScore('limit', title, []));
    scores.push(paletteScore('limit', 'Quota', ['limits']));
    expect(scores).toEqual([...scores].sort((a, b) => b - a));
    expect(new Set(scores).size).toBe(4);
    expect(scores.at(-1)).toBeGreaterThan(0);
  });

  it('needs every word, in any order', () => {
    expect(paletteScore('start stop', 'Stop and start again', [])).toBeGreaterThan(0);
    expect(paletteScore('stop banana', 'Stop and start again', [])).toBe(0);
  });

  it('does not find letters scattered over an entry', () => {
    expect(paletteScore('limits', 'Launch an environment', ['Actions'])).toBe(0);
  });

  it('ignores case, accents and punctuation, and shows all for an empty query', () => {
    expect(paletteScore('MULLER', 'Müller-maps', [])).toBe(1);
    expect(paletteScore('  ', 'Anything', [])).toBe(1);
  });
});
