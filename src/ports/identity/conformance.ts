/** What every sign-in provider must do with proofs, as tests. Providers of kind `oidc` add the verifier's own suite. */
import { describe, expect, it } from 'vitest';
import { type AppError, isAppError } from '../../domain/errors.ts';
import type { Identity } from '../../domain/user.ts';
import type { IdentityProvider } from './identity.ts';

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

export function describeIdentity(name: string, make: () => Promise<IdentityHarness>): void {
  describe(`identity: ${name}`, () => {
    const ada = { subject: 'ada', email: 'ada@example.org', emailVerified: true, name: 'Ada' };

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
