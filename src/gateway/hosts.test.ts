import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createHosts } from './hosts.ts';

const hosts = createHosts('apps.example.org', 'https://cmb.apps.example.org');
const label = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?$/).filter((text) => text !== 'cmb');

/** Text as Node decodes it from a header: one character a byte. */
const bytes = (maxLength: number): fc.Arbitrary<string> =>
  fc.array(fc.integer({ min: 0, max: 255 }), { maxLength }).map((codes) => String.fromCharCode(...codes));

describe('hosts', () => {
  it('reads the slug whatever the case and port', () => {
    fc.assert(
      fc.property(label, fc.option(fc.integer({ min: 0, max: 65_535 })), fc.boolean(), (slug, port, upper) => {
        const host = `${slug}.apps.example.org${port === null ? '' : `:${port}`}`;
        expect(hosts.slug(upper ? host.toUpperCase() : host)).toBe(slug);
        expect(hosts.claims(upper ? host.toUpperCase() : host)).toBe(true);
      }),
    );
  });

  it('leaves everything else to the application', () => {
    for (const host of [
      undefined,
      '',
      'localhost',
      '127.0.0.1:80',
      '[::1]:8080',
      '[::ffff:1.2.3.4]',
      'apps.example.org',
      'apps.example.org:1',
      'xapps.example.org',
      'a.apps.example.org.evil.net',
      'a.appsXexample.org',
      'cmb.apps.example.org',
      'CMB.apps.example.org:443',
      'cmb.apps.example.org.',
    ]) {
      expect([host, hosts.claims(host), hosts.slug(host)]).toEqual([host, false, null]);
    }
  });

  it('claims what looks like an environment but accepts only the strict form', () => {
    for (const host of [
      'a.b.apps.example.org',
      'a.apps.example.org.',
      'a.apps.example.org..',
      '-a.apps.example.org',
      'a-.apps.example.org',
      '.apps.example.org',
      'a..apps.example.org',
      'a.apps.example.org:',
      'a.apps.example.org:x',
      'a.apps.example.org:99999',
      'a.apps.example.org:1:2',
      'u:p@a.apps.example.org',
      'a,b.apps.example.org',
      'b.net, a.apps.example.org',
      'a_b.apps.example.org',
      'ü.apps.example.org',
      ' a.apps.example.org',
      'a.apps.example.org ',
      'a\tb.apps.example.org',
      `${'a'.repeat(64)}.apps.example.org`,
    ]) {
      expect([host, hosts.claims(host), hosts.slug(host)]).toEqual([host, true, null]);
    }
  });

  it('never finds a slug in odd bytes, nor one that is not a DNS label', () => {
    fc.assert(
      fc.property(bytes(40), bytes(8), (before, after) => {
        const host = `${before}.apps.example.org${after}`;
        const slug = hosts.slug(host);
        if (slug !== null) {
          expect(slug).toMatch(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/);
          expect(host.toLowerCase()).toMatch(/^[a-z0-9-]+\.apps\.example\.org(:\d{1,5})?$/);
        }
        if (after === '' && before !== '' && before.toLowerCase() !== 'cmb') expect(hosts.claims(host)).toBe(true);
      }),
    );
  });
});
