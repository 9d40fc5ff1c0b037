import fc from 'fast-check';
import { expect, test } from 'vitest';
import { attachment } from './disposition.ts';

test.each([
  ['a b.txt', 'attachment; filename="a b.txt"'],
  ['Größe.fits', `attachment; filename="Gr__e.fits"; filename*=UTF-8''Gr%C3%B6%C3%9Fe.fits`],
  ['😀', `attachment; filename="_"; filename*=UTF-8''%F0%9F%98%80`],
  ['say "hi"\\', `attachment; filename="say _hi__"; filename*=UTF-8''say%20%22hi%22%5C`],
  ["it's (1)*.txt", `attachment; filename="it's (1)*.txt"`],
  ['100%', `attachment; filename="100_"; filename*=UTF-8''100%25`],
])('%s', (name, header) => {
  expect(attachment(name)).toBe(header);
});

test('no name ends the header, and every name comes back', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (name) => {
      const header = attachment(name);
      const [, plain = '', , encoded] =
        /^attachment; filename="([ !#-[\]-~]*)"(; filename\*=UTF-8''([\w!#$&+.^`|~%-]*))?$/.exec(header) ?? [];
      expect(header).toContain('filename="');
      const clean = name.replace(/\p{Cc}/gu, '_');
      expect(encoded === undefined ? plain : decodeURIComponent(encoded)).toBe(clean);
    }),
  );
});
