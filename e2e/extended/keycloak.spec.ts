/** Sign-in and sign-out with Keycloak's own pages, and a session that its administrator ends. */
import { test as base, expect, removeData, startServer, type TestServer } from '../fixtures/server.ts';
import { settled } from '../pages/settled.ts';
import { shell } from '../pages/shell.ts';
import { ADA, type Keycloak, startKeycloak } from '../servers/keycloak.ts';

const test = base.extend<{ deployment: never }, { keycloak: Keycloak; lab: TestServer }>({
  keycloak: [
    async ({ browserName: _ }, use) => {
      const keycloak = await startKeycloak();
      await use(keycloak);
      await keycloak.stop();
    },
    { scope: 'worker', timeout: 180_000 },
  ],
  lab: [
    async ({ keycloak }, use) => {
      const server = await startServer({ env: { ...keycloak.env, OIDC_LABEL: 'Keycloak', AUTH_PROVIDER: 'oidc' } });
      await keycloak.register(server.url);
      await use(server);
      await server.stop();
      await removeData(server.dataDir);
    },
    { scope: 'worker', timeout: 90_000 },
  ],
});

test('sign in on its page, out here, and out there', async ({ page, lab }) => {
  await page.goto(`${lab.url}/environments`);
  await page.getByRole('button', { name: 'Continue with Keycloak' }).click();
  await page.locator('#username').fill(ADA.username);
  await page.locator('#password').fill(ADA.password);
  await page.locator('#kc-login').click();
  await expect(page).toHaveURL(`${lab.url}/environments`);
  await settled(page);
  await shell(page).account.click();
  await page.getByRole('menuitem', { name: 'Sign out' }).click();
  await expect(page.getByText('Keycloak still knows you on this browser')).toBeVisible();
  await page.getByRole('link', { name: 'Sign out of Keycloak, too' }).click();
  await page.locator('#kc-logout').click();
  // Known neither here nor there: the next sign-in asks for the password again.
  await page.goto(`${lab.url}/environments`);
  await page.getByRole('button', { name: 'Continue with Keycloak' }).click();
  await expect(page.locator('#password')).toBeVisible();
});

test('a session that is ended at Keycloak is over here by itself', async ({ page, lab, keycloak }) => {
  await page.goto(lab.url);
  await page.getByRole('button', { name: 'Continue with Keycloak' }).click();
  await page.locator('#username').fill(ADA.username);
  await page.locator('#password').fill(ADA.password);
  await page.locator('#kc-login').click();
  await expect(shell(page).account).toBeVisible();
  await settled(page);
  await keycloak.signOut(ADA);
  await expect(page.getByRole('heading', { name: /^Sign in to/ })).toBeVisible({ timeout: 20_000 });
});
