import { expect, it } from 'vitest';
import { pastedFiles } from './dropped-files.ts';

const NOW = new Date(2026, 10, 24, 8, 5, 9).getTime();
const pasted = (name: string, lastModified = NOW) => ({ path: name, file: new File(['x'], name, { lastModified }) });
const named = (...files: ReturnType<typeof pasted>[]) =>
  pastedFiles(files, (time) => `Pasted ${time}`, NOW).map(({ path }) => path);

it('gives a picture from the clipboard a name of its own', () => {
  expect(named(pasted('image.png'))).toEqual(['Pasted 2026-11-24-08-05-09.png']);
});

it('leaves files that have a name as they are', () => {
  expect(named(pasted('plot.png'))).toEqual(['plot.png']);
  expect(named(pasted('image.png', NOW - 60_000))).toEqual(['image.png']);
  expect(named(pasted('image.png'), pasted('b.csv'))).toEqual(['image.png', 'b.csv']);
});
