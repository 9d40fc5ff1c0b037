import { describe, expect, it } from 'vitest';
import { typedRow } from './type-ahead.ts';

const names = ['maps', 'beam.fits', 'Bandpass.csv', 'notes.txt', 'bb'];
const at = (text: string, from: number) => typedRow(names, { text, from });

describe('letters typed on a row', () => {
  it('go to the next name that begins so, around the end', () => {
    expect(at('n', 0)).toBe(3);
    expect(at('b', 0)).toBe(1);
    expect(at('b', 1)).toBe(2);
    expect(at('m', 3)).toBe(0);
  });

  it('narrow down while more are typed, staying where they already fit', () => {
    expect(at('be', 1)).toBe(1);
    expect(at('ba', 1)).toBe(2);
  });

  it('walk on when one letter is repeated, unless a name begins with all of them', () => {
    expect(at('nn', 3)).toBe(3);
    expect(at('bb', 1)).toBe(2);
    expect(at('bb', 4)).toBe(4);
  });

  it('mean nothing when no name begins so, or there is none', () => {
    expect(at('x', 2)).toBe(-1);
    expect(typedRow([], { text: 'a', from: 0 })).toBe(-1);
  });
});
