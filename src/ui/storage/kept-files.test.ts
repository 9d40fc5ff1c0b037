import { describe, expect, it } from 'vitest';
import { folderOfKey, inPieces, keepsDays, keptUntil, readDays } from './kept-files.ts';

const setting = (name: string, state: 'on' | 'off' | 'lacking') => ({ setting: name, state, reason: null });

describe('how long things are kept', () => {
  it('names the days only where the store removes by itself', () => {
    expect(keepsDays({ keepVersionsDays: 30, settings: [setting('expiry', 'on')] })).toBe(30);
    expect(keepsDays({ keepVersionsDays: 30, settings: [setting('expiry', 'lacking')] })).toBeNull();
    expect(keepsDays({ keepVersionsDays: 30, settings: [setting('versions', 'on')] })).toBeNull();
    expect(keepsDays(undefined)).toBeNull();
  });

  it('counts from the moment a file went', () => {
    expect(keptUntil(1000, 2)).toBe(1000 + 2 * 86_400_000);
    expect(keptUntil(1000, null)).toBeNull();
  });
});

describe('readDays', () => {
  it('takes what the server takes', () => {
    expect(['1', ' 30 ', '365'].map(readDays)).toEqual([1, 30, 365]);
    expect(['', '0', '366', '-1', '1.5', '1e2', 'ten', '0x1f'].map(readDays)).toEqual(Array(8).fill(null));
  });
});

describe('folderOfKey', () => {
  it('ends in a slash, or is the top', () => {
    expect(folderOfKey('a/b/c.txt')).toBe('a/b/');
    expect(folderOfKey('c.txt')).toBe('');
  });
});

describe('inPieces', () => {
  it('leaves nothing out', () => {
    expect(inPieces([1, 2, 3, 4, 5], 2)).toEqual([[1, 2], [3, 4], [5]]);
    expect(inPieces([], 2)).toEqual([]);
  });
});
