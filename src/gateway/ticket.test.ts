import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { safePath, ticketStep } from './ticket.ts';

describe('safePath', () => {
  it.each([
    ['/', '/'],
    ['/lab/tree/a b.ipynb?x=1#cell', '/lab/tree/a%20b.ipynb?x=1#cell'],
    ['/ünï', '/%C3%BCn%C3%AF'],
    ['/a/../b', '/b'],
    [null, '/'],
    ['', '/'],
    ['lab', '/'],
    ['//evil.example', '/'],
    ['/\\evil.example', '/'],
    ['\\\\evil.example', '/'],
    ['/.//evil.example', '/'],
    ['/a/..//evil.example', '/'],
    ['/%2e//evil.example', '/'],
    ['/\t/evil.example', '/'],
    ['/\r\nSet-Cookie: a=b', '/'],
    ['https://evil.example/', '/'],
    ['https:/evil.example/', '/'],
    ['javascript:alert(1)', '/'],
    ['@evil.example', '/'],
    [' //evil.example', '/'],
    ['/.cmbcluster/enter?ticket=x', '/'],
    ['/x/../.cmbcluster/entered', '/'],
    [`/${'a'.repeat(5000)}`, '/'],
  ])('%j → %j', (to, expected) => {
    expect(safePath(to)).toBe(expected);
  });

  it('never leaves the origin, as a browser reads it', () => {
    const parts = fc.constantFrom(
      '/',
      '\\',
      '.',
      '..',
      '//',
      '@',
      ':',
      'evil.example',
      '%2f',
      '%5c',
      '\t',
      '\n',
      ' ',
      '?',
      '#',
      'http:',
      '\u0000',
      '。',
      '／',
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(parts, fc.string({ maxLength: 3 })), { maxLength: 12 }), (pieces) => {
        const path = safePath(pieces.join(''));
        expect(path).toMatch(/^\/(?!\/)[\x21-\x7e]*$/);
        expect(new URL(path, 'http://work.localhost:8080/x').origin).toBe('http://work.localhost:8080');
      }),
      { numRuns: 2000 },
    );
  });
});

describe('ticketStep', () => {
  it('reads the two steps and nothing else', () => {
    expect(ticketStep('/.cmbcluster/enter?ticket=t%2B1&to=%2Flab')).toEqual({
      step: 'enter',
      ticket: 't+1',
      to: '/lab',
    });
    expect(ticketStep('/.cmbcluster/entered?to=//evil')).toEqual({ step: 'entered', to: '/' });
    expect(ticketStep(`/.cmbcluster/enter?ticket=${'x'.repeat(5000)}`)).toEqual({ step: 'enter', ticket: '', to: '/' });
    for (const url of [
      '/.cmbcluster',
      '/.cmbcluster/',
      '/.cmbcluster/Enter',
      '/.cmbcluster/enter/',
      '/.cmbcluster/../enter',
    ])
      expect(ticketStep(url)).toBeNull();
  });
});
