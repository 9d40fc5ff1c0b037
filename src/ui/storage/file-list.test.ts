import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type FilePage, isComplete, listEntries, nameOrder } from './file-list.ts';

const entry = (key: string) => ({
  kind: key.endsWith('/') ? ('folder' as const) : ('file' as const),
  key,
  name: key.replace(/\/$/, ''),
  sizeBytes: null,
  modifiedAt: null,
  version: null,
});
const page = (keys: readonly string[], next: string | null): FilePage => ({ entries: keys.map(entry), next });
const keys = (pages: readonly FilePage[]) => listEntries(pages).map(({ key }) => key);

describe('listEntries', () => {
  it('puts folders before files when the folder came in one page', () => {
    expect(keys([page(['a.txt', 'b/', 'c.txt', 'd/'], null)])).toEqual(['b/', 'd/', 'a.txt', 'c.txt']);
  });

  it('reads names as people do', () => {
    const all = ['Zeta.txt', 'beams/', 'beams (2)/', 'run10.fits', 'run9.fits', 'README.md', 'analysis.ipynb'];
    expect(keys([page(all, null)])).toEqual([
      'beams/',
      'beams (2)/',
      'analysis.ipynb',
      'README.md',
      'run9.fits',
      'run10.fits',
      'Zeta.txt',
    ]);
  });

  it('keeps the order of the bucket when there is more, also once the last page is there', () => {
    const first = page(['b/', 'a.txt'], 'b/');
    expect(keys([first])).toEqual(['a.txt', 'b/']);
    expect(keys([first, page(['d/', 'c.txt'], null)])).toEqual(['a.txt', 'b/', 'c.txt', 'd/']);
  });

  it('never moves what is shown when a page is added', () => {
    const names = fc.uniqueArray(fc.stringMatching(/^[a-z]{1,4}\/?$/), { minLength: 4, maxLength: 40 });
    fc.assert(
      fc.property(names, (all) => {
        const sorted = [...all].sort();
        const half = Math.ceil(sorted.length / 2);
        const first = page(sorted.slice(0, half), sorted[half - 1] ?? null);
        const both = [first, page(sorted.slice(half), null)];
        expect(keys(both).slice(0, half)).toEqual(keys([first]));
        expect([...keys(both)].sort()).toEqual(sorted);
      }),
    );
  });

  it('is complete only when the first page was the last', () => {
    expect(isComplete([])).toBe(false);
    expect(isComplete([page(['a'], null)])).toBe(true);
    expect(isComplete([page(['a'], 'a'), page(['b'], null)])).toBe(false);
  });
});

it('nameOrder puts folders before files, whatever the case of the names', () => {
  const sorted = [entry('Zeta'), entry('alpha'), entry('Mu/')].map(nameOrder).sort();
  expect(sorted).toEqual(['0mu', '1alpha', '1zeta']);
});
