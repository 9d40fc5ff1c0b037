import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cookieNames, grantCookies, readTokens, stripOurCookies, tameSetCookie } from './cookies.ts';

const names = cookieNames(false);
const OUR_NAMES = [
  'cmbcluster_environment',
  'cmbcluster_environment_embed',
  'cmbcluster_session',
  '__Host-cmbcluster_session',
  '__Host-cmbcluster_environment',
  '__host-CMBCLUSTER_session',
  '__Secure-cmbcluster_x',
];
const otherName = fc.stringMatching(/^[a-z_]{1,12}$/).filter((name) => !name.startsWith('cmbcluster_'));
const value = fc.stringMatching(/^[A-Za-z0-9=|+/._-]{0,20}$/);

describe('cookies from the client', () => {
  it('keeps every other cookie in order and none of ours', () => {
    const ours = fc.record({ name: fc.constantFrom(...OUR_NAMES), value, ours: fc.constant(true) });
    const other = fc.record({ name: otherName, value, ours: fc.constant(false) });
    fc.assert(
      fc.property(
        fc.array(fc.oneof(ours, other), { maxLength: 10 }),
        fc.constantFrom('; ', ';', ' ;  '),
        (cookies, separator) => {
          const header = cookies.map((cookie) => `${cookie.name}=${cookie.value}`).join(separator);
          const kept = stripOurCookies(header)
            .split(/\s*;\s*/)
            .filter((pair) => pair !== '');
          expect(kept).toEqual(
            cookies.filter((cookie) => !cookie.ours).map((cookie) => `${cookie.name}=${cookie.value}`),
          );
        },
      ),
    );
  });

  it('reads our tokens by kind, the plain one first, each once, four at most', () => {
    expect(readTokens('a=b; cmbcluster_environment_embed=e.1; cmbcluster_environment=t-1', names)).toEqual([
      { kind: 'top', token: 't-1' },
      { kind: 'embed', token: 'e.1' },
    ]);
    expect(readTokens('cmbcluster_environment=x; cmbcluster_environment_embed=x', names)).toEqual([
      { kind: 'top', token: 'x' },
    ]);
    expect(
      readTokens(Array.from({ length: 9 }, (_, i) => `cmbcluster_environment=t${i}`).join('; '), names),
    ).toHaveLength(4);
    for (const header of [
      undefined,
      '',
      'cmbcluster_environment',
      'cmbcluster_environment=',
      'cmbcluster_environment="x y"',
      'xcmbcluster_environment=t',
      '__Host-cmbcluster_environment=t',
    ]) {
      expect(readTokens(header, names)).toEqual([]);
    }
  });
});

describe('our cookies', () => {
  it('suit the scheme', () => {
    expect(grantCookies(names, 'tok', false)).toEqual([
      'cmbcluster_environment=tok; Path=/; HttpOnly; SameSite=Lax',
      'cmbcluster_environment_embed=tok; Path=/; HttpOnly; Secure; SameSite=None; Partitioned',
    ]);
    const [top, embed] = grantCookies(cookieNames(true), 'tok', true);
    expect(top).toBe('__Host-cmbcluster_environment=tok; Path=/; HttpOnly; SameSite=Lax; Secure');
    expect(embed).toContain('__Host-cmbcluster_environment_embed=tok; Path=/; HttpOnly; Secure;');
  });

  it('refuse a token that would break out of the field', () => {
    for (const token of ['a;b', 'a\r\nX: y', 'a b', '', 'ä']) expect(() => grantCookies(names, token, false)).toThrow();
  });
});

describe('cookies from the environment', () => {
  it('never pose as ours, in any spelling', () => {
    const space = fc.constantFrom('', ' ', '\t', '=', ' = ');
    fc.assert(
      fc.property(space, fc.constantFrom(...OUR_NAMES), fc.boolean(), value, (before, name, upper, text) => {
        expect(tameSetCookie(`${before}${upper ? name.toUpperCase() : name}=${text}; Path=/`)).toBeNull();
      }),
    );
    expect(tameSetCookie('cmbcluster_session')).toBeNull();
  });

  it('stay on their own host and are otherwise as they were', () => {
    expect(tameSetCookie('a=b; Domain=localhost; Path=/; HttpOnly')).toBe('a=b; Path=/; HttpOnly');
    expect(tameSetCookie('a=b;domain = .example.org ;DOMAIN=x; Secure')).toBe('a=b; Secure');
    expect(tameSetCookie('a=b; Domain')).toBe('a=b');
    expect(tameSetCookie('domain=b; Path=/')).toBe('domain=b; Path=/');
    fc.assert(
      fc.property(
        otherName,
        value,
        fc.constantFrom('', '; Path=/x', '; Max-Age=5; SameSite=Strict'),
        (name, text, attributes) => {
          const cookie = `${name}=${text}${attributes}`;
          expect(tameSetCookie(cookie)).toBe(cookie);
        },
      ),
    );
  });
});
