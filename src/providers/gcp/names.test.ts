import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compareUtf8, keyFault } from '../../domain/storage.ts';
import { isFile, isFolder, isGeneration, objectPath, offsetAfter, STAGING_PREFIX, xmlPath } from './names.ts';

test('names in requests are encoded to the last character', () => {
  expect(objectPath('b', "a/b c+%?#'()*!~")).toBe('/storage/v1/b/b/o/a%2Fb%20c%2B%25%3F%23%27%28%29%2A%21~');
  expect(xmlPath('b', "a/ü '")).toBe('/b/a/%C3%BC%20%27');
});

test('placeholders, staged files and what no key can name are no files', () => {
  for (const name of ['a/', `${STAGING_PREFIX}x`, 'a//b', '/a', 'a\nb']) expect(isFile(name)).toBe(false);
  expect(isFile('a/b')).toBe(true);
  expect(['a/', 'a/b/', '/', 'a//'].map(isFolder)).toEqual([true, true, false, false]);
});

test('no key of anybody begins where files in parts come together', () => {
  fc.assert(fc.property(fc.string(), (text) => keyFault(`${STAGING_PREFIX}${text}`) !== null));
});

test.each(['0', '', '-1', '1.5', '01', '1e3', 'v1', '99999999999999999999'])('%j is no generation', (text) => {
  expect(isGeneration(text)).toBe(false);
});

const key = fc.array(fc.constantFrom('a', 'b', '/', ' ', '0', '.', 'é', '\u{1f600}'), { minLength: 1, maxLength: 6 });

test('the offset skips nothing that comes after, and never lists again what came before', () => {
  fc.assert(
    fc.property(key, key, fc.constantFrom('', 'a', 'a/', 'b'), (from, other, prefix) => {
      const [after, name] = [from.join(''), other.join('')];
      fc.pre(isFile(name) && name.startsWith(prefix));
      for (const delimiter of [undefined, '/'] as const) {
        const slash = delimiter ? name.indexOf('/', prefix.length) : -1;
        const shown = slash < 0 ? name : name.slice(0, slash + 1);
        const offset = offsetAfter(after, prefix, delimiter) ?? '';
        if (compareUtf8(shown, after) > 0) expect(compareUtf8(name, offset)).toBeGreaterThanOrEqual(0);
        if (name === after) expect(compareUtf8(name, offset)).toBeLessThan(0);
      }
    }),
    { numRuns: 1000 },
  );
});
