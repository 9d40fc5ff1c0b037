/** Every quirk of Amazon Cognito, before a real issuer that has them. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Issuers, POOL_ID, startIssuers } from '../../../e2e/servers/issuers.ts';
import { harnessOn } from '../../ports/identity/test-issuer.ts';
import { cognitoRules, config } from './provider.ts';

let issuers: Issuers;
beforeAll(async () => {
  issuers = await startIssuers();
});
afterAll(() => issuers.stop());

const ADA = {
  subject: 'f0c1d2e3-1111-2222-3333-444455556666',
  email: 'ada@example.org',
  emailVerified: true,
  name: 'Ada',
};
const REFUSED = { code: 'unauthenticated' };
const open = () => harnessOn(issuers.cognito, cognitoRules(config.parse(issuers.env)));
const withoutIssuer = () => {
  const { COGNITO_ISSUER: _, ...env } = issuers.env;
  return env;
};

describe('quirks of Cognito', () => {
  it('the issuer and its keys follow from the pool, in the region that the pool’s name begins with', () => {
    const plain = `https://cognito-idp.eu-central-1.amazonaws.com/${POOL_ID}`;
    const rules = cognitoRules(config.parse(withoutIssuer()));
    expect(rules.issuer).toBe(plain);
    expect(rules.keysOf?.(plain)).toBe(`${plain}/.well-known/jwks.json`);
  });

  it('a pool of several regions has another issuer, and still the same people', () => {
    const plain = `https://cognito-idp.eu-central-1.amazonaws.com/${POOL_ID}`;
    const multiRegion = `https://issuer-cognito-idp.eu-central-1.amazonaws.com/${POOL_ID}`;
    const before = cognitoRules(config.parse(withoutIssuer()));
    const after = cognitoRules(config.parse({ ...withoutIssuer(), COGNITO_ISSUER: multiRegion }));
    expect([after.issuer, after.accountIssuer]).toEqual([multiRegion, plain]);
    expect([before.issuer, before.accountIssuer]).toEqual([plain, plain]);
    expect(before.alsoIssuers).toEqual([{ iss: multiRegion, url: multiRegion }]);
    expect(after.alsoIssuers).toEqual([{ iss: plain, url: plain }]);
  });

  it('an issuer that is none of the two stands alone', () => {
    expect(open().provider.issuers).toEqual([issuers.cognito.issuer]);
  });

  it('the issuer of another pool is refused before the start', () => {
    const COGNITO_ISSUER = 'https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_OtherPool';
    const parsed = config.safeParse({ ...withoutIssuer(), COGNITO_ISSUER });
    expect(parsed.error?.issues.map(({ path }) => path.join('.'))).toEqual(['COGNITO_ISSUER']);
  });

  it('token_use must say id, or an access token would do', async () => {
    const { provider, claimsOf, issuer } = open();
    const { token_use: _, ...without } = claimsOf(ADA);
    await expect(provider.validateToken(issuer.sign(without))).rejects.toMatchObject(REFUSED);
    const access = { ...claimsOf(ADA), token_use: 'access' };
    await expect(provider.validateToken(issuer.sign(access))).rejects.toMatchObject(REFUSED);
  });

  it('access tokens have no aud: their client_id is checked, and that they are the same person’s', async () => {
    const { provider, claimsOf, issuer } = open();
    const { aud: _, ...claims } = claimsOf(ADA);
    const access = { ...claims, token_use: 'access', client_id: issuers.cognito.clientId };
    const validate = (own: object) =>
      provider.validateToken(issuer.sign(claimsOf(ADA)), { accessToken: issuer.sign({ ...access, ...own }) });
    expect(await validate({})).toMatchObject(ADA);
    for (const own of [
      { client_id: 'another-client' },
      { client_id: undefined },
      { token_use: 'id' },
      { sub: 'bob' },
      { iss: 'https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_OtherPool' },
      { exp: Number(claims.iat) - 60 },
    ])
      await expect(validate(own), JSON.stringify(own)).rejects.toMatchObject(REFUSED);
    const forged = issuer.sign(access, { signer: 'stranger' });
    const idToken = issuer.sign(claimsOf(ADA));
    await expect(provider.validateToken(idToken, { accessToken: forged })).rejects.toMatchObject(REFUSED);
    // Alone it proves no sign-in at all.
    await expect(provider.validateToken(issuer.sign(access))).rejects.toMatchObject(REFUSED);
  });

  it('groups are in cognito:groups', async () => {
    const { provider, claimsOf, issuer } = open();
    const groupsOf = async (groups: unknown) =>
      (await provider.validateToken(issuer.sign({ ...claimsOf(ADA), 'cognito:groups': groups }))).groups;
    expect(await groupsOf(['lab', 'admins'])).toEqual(['lab', 'admins']);
    expect(await groupsOf(undefined)).toBeUndefined();
    expect(await groupsOf('lab')).toBeUndefined();
    expect(await groupsOf(['lab', 7, '', { name: 'x' }])).toEqual(['lab']);
  });

  it('email_verified may be the word “true”; any other word is a no', async () => {
    const { provider, claimsOf, issuer } = open();
    const verified = async (email_verified: unknown) =>
      (await provider.validateToken(issuer.sign({ ...claimsOf(ADA), email_verified }))).emailVerified;
    expect([await verified('true'), await verified(true)]).toEqual([true, true]);
    for (const no of ['false', false, 'True', 1, undefined]) expect(await verified(no)).toBe(false);
  });

  it('sign-out is an address of its own, on the domain of the sign-in pages', async () => {
    const url = new URL((await open().provider.client?.signOutUrl('https://lab.example.org/signed-out')) ?? '');
    expect(url.pathname).toBe(`/${POOL_ID}/logout`);
    expect(Object.fromEntries(url.searchParams)).toEqual({
      client_id: issuers.cognito.clientId,
      logout_uri: 'https://lab.example.org/signed-out',
    });
  });

  it.each<[Record<string, string>, string[]]>([
    [{}, ['COGNITO_USER_POOL_ID', 'COGNITO_CLIENT_ID', 'COGNITO_CLIENT_SECRET']],
    [{ COGNITO_USER_POOL_ID: 'pool', COGNITO_CLIENT_ID: 'a', COGNITO_CLIENT_SECRET: 'b' }, ['COGNITO_USER_POOL_ID']],
  ])('%j is refused with the variables', (env, variables) => {
    const parsed = config.safeParse(env);
    expect(parsed.error?.issues.map(({ path }) => path.join('.'))).toEqual(variables);
  });
});
