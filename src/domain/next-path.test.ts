import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { safeNextPath } from './next-path.ts';

const ORIGIN = 'http://localhost:8080';

describe('safeNextPath', () => {
  it.each(['/', '/environments?phase=running', '/storage/abc?path=maps/#x', '/open/env_1?to=/lab'])(
    'keeps %s',
    (next) => {
      expect(safeNextPath(next, ORIGIN)).toBe(next);
    },
  );

  it.each([
    null,
    '',
    'environments',
    'https://evil.example/',
    '//evil.example',
    '/\\evil.example',
    '\\\\evil.example',
    '/\t/evil.example',
    '/%0d\r\nx',
    '/..//evil.example',
    'javascript:alert(1)',
    '/sign-in?next=/',
    '/api/auth/sign-out',
  ])('refuses %j', (next) => {
    expect(safeNextPath(next, ORIGIN)).toBe('/');
  });

  it('never leads to another origin', () => {
    const piece = fc.oneof(
      fc.string(),
      fc.constantFrom('/', '\\', '..', 'evil.example', '@', ':', '?', '#', '%2f', '\t'),
    );
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        const path = safeNextPath(`/${pieces.join('')}`, ORIGIN);
        expect(new URL(path, ORIGIN).origin).toBe(ORIGIN);
      }),
      { numRuns: 2000 },
    );
  });
});
