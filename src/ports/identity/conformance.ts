/** What every sign-in provider must do with proofs, as tests; those of kind `oidc` have a second part, run on a real issuer. */
import { describe, expect, it } from 'vitest';
import { type AppError, isAppError } from '../../domain/errors.ts';
import type { Identity } from '../../domain/user.ts';
import type { IdentityProvider, OidcClient } from './identity.ts';
import { COOL_DOWN_MS, RETRY_MS } from './remote-document.ts';

export interface IdentityHarness {
  provider: IdentityProvider;
  /** A fresh valid proof of this person; the issuer must be one of the provider's own. */
  prove(person: Omit<Identity, 'issuer'>): Promise<string>;
  /** Moves the provider's clock. */
  advance(ms: number): void;
  /** How long a proof lives. */
  ttlMs: number;
  /** Whether a proof works once only. */
  singleUse: boolean;
}

type Claims = Record<string, unknown>;

/** The issuer behind a provider of kind `oidc`: a real one, whose keys the tests hold. */
export interface IssuerOnTest {
  sign(
    claims: Claims,
    options?: { header?: Record<string, unknown>; signer?: 'issuer' | 'stranger' | 'public key' | 'nobody' },
  ): string;
  rotateKeys(options?: { withdraw?: boolean }): void;
  readonly publicKey: object;
  keysMode: 'normal' | 'silent' | 'drip' | 'huge' | 'garbage' | 'error' | 'none' | 'elsewhere' | 'nearby';
  down: boolean;
  readonly keyRequests: number;
  readonly discoveryRequests: number;
}

export interface OidcHarness extends IdentityHarness {
  provider: IdentityProvider & { readonly client?: OidcClient };
  issuer: IssuerOnTest;
  /** All claims of a valid id_token now, by the provider's clock. */
  claimsOf(person: Omit<Identity, 'issuer'>): Claims;
  /** Through the issuer's own pages, by the authorization code flow, now. */
  signIn(person: Omit<Identity, 'issuer'>, nonce: string): Promise<{ idToken: string; accessToken: string }>;
  /** Longest time that the issuer is given for an answer. */
  answerMs: number;
}

const ADA = { subject: 'ada', email: 'ada@example.org', emailVerified: true, name: 'Ada' };
const REFUSED = { code: 'unauthenticated', message: 'This sign-in could not be verified. Sign in again.' };
const UNAVAILABLE = { code: 'unavailable', retryable: true };

export function describeIdentity(name: string, make: () => Promise<IdentityHarness>): void {
  describe(`identity: ${name}`, () => {
    const ada = ADA;

    async function refusal(harness: IdentityHarness, proof: string): Promise<AppError> {
      const error: unknown = await harness.provider.validateToken(proof).catch((caught: unknown) => caught);
      if (!isAppError(error)) throw new Error(`not refused with an AppError: ${JSON.stringify(error)}`);
      return error;
    }

    it('says who it is', async () => {
      const { provider } = await make();
      expect(provider.name).toMatch(/^[a-z][a-z0-9-]*$/);
      expect(provider.label).toMatch(/\S/);
      expect(provider.issuers.length).toBeGreaterThan(0);
    });

    it('takes a valid proof and tells the person, of an issuer of its own', async () => {
      const harness = await make();
      const identity = await harness.provider.validateToken(await harness.prove(ada));
      expect(identity).toMatchObject(ada);
      expect(harness.provider.issuers).toContain(identity.issuer);
    });

    it('keeps people apart', async () => {
      const harness = await make();
      const proofs = [await harness.prove(ada), await harness.prove({ ...ada, subject: 'bob', name: 'Bob' })];
      const people = await Promise.all(proofs.map((proof) => harness.provider.validateToken(proof)));
      expect(people.map(({ subject }) => subject)).toEqual(['ada', 'bob']);
    });

    it('refuses unknown, empty, altered and expired proofs alike, with unauthenticated', async () => {
      const harness = await make();
      const proof = await harness.prove(ada);
      const middle = Math.floor(proof.length / 2);
      const altered = proof.slice(0, middle) + (proof[middle] === 'A' ? 'B' : 'A') + proof.slice(middle + 1);
      const refused = [];
      for (const wrong of ['', 'x', 'x'.repeat(100_000), '\0', altered, `${proof} `, proof.slice(1)]) {
        refused.push(await refusal(harness, wrong));
      }
      harness.advance(harness.ttlMs + 1);
      refused.push(await refusal(harness, proof));
      for (const error of refused) {
        expect(error.code).toBe('unauthenticated');
        expect([error.message, error.details]).toEqual([refused[0]?.message, refused[0]?.details]);
        expect(`${error.message}${error.stack}`).not.toContain(proof);
      }
    });

    it('lets a proof live to the end of its time', async () => {
      const harness = await make();
      const proof = await harness.prove(ada);
      harness.advance(harness.ttlMs - 1);
      expect(await harness.provider.validateToken(proof)).toMatchObject(ada);
    });

    it('a proof for one use lets one of many racing calls in', async ({ skip }) => {
      const harness = await make();
      if (!harness.singleUse) skip('its proofs may be shown more than once');
      const proof = await harness.prove(ada);
      const results = await Promise.allSettled(Array.from({ length: 20 }, () => harness.provider.validateToken(proof)));
      expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      expect((await refusal(harness, proof)).code).toBe('unauthenticated');
    });
  });
}

/** `make` opens a provider that has asked its issuer nothing yet, with all switches of the issuer at rest. */
export function describeOidcIdentity(name: string, make: () => Promise<OidcHarness>): void {
  describeIdentity(name, make);

  describe(`identity of kind oidc: ${name}`, () => {
    const seconds = ({ iat }: Claims, more: number): number => Number(iat) + more;

    it('says what the code flow needs, and its secret nowhere else', async () => {
      const { provider } = await make();
      expect(provider.kind).toBe('oidc');
      expect(provider.client?.checks).toEqual(['pkce', 'state', 'nonce']);
      expect(provider.client?.scopes).toContain('openid');
      const { client, ...rest } = provider;
      expect(JSON.stringify(rest)).not.toContain(client?.secret ?? 'client-secret');
      const endpoints = await client?.endpoints();
      expect(provider.issuers).toContain(endpoints?.issuer);
      await client?.check();
    });

    it('asks its issuer nothing before somebody signs in, and then once', async () => {
      const harness = await make();
      const { issuer, provider } = harness;
      expect([issuer.keyRequests, issuer.discoveryRequests]).toEqual([0, 0]);
      await Promise.all(Array.from({ length: 20 }, async () => provider.validateToken(await harness.prove(ADA))));
      for (let i = 0; i < 5; i += 1) await provider.validateToken(await harness.prove(ADA));
      expect(issuer.keyRequests).toBe(1);
      expect(issuer.discoveryRequests).toBeLessThanOrEqual(1);
    });

    it('takes what its issuer gives to somebody who signs in', async () => {
      const harness = await make();
      const { idToken, accessToken } = await harness.signIn(ADA, 'a-nonce');
      const identity = await harness.provider.validateToken(idToken, { nonce: 'a-nonce', accessToken });
      expect(identity).toMatchObject(ADA);
    });

    it('takes no token of another sign-in: nonce and access token must fit', async () => {
      const harness = await make();
      const { idToken, accessToken } = await harness.signIn(ADA, 'a-nonce');
      const other = await harness.signIn(ADA, 'another-nonce');
      const { provider } = harness;
      await expect(provider.validateToken(idToken, { nonce: 'another-nonce', accessToken })).rejects.toMatchObject(
        REFUSED,
      );
      await expect(provider.validateToken(idToken, { accessToken: `${accessToken}x` })).rejects.toMatchObject(REFUSED);
      await expect(provider.validateToken(idToken, { accessToken: other.accessToken })).rejects.toMatchObject(REFUSED);
      const without = harness.issuer.sign({ ...harness.claimsOf(ADA), nonce: undefined });
      await expect(provider.validateToken(without, { nonce: 'a-nonce' })).rejects.toMatchObject(REFUSED);
      await expect(provider.validateToken(accessToken)).rejects.toMatchObject(REFUSED);
    });

    it.each<[string, (claims: Claims) => Claims]>([
      ['of no issuer', ({ iss: _, ...claims }) => claims],
      ['of another issuer', (claims) => ({ ...claims, iss: 'https://issuer.example' })],
      ['of another tenant of its issuer', (claims) => ({ ...claims, iss: `${claims.iss}x` })],
      ['of the issuer with a slash more', (claims) => ({ ...claims, iss: `${claims.iss}/` })],
      ['of a list of issuers', (claims) => ({ ...claims, iss: [claims.iss] })],
      ['for nobody', ({ aud: _, ...claims }) => claims],
      ['for another client', (claims) => ({ ...claims, aud: 'another-client' })],
      [
        'for several clients without an authorized party',
        ({ azp: _, ...claims }) => ({ ...claims, aud: [claims.aud, 'b'] }),
      ],
      ['for several clients, authorized for another', (claims) => ({ ...claims, aud: [claims.aud, 'b'], azp: 'b' })],
      ['authorized for another client', (claims) => ({ ...claims, azp: 'another-client' })],
      ['of nobody', ({ sub: _, ...claims }) => claims],
      ['of an empty subject', (claims) => ({ ...claims, sub: '' })],
      ['of a subject that is no text', (claims) => ({ ...claims, sub: 7 })],
      ['of a subject with a line break', (claims) => ({ ...claims, sub: 'ada\nbob' })],
      ['of a subject of 256 characters', (claims) => ({ ...claims, sub: 'a'.repeat(256) })],
      ['without an end', ({ exp: _, ...claims }) => claims],
      ['without a beginning', ({ iat: _, ...claims }) => claims],
      ['that ended 31 seconds ago', (claims) => ({ ...claims, iat: seconds(claims, -600), exp: seconds(claims, -31) })],
      ['that begins in 31 seconds', (claims) => ({ ...claims, nbf: seconds(claims, 31) })],
      ['from the future', (claims) => ({ ...claims, iat: seconds(claims, 31), exp: seconds(claims, 3_600) })],
      [
        'of yesterday that lives for days',
        (claims) => ({ ...claims, iat: seconds(claims, -86_400), exp: seconds(claims, 86_400) }),
      ],
      ['with times that are no numbers', (claims) => ({ ...claims, exp: String(claims.exp) })],
      ['for use as an access token', (claims) => ({ ...claims, token_use: 'access' })],
      ['that is an access token by its type', (claims) => ({ ...claims, typ: 'Bearer' })],
      [
        'that ends a session',
        (claims) => ({ ...claims, events: { 'http://schemas.openid.net/event/backchannel-logout': {} } }),
      ],
    ])('refuses a token %s', async (_, change) => {
      const harness = await make();
      const token = harness.issuer.sign(change(harness.claimsOf(ADA)));
      await expect(harness.provider.validateToken(token)).rejects.toMatchObject(REFUSED);
    });

    it.each<[string, (claims: Claims) => Claims]>([
      ['of a clock 29 seconds ahead', (claims) => ({ ...claims, iat: seconds(claims, 29), nbf: seconds(claims, 29) })],
      ['that ended 29 seconds ago', (claims) => ({ ...claims, iat: seconds(claims, -600), exp: seconds(claims, -29) })],
      [
        'for several clients, authorized for this one',
        (claims) => ({ ...claims, aud: [claims.aud, 'b'], azp: claims.aud }),
      ],
      ['with many groups', (claims) => ({ ...claims, more: Array.from({ length: 400 }, (_, i) => `group ${i}`) })],
    ])('takes a token %s', async (_, change) => {
      const harness = await make();
      const token = harness.issuer.sign(change(harness.claimsOf(ADA)));
      expect(await harness.provider.validateToken(token)).toMatchObject(ADA);
    });

    it('takes a younger age than its own as asked', async () => {
      const harness = await make();
      const token = await harness.prove(ADA);
      harness.advance(91_000);
      await expect(harness.provider.validateToken(token, { maxAgeMs: 60_000 })).rejects.toMatchObject(REFUSED);
      expect(await harness.provider.validateToken(token, { maxAgeMs: 120_000 })).toMatchObject(ADA);
    });

    it.each(['nobody', 'stranger', 'public key'] as const)('refuses what was signed by %s', async (signer) => {
      const harness = await make();
      const token = harness.issuer.sign(harness.claimsOf(ADA), { signer });
      await expect(harness.provider.validateToken(token)).rejects.toMatchObject(REFUSED);
    });

    it.each<[string, (key: object) => Record<string, unknown>]>([
      ['an algorithm that is not pinned', () => ({ alg: 'RS1' })],
      ['the algorithm of a secret', () => ({ alg: 'HS256' })],
      ['no algorithm', () => ({ alg: undefined })],
      ['a key of its own', (key) => ({ jwk: key })],
      ['the address of keys', () => ({ jku: 'https://keys.example/jwks' })],
      ['the address of a certificate', () => ({ x5u: 'https://keys.example/x5u' })],
      ['extensions', () => ({ crit: ['exp'], exp: 1 })],
      ['an extension that changes its content', () => ({ crit: ['b64'], b64: false })],
      ['the type of access tokens', () => ({ typ: 'at+jwt' })],
      ['the type of logout tokens', () => ({ typ: 'logout+jwt' })],
      ['the name of another key', () => ({ kid: 'another' })],
      ['a path as the name of its key', () => ({ kid: '../../../../dev/null' })],
    ])('refuses a token whose header brings %s, and follows nothing in it', async (_, header) => {
      const harness = await make();
      const token = harness.issuer.sign(harness.claimsOf(ADA), { header: header(harness.issuer.publicKey) });
      await expect(harness.provider.validateToken(token)).rejects.toMatchObject(REFUSED);
    });

    it('refuses endless tokens before reading them', async () => {
      const harness = await make();
      const token = harness.issuer.sign({ ...harness.claimsOf(ADA), more: 'x'.repeat(20_000) });
      await expect(harness.provider.validateToken(token)).rejects.toMatchObject(REFUSED);
      expect(harness.issuer.keyRequests).toBe(0);
    });

    it('tells in the cause, for the log, what was wrong, and nothing of the token', async () => {
      const harness = await make();
      const token = harness.issuer.sign({ ...harness.claimsOf(ADA), aud: 'another-client' });
      const error: unknown = await harness.provider.validateToken(token).catch((caught: unknown) => caught);
      const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : '';
      expect(cause).toMatch(/aud/);
      expect(cause).not.toContain('another-client');
    });

    it('finds new keys at once, and forgets withdrawn ones in ten minutes', async () => {
      const harness = await make();
      const { issuer, provider } = harness;
      const old = issuer.sign(harness.claimsOf(ADA));
      await provider.validateToken(old);
      issuer.rotateKeys();
      expect(await provider.validateToken(issuer.sign(harness.claimsOf(ADA)))).toMatchObject(ADA);
      expect(await provider.validateToken(old)).toMatchObject(ADA);
      issuer.rotateKeys({ withdraw: true });
      harness.advance(10 * 60_000);
      await expect(provider.validateToken(old)).rejects.toMatchObject(REFUSED);
      expect(await provider.validateToken(issuer.sign(harness.claimsOf(ADA)))).toMatchObject(ADA);
    });

    it('strangers with invented keys do not make it ask again and again', async () => {
      const harness = await make();
      const { issuer, provider } = harness;
      await provider.validateToken(await harness.prove(ADA));
      const invented = () =>
        provider.validateToken(issuer.sign(harness.claimsOf(ADA), { header: { kid: crypto.randomUUID() } }));
      for (let i = 0; i < 50; i += 1) await expect(invented()).rejects.toMatchObject(REFUSED);
      expect(issuer.keyRequests).toBe(2);
      harness.advance(COOL_DOWN_MS);
      await expect(invented()).rejects.toMatchObject(REFUSED);
      expect(issuer.keyRequests).toBe(3);
    });

    it.each(['silent', 'drip', 'huge', 'garbage', 'error', 'none', 'elsewhere'] as const)(
      'keys that answer with “%s” are the issuer’s fault, told in time and not asked for at every try',
      async (mode) => {
        const harness = await make();
        const { issuer, provider } = harness;
        const proof = await harness.prove(ADA);
        issuer.keysMode = mode;
        const started = performance.now();
        await expect(provider.validateToken(proof)).rejects.toMatchObject(UNAVAILABLE);
        expect(performance.now() - started).toBeLessThan(harness.answerMs * 2 + 1_000);
        const asked = issuer.keyRequests;
        for (let i = 0; i < 10; i += 1) await expect(provider.validateToken(proof)).rejects.toMatchObject(UNAVAILABLE);
        expect(issuer.keyRequests).toBe(asked);
        await expect(provider.client?.check()).rejects.toMatchObject(UNAVAILABLE);
        issuer.keysMode = 'normal';
        harness.advance(RETRY_MS);
        expect(await provider.validateToken(proof)).toMatchObject(ADA);
      },
    );

    it('follows a redirect that stays at the issuer', async () => {
      const harness = await make();
      harness.issuer.keysMode = 'nearby';
      expect(await harness.provider.validateToken(await harness.prove(ADA))).toMatchObject(ADA);
    });

    it('an issuer that is down is unavailable; keys that are known go on working', async () => {
      const harness = await make();
      const { issuer, provider } = harness;
      await provider.validateToken(await harness.prove(ADA));
      issuer.down = true;
      expect(await provider.validateToken(await harness.prove(ADA))).toMatchObject(ADA);
      issuer.rotateKeys();
      await expect(provider.validateToken(await harness.prove(ADA))).rejects.toMatchObject(UNAVAILABLE);
      await expect(provider.client?.check()).rejects.toMatchObject(UNAVAILABLE);
      issuer.down = false;
      harness.advance(RETRY_MS);
      expect(await provider.validateToken(await harness.prove(ADA))).toMatchObject(ADA);
    });

    it('takes text of the issuer as text only: bounded, without control characters', async () => {
      const harness = await make();
      const odd = { name: `A\u0000d\na${'x'.repeat(5_000)}`, email: 'no address', email_verified: true };
      const token = harness.issuer.sign({ ...harness.claimsOf(ADA), ...odd });
      const identity = await harness.provider.validateToken(token);
      expect(identity).toMatchObject({ email: '', emailVerified: false });
      expect(identity.name).toMatch(/^A d ax+$/);
      expect(identity.name.length).toBeLessThanOrEqual(200);
    });
  });
}
