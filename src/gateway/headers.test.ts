import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { endpointHeader, peerAddress, requestFields, responseFields, trailerFields } from './headers.ts';

const secret = endpointHeader({ name: 'X-Endpoint-Secret', value: 'real' });
const sender = { address: '10.0.0.1', host: 'work.localhost', scheme: 'http' as const };
const frames = { usual: "frame-ancestors 'self' http://localhost:8080" };

const canonical = (name: string): string => name.toLowerCase().replaceAll('_', '-');
const FORBIDDEN = [
  'authorization',
  'proxy-authorization',
  'forwarded',
  'x-real-ip',
  'x-endpoint-secret',
  'connection',
  'keep-alive',
  'te',
  'upgrade',
  'transfer-encoding',
  'proxy-connection',
  'x-forwarded-for',
  'x-forwarded-anything',
  'x-cmbcluster-user',
];
/** A spelling of a name: any case, underscores for dashes. */
const spelling = (name: string): fc.Arbitrary<string> =>
  fc
    .array(fc.integer({ min: 0, max: 3 }), { minLength: name.length, maxLength: name.length })
    .map((choices) =>
      [...name]
        .map((character, i) =>
          character === '-' && choices[i] === 3
            ? '_'
            : (choices[i] ?? 0) % 2 === 1
              ? character.toUpperCase()
              : character,
        )
        .join(''),
    );
const forbidden = fc.constantFrom(...FORBIDDEN).chain(spelling);
const harmless = fc.stringMatching(/^X-App-[A-Za-z]{1,8}$/);

function pairs(flat: readonly string[]): [string, string][] {
  return flat.flatMap((name, i): [string, string][] => (i % 2 === 0 ? [[name, flat[i + 1] ?? '']] : []));
}

describe('request fields', () => {
  it('are the end-to-end ones in order, then ours, whatever the client spells', () => {
    const field = fc.oneof(fc.tuple(harmless, fc.constant('keep')), fc.tuple(forbidden, fc.constant('evil')));
    fc.assert(
      fc.property(fc.array(field, { maxLength: 20 }), (fields) => {
        const out = pairs(requestFields(fields.flat(), undefined, sender, secret));
        const ours = out.slice(-4);
        expect(ours).toEqual([
          ['X-Forwarded-For', '10.0.0.1'],
          ['X-Forwarded-Host', 'work.localhost'],
          ['X-Forwarded-Proto', 'http'],
          ['X-Endpoint-Secret', 'real'],
        ]);
        expect(out.slice(0, -4)).toEqual(fields.filter(([, value]) => value === 'keep'));
      }),
    );
  });

  it('lose what Connection names, but never Host or the framing', () => {
    fc.assert(
      fc.property(harmless, harmless, (one, two) => {
        fc.pre(canonical(one) !== canonical(two));
        const raw = ['Host', 'h', one, '1', two, '2', 'Content-Length', '3', 'Connection', 'x'];
        const names = pairs(
          requestFields(
            raw,
            `close, ${one.toUpperCase()} ,Host,content-length,X-Forwarded-For,x-endpoint-secret`,
            sender,
            secret,
          ),
        ).map(([name]) => name);
        expect(names).toEqual([
          'Host',
          two,
          'Content-Length',
          'X-Forwarded-For',
          'X-Forwarded-Host',
          'X-Forwarded-Proto',
          'X-Endpoint-Secret',
        ]);
      }),
    );
  });

  it('carry cookies without ours, field by field', () => {
    const raw = ['Cookie', 'a=1; cmbcluster_session=s', 'cookie', 'cmbcluster_environment=t', 'COOKIE', 'b=2'];
    expect(pairs(requestFields(raw, undefined, sender, null)).slice(0, -3)).toEqual([
      ['Cookie', 'a=1'],
      ['COOKIE', 'b=2'],
    ]);
  });

  it('hold out against clients that invent spellings', () => {
    for (let i = 0; i < 3000; i += 1) requestFields([`X-Fill-${i}`, '1'], undefined, sender, null);
    expect(requestFields(['aUTHORIZATION', 'x', 'X_forwarded-FOR', 'y'], undefined, sender, null)).toHaveLength(6);
  });
});

describe('response fields', () => {
  const of = (...raw: string[]): [string, string][] => pairs(responseFields(raw, frames, secret));

  it('lose hop-by-hop fields, the endpoint secret and what reaches beyond the origin', () => {
    expect(
      of(
        'Connection',
        'x',
        'Keep-Alive',
        'y',
        'Transfer-Encoding',
        'chunked',
        'x-endpoint-secret',
        'real',
        'Clear-Site-Data',
        '"*"',
        'ETag',
        'e',
      ),
    ).toEqual([
      ['ETag', 'e'],
      ['Content-Security-Policy', frames.usual],
    ]);
  });

  it('keep cookies apart from ours', () => {
    expect(
      of('Set-Cookie', 'cmbcluster_session=x', 'set-cookie', 'a=b; Domain=localhost', 'Set-Cookie', 'c=d'),
    ).toEqual([
      ['set-cookie', 'a=b'],
      ['Set-Cookie', 'c=d'],
      ['Content-Security-Policy', frames.usual],
    ]);
  });

  it("let ours decide who frames, beside the application's own policy", () => {
    expect(
      of(
        'Content-Security-Policy',
        "default-src 'self'; frame-ancestors 'self'; script-src x",
        'X-Frame-Options',
        'SAMEORIGIN',
      ),
    ).toEqual([
      ['Content-Security-Policy', "default-src 'self'; script-src x"],
      ['Content-Security-Policy', frames.usual],
    ]);
    expect(of('content-security-policy', "FRAME-ANCESTORS *, img-src 'none'")).toEqual([
      ['content-security-policy', "img-src 'none'"],
      ['Content-Security-Policy', frames.usual],
    ]);
  });

  it('keep framing forbidden where the application forbids it', () => {
    expect(of('Content-Security-Policy', "frame-ancestors 'none'")[0]).toEqual([
      'Content-Security-Policy',
      "frame-ancestors 'none'",
    ]);
    expect(of('X-Frame-Options', 'DENY')).toEqual([['Content-Security-Policy', "frame-ancestors 'none'"]]);
  });
});

describe('trailers', () => {
  it('never carry what a header may not', () => {
    fc.assert(
      fc.property(forbidden, harmless, (bad, good) => {
        expect(
          trailerFields(
            [bad, 'evil', good, 'fine', 'Cookie', 'a=b', 'Content-Length', '9', 'host', 'x'],
            'request',
            secret,
          ),
        ).toEqual([[good, 'fine']]);
      }),
    );
    expect(
      trailerFields(['Set-Cookie', 'a=b', 'Content-Security-Policy', 'x', 'Server-Timing', 't'], 'response', secret),
    ).toEqual([['Server-Timing', 't']]);
  });
});

it('names IPv4 peers of a dual-stack socket plainly', () => {
  expect([peerAddress('::ffff:10.1.2.3'), peerAddress('::1'), peerAddress(undefined)]).toEqual([
    '10.1.2.3',
    '::1',
    'unknown',
  ]);
});
