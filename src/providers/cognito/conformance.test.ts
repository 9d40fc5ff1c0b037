/** The provider against the specification of all OIDC sign-in, before a real issuer with this one's quirks. */
import { afterAll, beforeAll } from 'vitest';
import { type Issuers, startIssuers } from '../../../e2e/servers/issuers.ts';
import { describeOidcIdentity } from '../../ports/identity/conformance.ts';
import { harnessOn } from '../../ports/identity/test-issuer.ts';
import { cognitoRules, config } from './provider.ts';

let issuers: Issuers;
beforeAll(async () => {
  issuers = await startIssuers();
});
afterAll(() => issuers.stop());

describeOidcIdentity('cognito', async () => harnessOn(issuers.cognito, cognitoRules(config.parse(issuers.env))));
