import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Browser, openBrowser, signInWith } from '../../e2e/servers/browser.ts';
import type { TestIssuer } from '../../e2e/servers/issuer.ts';
import { type Issuers, startIssuers } from '../../e2e/servers/issuers.ts';
import { openTestBed, type TestBed } from './test-bed.ts';

const COOKIE = 'cmbcluster_session';
const ada = { subject: 'ada-1', email: 'ada@lab.example', password: 'correct horse', name: 'Ada', emailVerified: true };
const eve = {
  subject: 'eve-1',
  email: 'eve@lab.example',
  password: 'battery staple',
  name: 'Eve',
  emailVerified: true,
};

let issuers: Issuers;
let bed: TestBed;
const NAMES = { google: 'google', cognito: 'cognito', oidc: 'generic' } as const;
const issuerOf = (provider: keyof typeof NAMES): TestIssuer => issuers[NAMES[provider]];

beforeAll(async () => {
  issuers = await startIssuers();
  for (const issuer of [issuers.google, issuers.cognito, issuers.generic]) issuer.people.push(ada, eve);
}, 30_000);
afterAll(() => issuers.stop());
afterEach(async () => {
  for (const issuer of [issuers.google, issuers.cognito, issuers.generic])
    Object.assign(issuer, { down: false, skewMs: 0, keysMode: 'normal', alter: (claims: object) => claims });
  await bed.close();
});

async function open(options: Parameters<typeof openTestBed>[0] & { providers?: string } = {}): Promise<TestBed> {
  const { providers = 'google,cognito,oidc', ...rest } = options;
  bed = await openTestBed({
    ...rest,
    env: { ...issuers.env, AUTH_PROVIDER: providers, ...rest.env },
    reconcile: false,
  });
  for (const provider of Object.keys(NAMES) as (keyof typeof NAMES)[])
    issuerOf(provider).register([`${bed.origin}/api/auth/callback/${provider}`], [`${bed.origin}/sign-in`]);
  return bed;
}

const me = async (browser: Browser) => {
  const cookie = browser.cookie(bed.origin, COOKIE);
  const answer = await fetch(`${bed.origin}/api/trpc/profile.me`, { headers: { cookie: `${COOKIE}=${cookie}` } });
  const body: { result?: { data: { email: string; role: string; name: string } } } = await answer.json();
  return body.result?.data ?? null;
};
const trail = (action: string) =>
  bed.container.deps.audit
    .page({ action }, { before: null, limit: 50 })
    .rows.map(({ result, details }) => ({ result, details }));

describe('sign-in with issuers', () => {
  it.each(['google', 'cognito', 'oidc'] as const)('%s: in, to the page that was wanted, and out', async (provider) => {
    await open();
    const browser = openBrowser();
    const page = await signInWith(browser, { origin: bed.origin, provider, person: ada, next: '/storage?sort=name' });
    expect([page.status, page.url.pathname + page.url.search]).toEqual([200, '/storage?sort=name']);
    expect(await me(browser)).toMatchObject({ email: ada.email, role: 'admin', name: 'Ada' });
    expect([...(browser.jars.get(bed.origin)?.keys() ?? [])]).toEqual([COOKIE]);
    const out = await fetch(`${bed.origin}/api/auth/sign-out`, {
      method: 'POST',
      headers: { cookie: `${COOKIE}=${browser.cookie(bed.origin, COOKIE)}`, origin: bed.origin },
    });
    const { issuer }: { issuer: { name: string } | null } = await out.json();
    expect(issuer?.name ?? null).toBe(provider === 'google' ? null : provider);
    expect(await me(browser)).toBeNull();
  });

  it('one person with the same e-mail at three issuers is three people', async () => {
    await open();
    for (const provider of ['google', 'cognito', 'oidc'] as const)
      await signInWith(openBrowser(), { origin: bed.origin, provider, person: ada });
    expect(bed.container.deps.people.countUsers()).toBe(3);
    await signInWith(openBrowser(), { origin: bed.origin, provider: 'google', person: ada });
    expect(bed.container.deps.people.countUsers()).toBe(3);
  });

  it('a second sign-in ends the session that the browser had', async () => {
    await open();
    const browser = openBrowser();
    await signInWith(browser, { origin: bed.origin, provider: 'google', person: ada });
    const before = browser.cookie(bed.origin, COOKIE) ?? '';
    await signInWith(browser, { origin: bed.origin, provider: 'oidc', person: eve });
    const old = openBrowser();
    old.jars.set(bed.origin, new Map([[COOKIE, before]]));
    expect([await me(old), (await me(browser))?.name]).toEqual([null, 'Eve']);
  });

  it('whoever says no comes back with that', async () => {
    await open();
    const page = await signInWith(openBrowser(), {
      origin: bed.origin,
      provider: 'oidc',
      person: null,
      next: '/catalog',
    });
    expect(page.url.pathname + page.url.search).toBe('/sign-in?reason=declined&with=oidc&next=%2Fcatalog');
  });

  it('a code that took too long, and one that is used twice, are told as expired', async () => {
    await open();
    const browser = openBrowser();
    const callback = `${bed.origin}/api/auth/callback/oidc`;
    const order = { origin: bed.origin, provider: 'oidc', person: ada, until: callback };
    const late = await signInWith(browser, order);
    issuers.generic.expireCodes();
    expect((await browser.visit(late.url)).url.searchParams.get('reason')).toBe('expired');

    const { url } = await signInWith(browser, order);
    const stolen = new Map(browser.jars.get(bed.origin));
    expect((await browser.visit(url)).url.pathname).toBe('/');
    // Replayed without the cookies of the way, and with a copy of them.
    const fresh = openBrowser();
    expect((await fresh.visit(url)).url.searchParams.get('reason')).toBe('expired');
    fresh.jars.set(bed.origin, stolen);
    expect((await fresh.visit(url)).url.searchParams.get('reason')).toBe('expired');
    expect(fresh.cookie(bed.origin, COOKIE)).toBeUndefined();
  });

  it('another browser’s way, another state and another provider’s callback lead nowhere', async () => {
    await open();
    const attacker = openBrowser();
    const order = { origin: bed.origin, provider: 'oidc', person: eve, until: `${bed.origin}/api/auth/callback/oidc` };
    const { url } = await signInWith(attacker, order);
    const victim = openBrowser();
    await signInWith(victim, { ...order, until: issuers.generic.issuer });
    expect((await victim.visit(url)).url.searchParams.get('reason')).toBe('expired');
    const mixed = new URL(url);
    mixed.pathname = '/api/auth/callback/cognito';
    expect((await attacker.visit(mixed)).url.searchParams.get('reason')).toBe('expired');
    const changed = new URL(url);
    changed.searchParams.set('state', 'x');
    expect((await attacker.visit(changed)).url.searchParams.get('reason')).toBe('expired');
    expect(bed.container.deps.people.countUsers()).toBe(0);
  });

  it('an answer of another issuer is refused (RFC 9207), as is a changed nonce', async () => {
    await open();
    const browser = openBrowser();
    const order = { origin: bed.origin, provider: 'oidc', person: ada, until: `${bed.origin}/api/auth/callback/oidc` };
    const { url } = await signInWith(browser, order);
    url.searchParams.set('iss', 'https://other.example');
    expect((await browser.visit(url)).url.searchParams.get('reason')).toBe('failed');
    issuers.generic.alter = (claims) => ({ ...claims, nonce: 'another' });
    const page = await signInWith(openBrowser(), { ...order, until: `${bed.origin}/sign-in` });
    expect(page.url.searchParams.get('reason')).toBe('failed');
    expect(bed.container.deps.people.countUsers()).toBe(0);
  });

  it('keys change while people are signed in, and while they sign in', async () => {
    await open();
    const browser = openBrowser();
    await signInWith(browser, { origin: bed.origin, provider: 'oidc', person: ada });
    issuers.generic.rotateKeys({ withdraw: true });
    expect((await me(browser))?.name).toBe('Ada');
  });

  it('an issuer that is down is told; who is signed in works on', async () => {
    await open();
    const browser = openBrowser();
    await signInWith(browser, { origin: bed.origin, provider: 'cognito', person: ada });
    const order = { origin: bed.origin, provider: 'cognito', person: eve, until: `${bed.origin}/api/auth/callback/` };
    const { url } = await signInWith(openBrowser(), order);
    issuers.cognito.down = true;
    const half = openBrowser();
    expect((await half.visit(url)).url.searchParams.get('reason')).toBe('expired');
    expect((await me(browser))?.name).toBe('Ada');
    await bed.close();
    await open();
    const page = await signInWith(openBrowser(), { origin: bed.origin, provider: 'cognito', person: eve });
    expect(page.url.searchParams.get('reason')).toBe('unavailable');
  });

  it.each(['huge', 'garbage', 'error', 'none', 'elsewhere'] as const)(
    'keys that come as “%s” are told as the issuer’s fault, and the next sign-in works',
    async (mode) => {
      await open();
      issuers.generic.keysMode = mode;
      const page = await signInWith(openBrowser(), { origin: bed.origin, provider: 'oidc', person: ada });
      expect(page.url.searchParams.get('reason')).toBe('unavailable');
      expect(bed.container.deps.people.countUsers()).toBe(0);
      issuers.generic.keysMode = 'normal';
      await bed.close();
      await open();
      expect(
        (await signInWith(openBrowser(), { origin: bed.origin, provider: 'oidc', person: ada })).url.pathname,
      ).toBe('/');
    },
  );

  it.each([
    [20_000, '/'],
    [-20_000, '/'],
    [10 * 60_000, '/sign-in'],
    [-2 * 3_600_000, '/sign-in'],
  ])('an issuer whose clock is %d ms ahead leads to %s', async (skewMs, path) => {
    await open();
    issuers.generic.skewMs = skewMs;
    const page = await signInWith(openBrowser(), { origin: bed.origin, provider: 'oidc', person: ada });
    expect(page.url.pathname).toBe(path);
  });

  it('twenty first sign-ins at once make one administrator', async () => {
    await open();
    const crowd = Array.from({ length: 20 }, (_, i) => ({ ...ada, subject: `p${i}`, email: `p${i}@lab.example` }));
    issuers.generic.people.push(...crowd);
    await Promise.all(
      crowd.map((person) => signInWith(openBrowser(), { origin: bed.origin, provider: 'oidc', person })),
    );
    expect([bed.container.deps.people.countUsers(), bed.container.deps.people.countActiveAdmins()]).toEqual([20, 1]);
  });

  it('a list denies everybody else, with the reason, and leaves it in the trail', async () => {
    await open({ env: { ALLOWED_EMAIL_DOMAINS: 'other.example' } });
    const browser = openBrowser();
    const page = await signInWith(browser, { origin: bed.origin, provider: 'google', person: ada });
    expect(page.url.searchParams.get('reason')).toBe('not_listed');
    expect(browser.cookie(bed.origin, COOKIE)).toBeUndefined();
    expect(trail('session.refused')).toEqual([
      { result: 'denied', details: { reason: 'not_listed', issuer: issuers.google.issuer } },
    ]);
  });

  it('whoever has to wait is let in once approved', async () => {
    await open({ env: { SIGN_UP: 'approval' } });
    await signInWith(openBrowser(), { origin: bed.origin, provider: 'google', person: ada });
    const browser = openBrowser();
    const order = { origin: bed.origin, provider: 'oidc', person: eve };
    expect((await signInWith(browser, order)).url.searchParams.get('reason')).toBe('awaiting');
    expect((await signInWith(browser, order)).url.searchParams.get('reason')).toBe('awaiting');
    const { people, db } = bed.container.deps;
    const row = people.findByIdentity(issuers.generic.issuer, eve.subject);
    expect([people.countUsers(), row?.active]).toEqual([2, false]);
    if (row)
      db.write(() => people.updateUser(row.id, { active: true, awaitsApprovalSince: null, admission: 'approval' }));
    expect((await signInWith(browser, order)).url.pathname).toBe('/');
    expect((await me(browser))?.role).toBe('user');
  });

  it('an open redirect is impossible', async () => {
    await open();
    for (const next of [
      '//evil.example',
      'https://evil.example/',
      '/\\evil.example',
      'https://a@evil.example',
      '/api/auth/sign-out',
    ]) {
      const page = await signInWith(openBrowser(), { origin: bed.origin, provider: 'oidc', person: ada, next });
      expect([page.url.origin, page.url.pathname]).toEqual([bed.origin, '/']);
    }
  });

  it('none of next-auth’s own routes is there', async () => {
    await open();
    for (const path of ['session', 'providers', 'csrf', 'signin/oidc', 'signout', 'error', '_log', 'signin'])
      expect((await fetch(`${bed.origin}/api/auth/${path}`)).status, path).toBe(404);
    const foreign = await fetch(`${bed.origin}/api/auth/sign-in/oidc`, {
      method: 'POST',
      redirect: 'manual',
      headers: { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' },
    });
    expect(foreign.status).toBe(403);
  });
});

describe('invitations', () => {
  const post = (browser: Browser, path: string, body: object) =>
    fetch(`${bed.origin}${path}`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        origin: bed.origin,
        cookie: [...(browser.jars.get(bed.origin) ?? [])].map(([name, value]) => `${name}=${value}`).join('; '),
      },
      body: JSON.stringify(body),
    });

  async function invite(email: string | null) {
    const owner = await bed.signIn('owner');
    const { url } = await owner.api.admin.invitations.create({ email, role: 'researcher', tier: 'premium', days: 1 });
    return new URL(url).hash.replace('#invitation=', '');
  }

  /** Opens the link: this browser has shown it from now on. */
  async function openLink(secret: string): Promise<{ browser: Browser; status: number }> {
    const browser = openBrowser();
    const answer = await post(browser, '/api/auth/invitation', { secret });
    const cookie = /cmbcluster_invitation=([^;]+)/.exec(answer.headers.get('set-cookie') ?? '')?.[1];
    if (cookie) browser.jars.set(bed.origin, new Map([['cmbcluster_invitation', cookie]]));
    return { browser, status: answer.status };
  }

  it('lets one person in past a closed door, with its role, and is used up', async () => {
    await open({ env: { SIGN_UP: 'invitation' } });
    const secret = await invite(null);
    const uninvited = await signInWith(openBrowser(), { origin: bed.origin, provider: 'oidc', person: eve });
    expect(uninvited.url.searchParams.get('reason')).toBe('uninvited');
    const [first, second] = [await openLink(secret), await openLink(secret)];
    await signInWith(first.browser, { origin: bed.origin, provider: 'oidc', person: ada });
    expect(await me(first.browser)).toMatchObject({ role: 'researcher', name: 'Ada' });
    expect([...(first.browser.jars.get(bed.origin)?.keys() ?? [])]).toEqual([COOKIE]);
    const late = await signInWith(second.browser, { origin: bed.origin, provider: 'oidc', person: eve });
    expect(late.url.searchParams.get('reason')).toBe('wrong_invitation');
    expect((await openLink(secret)).status).toBe(404);
  });

  it('of two who come at once with the same link one is let in', async () => {
    await open({ env: { SIGN_UP: 'invitation' } });
    const secret = await invite(null);
    const both = await Promise.all([ada, eve].map(async (person) => ({ person, ...(await openLink(secret)) })));
    await Promise.all(
      both.map(({ browser, person }) => signInWith(browser, { origin: bed.origin, provider: 'oidc', person })),
    );
    const inside = await Promise.all(both.map(async ({ browser }) => (await me(browser)) !== null));
    expect(inside.filter(Boolean)).toHaveLength(1);
  });

  it('for somebody by name is worth nothing to others', async () => {
    await open();
    const { browser } = await openLink(await invite(ada.email));
    const page = await signInWith(browser, { origin: bed.origin, provider: 'oidc', person: eve });
    expect(page.url.searchParams.get('reason')).toBe('wrong_invitation');
    // Signed out at the issuer, not here: the invitation is still at hand.
    browser.jars.delete(new URL(issuers.generic.issuer).origin);
    await signInWith(browser, { origin: bed.origin, provider: 'oidc', person: ada });
    expect((await me(browser))?.role).toBe('researcher');
  });

  it('is itself the link where links sign people in', async () => {
    await open({ providers: 'memory' });
    const { browser } = await openLink(await invite('new@lab.example'));
    const answer = await post(browser, '/api/auth/invitation/accept', {});
    expect(answer.status).toBe(200);
    const session = /cmbcluster_session=([^;]+)/.exec(answer.headers.get('set-cookie') ?? '')?.[1] ?? '';
    browser.jars.get(bed.origin)?.set(COOKIE, session);
    expect(await me(browser)).toMatchObject({ email: 'new@lab.example', role: 'researcher' });
    expect((await post(browser, '/api/auth/invitation/accept', {})).status).toBe(404);
  });
});

/** Where environments and files are; nothing of it is asked for by a sign-in. */
const CLOUDS = {
  gcp: { CLOUD_PROVIDER: 'gcp', PROJECT_ID: 'my-group-1234', GCS_ENDPOINT: 'http://127.0.0.1:9' },
  aws: { CLOUD_PROVIDER: 'aws', AWS_REGION: 'eu-central-1', S3_ENDPOINT: 'http://127.0.0.1:9' },
} as const;

describe('any cloud with any accounts', () => {
  it.each([
    ['gcp', 'google', ['google']],
    ['aws', 'cognito', ['cognito']],
    ['gcp', 'cognito', ['cognito']],
    ['aws', 'google', ['google']],
    ['gcp', 'google,cognito', ['google', 'cognito']],
    ['aws', 'google,cognito', ['google', 'cognito']],
  ] as const)('%s with %s', async (cloud, providers, names) => {
    await open({ providers, env: CLOUDS[cloud] });
    expect(bed.container.deps.identityProviders.map(({ name }) => name)).toEqual(names);
    for (const provider of names) {
      const browser = openBrowser();
      expect((await signInWith(browser, { origin: bed.origin, provider, person: ada })).url.pathname).toBe('/');
      expect((await me(browser))?.email).toBe(ada.email);
      const other = names.length === 1 ? (provider === 'google' ? 'cognito' : 'google') : 'oidc';
      const page = await signInWith(openBrowser(), { origin: bed.origin, provider: other, person: ada });
      expect(page.status).toBe(404);
    }
  });
});

describe('several accounts of one person', () => {
  const link = (browser: Browser, person: typeof ada, provider = 'oidc') =>
    signInWith(browser, { origin: bed.origin, provider, person, linking: true });

  it('a second account is added by fresh proof of both, and signs in as the same person', async () => {
    await open();
    const browser = openBrowser();
    await signInWith(browser, { origin: bed.origin, provider: 'google', person: ada });
    const session = browser.cookie(bed.origin, COOKIE);
    const page = await link(browser, eve);
    expect(page.url.pathname + page.url.search).toBe('/settings?tab=accounts&added=oidc');
    expect(browser.cookie(bed.origin, COOKIE)).toBe(session);
    const other = openBrowser();
    await signInWith(other, { origin: bed.origin, provider: 'oidc', person: eve });
    expect([(await me(other))?.name, bed.container.deps.people.countUsers()]).toEqual(['Ada', 1]);
  });

  it('an account of somebody else, a stale sign-in and a signed-out browser are refused', async () => {
    let now = Date.now();
    await open({ now: () => now });
    await signInWith(openBrowser(), { origin: bed.origin, provider: 'oidc', person: eve });
    const browser = openBrowser();
    await signInWith(browser, { origin: bed.origin, provider: 'google', person: ada });
    expect((await link(browser, eve)).url.searchParams.get('reason')).toBe('taken');
    expect(trail('identity.link').map(({ result }) => result)).toEqual(['denied']);
    expect((await link(openBrowser(), eve)).url.pathname).toBe('/sign-in');
    now += 11 * 60_000;
    expect((await link(browser, eve, 'cognito')).url.searchParams.get('reason')).toBe('stale');
    expect(bed.container.deps.people.countUsers()).toBe(2);
  });

  it('a way that was begun to add an account never signs anybody in', async () => {
    await open();
    const browser = openBrowser();
    await signInWith(browser, { origin: bed.origin, provider: 'google', person: ada });
    const until = `${bed.origin}/api/auth/callback/oidc`;
    const { url } = await signInWith(browser, {
      origin: bed.origin,
      provider: 'oidc',
      person: eve,
      linking: true,
      until,
    });
    browser.jars.get(bed.origin)?.delete(COOKIE);
    const page = await browser.visit(url);
    expect([page.url.pathname, page.url.searchParams.get('reason')]).toEqual(['/settings', 'expired']);
    expect([browser.cookie(bed.origin, COOKIE), bed.container.deps.people.countUsers()]).toEqual([undefined, 1]);
  });
});

describe('programs without a browser', () => {
  const exchange = (body: object, headers: Record<string, string> = {}) =>
    fetch(`${bed.origin}/api/auth/exchange`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });

  it('exchange an id_token once for a session that they send as a bearer', async () => {
    await open();
    const idToken = issuers.google.sign(issuers.google.claimsOf(ada));
    const answer = await exchange({ idToken });
    const { token }: { token: string } = await answer.json();
    const named = await fetch(`${bed.origin}/api/trpc/profile.me`, { headers: { authorization: `Bearer ${token}` } });
    expect(await named.json()).toMatchObject({ result: { data: { email: ada.email } } });
    expect((await exchange({ idToken })).status).toBe(401);
  });

  it('old tokens, tokens of nobody and browsers are refused', async () => {
    await open();
    const { google } = issuers;
    const old = google.sign(google.claimsOf(ada, Date.now() - 15 * 60_000));
    expect((await exchange({ idToken: old })).status).toBe(401);
    expect((await exchange({ idToken: 'x.y.z' })).status).toBe(401);
    const idToken = google.sign(google.claimsOf(ada));
    expect((await exchange({ idToken }, { origin: bed.origin })).status).toBe(403);
    expect((await exchange({ idToken }, { 'sec-fetch-site': 'same-origin' })).status).toBe(403);
    expect((await exchange({ idToken, role: 'admin' })).status).toBe(400);
  });
});
