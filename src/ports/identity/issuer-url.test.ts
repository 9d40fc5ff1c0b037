import { describe, expect, it } from 'vitest';
import { discoveryUrl, isIssuerUrl, isTrustworthyUrl } from './issuer-url.ts';

describe('the address of an issuer', () => {
  it.each([
    'https://login.example.org',
    'https://login.example.org/',
    'https://login.example.org/realms/lab',
    'https://login.example.org:8443/realms/lab',
    'http://127.0.0.1:4000',
    'http://127.9.9.9:4000',
    'http://localhost:4000/pool',
    'http://[::1]:4000',
  ])('%s is one', (text) => {
    expect(isIssuerUrl(text)).toBe(true);
  });

  it.each([
    '',
    'login.example.org',
    'http://login.example.org',
    'http://127.0.0.1.example.org',
    'http://localhost.example.org',
    'http://10.0.0.1',
    'http://0.0.0.0',
    'https://Login.example.org',
    'https://login.example.org:443',
    'https://user@login.example.org',
    'https://user:secret@login.example.org',
    'https://login.example.org/?tenant=1',
    'https://login.example.org/#x',
    'https://login.example.org/a/../b',
    ' https://login.example.org',
    'https://login.example.org\n',
    'ftp://login.example.org',
    'javascript:alert(1)',
    'file:///etc/passwd',
  ])('%j is none', (text) => {
    expect(isIssuerUrl(text)).toBe(false);
  });

  it('documents of an issuer may have a query, and are as safe', () => {
    expect(isTrustworthyUrl('https://login.example.org/keys?p=1')).toBe(true);
    expect(isTrustworthyUrl('http://login.example.org/keys?p=1')).toBe(false);
  });

  it('discovery is behind it, whether it ends in a slash or not', () => {
    for (const issuer of ['https://login.example.org/a', 'https://login.example.org/a/']) {
      expect(discoveryUrl(issuer)).toBe('https://login.example.org/a/.well-known/openid-configuration');
    }
  });
});
