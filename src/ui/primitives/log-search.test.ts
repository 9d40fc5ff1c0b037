import { describe, expect, it } from 'vitest';
import { findHits, matchingLines } from './log-search.ts';

describe('log search', () => {
  it('finds text without regard to case and to colours', () => {
    expect(findHits('\u001b[31mErr\u001b[0mor: no error', 'error')).toEqual([
      [0, 5],
      [10, 15],
    ]);
  });

  it('lists matching lines, none for an empty query', () => {
    const lines = [{ text: 'a' }, { text: 'b' }, { text: 'A' }];
    expect(matchingLines(lines, 'a')).toEqual([0, 2]);
    expect(matchingLines(lines, '')).toEqual([]);
  });
});
