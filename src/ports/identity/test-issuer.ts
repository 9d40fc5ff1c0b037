/** An `oidc` provider before a test issuer, as its conformance suite wants it. */

import { signInByCode } from '../../../e2e/servers/code-flow.ts';
import type { TestIssuer } from '../../../e2e/servers/issuer.ts';
import type { Identity } from '../../domain/user.ts';
import type { OidcHarness } from './conformance.ts';
import { createOidcIdentity } from './oidc.ts';
import type { OidcRules } from './oidc-rules.ts';

export const ANSWER_MS = 300;
const PASSWORD = 'a password of the tests';

/** Switches of the issuer are put to rest; `own` are claims that every token of this issuer carries. */
export function harnessOn(testIssuer: TestIssuer, rules: OidcRules, own: Record<string, unknown> = {}): OidcHarness {
  Object.assign(testIssuer, { keysMode: 'normal', down: false, skewMs: 0, alter: (claims: unknown) => claims });
  let time = Math.floor(Date.now() / 1000) * 1000;
  const provider = createOidcIdentity(rules, { now: () => time, answerMs: ANSWER_MS });
  const before = { keys: testIssuer.keyRequests, discovery: testIssuer.discoveryRequests };
  const claimsOf = (person: Omit<Identity, 'issuer'>) => testIssuer.claimsOf({ ...person, claims: own }, time);
  return {
    provider,
    claimsOf,
    prove: async (person) => testIssuer.sign(claimsOf(person)),
    async signIn(person, nonce) {
      testIssuer.people.splice(0, Infinity, { ...person, password: PASSWORD, claims: own });
      const { email } = person;
      const [redirectUri = ''] = testIssuer.redirectUris;
      return signInByCode({ client: provider.client, redirectUri, email, password: PASSWORD, nonce });
    },
    advance: (ms) => {
      time += ms;
    },
    // An hour, and what clocks may differ.
    ttlMs: 3_630_000,
    singleUse: false,
    answerMs: ANSWER_MS,
    issuer: {
      sign: testIssuer.sign,
      rotateKeys: testIssuer.rotateKeys,
      get publicKey() {
        return testIssuer.publicKey;
      },
      get keysMode() {
        return testIssuer.keysMode;
      },
      set keysMode(mode) {
        testIssuer.keysMode = mode;
      },
      get down() {
        return testIssuer.down;
      },
      set down(down) {
        testIssuer.down = down;
      },
      get keyRequests() {
        return testIssuer.keyRequests - before.keys;
      },
      get discoveryRequests() {
        return testIssuer.discoveryRequests - before.discovery;
      },
    },
  };
}
