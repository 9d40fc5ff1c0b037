/** What providers' tests of mounts share: words that try to be more than a word, and the proof that they were not. */
import fc from 'fast-check';
import { expect } from 'vitest';
import { isAppError } from '../../domain/errors.ts';
import type { MountSpec } from './storage.ts';

/** Everything that a mount is made of and that comes from names which somebody chose. */
export interface MountWords {
  bucket: string;
  path: string;
  namespace: string;
  serviceAccount: string;
  region: string;
  prefix: string;
}

/** No word is part of another one, or of anything else in a mount. */
const PLAIN: MountWords = {
  bucket: 'plain-bucket',
  path: '/plain/path',
  namespace: 'plain-namespace',
  serviceAccount: 'plain-account',
  region: 'plain-region-1',
  prefix: 'plain/prefix/',
};

const BREAKERS = [
  ',',
  ' ',
  '=',
  ':',
  ';',
  '\n',
  '\r',
  '\t',
  '\0',
  '"',
  "'",
  '\\',
  '|',
  '$(id)',
  '`',
  '{',
  '}',
  '#',
  '&',
];
const OPTIONS = ['uid=0', 'allow-root', 'allow-other', 'o', 'key-file=/etc/passwd', 'endpoint-url=http://a', 'no-sign'];

/** Beginnings that pass as a name, then what would end it and begin something else: options, attributes, lines of YAML. */
const hostileWord = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 80 }),
  fc.string({ unit: fc.constantFrom(...'ab-./_09', ...BREAKERS), maxLength: 40 }),
  fc
    .tuple(
      fc.constantFrom('plain', 'a/', '/a', '--', '../', ''),
      fc.constantFrom(...BREAKERS),
      fc.constantFrom(...OPTIONS),
    )
    .map((parts) => parts.join('')),
  fc.constantFrom(
    'a\nvolumeAttributes:\n  bucketName: other',
    'a"},"bucketName":"other',
    '- --allow-root',
    '&anchor',
    '*alias',
    '!!binary aGk=',
    '{{ .Values.x }}',
    '$(HOME)',
    'x'.repeat(300),
    'ａ\u202eb',
  ),
);

/** What no program on the way reads as anything but one word; a path is a field of its own, so it needs less. */
const ONE_WORD: Partial<Record<keyof MountWords, RegExp>> = { path: /^\/[^:\p{Cc}]*$/u };

/** A mount keeps its shape whatever one word says: it is refused, or nothing changed but that word. */
export function expectNoInjection(
  field: keyof MountWords,
  { mount, derived = () => null }: { mount(words: MountWords): MountSpec; derived?(spec: MountSpec): string | null },
): void {
  const plain = mount(PLAIN);
  fc.assert(
    // A prefix ends in a slash; nothing else is spared either way.
    fc.property(hostileWord, fc.constantFrom('', '/'), (word, end) => {
      const value = `${word}${end}`;
      let spec: MountSpec;
      try {
        spec = mount({ ...PLAIN, [field]: value });
      } catch (error) {
        expect(isAppError(error) && error.code).toBe('invalid_argument');
        return;
      }
      expect(value).toMatch(ONE_WORD[field] ?? /^[A-Za-z0-9_.][A-Za-z0-9_./-]*$/);
      const changes = new Map([[PLAIN[field], value]]);
      const [name, other] = [derived(plain), derived(spec)];
      if (name !== null && other !== null) changes.set(name, other);
      expect(spec).toEqual(withWords(plain, changes));
      expect(JSON.parse(JSON.stringify(spec))).toEqual(spec);
    }),
    { numRuns: 1000 },
  );
}

function withWords(node: unknown, changes: ReadonlyMap<string, string>): unknown {
  if (typeof node === 'string') {
    const words = new RegExp([...changes.keys()].join('|'), 'g');
    return node.replace(words, (word) => changes.get(word) ?? word);
  }
  if (Array.isArray(node)) return node.map((each) => withWords(each, changes));
  if (typeof node !== 'object' || node === null) return node;
  return Object.fromEntries(Object.entries(node).map(([key, value]) => [key, withWords(value, changes)]));
}
