/** A deployment that three issuers sign people in to, and browsers that can be given each other's cookies and addresses. */

import type { TestIssuer } from '../../../e2e/servers/issuer.ts';
import { type Issuers, startIssuers } from '../../../e2e/servers/issuers.ts';
import { openTestBed, type TestBed } from '../test-bed.ts';
import { type Answer, type Ask, send } from './test-attacker.ts';

export type ProviderName = 'google' | 'cognito' | 'oidc';
export const PROVIDERS: readonly ProviderName[] = ['google', 'cognito', 'oidc'];
/** Limits have tests of their own; here they would hide what is looked for. */
const NO_LIMITS = { RATE_LIMIT_SIGN_IN: 'off', RATE_LIMIT_EXCHANGE: 'off' };
export const PASSWORD = 'a password of the tests';

export interface Account {
  subject: string;
  email: string;
  emailVerified: boolean;
  name: string;
}

export const account = (subject: string, more: Partial<Account> = {}): Account => ({
  ...{ subject, email: `${subject}@example.org`, emailVerified: true, name: subject },
  ...more,
});

export interface IssuersScene {
  bed: TestBed;
  issuers: Issuers;
  issuer(provider: ProviderName): TestIssuer;
  browser(): Browser;
  close(): Promise<void>;
}

/** Cookies of the app (its own host) and of the issuers, as one browser has them. */
export interface Browser {
  /** Of the app's host, by name. */
  cookies: Map<string, string>;
  /** Presses the button of the sign-in page. */
  begin(provider: ProviderName, form?: Record<string, string>): Promise<Answer>;
  /** At the issuer, up to the address of this app that it sends back to. */
  signInAt(location: string, account: Account): Promise<URL>;
  /** Opens an address of this app as the issuer's redirect does. */
  arrive(url: URL): Promise<Answer>;
  /** All of it. */
  signIn(provider: ProviderName, account: Account, form?: Record<string, string>): Promise<Answer>;
  /** Name of who is signed in, or null. */
  me(): Promise<string | null>;
}

export async function openIssuersScene(
  env: Record<string, string> = {},
  now: () => number = Date.now,
): Promise<IssuersScene> {
  const issuers = await startIssuers();
  const bed = await openTestBed({
    env: { AUTH_PROVIDER: PROVIDERS.join(','), ...NO_LIMITS, ...issuers.env, ...env },
    now,
  });
  const issuer = (name: ProviderName) => issuers[name === 'oidc' ? 'generic' : name];
  for (const name of PROVIDERS)
    issuer(name).register([`${bed.origin}/api/auth/callback/${name}`], [`${bed.origin}/sign-in`]);
  return {
    bed,
    issuers,
    issuer,
    browser: () => openBrowser(bed, issuer),
    async close() {
      await bed.close();
      await issuers.stop();
    },
  };
}

function openBrowser(bed: TestBed, issuer: IssuersScene['issuer']): Browser {
  const cookies = new Map<string, string>();
  const keep = (lines: readonly string[], jar: Map<string, string>) => {
    for (const line of lines) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (value === '' || /max-age=0\b/i.test(line)) jar.delete(name);
      else jar.set(name, value);
    }
  };
  const header = (jar: Map<string, string>) => [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
  const ask = async (one: Ask): Promise<Answer> => {
    const answer = await send(bed.port, { cookie: header(cookies) || undefined, ...one });
    keep([answer.headers['set-cookie'] ?? []].flat(), cookies);
    return answer;
  };

  const self: Browser = {
    cookies,
    begin: (provider, form = {}) =>
      ask({
        method: 'POST',
        path: `/api/auth/sign-in/${provider}`,
        headers: { 'content-type': 'application/x-www-form-urlencoded', origin: bed.origin },
        body: new URLSearchParams(form).toString(),
      }),
    async signInAt(location, { email }) {
      const jar = new Map<string, string>();
      let url = new URL(location);
      let form: URLSearchParams | null = null;
      for (let step = 0; step < 10; step += 1) {
        if (url.origin === bed.origin) return url;
        const method = form ? 'POST' : 'GET';
        const answer: Response = await fetch(url, {
          ...{ method, body: form, redirect: 'manual', headers: { cookie: header(jar) } },
        });
        keep(answer.headers.getSetCookie(), jar);
        const text = await answer.text();
        const next = answer.headers.get('location');
        if (!next && (form || !answer.ok)) throw new Error(`${answer.status} ${text.slice(0, 300)}`);
        form = next ? null : new URLSearchParams({ email, password: PASSWORD, answer: 'yes' });
        if (next) url = new URL(next, url);
      }
      throw new Error('the issuer goes round in circles');
    },
    arrive: (url) =>
      ask({
        path: url.pathname + url.search,
        headers: { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' },
      }),
    async signIn(provider, who, form) {
      const { people } = issuer(provider);
      const known = people.findIndex(({ subject }) => subject === who.subject);
      people.splice(known < 0 ? people.length : known, 1, { ...who, password: PASSWORD });
      const { headers } = await self.begin(provider, form);
      return self.arrive(await self.signInAt(String(headers.location), who));
    },
    async me() {
      const { status, body } = await send(bed.port, { path: '/api/trpc/profile.me', cookie: header(cookies) });
      return status === 200 ? String(JSON.parse(body).result.data.name) : null;
    },
  };
  return self;
}
