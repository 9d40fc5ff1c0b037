/** Sign-in with Google, Cognito and any issuer: each alone, several at once, and more than one account of the same person. */
import type { Page } from '@playwright/test';
import { test as base, expect, removeData, startServer, type TestServer } from '../fixtures/server.ts';
import { settled } from '../pages/settled.ts';
import { shell } from '../pages/shell.ts';
import { type Issuers, startIssuers } from '../servers/issuers.ts';

const ada = {
  subject: 'ada-1',
  email: 'ada@lab.example',
  password: 'correct horse',
  name: 'Ada Lovelace',
  emailVerified: true,
};
const eve = { ...ada, subject: 'eve-1', email: 'eve@lab.example', name: 'Eve Online' };
const PROVIDERS = { google: 'Google', cognito: 'Amazon Cognito', oidc: 'Lab account' } as const;
type Provider = keyof typeof PROVIDERS;

interface Deployment {
  issuers: Issuers;
  /** A server with these variables beside those of the issuers. */
  start(env: Record<string, string>): Promise<TestServer>;
}

const test = base.extend<{ deployment: never; signIns: Deployment }>({
  signIns: async ({ browserName: _ }, use) => {
    const issuers = await startIssuers();
    const servers: TestServer[] = [];
    for (const issuer of [issuers.google, issuers.cognito, issuers.generic]) issuer.people.push(ada, eve);
    await use({
      issuers,
      async start(env) {
        const server = await startServer({ env: { ...issuers.env, OIDC_LABEL: PROVIDERS.oidc, ...env } });
        servers.push(server);
        const back = (name: Provider) => [`${server.url}/api/auth/callback/${name}`];
        issuers.google.register(back('google'));
        issuers.cognito.register(back('cognito'));
        issuers.generic.register(back('oidc'), [`${server.url}/sign-in`]);
        return server;
      },
    });
    for (const server of servers) {
      await server.stop();
      await removeData(server.dataDir);
    }
    await issuers.stop();
  },
});

const button = (page: Page, provider: Provider) =>
  page.getByRole('button', { name: `Continue with ${PROVIDERS[provider]}`, exact: true });

async function answer(page: Page, person: typeof ada): Promise<void> {
  await page.getByLabel('E-mail').fill(person.email);
  await page.getByLabel('Password').fill(person.password);
  await page.getByRole('button', { name: 'Continue' }).click();
}

async function signOut(page: Page): Promise<void> {
  await settled(page);
  await shell(page).account.click();
  await page.getByRole('menuitem', { name: 'Sign out' }).click();
  await expect(page.getByRole('heading', { name: /^Sign in to/ })).toBeVisible();
}

/** Where environments and files would be; a sign-in asks nothing of it. */
const CLOUDS = {
  local: {},
  gcp: { CLOUD_PROVIDER: 'gcp', PROJECT_ID: 'my-group-1234', GCS_ENDPOINT: 'http://127.0.0.1:9' },
  aws: {
    CLOUD_PROVIDER: 'aws',
    AWS_REGION: 'eu-central-1',
    S3_ENDPOINT: 'http://127.0.0.1:9',
    // Else the SDK asks the machine's metadata address for some.
    AWS_ACCESS_KEY_ID: 'nobody',
    AWS_SECRET_ACCESS_KEY: 'nothing',
  },
} as const;

for (const [cloud, named, providers] of [
  ['gcp', 'google', ['google']],
  ['aws', 'cognito', ['cognito']],
  ['aws', 'google', ['google']],
  ['gcp', 'google,cognito', ['google', 'cognito']],
  ['local', 'oidc', ['oidc']],
  ['local', 'auto', ['google', 'cognito', 'oidc']],
] as const) {
  test(`${cloud} with AUTH_PROVIDER=${named}: each button signs in, to the page that was wanted, and out again`, async ({
    page,
    signIns,
  }) => {
    const server = await signIns.start({ ...CLOUDS[cloud], AUTH_PROVIDER: named });
    for (const provider of providers) {
      await page.goto(`${server.url}/storage?sort=size`);
      await expect(page.getByRole('button', { name: /^Continue with/ })).toHaveCount(providers.length);
      await button(page, provider).click();
      await answer(page, ada);
      await expect(shell(page).account).toBeVisible();
      await expect(page).toHaveURL(`${server.url}/storage?sort=size`);
      expect(await page.evaluate(() => document.cookie)).not.toContain('session');
      await signOut(page);
      await page.context().clearCookies();
    }
    // The log may say code="…" of a fault; a code of the flow comes in an address.
    expect(server.output()).not.toMatch(/[?&]code=/);
  });
}

test('a wrong password stays at the issuer, a refusal comes back with its reason, and a second try works', async ({
  page,
  signIns,
}) => {
  const server = await signIns.start({ AUTH_PROVIDER: 'oidc' });
  await page.goto(`${server.url}/catalog`);
  await button(page, 'oidc').click();
  await answer(page, { ...ada, password: 'wrong' });
  await expect(page.getByRole('alert')).toHaveText('Wrong e-mail or password.');
  await page.getByRole('button', { name: 'Cancel' }).click();
  await expect(page.getByRole('alert').filter({ hasText: 'You were not signed in' })).toBeVisible();
  await button(page, 'oidc').click();
  await answer(page, ada);
  await expect(page).toHaveURL(`${server.url}/catalog`);
});

test('an issuer that is down is told; who is signed in goes on working', async ({ page, browser, signIns }) => {
  const server = await signIns.start({ AUTH_PROVIDER: 'cognito' });
  await page.goto(server.url);
  await button(page, 'cognito').click();
  await answer(page, ada);
  await expect(shell(page).account).toBeVisible();
  await server.stop();
  signIns.issuers.cognito.down = true;
  const again = await startServer({
    dataDir: server.dataDir,
    port: server.port,
    env: { ...signIns.issuers.env, AUTH_PROVIDER: 'cognito' },
  });
  try {
    await page.reload();
    await expect(shell(page).account).toBeVisible();
    const other = await browser.newContext();
    const stranger = await other.newPage();
    await stranger.goto(again.url);
    await button(stranger, 'cognito').click();
    await expect(stranger.getByRole('alert').filter({ hasText: 'does not answer' })).toBeVisible();
    await other.close();
  } finally {
    await again.stop();
  }
});

test('a second account is added and leads to the same person; one of somebody else is refused', async ({
  page,
  browser,
  signIns,
}) => {
  const server = await signIns.start({ AUTH_PROVIDER: 'google,oidc' });
  const other = await browser.newContext();
  const stranger = await other.newPage();
  await page.goto(`${server.url}/settings?tab=accounts`);
  await button(page, 'google').click();
  await answer(page, ada);
  await page.getByRole('button', { name: `Add ${PROVIDERS.oidc}` }).click();
  await answer(page, eve);
  await expect(page.getByText(`${PROVIDERS.oidc} is added.`)).toBeVisible();
  await expect(page.getByText(eve.email)).toBeVisible();
  await stranger.goto(server.url);
  await button(stranger, 'oidc').click();
  await answer(stranger, eve);
  await expect(shell(stranger).account).toHaveAccessibleName('Account: Ada Lovelace');
  // The other way round it is refused: that account signs in somebody already.
  // On an empty page: one of ours would notice that it is signed out, and leave for sign-in while the next is asked for.
  await stranger.goto('about:blank');
  await stranger.context().clearCookies();
  await stranger.goto(server.url);
  await button(stranger, 'google').click();
  await answer(stranger, eve);
  await stranger.goto(`${server.url}/settings?tab=accounts`);
  await stranger.getByRole('button', { name: `Add ${PROVIDERS.oidc}` }).click();
  await answer(stranger, eve);
  await expect(stranger.getByText('This account belongs to somebody else here')).toBeVisible();
  // One of two can be taken away again.
  await page.reload();
  await page.getByRole('button', { name: `Remove ${PROVIDERS.oidc}, ${eve.email}` }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
  await expect(page.getByText(eve.email)).toHaveCount(0);
  await other.close();
});

test('whoever is not let in sees why and whom to ask', async ({ page, signIns }) => {
  const server = await signIns.start({
    AUTH_PROVIDER: 'google',
    ALLOWED_EMAIL_DOMAINS: 'other.example',
    CONTACT: 'help@lab.example',
  });
  await page.goto(server.url);
  await button(page, 'google').click();
  await answer(page, ada);
  const notice = page.getByRole('alert').filter({ hasText: 'This account may not come in' });
  await expect(notice).toBeVisible();
  await expect(notice.getByRole('link', { name: 'help@lab.example' })).toHaveAttribute(
    'href',
    'mailto:help@lab.example',
  );
});
