import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from 'vitest';
import type { ProxyField } from '../domain/trusted-proxies.ts';
import { clientAddress, trustedProxies } from './client-address.ts';

function request(peer: string | undefined, headers: Record<string, string>): IncomingMessage {
  return { socket: { remoteAddress: peer }, headers } as unknown as IncomingMessage;
}

function seen(
  proxies: string[],
  peer: string | undefined,
  sent: string,
  field: ProxyField = 'x-forwarded-for',
): string {
  const trusted = trustedProxies(proxies, field);
  if (!trusted) throw new Error('the list was not understood');
  return clientAddress(request(peer, { [field]: sent }), trusted);
}

describe('the address of a client', () => {
  it.each<[string, string[], string | undefined, string, string]>([
    ['nobody is trusted: what is sent changes nothing', [], '198.51.100.7', '203.0.113.9', '198.51.100.7'],
    ['the peer is no proxy of ours', ['10.0.0.0/8'], '198.51.100.7', '203.0.113.9', '198.51.100.7'],
    ['a proxy says whom it speaks for', ['10.0.0.0/8'], '10.1.2.3', '203.0.113.9', '203.0.113.9'],
    ['what the client wrote before is not read', ['10.0.0.0/8'], '10.1.2.3', '1.1.1.1, 203.0.113.9', '203.0.113.9'],
    ['not even the address of a proxy', ['10.0.0.0/8'], '10.1.2.3', '10.9.9.9, 203.0.113.9', '203.0.113.9'],
    [
      'proxies before proxies',
      ['10.0.0.0/8', '192.0.2.1'],
      '10.1.2.3',
      '6.6.6.6,203.0.113.9 , 192.0.2.1',
      '203.0.113.9',
    ],
    ['one in the middle that is not ours', ['10.1.2.3'], '10.1.2.3', '6.6.6.6, 10.1.2.4', '10.1.2.4'],
    ['only proxies on the way: the farthest', ['10.0.0.0/8'], '10.1.2.3', '10.0.0.1, 10.0.0.2', '10.0.0.1'],
    ['a proxy that says nothing', ['10.0.0.0/8'], '10.1.2.3', '', '10.1.2.3'],
    ['garbage from a proxy', ['10.0.0.0/8'], '10.1.2.3', '203.0.113.9, <script>', '10.1.2.3'],
    ['an empty hop', ['10.0.0.0/8'], '10.1.2.3', '203.0.113.9,,', '10.1.2.3'],
    ['ports', ['10.0.0.0/8'], '10.1.2.3', '203.0.113.9:4711', '203.0.113.9'],
    ['IPv6 with and without brackets', ['loopback'], '::1', '2001:DB8::7, [::1]:9', '2001:db8::7'],
    ['a dual-stack socket', ['loopback'], '::ffff:127.0.0.1', '::ffff:203.0.113.9', '203.0.113.9'],
    ['a dual-stack socket and a network of IPv4', ['10.0.0.0/8'], '::ffff:10.1.2.3', '203.0.113.9', '203.0.113.9'],
    ['a zone', ['fe80::/10'], 'fe80::1%eth0', '203.0.113.9', '203.0.113.9'],
    ['a connection that is gone', ['loopback'], undefined, '203.0.113.9', 'unknown'],
  ])('%s', (_name, proxies, peer, sent, expected) => {
    expect(seen(proxies, peer, sent)).toBe(expected);
  });

  it.each<[string, string]>([
    ['for=203.0.113.9;proto=https;by=10.1.2.3', '203.0.113.9'],
    ['for=6.6.6.6, for="203.0.113.9:47"', '203.0.113.9'],
    ['for=6.6.6.6,proto=http;For="[2001:db8::7]:47";host=evil', '2001:db8::7'],
    ['for=203.0.113.9, for=_hidden', '10.1.2.3'],
    ['for=203.0.113.9, for=unknown', '10.1.2.3'],
    ['xfor=203.0.113.9', '10.1.2.3'],
    ['by="for=203.0.113.9"', '10.1.2.3'],
  ])('in RFC 7239’s form: %s', (sent, expected) => {
    expect(seen(['10.0.0.0/8'], '10.1.2.3', sent, 'forwarded')).toBe(expected);
  });

  it('is told by one field only: the other comes from the client', () => {
    const headers = { 'x-forwarded-for': '203.0.113.9', forwarded: 'for=6.6.6.6' };
    const addressBy = (field: ProxyField) => {
      const trusted = trustedProxies(['loopback'], field);
      return trusted && clientAddress(request('127.0.0.1', headers), trusted);
    };
    expect([addressBy('x-forwarded-for'), addressBy('forwarded')]).toEqual(['203.0.113.9', '6.6.6.6']);
  });

  it('costs a forger’s long list nothing', () => {
    const long = '6.6.6.6, '.repeat(3_000);
    const trusted = trustedProxies(['10.0.0.0/8'], 'x-forwarded-for');
    const from = performance.now();
    for (let i = 0; i < 1_000; i += 1)
      expect(trusted && clientAddress(request('10.1.2.3', { 'x-forwarded-for': `${long}203.0.113.9` }), trusted)).toBe(
        '203.0.113.9',
      );
    expect(performance.now() - from).toBeLessThan(2_000);
  });
});

describe('a list of proxies', () => {
  it.each([
    ['proxy.example.org'],
    ['10.0.0.0/33'],
    ['::/129'],
    ['10.0.0.0/8/8'],
    ['10.0.0.0/'],
    ['10.0.0'],
    ['*'],
    ['fe80::1%eth0'],
    [''],
  ])('is refused with %j in it', (entry) => {
    expect(trustedProxies(['127.0.0.1', entry], 'x-forwarded-for')).toBeNull();
  });
});
