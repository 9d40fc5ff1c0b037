/**
 * The way through an issuer under attack: proofs of somebody else, used twice, of another browser or issuer, and accounts that
 * look like somebody's. Classes: RFC 9700 §2 and §4 (code replay, CSRF, mix-up, PKCE downgrade), CVE-2024-27918, CVE-2026-55075,
 * CVE-2024-29033, CVE-2022-31027, CVE-2020-26250 (whom an issuer's word makes), CVE-2019-10255 (where one is led after it).
 */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { newInvitationId } from '../../domain/ids.ts';
import { hashSecret } from '../../services/keys.ts';
import { type Answer, send } from './test-attacker.ts';
import {
  account,
  type Browser,
  type IssuersScene,
  openIssuersScene,
  PASSWORD,
  PROVIDERS,
} from './test-issuers-scene.ts';

let scene: IssuersScene;
let skew = 0;
beforeAll(async () => {
  scene = await openIssuersScene({ ADMIN_EMAILS: 'boss@example.org' }, () => Date.now() + skew);
  await scene.browser().signIn('google', account('founder'));
});
afterEach(() => {
  for (const name of PROVIDERS) scene.issuer(name).alter = (claims) => claims;
});
afterAll(() => scene.close());

const people = () => scene.bed.container.deps.people;
const to = (answer: Answer) => new URL(String(answer.headers.location), scene.bed.origin);
const reason = (answer: Answer) => to(answer).searchParams.get('reason');
/** Presses the button and signs in there, but does not come back. */
async function onTheWay(browser: Browser, provider: (typeof PROVIDERS)[number], who = account('ada'), form = {}) {
  const { people } = scene.issuer(provider);
  if (!people.some(({ subject }) => subject === who.subject)) people.push({ ...who, password: PASSWORD });
  const answer = await browser.begin(provider, form);
  return browser.signInAt(String(answer.headers.location), who);
}

describe.each(PROVIDERS)('the way through %s', (provider) => {
  it('leads in: the attacks below fail for their own reason', async () => {
    const browser = scene.browser();
    const answer = await browser.signIn(provider, account('ada'), { next: '/environments?a=1' });
    expect([answer.status, to(answer).pathname + to(answer).search]).toEqual([303, '/environments?a=1']);
    expect(await browser.me()).toBe('ada');
    expect([...browser.cookies.keys()]).toEqual(['cmbcluster_session']);
  });

  it('always asks with PKCE, state and nonce', async () => {
    const query = to(await scene.browser().begin(provider)).searchParams;
    expect(query.get('code_challenge_method')).toBe('S256');
    for (const name of ['code_challenge', 'state', 'nonce']) expect(query.get(name)?.length, name).toBeGreaterThan(20);
    expect(query.get('redirect_uri')).toBe(`${scene.bed.origin}/api/auth/callback/${provider}`);
  });

  it('takes a code once, even with the cookies of the way put back', async () => {
    const browser = scene.browser();
    const url = await onTheWay(browser, provider);
    const stolen = new Map(browser.cookies);
    await browser.arrive(url);
    expect(await browser.me()).toBe('ada');
    const thief = scene.browser();
    for (const [name, value] of stolen) thief.cookies.set(name, value);
    expect(reason(await thief.arrive(url))).toBe('expired');
    expect(await thief.me()).toBeNull();
  });

  it('does not take the way of another browser (login CSRF), nor one that nobody began', async () => {
    const mallory = scene.browser();
    const url = await onTheWay(mallory, provider, account('mallory'));
    const fresh = scene.browser();
    expect(reason(await fresh.arrive(url))).toBe('expired');
    const ada = scene.browser();
    await onTheWay(ada, provider);
    expect(reason(await ada.arrive(url))).toBe('expired');
    expect([await fresh.me(), await ada.me()]).toEqual([null, null]);
  });

  it.each(['state', 'nonce', 'pkce'])(
    'does not go on without the cookie of its %s, or with another one',
    async (step) => {
      for (const change of ['missing', 'of another way', 'made up']) {
        const browser = scene.browser();
        const url = await onTheWay(browser, provider);
        const name = `cmbcluster_${step}`;
        const other = scene.browser();
        await other.begin(provider);
        expect(browser.cookies.has(name)).toBe(true);
        if (change === 'missing') browser.cookies.delete(name);
        else browser.cookies.set(name, change === 'made up' ? 'x' : String(other.cookies.get(name)));
        const answer = await browser.arrive(url);
        expect([to(answer).pathname, await browser.me()], change).toEqual(['/sign-in', null]);
      }
    },
  );

  it('does not take an id_token with another nonce, or without one', async () => {
    for (const nonce of ['another', undefined]) {
      scene.issuer(provider).alter = (claims) => ({ ...claims, nonce });
      const browser = scene.browser();
      expect(to(await browser.signIn(provider, account('ada'))).pathname).toBe('/sign-in');
      expect(await browser.me()).toBeNull();
    }
  });

  it('a code is not taken to another issuer (mix-up)', async () => {
    for (const other of PROVIDERS.filter((name) => name !== provider)) {
      const browser = scene.browser();
      const url = await onTheWay(browser, provider);
      url.pathname = url.pathname.replace(provider, other);
      const answer = await browser.arrive(url);
      expect([to(answer).pathname, await browser.me()]).toEqual(['/sign-in', null]);
    }
    const browser = scene.browser();
    const url = await onTheWay(browser, provider);
    url.searchParams.set('iss', 'https://evil.example');
    expect([to(await browser.arrive(url)).pathname, await browser.me()]).toEqual(['/sign-in', null]);
  });

  it('a session that was planted before is not kept', async () => {
    const mallory = scene.browser();
    await mallory.signIn(provider, account('mallory'));
    const browser = scene.browser();
    browser.cookies.set('cmbcluster_session', String(mallory.cookies.get('cmbcluster_session')));
    await browser.signIn(provider, account('ada'));
    expect(browser.cookies.get('cmbcluster_session')).not.toBe(mallory.cookies.get('cmbcluster_session'));
    expect([await browser.me(), await mallory.me()]).toEqual(['ada', null]);
  });
});

describe('where the way leads', () => {
  it.each([
    '//evil.example',
    '/\\evil.example',
    'https://evil.example',
    '/%09//evil.example',
    '/.//evil.example',
    '@evil.example',
    '/api/auth/sign-out',
    'javascript:alert(1)',
    `/${'x'.repeat(5000)}`,
  ])('after sign-in and after a refusal: next=%j stays here', async (next) => {
    const browser = scene.browser();
    const begun = await browser.begin('google', { next });
    expect(begun.status).toBeLessThan(500);
    if (begun.status !== 303) return;
    const url = await browser.signInAt(String(begun.headers.location), account('founder'));
    const refused = scene.browser();
    for (const [name, value] of browser.cookies) refused.cookies.set(name, value);
    expect(to(await refused.arrive(new URL(`${url.origin}${url.pathname}?error=access_denied`))).host).toBe(url.host);
    const arrived = to(await browser.arrive(url));
    expect([arrived.host, arrived.pathname.startsWith('//'), arrived.pathname.startsWith('/api/')]).toEqual([
      url.host,
      false,
      false,
    ]);
  });

  it.each([
    'https://evil.example/',
    'http://localhost.evil.example/',
    '//evil.example',
    '%E0%A4%A',
    'javascript:alert(1)',
  ])('a target that somebody planted (%j) is not followed', async (target) => {
    for (const query of ['', '?error=access_denied', '?error=x%0d%0aset-cookie:a=b']) {
      const browser = scene.browser();
      const url = await onTheWay(browser, 'google', account('founder'));
      browser.cookies.set('cmbcluster_target', target);
      const answer = await browser.arrive(query === '' ? url : new URL(url.pathname + query, url));
      expect(answer.status).toBe(303);
      expect(to(answer).host).toBe(url.host);
      expect(decodeURIComponent(String(answer.headers.location))).not.toMatch(/evil\.example$/);
    }
  });

  it('signing out at an issuer leads to that issuer or here', async () => {
    for (const name of PROVIDERS) {
      const answer = await send(scene.bed.port, {
        path: `/api/auth/issuer-sign-out/${name}?post_logout_redirect_uri=https://evil.example&next=//evil.example`,
      });
      expect([scene.bed.origin, new URL(scene.issuer(name).issuer).origin]).toContain(to(answer).origin);
      expect(String(answer.headers.location)).not.toContain('evil');
    }
  });

  it('other sites cannot press the button', async () => {
    for (const headers of [
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': undefined, origin: 'https://evil.example' },
    ]) {
      const path = '/api/auth/sign-in/google';
      const answer = await send(scene.bed.port, { method: 'POST', path, headers, body: '' });
      expect([answer.status, answer.headers['set-cookie']]).toEqual([403, undefined]);
      expect((await send(scene.bed.port, { path, headers })).headers['set-cookie']).toBeUndefined();
    }
  });

  it('the client’s own routes are closed: no session, token or csrf is to be had from them', async () => {
    for (const path of [
      'session',
      'csrf',
      'providers',
      'signin',
      'signout',
      'signin/google',
      'error',
      '_log',
      'verify-request',
    ])
      expect((await send(scene.bed.port, { path: `/api/auth/${path}` })).status, path).toBe(404);
  });
});

describe('who somebody is', () => {
  it('the same e-mail at two issuers is two people', async () => {
    const [first, second] = [scene.browser(), scene.browser()];
    await first.signIn('google', account('kim-1', { email: 'kim@example.org', name: 'Kim' }));
    await second.signIn('cognito', account('kim-2', { email: 'kim@example.org', name: 'Not Kim' }));
    expect([await first.me(), await second.me()]).toEqual(['Kim', 'Not Kim']);
    // Nor is the same subject at two issuers one person.
    const third = scene.browser();
    await third.signIn('oidc', account('kim-1', { email: 'kim@example.org', name: 'Neither' }));
    expect(await third.me()).toBe('Neither');
  });

  it('an unverified e-mail makes no administrator, a verified one does', async () => {
    const boss = { email: 'boss@example.org' };
    await scene.browser().signIn('cognito', account('fake', { ...boss, emailVerified: false }));
    await scene.browser().signIn('oidc', account('real', boss));
    const role = (provider: 'cognito' | 'oidc', subject: string) =>
      people().findByIdentity(scene.issuer(provider).issuer, subject)?.role;
    expect([role('cognito', 'fake'), role('oidc', 'real')]).toEqual(['user', 'admin']);
    const spelled = scene.browser();
    await spelled.signIn('cognito', account('spelled', { email: 'boss@example.org.evil.example' }));
    expect(role('cognito', 'spelled')).toBe('user');
  });

  it('a role, a group or an admin flag in a token is nobody’s role here', async () => {
    scene.issuer('oidc').alter = (claims) => ({
      ...claims,
      role: 'admin',
      admin: true,
      roles: ['admin'],
      tier: 'enterprise',
    });
    await scene.browser().signIn('oidc', account('climber'));
    expect(people().findByIdentity(scene.issuer('oidc').issuer, 'climber')).toMatchObject({
      role: 'user',
      tier: 'free',
    });
  });
});

describe('adding an account to one’s own', () => {
  const FORM = { linking: 'yes' };
  const owner = (provider: 'google' | 'cognito' | 'oidc', subject: string) =>
    people().findByIdentity(scene.issuer(provider).issuer, subject)?.name;

  it('works for who signed in just now: the attacks below fail for their own reason', async () => {
    const browser = scene.browser();
    await browser.signIn('google', account('lea'));
    await browser.signIn('oidc', account('lea-too'), FORM);
    expect(owner('oidc', 'lea-too')).toBe('lea');
    expect(await browser.me()).toBe('lea');
  });

  it('does not take somebody else’s', async () => {
    await scene.browser().signIn('oidc', account('nia'));
    const browser = scene.browser();
    await browser.signIn('google', account('oto'));
    expect(reason(await browser.signIn('oidc', account('nia'), FORM))).toBe('taken');
    expect([owner('oidc', 'nia'), await browser.me()]).toEqual(['nia', 'oto']);
  });

  it('ends where it began: not in another session, not in another browser, not after sign-out', async () => {
    const mallory = scene.browser();
    await mallory.signIn('google', account('mal'));
    const url = await onTheWay(mallory, 'oidc', account('mal-bait'), FORM);
    const victim = scene.browser();
    await victim.signIn('google', account('pia'));
    const session = victim.cookies.get('cmbcluster_session');
    for (const [name, value] of mallory.cookies) if (name !== 'cmbcluster_session') victim.cookies.set(name, value);
    await victim.arrive(url);
    expect([owner('oidc', 'mal-bait'), victim.cookies.get('cmbcluster_session'), await victim.me()]).toEqual([
      undefined,
      session,
      'pia',
    ]);
    const leaving = scene.browser();
    await leaving.signIn('google', account('quin'));
    const way = await onTheWay(leaving, 'oidc', account('quin-too'), FORM);
    leaving.cookies.delete('cmbcluster_session');
    await leaving.arrive(way);
    expect([owner('oidc', 'quin-too'), await leaving.me()]).toEqual([undefined, null]);
  });

  it('an intent that was made up adds nothing', async () => {
    const browser = scene.browser();
    await browser.signIn('google', account('rae'));
    const url = await onTheWay(browser, 'oidc', account('rae-too'));
    const { userId } = await scene.bed.signIn('somebody');
    browser.cookies.set(
      'cmbcluster_linking',
      Buffer.from(JSON.stringify([userId, 'oidc', 1e15])).toString('base64url'),
    );
    await browser.arrive(url);
    expect(owner('oidc', 'rae-too')).not.toBe('somebody');
  });
});

describe('sign-in of programs', () => {
  const AS_PROGRAM = { 'sec-fetch-site': undefined };
  const post = (body: object, headers: Record<string, string | undefined> = AS_PROGRAM, cookie?: string) =>
    send(scene.bed.port, { method: 'POST', path: '/api/auth/exchange', headers, cookie, body: JSON.stringify(body) });
  const token = (more: object = {}, subject = 'robot', provider: 'google' | 'cognito' | 'oidc' = 'oidc') => {
    const issuer = scene.issuer(provider);
    return issuer.sign({ ...issuer.claimsOf(account(subject)), jti: crypto.randomUUID(), ...more });
  };

  it('takes a token once, in whatever spelling', async () => {
    const idToken = token();
    expect((await post({ idToken })).status).toBe(200);
    const [header, payload, signature = ''] = idToken.split('.');
    // The last character of base64url holds bits that mean nothing: other text, the same signature.
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    const same = [...alphabet].map((last) => signature.slice(0, -1) + last);
    const spellings = [...same, `${signature}=`, `${signature}==`, ` ${signature}`, signature.replaceAll('-', '+')];
    for (const spelling of spellings)
      expect((await post({ idToken: `${header}.${payload}.${spelling}` })).status, spelling.slice(-4)).toBe(401);
  });

  it('one of many racing takers gets a session', async () => {
    const idToken = token();
    const statuses = (await Promise.all(Array.from({ length: 20 }, () => post({ idToken })))).map(
      ({ status }) => status,
    );
    expect(statuses.filter((status) => status === 200)).toHaveLength(1);
  });

  it('is no way for browsers: a page must not sign somebody in', async () => {
    const idToken = token();
    for (const headers of [
      { origin: 'https://evil.example', 'sec-fetch-site': undefined },
      { origin: scene.bed.origin, 'sec-fetch-site': undefined },
      { 'sec-fetch-site': 'same-origin' },
      { 'sec-fetch-site': 'none' },
      { 'sec-fetch-site': undefined, origin: 'null', 'content-type': 'text/plain' },
    ]) {
      const answer = await post({ idToken }, headers);
      expect([answer.status, answer.headers['set-cookie']]).toEqual([403, undefined]);
    }
    expect((await post({ idToken }, AS_PROGRAM, 'a=b')).status).toBe(403);
    const answer = await post({ idToken });
    expect([answer.status, answer.headers['set-cookie']]).toEqual([200, undefined]);
  });

  it('takes no token that is for something else', async () => {
    const { oidc, google } = { oidc: scene.issuer('oidc'), google: scene.issuer('google') };
    const claims = oidc.claimsOf(account('robot'));
    const now = Number(claims.iat);
    for (const [what, idToken] of Object.entries({
      'another client': token({ aud: 'another-client' }),
      'another tenant': token({ iss: `${oidc.issuer}x` }),
      'another issuer’s name': google.sign({ ...claims }),
      'signed by nobody': oidc.sign(claims, { signer: 'nobody' }),
      'signed with the public key': oidc.sign(claims, { signer: 'public key' }),
      'signed by a stranger': oidc.sign(claims, { signer: 'stranger' }),
      'an access token': token({ token_use: 'access' }, 'robot', 'cognito'),
      'from the future': token({ nbf: now + 120 }),
      'of an hour ago': token({ iat: now - 3_600, exp: now + 60 }),
      'with keys of its own': oidc.sign(claims, { header: { jwk: oidc.publicKey } }),
      'with the name of another key': oidc.sign(claims, { header: { kid: '../../dev/null' } }),
    })) {
      const answer = await post({ idToken });
      expect([what, answer.status]).toEqual([what, 401]);
      expect(answer.body).not.toContain(idToken.slice(0, 40));
    }
    expect((await post({ idToken: token(), role: 'admin' })).status).toBe(400);
  });
});

describe('invitations', () => {
  const invite = (email: string | null = null, role: 'user' | 'admin' = 'user') => {
    const { deps } = scene.bed.container;
    const secret = `${crypto.randomUUID()}${crypto.randomUUID()}`;
    const founder = people().findByIdentity(scene.issuer('google').issuer, 'founder');
    if (!founder) throw new Error('nobody can invite');
    deps.db.write(() =>
      deps.invitations.insert({
        ...{ id: newInvitationId(), hash: hashSecret(secret), email, role, tier: 'premium' },
        ...{ createdBy: founder.id, createdAt: deps.now(), expiresAt: deps.now() + 86_400_000 },
      }),
    );
    return secret;
  };
  const show = async (browser: Browser, secret: string) => {
    const path = '/api/auth/invitation';
    const answer = await send(scene.bed.port, { method: 'POST', path, body: JSON.stringify({ secret }) });
    for (const line of [answer.headers['set-cookie'] ?? []].flat()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      browser.cookies.set(name, value);
    }
    return answer.status;
  };
  const tierOf = (subject: string) => people().findByIdentity(scene.issuer('oidc').issuer, subject)?.tier;

  it('let one person in, however many arrive at once', async () => {
    const secret = invite();
    const browsers = ['sam', 'sue', 'sid'].map((subject) => ({ subject, browser: scene.browser() }));
    const ways: URL[] = [];
    for (const { subject, browser } of browsers) {
      expect(await show(browser, secret)).toBe(200);
      ways.push(await onTheWay(browser, 'oidc', account(subject)));
    }
    await Promise.all(browsers.map(({ browser }, at) => browser.arrive(ways[at] ?? new URL(scene.bed.origin))));
    expect(browsers.filter(({ subject }) => tierOf(subject) === 'premium')).toHaveLength(1);
    expect(await show(scene.browser(), secret)).toBe(404);
  });

  it('for one address serve nobody else, nor the address unverified', async () => {
    const secret = invite('tea@example.org', 'admin');
    for (const who of [account('thief'), account('tea-1', { email: 'tea@example.org', emailVerified: false })]) {
      const browser = scene.browser();
      await show(browser, secret);
      await browser.signIn('oidc', who);
      expect(people().findByIdentity(scene.issuer('oidc').issuer, who.subject)?.role ?? 'nobody').not.toBe('admin');
    }
    const browser = scene.browser();
    await show(browser, secret);
    await browser.signIn('oidc', account('tea-2', { email: 'Tea@Example.org' }));
    expect(people().findByIdentity(scene.issuer('oidc').issuer, 'tea-2')?.role).toBe('admin');
  });

  it('raise nobody who is here already', async () => {
    const browser = scene.browser();
    await browser.signIn('oidc', account('uma'));
    await show(browser, invite(null, 'admin'));
    await browser.signIn('oidc', account('uma'));
    expect(people().findByIdentity(scene.issuer('oidc').issuer, 'uma')?.role).toBe('user');
  });
});

// Last: the clock goes forward only.
describe('a sign-in of long ago', () => {
  it('adds no account, whether it is old at the beginning or at the end of the way; nor does nobody', async () => {
    const form = { linking: 'yes' };
    const nobody = await scene.browser().begin('oidc', form);
    expect([to(nobody).pathname, to(nobody).host]).toEqual(['/sign-in', new URL(scene.bed.origin).host]);
    const browser = scene.browser();
    await browser.signIn('google', account('max'));
    const url = await onTheWay(browser, 'oidc', account('max-too'), form);
    skew += 11 * 60_000;
    await browser.arrive(url);
    expect(people().findByIdentity(scene.issuer('oidc').issuer, 'max-too')).toBeUndefined();
    expect(reason(await browser.begin('oidc', form))).toBe('stale');
  });
});
