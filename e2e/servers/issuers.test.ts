/** That the test issuers are as strict, and as broken, as the tests that stand on them believe. */
import { decodeJwt } from 'jose';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createOidcIdentity } from '../../src/ports/identity/oidc.ts';
import { config, oidcRules } from '../../src/providers/oidc/provider.ts';
import { type CodeFlowOrder, signInByCode } from './code-flow.ts';
import { type Issuers, startIssuers } from './issuers.ts';

let issuers: Issuers;
beforeAll(async () => {
  issuers = await startIssuers();
  issuers.generic.people.push({
    subject: 'ada',
    email: 'ada@example.org',
    emailVerified: true,
    name: 'Ada',
    password: 'right',
  });
});
afterEach(() => {
  Object.assign(issuers.generic, { skewMs: 0, down: false, keysMode: 'normal', alter: (claims: unknown) => claims });
});
afterAll(() => issuers.stop());

function signIn(own: Partial<CodeFlowOrder> = {}) {
  const { client } = createOidcIdentity(oidcRules(config.parse(issuers.env)), { now: Date.now });
  const [redirectUri = ''] = issuers.generic.redirectUris;
  return signInByCode({ client, redirectUri, email: 'ada@example.org', password: 'right', nonce: 'n', ...own });
}

describe('a test issuer', () => {
  it('signs in who knows the password', async () => {
    const { idToken } = await signIn();
    expect(decodeJwt(idToken)).toMatchObject({ iss: issuers.generic.issuer, sub: 'ada', nonce: 'n' });
  });

  it('refuses a wrong password and a person it does not know', async () => {
    await expect(signIn({ password: 'wrong' })).rejects.toThrow(/401.*Wrong e-mail or password/s);
    await expect(signIn({ email: 'bob@example.org' })).rejects.toThrow(/401/);
  });

  it('gives no code to an address that is not registered', async () => {
    await expect(signIn({ redirectUri: 'http://127.0.0.1/elsewhere' })).rejects.toThrow(/400 invalid_redirect_uri/);
  });

  it('takes no code that is old', async () => {
    await expect(signIn({ onCode: () => issuers.generic.expireCodes() })).rejects.toThrow(/invalid_grant/);
  });

  it('goes on with codes and people after a rotation of its keys', async () => {
    const before = await signIn();
    const after = await signIn({ onCode: () => issuers.generic.rotateKeys() });
    const kids = [before, after].map(({ idToken }) => JSON.parse(atob(idToken.split('.')[0] ?? '')).kid);
    expect(new Set(kids).size).toBe(2);
    expect(kids[1]).toBe(issuers.generic.publicKey.kid);
  });

  it('can be ahead of its time', async () => {
    issuers.generic.skewMs = 600_000;
    const { iat = 0 } = decodeJwt((await signIn()).idToken);
    expect(iat * 1000 - Date.now()).toBeGreaterThan(590_000);
  });

  it('is found under new addresses when they are registered', async () => {
    const redirectUri = 'http://localhost:1/api/auth/callback/oidc';
    await expect(signIn({ redirectUri })).rejects.toThrow(/invalid_redirect_uri/);
    issuers.generic.register([redirectUri]);
    expect((await signIn({ redirectUri })).accessToken).toMatch(/\S/);
  });

  it('hangs up when it is down', async () => {
    issuers.generic.down = true;
    await expect(signIn()).rejects.toMatchObject({ code: 'unavailable' });
  });
});
