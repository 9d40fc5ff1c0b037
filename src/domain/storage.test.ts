import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { StorageId } from './ids.ts';
import { newStorageId } from './ids.ts';
import {
  baseName,
  breadcrumbs,
  bucketName,
  checkPrefix,
  compareUtf8,
  folderPrefix,
  isBucketName,
  isLongerThan,
  isStorageName,
  isWithin,
  joinPath,
  keyFault,
  parentFolder,
  utf8Bytes,
} from './storage.ts';

/** Any sixteen-bit text, halves of characters included, with what paths stumble over made likely. */
const text = fc
  .array(
    fc.oneof(fc.constantFrom('/', '.', '..', '\0', '\n', '\ud800', 'é', '😀', 'a'), fc.string({ unit: 'binary' })),
    {
      maxLength: 12,
    },
  )
  .map((parts) => parts.join(''));
const key = text.filter((each) => keyFault(each) === null);

describe('keys', () => {
  test('a key that passes cannot leave a folder and can be carried by a file system', () => {
    fc.assert(
      fc.property(text, (each) => {
        if (keyFault(each) !== null) return;
        const parts = each.split('/');
        expect(parts.every((part) => part !== '' && part !== '.' && part !== '..' && utf8Bytes(part) <= 255)).toBe(
          true,
        );
        expect(utf8Bytes(each)).toBeLessThanOrEqual(1024);
        expect(Buffer.from(each, 'utf8').toString('utf8')).toBe(each);
        expect(each).not.toMatch(/\p{Cc}/u);
        expect(new URL(`file:///root/${encodeURI(each).replace(/[?#]/g, encodeURIComponent)}`).pathname).toMatch(
          /^\/root\/./,
        );
      }),
      { numRuns: 2000 },
    );
  });

  test.each([
    ['a'.repeat(255), null],
    ['a'.repeat(256), /255 bytes/],
    ['é'.repeat(128), /255 bytes/],
    [`${'a/'.repeat(511)}ab`, null],
    [`${'a/'.repeat(512)}a`, /1024 bytes/],
    ['', /needs a name/],
    ['/a', /start with a slash/],
    ['a//b', /empty name/],
    ['a/', /empty name/],
    ['a/../b', /cannot be the name/],
    ['.', /cannot be the name/],
    ['...', null],
    ['.a', null],
    ['a\tb', /control character/],
    ['a\u0085b', /control character/],
    ['a\udc00', /Unicode/],
  ])('%j', (each, fault) => {
    if (fault === null) expect(keyFault(each)).toBeNull();
    else expect(keyFault(each)).toMatch(fault);
  });

  test('every beginning of a key is a prefix, unless it cuts a character in two', () => {
    fc.assert(
      fc.property(key, fc.nat(1100), (each, cut) => {
        const prefix = each.slice(0, cut);
        if (prefix.isWellFormed()) expect(() => checkPrefix(prefix)).not.toThrow();
      }),
    );
  });
});

describe('order', () => {
  const sign = (n: number): number => Math.sign(n);
  const formed = fc.string({ unit: 'binary' });

  test('is that of the UTF-8 bytes', () => {
    const tricky = fc.array(fc.constantFrom('a', '\ud7ff', '\ue000', '\uffff', '\u{10000}', '\u{10ffff}', '/'), {
      maxLength: 5,
    });
    const any = fc.oneof(
      formed,
      tricky.map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(any, any, (a, b) => {
        expect(sign(compareUtf8(a, b))).toBe(sign(Buffer.compare(Buffer.from(a), Buffer.from(b))));
      }),
      { numRuns: 2000 },
    );
  });
});

describe('paths', () => {
  test('a key is its folder and its name', () => {
    fc.assert(
      fc.property(key, (each) => {
        expect(joinPath(parentFolder(each), baseName(each))).toBe(each);
        expect(each.startsWith(folderPrefix(parentFolder(each)))).toBe(true);
        expect(isWithin(parentFolder(each), each)).toBe(true);
        expect(breadcrumbs(each).at(-1)).toEqual({ name: baseName(each), path: each });
      }),
    );
  });

  test('of a prefix, the folder is named', () => {
    expect(baseName('a/b/')).toBe('b');
    expect(breadcrumbs('')).toEqual([]);
    expect(breadcrumbs('a/b')).toEqual([
      { name: 'a', path: 'a' },
      { name: 'b', path: 'a/b' },
    ]);
  });

  test('a sibling with the same beginning is not within', () => {
    expect(isWithin('a', 'ab')).toBe(false);
    expect(isWithin('a', 'a/b')).toBe(true);
    expect(isWithin('', 'anything')).toBe(true);
  });
});

describe('names', () => {
  test('buckets of different storages or deployments never meet', () => {
    const prefix = fc.stringMatching(/^[a-z]([a-z0-9-]{0,36}[a-z0-9])?$/);
    const id = fc.constant(null).map(() => newStorageId());
    fc.assert(
      fc.property(prefix, id, prefix, id, (p1, id1, p2, id2) => {
        const [first, second] = [bucketName(p1, id1), bucketName(p2, id2)];
        expect(isBucketName(first)).toBe(true);
        expect(first === second).toBe(p1 === p2 && id1 === id2);
        if (p1 !== p2) expect(bucketName(p2, id1)).not.toBe(first);
      }),
    );
  });

  test.each(['', '-a', 'a-', 'A', 'a_b', 'a.b', 'x'.repeat(39)])('a deployment cannot be called %j', (prefix) => {
    expect(() => bucketName(prefix, newStorageId())).toThrow(expect.objectContaining({ code: 'invalid_argument' }));
  });

  test('only a real id becomes a bucket', () => {
    expect(() => bucketName('cmb', '../x' as StorageId)).toThrow(expect.objectContaining({ code: 'invalid_argument' }));
  });

  test.each([
    ['My data', true],
    ['数据 1', true],
    ['', false],
    [' a', false],
    ['a'.repeat(65), false],
    ['a\nb', false],
    ['a\u202eb', false],
    ['\ud800', false],
  ])('%j as a display name: %j', (name, fits) => {
    expect(isStorageName(name)).toBe(fits);
  });
});

test('a text is longer than so many bytes when its encoding is', () => {
  const characters = fc.array(fc.constantFrom('a', 'é', '€', '\u{1f600}', '\ud800'), { maxLength: 12 });
  fc.assert(
    fc.property(characters, fc.integer({ min: 0, max: 40 }), (each, bytes) => {
      expect(isLongerThan(bytes, each.join(''))).toBe(utf8Bytes(each.join('')) > bytes);
    }),
  );
});
