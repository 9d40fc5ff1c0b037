/** The provider against the specification of all OIDC sign-in, before a real issuer with this one's quirks. */
import { afterAll, beforeAll } from 'vitest';
import { type Issuers, startIssuers } from '../../../e2e/servers/issuers.ts';
import { describeOidcIdentity } from '../../ports/identity/conformance.ts';
import { harnessOn } from '../../ports/identity/test-issuer.ts';
import { config, googleRules } from './provider.ts';

let issuers: Issuers;
beforeAll(async () => {
  issuers = await startIssuers();
});
afterAll(() => issuers.stop());

describeOidcIdentity('google', async () =>
  harnessOn(issuers.google, googleRules(config.parse(issuers.env)), { hd: 'example.org' }),
);
