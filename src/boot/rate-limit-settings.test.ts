import { describe, expect, it } from 'vitest';
import { DEFAULT_RATE_LIMITS } from '../domain/rate-limit.ts';
import { ConfigError, readConfig } from './config.ts';

function problemsOf(env: Record<string, string>): readonly unknown[] {
  try {
    readConfig(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

describe('settings of limits', () => {
  it('change the named part alone', () => {
    const { rateLimits } = readConfig({
      RATE_LIMIT_SIGN_IN: ' address=30+6/m ',
      RATE_LIMIT_CHANGES: 'account=5+1/s  address=7+1/h',
      RATE_LIMIT_QUERIES: 'off',
    });
    expect(rateLimits['sign-in']).toEqual({
      account: null,
      address: { burst: 30, perSecond: 0.1 },
    });
    expect(rateLimits.changes).toEqual({
      account: { burst: 5, perSecond: 1 },
      address: { burst: 7, perSecond: 1 / 3600 },
    });
    expect(rateLimits.queries).toBeNull();
    expect(rateLimits.tickets).toBe(DEFAULT_RATE_LIMITS.tickets);
  });

  it.each([
    '60',
    'account=60',
    'account=0+1/s',
    'account=1+0/s',
    'person=1+1/s',
    'account=1+1/d',
    'account=1+-1/s',
    'OFF',
  ])('refuse %j with an example', (text) => {
    expect(problemsOf({ RATE_LIMIT_UPLOADS: text })).toEqual([
      { variable: 'RATE_LIMIT_UPLOADS', message: expect.stringContaining('Use for example: account=60+1/s') },
    ]);
  });

  it('refuse a part that nothing would read', () => {
    expect(problemsOf({ RATE_LIMIT_SIGN_IN: 'address=30+6/m account=60+1/s' })).toEqual([
      { variable: 'RATE_LIMIT_SIGN_IN', message: expect.stringContaining('no part for accounts') },
    ]);
    expect(readConfig({ RATE_LIMIT_EXCHANGE: 'account=5+1/h' }).rateLimits.exchange?.account?.burst).toBe(5);
  });

  it('name the limits that exist', () => {
    expect(problemsOf({ RATE_LIMIT_SIGNIN: 'off' })).toEqual([
      { variable: 'RATE_LIMIT_SIGNIN', message: expect.stringContaining('RATE_LIMIT_SIGN_IN, RATE_LIMIT_EXCHANGE') },
    ]);
  });
});

describe('settings of proxies', () => {
  it('are nobody by default, and the first header of the two', () => {
    const { trustedProxies } = readConfig({});
    expect([trustedProxies.includes('127.0.0.1'), trustedProxies.field]).toEqual([false, 'x-forwarded-for']);
  });

  it('are addresses, networks and loopback', () => {
    const { trustedProxies } = readConfig({
      TRUSTED_PROXIES: 'loopback, 10.0.0.0/8,2001:db8::/32',
      PROXY_HEADER: 'Forwarded',
    });
    const known = ['127.0.0.9', '::1', '10.9.9.9', '2001:db8::9', '11.0.0.1'].map(trustedProxies.includes);
    expect([...known, trustedProxies.field]).toEqual([true, true, true, true, false, 'forwarded']);
  });

  it('are refused by name with a remedy', () => {
    expect(problemsOf({ TRUSTED_PROXIES: '10.0.0.0/8 10.1.0.0/16', PROXY_HEADER: 'X-Real-IP' })).toEqual([
      { variable: 'TRUSTED_PROXIES', message: expect.stringContaining('10.0.0.0/8, or loopback') },
      { variable: 'PROXY_HEADER', message: expect.stringContaining('X-Forwarded-For or Forwarded') },
    ]);
  });
});
