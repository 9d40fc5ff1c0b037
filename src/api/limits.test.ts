import type { IncomingMessage, ServerResponse } from 'node:http';
import { describe, expect, it } from 'vitest';
import type { SessionId, UserId } from '../domain/ids.ts';
import { DEFAULT_RATE_LIMITS, type RateLimits } from '../domain/rate-limit.ts';
import { NO_PROXIES } from '../domain/trusted-proxies.ts';
import { addressNetwork, createLimits } from './limits.ts';

const refusal = expect.objectContaining({ code: 'resource_exhausted', retryable: true });
const small = { burst: 10, perSecond: 2 };
const budgets: RateLimits = { ...DEFAULT_RATE_LIMITS, 'sign-in': { account: small, address: small }, exports: null };

function bed() {
  const clock = { now: 1_000_000_000_000 };
  const limits = createLimits({ budgets, trustedProxies: NO_PROXIES, now: () => clock.now });
  const caller = (address: string, userId: string | null = null, session = 's') => {
    const sent = new Map<string, string>();
    const actor = userId === null ? null : { userId: userId as UserId, sessionId: session as SessionId };
    const req = { socket: { remoteAddress: address }, headers: {} } as unknown as IncomingMessage;
    const res = { setHeader: (name: string, value: string) => sent.set(name, value) } as unknown as ServerResponse;
    return { actor, req, res, sent };
  };
  const spend = (payer: ReturnType<typeof caller>, calls?: number) => limits.spend('sign-in', payer, calls);
  return { clock, limits, caller, spend };
}

describe('limits', () => {
  it('let a burst through, then as many calls as time gives, and no more after a long rest', () => {
    const { clock, caller, spend } = bed();
    const one = caller('192.0.2.1');
    for (let i = 0; i < 10; i += 1) spend(one);
    expect(() => spend(one)).toThrow(refusal);
    spend(caller('192.0.2.2'));
    clock.now += 1_000;
    spend(one, 2);
    expect(() => spend(one)).toThrow(refusal);
    clock.now += 3_600_000;
    spend(one, 10);
    expect(() => spend(one)).toThrow(refusal);
  });

  it('never lock out for longer than from empty, although the clock was put back', () => {
    const { clock, caller, spend } = bed();
    const one = caller('192.0.2.1');
    spend(one, 10);
    clock.now -= 86_400_000;
    expect(() => spend(one)).toThrow(refusal);
    clock.now += 5_000;
    spend(one, 10);
  });

  it('let a batch that is larger than the bucket through when that is full', () => {
    const { caller, spend } = bed();
    spend(caller('192.0.2.1'), 50);
  });

  it('tell how many are left, and when to come back', () => {
    const { caller, spend } = bed();
    const one = caller('192.0.2.1');
    spend(one);
    expect(Object.fromEntries(one.sent)).toEqual({
      'RateLimit-Policy': '"sign-in";q=10;w=5',
      RateLimit: '"sign-in";r=9;t=1',
      'RateLimit-Limit': '10',
      'RateLimit-Remaining': '9',
      'RateLimit-Reset': '1',
    });
    spend(one, 9);
    expect(() => spend(one, 4)).toThrow(expect.objectContaining({ details: { retryAfterSeconds: 2 } }));
    expect([one.sent.get('Retry-After'), one.sent.get('RateLimit')]).toEqual(['2', '"sign-in";r=0;t=2']);
  });

  it('charge a failed attempt more than a good one', () => {
    const { limits, caller, spend } = bed();
    const guesser = caller('192.0.2.1');
    spend(guesser);
    limits.fail('sign-in', guesser);
    expect(() => spend(guesser)).toThrow(refusal);
  });

  it('count an account wherever it comes from, and leave it alone when strangers share its address', () => {
    const { caller, spend } = bed();
    for (let i = 0; i < 10; i += 1) spend(caller(`192.0.2.${i}`, 'ada', `session ${i}`));
    expect(() => spend(caller('192.0.2.99', 'ada'))).toThrow(refusal);
    spend(caller('192.0.2.99', 'ben'), 10);
    const stranger = caller('192.0.2.7');
    spend(stranger, 10);
    expect(() => spend(stranger)).toThrow(refusal);
    spend(caller('192.0.2.7', 'eve'));
  });

  it('neither forget a busy account nor refuse anybody while a million addresses come by', () => {
    const { caller, spend } = bed();
    spend(caller('192.0.2.1', 'ada'), 10);
    const heavy = caller('198.51.100.1');
    spend(heavy, 10);
    const before = process.memoryUsage().arrayBuffers + process.memoryUsage().heapUsed;
    for (let i = 0; i < 1_000_000; i += 1) spend(caller(`10.${i >>> 16}.${(i >>> 8) & 255}.${i & 255}`));
    expect(process.memoryUsage().arrayBuffers + process.memoryUsage().heapUsed - before).toBeLessThan(64 * 1024 * 1024);
    expect(() => spend(caller('192.0.2.1', 'ada'))).toThrow(refusal);
    // Those who asked least are forgotten first.
    expect(() => spend(heavy)).toThrow(refusal);
  });

  it('count IPv6 by the network of one customer', () => {
    const { caller, spend } = bed();
    for (let i = 0; i < 10; i += 1) spend(caller(`2001:db8:0:1::${i}`));
    expect(() => spend(caller('2001:db8:0:1:ffff::1'))).toThrow(refusal);
    spend(caller('2001:db8:0:2::1'));
  });

  it.each([
    ['2001:db8::1', '2001:db8:0:0'],
    ['2001:0db8:0000:0001:2:3:4:5', '2001:db8:0:1'],
    ['::1', '0:0:0:0'],
    ['1::', '1:0:0:0'],
    ['1:2:3:4:5:6:7::', '1:2:3:4'],
    ['64:ff9b::192.0.2.1', '64:ff9b:0:0'],
    ['192.0.2.1', '192.0.2.1'],
  ])('the network of %s is %s', (address, network) => {
    expect(addressNetwork(address)).toBe(network);
  });

  it('are off where the operator says so', () => {
    const { limits, caller } = bed();
    const one = caller('192.0.2.1', 'ada');
    for (let i = 0; i < 10_000; i += 1) limits.spend('exports', one);
    expect(one.sent.size).toBe(0);
  });

  it('give a stream its place back, once, and count sessions and accounts', () => {
    const { limits, caller } = bed();
    const one = caller('192.0.2.1', 'ada', 'first');
    const given = Array.from({ length: 20 }, () => limits.hold(one));
    expect(() => limits.hold(one)).toThrow(refusal);
    for (const session of ['b', 'c', 'd', 'e'])
      for (let i = 0; i < 20; i += 1) limits.hold(caller('192.0.2.1', 'ada', session));
    expect(() => limits.hold(caller('192.0.2.1', 'ada', 'f'))).toThrow(refusal);
    limits.hold(caller('192.0.2.1', 'ben', 'g'));
    given[0]?.();
    given[0]?.();
    limits.hold(one);
    expect(() => limits.hold(one)).toThrow(refusal);
  });
});
