/** Every quirk of Google's accounts, before a real issuer that has them. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Issuers, startIssuers } from '../../../e2e/servers/issuers.ts';
import { harnessOn } from '../../ports/identity/test-issuer.ts';
import { config, googleRules } from './provider.ts';

let issuers: Issuers;
beforeAll(async () => {
  issuers = await startIssuers();
});
afterAll(() => issuers.stop());

const ADA = { subject: '1234567890', email: 'ada@example.org', emailVerified: true, name: 'Ada' };
const open = (env: Record<string, string> = {}) =>
  harnessOn(issuers.google, googleRules(config.parse({ ...issuers.env, ...env })));

describe('quirks of Google accounts', () => {
  it('the issuer has two spellings in tokens; the person is the same one', async () => {
    const { provider, claimsOf, issuer } = open();
    const bare = issuers.google.issuer.replace('http://', '');
    const people = await Promise.all(
      [issuers.google.issuer, bare].map((iss) => provider.validateToken(issuer.sign({ ...claimsOf(ADA), iss }))),
    );
    expect(people[0]).toEqual(people[1]);
    expect(people[0]?.issuer).toBe(issuers.google.issuer);
    for (const iss of ['https://accounts.google.com', 'accounts.google.com', `${bare}/`, `https://${bare}`]) {
      const token = issuer.sign({ ...claimsOf(ADA), iss });
      await expect(provider.validateToken(token)).rejects.toMatchObject({ code: 'unauthenticated' });
    }
  });

  it('without an override only Google itself is the issuer, in both spellings', () => {
    const { GOOGLE_ISSUER: _, ...env } = issuers.env;
    const rules = googleRules(config.parse(env));
    expect(rules.issuer).toBe('https://accounts.google.com');
    expect(rules.alsoIssuers).toEqual([{ iss: 'accounts.google.com', url: 'https://accounts.google.com' }]);
    expect(rules.accountIssuer).toBe('https://accounts.google.com');
  });

  it('hd is checked in the token: the parameter of the request is only a hint', async () => {
    const { provider, claimsOf, issuer } = open({ GOOGLE_HOSTED_DOMAIN: 'Example.org, lab.example' });
    expect(provider.client?.parameters.hd).toBe('*');
    const tokenOf = (own: object) => provider.validateToken(issuer.sign({ ...claimsOf(ADA), ...own }));
    expect(await tokenOf({ hd: 'example.org' })).toMatchObject({ subject: ADA.subject });
    expect(await tokenOf({ hd: 'lab.example' })).toMatchObject({ subject: ADA.subject });
    for (const own of [{}, { hd: 'evil.example' }, { hd: ['example.org'] }, { hd: 'sub.example.org' }]) {
      await expect(tokenOf(own)).rejects.toMatchObject({
        code: 'permission_denied',
        message: expect.stringContaining('example.org or lab.example'),
      });
    }
    expect(open({ GOOGLE_HOSTED_DOMAIN: 'example.org' }).provider.client?.parameters.hd).toBe('example.org');
    expect(open().provider.client?.parameters).not.toHaveProperty('hd');
  });

  it('an e-mail is the person’s own only when it is verified and Google gave it', async () => {
    const { provider, claimsOf, issuer } = open();
    const verified = async (own: object) =>
      (await provider.validateToken(issuer.sign({ ...claimsOf(ADA), ...own }))).emailVerified;
    expect(await verified({ hd: 'example.org' })).toBe(true);
    expect(await verified({ email: 'ada@gmail.com' })).toBe(true);
    // An account made with an address from elsewhere, which may belong to somebody else by now.
    expect(await verified({})).toBe(false);
    expect(await verified({ hd: 'example.org', email_verified: false })).toBe(false);
    expect(await verified({ hd: 'example.org', email_verified: 'true' })).toBe(false);
    expect(await verified({ email: 'ada@gmail.com.evil.example' })).toBe(false);
    expect(await verified({ email: 'ada@gmail.com', email_verified: undefined })).toBe(false);
  });

  it('the account is its number, whatever its e-mail is now', async () => {
    const { provider, claimsOf, issuer } = open();
    const renamed = issuer.sign({ ...claimsOf(ADA), email: 'ada@other.example' });
    expect(await provider.validateToken(renamed)).toMatchObject({ subject: ADA.subject, email: 'ada@other.example' });
  });

  it('no address ends a session at Google', async () => {
    expect(await open().provider.client?.signOutUrl('https://lab.example.org/')).toBeNull();
  });

  it.each<[Record<string, string>, string[]]>([
    [{}, ['GOOGLE_CLIENT_ID', 'GOOGLE_CLIENT_SECRET']],
    [{ GOOGLE_CLIENT_ID: 'a', GOOGLE_CLIENT_SECRET: 'b', GOOGLE_ISSUER: 'http://issuer.example' }, ['GOOGLE_ISSUER']],
    [{ GOOGLE_CLIENT_ID: 'a', GOOGLE_CLIENT_SECRET: 'b', GOOGLE_HOSTED_DOMAIN: '@x' }, ['GOOGLE_HOSTED_DOMAIN']],
  ])('%j is refused with the variables', (env, variables) => {
    const parsed = config.safeParse(env);
    expect(parsed.error?.issues.map(({ path }) => path.join('.'))).toEqual(variables);
  });
});
