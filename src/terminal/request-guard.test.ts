import { describe, expect, it } from 'vitest';
import { isJson, isOwnOrigin, mayTalk, SECRET_HEADER } from './request-guard.ts';

describe('isOwnOrigin', () => {
  it.each([
    ['the same host', { host: 'lab.localhost:8080', origin: 'http://lab.localhost:8080' }, true],
    ['https ended before us', { host: 'lab.example.org', origin: 'https://lab.example.org' }, true],
    ['a default port spelt out', { host: 'lab.example.org:443', origin: 'https://lab.example.org' }, true],
    [
      'forwarded by the gateway',
      { host: 'localhost', 'x-forwarded-host': 'lab.localhost:8080', origin: 'http://lab.localhost:8080' },
      true,
    ],
    ['no browser', { host: 'lab.localhost' }, true],
    ['another environment', { host: 'lab.localhost:8080', origin: 'http://other.localhost:8080' }, false],
    ['another port', { host: 'lab.localhost:8080', origin: 'http://lab.localhost:9090' }, false],
    ['a longer name', { host: 'lab.example.org', origin: 'https://lab.example.org.evil.example' }, false],
    ['a sandboxed page', { host: 'lab.localhost', origin: 'null' }, false],
    ['a sibling without Origin', { host: 'lab.localhost', 'sec-fetch-site': 'same-site' }, false],
    ['a broken host', { host: 'a b', origin: 'http://a' }, false],
  ])('%s', (_name, headers, expected) => expect(isOwnOrigin(headers)).toBe(expected));
});

describe('mayTalk', () => {
  const open = { secret: null, loopbackNamesOnly: false };

  it('asks for the secret when there is one', () => {
    const guard = { ...open, secret: 's3cret' };
    expect(mayTalk(guard, { [SECRET_HEADER]: 's3cret' })).toBe(true);
    expect(mayTalk(guard, { [SECRET_HEADER]: 's3cret2' })).toBe(false);
    expect(mayTalk(guard, {})).toBe(false);
  });

  it('refuses foreign names on loopback (DNS rebinding)', () => {
    const guard = { ...open, loopbackNamesOnly: true };
    for (const host of ['localhost:1', '127.0.0.1:1', '[::1]:1', 'lab.localhost:1'])
      expect(mayTalk(guard, { host })).toBe(true);
    for (const host of ['evil.example:1', 'localhost.evil.example', '127.0.0.1.evil.example', undefined]) {
      expect(mayTalk(guard, { host })).toBe(false);
    }
  });
});

it('isJson wants a type that a form cannot send', () => {
  expect(isJson({ 'content-type': 'application/json; charset=utf-8' })).toBe(true);
  expect(isJson({ 'content-type': 'text/plain' })).toBe(false);
  expect(isJson({ 'content-type': 'application/jsonp' })).toBe(false);
});
