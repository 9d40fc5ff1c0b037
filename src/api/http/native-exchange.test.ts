/** Programs that sign in: what their account may do, beside what the address may. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Issuers, startIssuers } from '../../../e2e/servers/issuers.ts';
import { openTestBed, type TestBed } from '../../boot/test-bed.ts';

let issuers: Issuers;
let bed: TestBed;
beforeAll(async () => {
  issuers = await startIssuers();
}, 30_000);
afterAll(() => issuers.stop());
afterEach(() => bed.close());

const person = (subject: string) => ({
  ...{ subject, email: `${subject}@lab.example`, emailVerified: true, name: subject },
});
let sequence = 0;
/** Another one each time. */
const token = (subject: string) => {
  const { google } = issuers;
  sequence += 1;
  return google.sign({ ...google.claimsOf(person(subject)), jti: String(sequence) });
};
const exchange = (idToken: string, from: string) =>
  fetch(`${bed.origin}/api/auth/exchange`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-forwarded-for': from },
    body: JSON.stringify({ idToken }),
  });

describe('the exchange of tokens', () => {
  it('is limited by account, wherever the program runs; a token that came too early is not used up', async () => {
    let now = Date.now();
    const env = { AUTH_PROVIDER: 'google', TRUSTED_PROXIES: 'loopback', RATE_LIMIT_EXCHANGE: 'account=2+1/m' };
    bed = await openTestBed({ env: { ...issuers.env, ...env }, now: () => now, reconcile: false });
    // The first one makes the account.
    const statuses: number[] = [];
    for (let i = 0; i < 3; i += 1) statuses.push((await exchange(token('ada'), `203.0.113.${i}`)).status);
    expect(statuses).toEqual([200, 200, 200]);
    const early = token('ada');
    const refused = await exchange(early, '203.0.113.9');
    expect([refused.status, refused.headers.get('ratelimit-remaining')]).toEqual([429, '0']);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    // Nobody else's, not even from the same address.
    expect((await exchange(token('ben'), '203.0.113.9')).status).toBe(200);
    now += 60_000;
    expect((await exchange(early, '203.0.113.9')).status).toBe(200);
    expect((await exchange(early, '203.0.113.9')).status).toBe(401);
  });

  it('costs no account anything when the token is not good, or was used', async () => {
    const env = { AUTH_PROVIDER: 'google', RATE_LIMIT_EXCHANGE: 'account=2+1/h' };
    bed = await openTestBed({ env: { ...issuers.env, ...env }, reconcile: false });
    const used = token('ada');
    expect((await exchange(used, '')).status).toBe(200);
    const forged = `${token('ada').slice(0, -8)}AAAAAAAA`;
    for (let i = 0; i < 5; i += 1) {
      expect((await exchange(used, '')).status).toBe(401);
      expect((await exchange(forged, '')).status).toBe(401);
    }
    expect((await exchange(token('ada'), '')).status).toBe(200);
  });
});
