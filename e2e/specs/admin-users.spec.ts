/** Administrators look after people: find, change, sign out, limit, invite and let in; everybody else is kept out. */
import type { Page } from '@playwright/test';
import { seedPeople } from '../fixtures/people.ts';
import { type Person, signIn } from '../fixtures/person.ts';
import { expect, test } from '../fixtures/server.ts';
import { settled } from '../pages/settled.ts';

const DAY_MS = 86_400_000;

test.use({
  deployment: 'admin-users',
  // Nobody asks this issuer anything here: that there is one makes invitations possible.
  variables: {
    AUTH_PROVIDER: 'local,oidc',
    OIDC_ISSUER: 'https://issuer.example.org',
    OIDC_CLIENT_ID: 'cmbcluster',
    OIDC_CLIENT_SECRET: 'not asked for in these journeys',
  },
});

let me: Person;

test.beforeAll(async ({ server }) => {
  me = await signIn(server);
});
test.beforeEach(({ context }) => me.enter(context));

const drawer = (page: Page, name: string) => page.getByRole('dialog', { name });
/** Behind an open drawer, too, where roles are hidden. */
const row = (page: Page, name: string) => page.locator('tr').filter({ hasText: name });

async function openPerson(page: Page, name: string) {
  await page.goto(`/admin/users?q=${encodeURIComponent(name)}`);
  await row(page, name).getByRole('link', { name }).click();
  await expect(drawer(page, name).getByRole('heading', { name: 'History' })).toBeVisible();
  return drawer(page, name);
}

test('a person is found, gets a role with a reason, and their pages follow at once', async ({
  page,
  browser,
  server,
}) => {
  const ben = await signIn(server, 'ben@example.org');
  const theirs = await browser.newContext({ baseURL: server.url });
  await ben.enter(theirs);
  const other = await theirs.newPage();
  await other.goto('/admin/users');
  await expect(other.getByRole('heading', { name: 'You have no access to this page' })).toBeVisible();
  await expect(other.getByRole('link', { name: 'Audit' })).toHaveCount(0);
  await expect(other.getByRole('status').filter({ hasText: /^Live$/ })).toBeVisible();

  await page.goto('/');
  await page.getByRole('navigation').getByRole('link', { name: 'Users' }).first().click();
  await page.getByRole('searchbox', { name: 'Search name or e-mail' }).fill('ben exam');
  await expect(page).toHaveURL(/q=ben\+exam/);
  await expect(page.getByText('1 person', { exact: true })).toBeVisible();
  await row(page, 'ben').getByRole('link', { name: 'ben' }).click();
  await expect(page).toHaveURL(/person=usr-/);
  const person = drawer(page, 'ben');
  await person.getByRole('radio', { name: /^Administrator/ }).check();
  await person.getByRole('button', { name: 'Change role to Administrator' }).click();
  await expect(person.getByText('Say why, in 3 to 500 characters.')).toBeVisible();
  await person.getByLabel('Reason').fill('helps on call');
  await person.getByRole('button', { name: 'Change role to Administrator' }).click();
  await expect(page.getByText('ben is Administrator now.')).toBeVisible();
  await expect(person.getByText(/changed the role of ben@example\.org/)).toBeVisible();
  await expect(person.getByText('helps on call')).toBeVisible();
  await expect(row(page, 'ben')).toContainText('Administrator');
  await expect(other.getByRole('heading', { level: 1, name: 'Users' })).toBeVisible();

  await person.getByRole('radio', { name: /^User/ }).check();
  await person.getByLabel('Reason').fill('call is over');
  await person.getByRole('button', { name: 'Change role to User' }).click();
  await expect(other.getByRole('heading', { name: 'You have no access to this page' })).toBeVisible();
  await theirs.close();
});

test('a deactivated person is signed out at once, in the other browser too', async ({ page, browser, server }) => {
  const cleo = await signIn(server, 'cleo@example.org');
  const theirs = await browser.newContext({ baseURL: server.url });
  await cleo.enter(theirs);
  const other = await theirs.newPage();
  await other.goto('/environments');
  await expect(other.getByRole('status').filter({ hasText: /^Live$/ })).toBeVisible();
  const person = await openPerson(page, 'cleo');
  await person.getByRole('button', { name: 'Deactivate…' }).click();
  const question = page.getByRole('dialog', { name: 'Deactivate cleo?' });
  await question.getByLabel('Reason').fill('left the group');
  await question.getByRole('button', { name: 'Deactivate', exact: true }).click();
  await expect(other).toHaveURL(/sign-in/);
  await expect(person.getByText('Cannot sign in.')).toBeVisible();
  await expect(person.getByText('Signed in nowhere.')).toBeVisible();
  await expect(row(page, 'cleo')).toContainText('Deactivated');
  await theirs.close();
});

test('own limits of a person: the tier’s values stand in the fields, one is set, and taken back', async ({
  page,
  server,
}) => {
  const dora = await signIn(server, 'dora@example.org');
  const person = await openPerson(page, 'dora');
  const cpu = person.getByRole('textbox', { name: 'CPU, cores' });
  const before = (await dora.api.profile.limits.query()).limits.cpuMillicores;
  await expect(cpu).toHaveAttribute('placeholder', String(before / 1_000));
  await cpu.fill('lots');
  await person.getByLabel('Reason').fill('a large fit');
  await person.getByRole('button', { name: 'Save limits' }).click();
  await expect(person.getByText(/^Use a number from 0 to/)).toBeVisible();
  await cpu.fill('1.5');
  await person.getByRole('button', { name: 'Save limits' }).click();
  await expect(page.getByText('The limits of dora are saved.')).toBeVisible();
  expect((await dora.api.profile.limits.query()).limits.cpuMillicores).toBe(1_500);
  await expect(row(page, 'dora')).toContainText('has own limits');
  await person.getByRole('button', { name: 'CPU, cores: back to the tier' }).click();
  await person.getByLabel('Reason').fill('the fit is done');
  await person.getByRole('button', { name: 'Save limits' }).click();
  await expect(row(page, 'dora')).not.toContainText('has own limits');
  expect((await dora.api.profile.limits.query()).limits.cpuMillicores).toBe(before);
});

test('one’s own account is asked about twice, and the last administrator stays one', async ({ page }) => {
  const { id, name } = await me.api.profile.me.query();
  await page.goto(`/admin/users?person=${id}`);
  const person = drawer(page, name);
  await expect(person.getByText('The only active administrator.', { exact: false })).toBeVisible();
  await expect(person.getByRole('button', { name: 'Deactivate…' })).toBeDisabled();
  await expect(person.getByRole('radio', { name: /^User/ })).toBeDisabled();
  await person.getByRole('textbox', { name: 'Notes' }).fill('that is me');
  await person.getByRole('button', { name: 'Save notes' }).click();
  const question = page.getByRole('dialog', { name: 'Change your own account?' });
  await question.getByRole('button', { name: 'Change my account' }).click();
  await expect(page.getByText('The notes are saved.')).toBeVisible();
  await page.reload();
  await expect(person.getByRole('textbox', { name: 'Notes' })).toHaveValue('that is me');
  await page.keyboard.press('Escape');
  await expect(person).toHaveCount(0);
  await expect(page).toHaveURL(/\/admin\/users$/);
});

test('an invitation shows its link once, and is taken back', async ({ page, server }) => {
  await page.goto('/admin/users?tab=invitations');
  await page.getByRole('main').getByRole('button', { name: 'Invite…' }).first().click();
  const form = page.getByRole('dialog', { name: 'Invite somebody' });
  await form.getByLabel('E-mail').fill('new at example.org');
  await form.getByRole('button', { name: 'Make the link' }).click();
  await expect(form.getByText('This does not look like an e-mail address.')).toBeVisible();
  await form.getByLabel('E-mail').fill('New@Example.org');
  await form.getByRole('button', { name: 'Make the link' }).click();
  const made = page.getByRole('dialog', { name: 'The invitation is ready' });
  await expect(made.getByLabel('Invitation link')).toHaveValue(
    new RegExp(`^${server.url.replace('127.0.0.1', 'localhost')}/sign-in#invitation=[\\w-]{43}$`),
  );
  await made.getByRole('button', { name: 'Done' }).click();
  await expect(row(page, 'new@example.org')).toContainText('Open');
  await page.getByRole('button', { name: 'Revoke the invitation for new@example.org…' }).click();
  await page.getByRole('button', { name: 'Revoke invitation' }).click();
  await expect(page.getByRole('heading', { name: 'No invitations' })).toBeVisible();
});

test('who waits is let in from a phone', async ({ browser, server }) => {
  await seedPeople(server, [
    { name: 'Emma Waits', email: 'emma@example.org', awaitsSince: Date.now() - 3_600_000 },
    { name: 'Fred Waits', email: 'fred@example.org', awaitsSince: Date.now() - 60_000 },
  ]);
  const phone = await browser.newContext({
    baseURL: server.url,
    viewport: { width: 390, height: 844 },
    isMobile: true,
    hasTouch: true,
  });
  await me.enter(phone);
  const page = await phone.newPage();
  await page.goto('/');
  await page.getByRole('navigation').getByRole('button', { name: 'More' }).tap();
  await page.getByRole('menuitem', { name: /^Users/ }).tap();
  await expect(page.getByRole('heading', { name: '2 people wait to be let in' })).toBeVisible();
  await page.getByRole('button', { name: 'Approve Emma Waits…' }).tap();
  await page.getByRole('dialog').getByRole('button', { name: 'Approve', exact: true }).tap();
  await expect(page.getByText('Emma Waits can sign in now.')).toBeVisible();
  await expect(page.getByRole('heading', { name: '1 person waits to be let in' })).toBeVisible();
  await page.getByRole('button', { name: 'Refuse Fred Waits…' }).tap();
  await page.getByRole('dialog').getByRole('button', { name: 'Refuse', exact: true }).tap();
  await expect(page.getByRole('heading', { name: /to be let in/ })).toHaveCount(0);
  const { people } = await me.api.admin.users.list.query({ search: 'waits' });
  expect(people).toMatchObject([{ name: 'Emma Waits', active: true, admission: 'approval' }]);
  await settled(page);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
  await phone.close();
});

test('ten thousand people: pages come as one scrolls, and the order is the server’s', async ({ page, server }) => {
  const now = Date.now();
  await seedPeople(
    server,
    Array.from({ length: 10_000 }, (_, i) => ({
      name: `Person ${String(i).padStart(5, '0')}`,
      email: `person.${i}@example.org`,
      tier: i % 3 === 0 ? ('free' as const) : ('basic' as const),
      createdAt: now - i * 60_000,
      lastSeenAt: i % 4 === 0 ? now - (i % 30) * DAY_MS : undefined,
    })),
  );
  await page.goto('/admin/users?q=person');
  await expect(row(page, 'Person 00000')).toBeVisible();
  const box = page.getByRole('grid', { name: 'People' }).locator('xpath=..');
  await expect
    .poll(
      async () => {
        await box.evaluate((element) => element.scrollBy(0, 4_000));
        return page.getByText(/^The first [\d,]+ people/).innerText();
      },
      { intervals: [50], timeout: 30_000 },
    )
    .toMatch(/The first 1,[0-9]00 people/);
  expect(await page.getByRole('row').count()).toBeLessThan(120);

  await page.getByRole('button', { name: 'Name' }).click();
  await expect(page).toHaveURL(/sort=-name/);
  await expect(row(page, 'Person 09999')).toBeVisible();
  await page.getByRole('button', { name: 'Free' }).click();
  await expect(page.getByRole('grid').getByRole('row').nth(1)).toContainText('Person 09999');
  await page.getByRole('searchbox', { name: 'Search name or e-mail' }).fill('no such person');
  await expect(page.getByRole('heading', { name: 'Nobody matches' })).toBeVisible();
  await page.getByRole('button', { name: 'Clear search and filters' }).click();
  await expect(page).toHaveURL(/\/admin\/users\?sort=-name$/);
});
