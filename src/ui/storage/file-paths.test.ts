import { describe, expect, it } from 'vitest';
import { extensionOf, fileKind, looksLikeText, previewOf } from './file-kinds.ts';
import { copiesIn, folderAbove, folderTrail, isInsideItself, nameFault, readFolder, renamedKey } from './file-paths.ts';

describe('folders in the address', () => {
  it.each([
    [null, ''],
    ['', ''],
    ['/', ''],
    ['a', 'a/'],
    ['//a//b', 'a/b/'],
    ['a/b/', 'a/b/'],
  ])('reads %j as %j', (path, folder) => expect(readFolder(path)).toBe(folder));

  it('walks up and lists the way', () => {
    expect(folderAbove('a/b/')).toBe('a/');
    expect(folderAbove('a/')).toBe('');
    expect(folderTrail('a/b/')).toEqual([
      { name: 'a', folder: 'a/' },
      { name: 'b', folder: 'a/b/' },
    ]);
    expect(folderTrail('')).toEqual([]);
  });
});

describe('renamedKey', () => {
  const file = { kind: 'file', key: 'runs/a.csv', name: 'a.csv' } as const;
  const folder = { kind: 'folder', key: 'runs/one/', name: 'one' } as const;

  it('renames and moves, and keeps the slash of folders', () => {
    expect(renamedKey(file, { name: 'b.csv' })).toBe('runs/b.csv');
    expect(renamedKey(file, { folder: '' })).toBe('a.csv');
    expect(renamedKey(folder, { name: 'two' })).toBe('runs/two/');
    expect(renamedKey(folder, { folder: 'old/' })).toBe('old/one/');
  });

  it('knows when a folder would end up inside itself', () => {
    expect(isInsideItself(folder, 'runs/one/sub/')).toBe(true);
    expect(isInsideItself(folder, 'runs/one/')).toBe(true);
    expect(isInsideItself(folder, 'runs/')).toBe(false);
    expect(isInsideItself(file, 'runs/')).toBe(false);
  });
});

describe('copiesIn', () => {
  const entry = (key: string) => ({
    kind: key.endsWith('/') ? ('folder' as const) : ('file' as const),
    key,
    name: key.replace(/\/$/, '').split('/').at(-1) ?? '',
    sizeBytes: null,
    modifiedAt: null,
    version: null,
  });

  it('keeps names in another folder', () => {
    expect(copiesIn('b/', [entry('a/x.txt'), entry('a/runs/')], [])).toEqual([
      { from: 'a/x.txt', to: 'b/x.txt' },
      { from: 'a/runs/', to: 'b/runs/' },
    ]);
  });

  it('numbers what is copied beside itself, past what is there', () => {
    const here = [entry('a/x.txt'), entry('a/x (2).txt'), entry('a/run.1/')];
    expect(copiesIn('a/', [entry('a/x.txt'), entry('a/run.1/')], here)).toEqual([
      { from: 'a/x.txt', to: 'a/x (3).txt' },
      { from: 'a/run.1/', to: 'a/run.1 (2)/' },
    ]);
  });
});

it.each(['a/b', '', '..', 'x'.repeat(256), 'a\nb'])('refuses the name %j', (name) =>
  expect(nameFault('data/', name)).not.toBeNull(),
);
it('accepts ordinary names', () => expect(nameFault('data/', 'ä – plot (2).png')).toBeNull());

describe('kinds of files', () => {
  it('goes by the extension, without regard to case', () => {
    expect(fileKind('a/PLOT.PNG')).toBe('image');
    expect(extensionOf('.bashrc')).toBe('');
    expect(previewOf('Makefile')).toBe('text');
    expect(previewOf('map.fits')).toBe('fits');
    expect(previewOf('chains.h5')).toBeNull();
  });

  it('tells text from bytes', () => {
    expect(looksLikeText('héllo\n')).toBe(true);
    expect(looksLikeText('a\0b')).toBe(false);
    expect(looksLikeText('\ufffd'.repeat(100))).toBe(false);
  });
});
