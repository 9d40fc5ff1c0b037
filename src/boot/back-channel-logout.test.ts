/** Issuers end sessions by themselves: the route, what it ends, and what it never does. */
import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openBrowser, signInWith } from '../../e2e/servers/browser.ts';
import { type Issuers, startIssuers } from '../../e2e/servers/issuers.ts';
import { openTestBed, type TestBed } from './test-bed.ts';

const COOKIE = 'cmbcluster_session';
const EVENT = 'http://schemas.openid.net/event/backchannel-logout';
const person = (name: string) => ({
  subject: `${name}-1`,
  email: `${name}@lab.example`,
  password: 'correct horse',
  name,
  emailVerified: true,
});
const ada = person('Ada');
const eve = person('Eve');

let issuers: Issuers;
let bed: TestBed;
beforeAll(async () => {
  issuers = await startIssuers();
  issuers.generic.people.push(ada, eve);
  issuers.google.people.push(ada);
}, 30_000);
afterAll(() => issuers.stop());
afterEach(async () => {
  issuers.generic.alter = (claims) => claims;
  await bed.close();
});

async function open(): Promise<void> {
  bed = await openTestBed({ env: { ...issuers.env, AUTH_PROVIDER: 'google,oidc' }, reconcile: false });
  issuers.generic.register([`${bed.origin}/api/auth/callback/oidc`]);
  issuers.google.register([`${bed.origin}/api/auth/callback/google`]);
}

/** A browser that is signed in by this session at the issuer. */
async function signIn(who: typeof ada, sid: string | undefined, provider = 'oidc') {
  issuers.generic.alter = (claims) => ({ ...claims, sid });
  const browser = openBrowser();
  await signInWith(browser, { origin: bed.origin, provider, person: who });
  const cookie = browser.cookie(bed.origin, COOKIE) ?? '';
  return async () => {
    const answer = await fetch(`${bed.origin}/api/trpc/profile.me`, { headers: { cookie: `${COOKIE}=${cookie}` } });
    return answer.status === 200;
  };
}

function logoutToken(own: Record<string, unknown>): string {
  const { iss, aud, iat, exp } = issuers.generic.claimsOf(ada);
  return issuers.generic.sign({ iss, aud, iat, exp, jti: randomUUID(), events: { [EVENT]: {} }, ...own });
}

const send = (token: string, options: { provider?: string; headers?: Record<string, string> } = {}) =>
  fetch(`${bed.origin}/api/auth/back-channel-logout/${options.provider ?? 'oidc'}`, {
    method: 'POST',
    body: new URLSearchParams({ logout_token: token }),
    ...(options.headers ? { headers: options.headers } : {}),
  });

describe('sign-out by the issuer', () => {
  it('ends the one session that it names, at once, and says so in the trail', async () => {
    await open();
    const [here, there] = [await signIn(ada, 'there-1'), await signIn(ada, 'there-2')];
    const announced: unknown[] = [];
    bed.container.deps.revocations.subscribe((revoked) => announced.push(revoked));
    const answer = await send(logoutToken({ sid: 'there-1', sub: ada.subject }));
    expect([answer.status, answer.headers.get('cache-control'), await answer.text()]).toEqual([200, 'no-store', '']);
    expect([await here(), await there()]).toEqual([false, true]);
    const { rows } = bed.container.deps.audit.page({ action: 'session.issuer_sign_out' }, { before: null, limit: 9 });
    expect(rows).toMatchObject([{ actorName: 'Ada', details: { issuer: issuers.generic.issuer } }]);
    expect(announced).toEqual([{ sessionId: rows[0]?.targetId }]);
  });

  it('of a person ends all that this issuer vouched for, and nobody else’s', async () => {
    await open();
    const mine = [await signIn(ada, 'there-1'), await signIn(ada, undefined)];
    const others = [await signIn(eve, 'there-3'), await signIn(ada, undefined, 'google')];
    expect((await send(logoutToken({ sub: ada.subject }))).status).toBe(200);
    expect(await Promise.all(mine.map((alive) => alive()))).toEqual([false, false]);
    expect(await Promise.all(others.map((alive) => alive()))).toEqual([true, true]);
  });

  it('ends a stream that is open', async () => {
    await open();
    const browser = openBrowser();
    await signInWith(browser, { origin: bed.origin, provider: 'oidc', person: ada });
    const headers = { cookie: `${COOKIE}=${browser.cookie(bed.origin, COOKIE)}`, accept: 'text/event-stream' };
    const stream = await fetch(`${bed.origin}/api/trpc/live.watch`, { headers });
    expect(stream.status).toBe(200);
    const reader = stream.body?.getReader();
    expect((await reader?.read())?.done).toBe(false);
    await send(logoutToken({ sub: ada.subject }));
    const left: string[] = [];
    for (let part = await reader?.read(); part && !part.done; part = await reader?.read())
      left.push(new TextDecoder().decode(part.value));
    expect(left.join('')).toContain('UNAUTHORIZED');
  });

  it('of a session of somebody else, or that is unknown, ends nothing and is no error', async () => {
    await open();
    const here = await signIn(ada, 'there-1');
    for (const own of [{ sid: 'there-1', sub: eve.subject }, { sid: 'there-9' }, { sub: 'nobody' }])
      expect((await send(logoutToken(own))).status).toBe(200);
    expect(await here()).toBe(true);
  });

  it('is refused with 400 when the token is wrong, used, or another issuer’s', async () => {
    await open();
    const here = await signIn(ada, 'there-1');
    const spent = logoutToken({ sid: 'there-9' });
    await send(spent);
    const wrong = [
      spent,
      issuers.generic.sign(issuers.generic.claimsOf(ada)),
      logoutToken({ sub: ada.subject, nonce: 'x' }),
      issuers.google.sign({ ...issuers.google.claimsOf(ada), jti: 'j', events: { [EVENT]: {} } }),
      'x'.repeat(16_385),
      '',
    ];
    for (const token of wrong) {
      const answer = await send(token);
      expect([answer.status, answer.headers.get('cache-control'), await answer.json()]).toEqual([
        400,
        'no-store',
        { error: 'invalid_request' },
      ]);
    }
    expect(await here()).toBe(true);
  });

  it('takes a form, posted by no browser, for a provider that is there', async () => {
    await open();
    const here = await signIn(ada, 'there-1');
    const token = logoutToken({ sub: ada.subject });
    expect((await send(token, { headers: { 'content-type': 'application/json' } })).status).toBe(400);
    expect((await send(token, { headers: { 'sec-fetch-site': 'cross-site' } })).status).toBe(403);
    expect((await send(token, { headers: { origin: 'https://evil.example' } })).status).toBe(403);
    for (const provider of ['local', 'cognito', 'oidc/', ''])
      expect((await send(token, { provider })).status).toBe(404);
    expect((await fetch(`${bed.origin}/api/auth/back-channel-logout/oidc`)).status).toBe(404);
    expect(await here()).toBe(true);
  });
});
