import { describe, expect, it } from 'vitest';
import { ownUrl } from './own-url.ts';

describe('where others reach this server', () => {
  it.each([
    ['127.0.0.1', [], 'http://127.0.0.1:8080'],
    ['10.1.2.3', ['10.9.9.9'], 'http://10.1.2.3:8080'],
    ['0.0.0.0', ['fd00::7', '10.1.2.3', '10.1.2.4'], 'http://10.1.2.3:8080'],
    ['::', ['fd00::7'], 'http://[fd00::7]:8080'],
    ['0.0.0.0', [], 'http://127.0.0.1:8080'],
  ])('bound to %s on %j: %s', (host, addresses, url) => {
    expect(ownUrl({ host, port: 8080 }, addresses)).toBe(url);
  });
});
