import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isImageAllowed, parseImage } from './image-reference.ts';

const digest = `sha256:${'a'.repeat(64)}`;

test.each([
  ['ubuntu', { registry: null, path: 'ubuntu', tag: null, digest: null }],
  ['library/ubuntu:24.04', { registry: null, path: 'library/ubuntu', tag: '24.04', digest: null }],
  [
    'registry.example:5000/a/b_c/d--e:v1.0-x_Y',
    { registry: 'registry.example:5000', path: 'a/b_c/d--e', tag: 'v1.0-x_Y', digest: null },
  ],
  ['localhost/a', { registry: 'localhost', path: 'a', tag: null, digest: null }],
  [`ghcr.io/a/b@${digest}`, { registry: 'ghcr.io', path: 'a/b', tag: null, digest }],
  [`ghcr.io/a/b:1@${digest}`, { registry: 'ghcr.io', path: 'a/b', tag: '1', digest }],
])('%s', (text, parts) => expect(parseImage(text)).toEqual(parts));

test.each([
  '',
  ' ',
  'UPPER',
  'UPPER:::x',
  'a b',
  'a\n',
  '/a',
  'a/',
  'a//b',
  'a:',
  'a@sha256:1',
  'a:tag:tag',
  '-a',
  'a@',
  'https://a.b/c',
  'a.b:port/c',
  'a:-x',
  '../a',
  'a/../b',
  '$(x)',
  'a'.repeat(600),
  `a:${'t'.repeat(129)}`,
  'ä',
  'a___b',
])('%j is no image', (text) => expect(parseImage(text)).toBeNull());

test('any text is read or refused in no time', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'aA0.-_/:@$ \n'), maxLength: 512 }), (text) => {
      const image = parseImage(text);
      if (image) expect(text).toMatch(/^[\w./:@-]+$/);
    }),
  );
  const started = performance.now();
  parseImage('a-'.repeat(255));
  parseImage(`${'a'.repeat(500)}!`);
  expect(performance.now() - started).toBeLessThan(200);
});

test('patterns match the whole reference', () => {
  const allowed = ['ghcr.io/lab/*', 'registry.example/**', 'ubuntu:24.04'];
  for (const image of ['ghcr.io/lab/a:1', 'registry.example/x/y/z', 'ubuntu:24.04'])
    expect(isImageAllowed(image, allowed)).toBe(true);
  for (const image of [
    'ghcr.io/lab/a/b',
    'evil.example/ghcr.io/lab/a',
    'registryXexample/a',
    'ubuntu:24.04-x',
    'ubuntu',
  ])
    expect(isImageAllowed(image, allowed)).toBe(false);
  expect(isImageAllowed('anything', [])).toBe(true);
});
