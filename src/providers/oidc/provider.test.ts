/** What a generic issuer may do that the named ones do not, before a real one. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Issuers, startIssuers } from '../../../e2e/servers/issuers.ts';
import { harnessOn } from '../../ports/identity/test-issuer.ts';
import { config, oidcRules } from './provider.ts';

let issuers: Issuers;
beforeAll(async () => {
  issuers = await startIssuers();
});
afterAll(() => issuers.stop());

const ADA = { subject: 'ada', email: 'ada@example.org', emailVerified: true, name: 'Ada' };
const open = (env: Record<string, string> = {}) =>
  harnessOn(issuers.generic, oidcRules(config.parse({ ...issuers.env, ...env })));

describe('any issuer', () => {
  it('an e-mail that only the userinfo endpoint tells is fetched there, for the same person', async () => {
    const { provider, signIn } = open();
    const strip = ({ email: _, email_verified: __, ...claims }: Record<string, unknown>) => claims;
    issuers.generic.alter = strip;
    const { idToken, accessToken } = await signIn(ADA, 'n');
    expect(await provider.validateToken(idToken)).toMatchObject({ email: '', emailVerified: false });
    expect(await provider.validateToken(idToken, { accessToken })).toMatchObject(ADA);
  });

  it('userinfo about somebody else is refused; userinfo that fails is the issuer’s fault', async () => {
    const { provider, signIn, claimsOf, issuer } = open();
    const { accessToken } = await signIn(ADA, 'n');
    const { email: _, ...claims } = claimsOf({ ...ADA, subject: 'bob' });
    await expect(provider.validateToken(issuer.sign(claims), { accessToken })).rejects.toMatchObject({
      code: 'unauthenticated',
    });
    await expect(provider.validateToken(issuer.sign(claims), { accessToken: 'unknown' })).rejects.toMatchObject({
      code: 'unavailable',
    });
  });

  it('a verified e-mail is one by the word of whoever told it', async () => {
    const { provider, signIn, claimsOf, issuer } = open();
    const { accessToken } = await signIn({ ...ADA, emailVerified: false }, 'n');
    const { email: _, ...claims } = claimsOf(ADA);
    const token = issuer.sign({ ...claims, email_verified: true });
    expect(await provider.validateToken(token, { accessToken })).toMatchObject({
      email: ADA.email,
      emailVerified: false,
    });
  });

  it('email_verified is true or it is not', async () => {
    const { provider, claimsOf, issuer } = open();
    for (const email_verified of ['true', 1, undefined, false]) {
      const token = issuer.sign({ ...claimsOf(ADA), email_verified });
      expect((await provider.validateToken(token)).emailVerified).toBe(false);
    }
  });

  it('groups are in the claim that was named', async () => {
    const { provider, claimsOf, issuer } = open({ OIDC_GROUPS_CLAIM: 'eduperson_entitlement' });
    const token = issuer.sign({ ...claimsOf(ADA), groups: ['no'], eduperson_entitlement: ['lab'] });
    expect((await provider.validateToken(token)).groups).toEqual(['lab']);
  });

  it('groups come by themselves when their scope is asked for', async () => {
    const { provider, signIn } = open({ OIDC_SCOPES: 'openid email profile groups' });
    const { idToken } = await signIn({ ...ADA, groups: ['lab'] }, 'n');
    expect((await provider.validateToken(idToken)).groups).toEqual(['lab']);
  });

  it('names are taken from what there is', async () => {
    const { provider, claimsOf, issuer } = open();
    const nameOf = async (own: object) =>
      (await provider.validateToken(issuer.sign({ ...claimsOf(ADA), name: undefined, ...own }))).name;
    expect(await nameOf({ given_name: 'Ada', family_name: 'Lovelace' })).toBe('Ada Lovelace');
    expect(await nameOf({ preferred_username: 'countess' })).toBe('countess');
    expect(await nameOf({})).toBe('ada');
    expect(await nameOf({ email: undefined })).toBe('ada');
  });

  it('sign-out goes to the address that discovery tells', async () => {
    const url = new URL((await open().provider.client?.signOutUrl('https://lab.example.org/')) ?? '');
    expect(url.origin + url.pathname).toBe(`${issuers.generic.issuer}/session/end`);
    expect(Object.fromEntries(url.searchParams)).toEqual({
      client_id: issuers.generic.clientId,
      post_logout_redirect_uri: 'https://lab.example.org/',
    });
  });

  it('a client without a secret is a public one', () => {
    const { OIDC_CLIENT_SECRET: _, ...env } = issuers.env;
    expect(oidcRules(config.parse(env)).clientSecret).toBeNull();
  });

  it.each<[Record<string, string>, string[]]>([
    [{}, ['OIDC_ISSUER', 'OIDC_CLIENT_ID']],
    [{ OIDC_ISSUER: 'http://login.example.org', OIDC_CLIENT_ID: 'a' }, ['OIDC_ISSUER']],
    [{ OIDC_ISSUER: 'https://Login.example.org', OIDC_CLIENT_ID: 'a' }, ['OIDC_ISSUER']],
    [{ OIDC_ISSUER: 'https://login.example.org', OIDC_CLIENT_ID: 'a', OIDC_SCOPES: 'email' }, ['OIDC_SCOPES']],
  ])('%j is refused with the variables', (env, variables) => {
    const parsed = config.safeParse(env);
    expect(parsed.error?.issues.map(({ path }) => path.join('.'))).toEqual(variables);
  });
});
