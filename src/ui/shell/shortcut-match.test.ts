import { describe, expect, it } from 'vitest';
import { matchShortcut, type Pending, SEQUENCE_MS } from './shortcut-match.ts';

const SHORTCUTS = ['g e', 'g s', 'l', '/', '?', 'e'];

function type(keys: string[], gapMs = 100): (string | null)[] {
  let pending: Pending | null = null;
  return keys.map((key, index) => {
    const match = matchShortcut(SHORTCUTS, pending, { key, at: index * gapMs });
    pending = match.pending;
    return match.run;
  });
}

describe('matchShortcut', () => {
  it('runs single keys and sequences, whatever the case', () => {
    expect(type(['l', '/', '?'])).toEqual(['l', '/', '?']);
    expect(type(['g', 'e'])).toEqual([null, 'g e']);
    expect(type(['G', 'S'])).toEqual([null, 'g s']);
  });

  it('forgets the first key when the second comes late', () => {
    expect(type(['g', 'e'], SEQUENCE_MS + 1)).toEqual([null, 'e']);
  });

  it('takes a key that ends no sequence for itself', () => {
    expect(type(['g', 'l'])).toEqual([null, 'l']);
    expect(type(['g', 'x', 'e'])).toEqual([null, null, 'e']);
    expect(type(['g', 'g', 'e'])).toEqual([null, null, 'g e']);
  });
});
