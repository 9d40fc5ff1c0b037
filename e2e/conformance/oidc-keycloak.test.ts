/** Sign-in with Keycloak, a real issuer that is not ours: its tokens, its pages, its keys, and the sessions that it ends. */
import { decodeJwt } from 'jose';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { eventually, openTestBed, type TestBed } from '../../src/boot/test-bed.ts';
import { describeIdentity } from '../../src/ports/identity/conformance.ts';
import type { IdentityProvider, OidcClient } from '../../src/ports/identity/identity.ts';
import { createOidcIdentity } from '../../src/ports/identity/oidc.ts';
import { config, oidcRules } from '../../src/providers/oidc/provider.ts';
import { type Browser, openBrowser } from '../servers/browser.ts';
import { signInByCode } from '../servers/code-flow.ts';
import {
  ADA,
  answerKeycloak,
  BOB,
  EVE,
  KEYCLOAK_TOKEN_SECONDS,
  type Keycloak,
  type KeycloakClient,
  type KeycloakPerson,
  startKeycloak,
} from '../servers/keycloak.ts';

const COOKIE = 'cmbcluster_session';
const NOWHERE = 'http://127.0.0.1:9';
const REDIRECT = `${NOWHERE}/callback`;
const REFUSED = { code: 'unauthenticated' };

let keycloak: Keycloak;
beforeAll(async () => {
  keycloak = await startKeycloak();
});
afterAll(() => keycloak.stop());

type OidcProvider = IdentityProvider & { readonly client: OidcClient };

function open(now: () => number = Date.now): OidcProvider {
  return createOidcIdentity(oidcRules(config.parse(keycloak.env)), { now, answerMs: 10_000 });
}

async function signIn({ client }: OidcProvider, person: KeycloakPerson, nonce = 'a-nonce') {
  await keycloak.register(NOWHERE, { redirectUris: [REDIRECT] });
  const answer = (page: string) => answerKeycloak(page, person);
  return signInByCode({ client, redirectUri: REDIRECT, ...person, nonce, answer });
}

describeIdentity('oidc on Keycloak', async () => {
  let time = Date.now();
  const provider = open(() => time);
  return {
    provider,
    async prove({ subject }) {
      const { idToken } = await signIn(provider, subject === BOB.id ? BOB : ADA);
      time = Number(decodeJwt(idToken).iat) * 1000;
      return idToken;
    },
    advance(ms) {
      time += ms;
    },
    // And what clocks may differ.
    ttlMs: (KEYCLOAK_TOKEN_SECONDS + 30) * 1000,
    singleUse: false,
  };
});

describe('tokens of Keycloak', () => {
  it('fit their nonce and their access token, and tell groups and the session', async () => {
    const provider = open();
    const { idToken, accessToken } = await signIn(provider, ADA, 'this-nonce');
    expect(decodeJwt(idToken)).toMatchObject({ at_hash: expect.any(String), typ: 'ID', azp: keycloak.clientId });
    const identity = await provider.validateToken(idToken, { nonce: 'this-nonce', accessToken });
    expect(identity).toMatchObject({ issuer: keycloak.issuer, subject: ADA.id, emailVerified: true });
    expect([...(identity.groups ?? [])].sort()).toEqual(['admins', 'astronomers']);
    expect(await keycloak.sessionsOf(ADA)).toContain(identity.issuerSession);
    await expect(provider.validateToken(idToken, { nonce: 'another' })).rejects.toMatchObject(REFUSED);
    const other = await signIn(provider, ADA);
    await expect(provider.validateToken(idToken, { accessToken: other.accessToken })).rejects.toMatchObject(REFUSED);
    // Signed by the same key, and no proof of a sign-in.
    await expect(provider.validateToken(accessToken)).rejects.toMatchObject(REFUSED);
    await expect(provider.validateLogoutToken?.(idToken)).rejects.toMatchObject(REFUSED);
    await expect(provider.validateLogoutToken?.(accessToken)).rejects.toMatchObject(REFUSED);
  });

  it('tell an address that is not verified as such', async () => {
    const provider = open();
    const { idToken } = await signIn(provider, EVE);
    expect(await provider.validateToken(idToken)).toMatchObject({ email: EVE.email, emailVerified: false });
  });

  it('are taken before and after its keys change', async () => {
    const provider = open();
    const before = await signIn(provider, ADA);
    await provider.validateToken(before.idToken);
    await keycloak.rotateKeys();
    const after = await signIn(provider, ADA);
    const kid = (token: string) => JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString()).kid;
    expect(kid(after.idToken)).not.toBe(kid(before.idToken));
    expect(await provider.validateToken(after.idToken)).toMatchObject({ subject: ADA.id });
    expect(await provider.validateToken(before.idToken)).toMatchObject({ subject: ADA.id });
  });

  it('are not given for a wrong password', async () => {
    await expect(signIn(open(), { ...ADA, password: 'wrong' })).rejects.toThrow();
  });

  it('the check of the doctor passes, and sign-out has an address', async () => {
    const { client } = open();
    await client.check();
    const url = new URL((await client.signOutUrl(`${NOWHERE}/sign-in`)) ?? '');
    expect(url.href.startsWith(`${keycloak.issuer}/`)).toBe(true);
  });
});

describe('a deployment with Keycloak', () => {
  let bed: TestBed;
  afterEach(() => bed.close());

  /** Nobody is signed in, here or there. */
  async function openBed(client: KeycloakClient = {}): Promise<void> {
    bed = await openTestBed({ env: { ...keycloak.env, AUTH_PROVIDER: 'oidc' }, reconcile: false });
    await keycloak.register(NOWHERE);
    for (const person of [ADA, EVE]) await keycloak.signOut(person);
    await keycloak.register(bed.origin, client);
  }

  async function comeIn(person: KeycloakPerson): Promise<Browser> {
    const browser = openBrowser();
    const page = await browser.visit(`${bed.origin}/api/auth/sign-in/oidc`, {
      form: { next: '/storage' },
      headers: { origin: bed.origin },
    });
    const { url, form } = answerKeycloak(page.text, person);
    const back = await browser.visit(url, { form });
    expect([back.status, back.url.href]).toEqual([200, `${bed.origin}/storage`]);
    return browser;
  }

  async function holds(browser: Browser): Promise<boolean> {
    const cookie = `${COOKIE}=${browser.cookie(bed.origin, COOKIE)}`;
    return (await fetch(`${bed.origin}/api/trpc/profile.me`, { headers: { cookie } })).status === 200;
  }

  it('an administrator who signs a person out there ends the session here, and only hers', async () => {
    await openBed();
    const [ada, eve] = [await comeIn(ADA), await comeIn(EVE)];
    expect([await holds(ada), await holds(eve)]).toEqual([true, true]);
    await keycloak.signOut(ADA);
    // Keycloak answers when it has told its clients.
    await eventually(async () => !(await holds(ada)), 10_000);
    expect(await holds(eve)).toBe(true);
    const { rows } = bed.container.deps.audit.page({ action: 'session.issuer_sign_out' }, { before: null, limit: 9 });
    expect(rows).toMatchObject([{ actorName: 'Ada' }]);
  });

  it('one session that ends there ends here, the person’s other one stays', async () => {
    await openBed();
    const first = await comeIn(ADA);
    const [session = ''] = await keycloak.sessionsOf(ADA);
    const second = await comeIn(ADA);
    await keycloak.endSession(session);
    await eventually(async () => !(await holds(first)), 10_000);
    expect(await holds(second)).toBe(true);
  });

  // This version of Keycloak sends one logout token when an administrator ends all of a person's sessions: where it names a
  // session, the others stay here.
  it('where its tokens name the person only, all of the person’s sessions end', async () => {
    await openBed({ namesSessions: false });
    const browsers = [await comeIn(ADA), await comeIn(ADA)];
    const eve = await comeIn(EVE);
    await keycloak.signOut(ADA);
    for (const browser of browsers) await eventually(async () => !(await holds(browser)), 10_000);
    expect(await holds(eve)).toBe(true);
  });

  it('keys may change while people are signed in', async () => {
    await openBed();
    const before = await comeIn(ADA);
    await keycloak.rotateKeys();
    const after = await comeIn(EVE);
    expect([await holds(before), await holds(after)]).toEqual([true, true]);
    await keycloak.signOut(EVE);
    await eventually(async () => !(await holds(after)), 10_000);
  });

  it('who signs out here is offered to sign out there, and is asked there', async () => {
    await openBed();
    const browser = await comeIn(ADA);
    const cookie = `${COOKIE}=${browser.cookie(bed.origin, COOKIE)}`;
    const out = await fetch(`${bed.origin}/api/auth/sign-out`, {
      method: 'POST',
      headers: { cookie, origin: bed.origin },
    });
    expect(await out.json()).toMatchObject({ ok: true, issuer: { name: 'oidc' } });
    const page = await browser.visit(`${bed.origin}/api/auth/issuer-sign-out/oidc`);
    // Without a token as a hint it asks first.
    expect([page.status, page.url.pathname]).toEqual([200, '/realms/lab/protocol/openid-connect/logout']);
  });
});
