/**
 * An administrator changes what a tier allows: people of the tier have it at once, and the configuration's values come back. And looks
 * at the database's log.
 */
import { type Person, signIn } from '../fixtures/person.ts';
import { expect, test } from '../fixtures/server.ts';

test.use({ deployment: 'admin-settings', variables: { TIER_FREE: 'cpu=3' } });

let me: Person;

test.beforeAll(async ({ server }) => {
  me = await signIn(server);
});

test('limits of a tier are set with a reason, hold at once, and go back', async ({ page, context, server }) => {
  const ben = await signIn(server, 'ben@example.org');
  await me.enter(context);
  await page.goto('/');
  await page.getByRole('navigation').getByRole('link', { name: 'Settings' }).click();
  const free = page.getByRole('row', { name: /^Free/ });
  await expect(free).toContainText('1 person');
  await expect(free.getByRole('cell', { name: /^3 cores/ })).toContainText('environment');

  await free.getByRole('button', { name: 'Edit the limits of Free…' }).click();
  await expect(page).toHaveURL(/tier=free/);
  const dialog = page.getByRole('dialog', { name: 'Limits of Free' });
  const save = dialog.getByRole('button', { name: 'Save limits' });
  await expect(save).toBeDisabled();
  await dialog.getByRole('textbox', { name: 'Environments at once' }).fill('4.5');
  await dialog.getByLabel('Reason').fill('course week');
  await save.click();
  await expect(dialog.getByText('Use a whole number from 0 to 1,000.')).toBeVisible();
  await dialog.getByRole('textbox', { name: 'Environments at once' }).fill('4');
  await save.click();
  await expect(page.getByText('The limits of Free are saved.')).toBeVisible();
  await expect(free.getByRole('cell', { name: /^4 set here by/ })).toBeVisible();
  expect((await ben.api.profile.limits.query()).limits.environments).toBe(4);

  await free.getByRole('button', { name: 'Edit the limits of Free…' }).click();
  await dialog.getByRole('button', { name: 'Reset all' }).click();
  await expect(dialog.getByText('Say why, in 3 to 500 characters.')).toBeVisible();
  await dialog.getByLabel('Reason').fill('the course is over');
  await dialog.getByRole('button', { name: 'Reset all' }).click();
  await expect(free.getByRole('cell', { name: /^1 default/ })).toBeVisible();

  // What another administrator's browser does appears here by itself.
  await me.api.admin.tiers.setNewcomers.mutate({ tier: 'basic', reason: 'a larger machine' });
  await expect(page.getByText('Newcomers start on Basic')).toBeVisible();
  const cleo = await signIn(server, 'cleo@example.org');
  expect((await cleo.api.profile.me.query()).tier).toBe('basic');

  await page.goto('/admin/audit');
  await expect(page.getByText('changed what the tier free allows').first()).toBeVisible();
});

test('the state of the database is told, and a snapshot taken', async ({ page, context }) => {
  await me.enter(context);
  await page.goto('/admin/database');
  await expect(page.getByText('Everything acknowledged is stored.')).toBeVisible();
  await expect(page.getByText('None yet')).toBeVisible();
  await page.getByRole('button', { name: 'Take a snapshot now' }).click();
  await expect(page.getByText('The snapshot is stored.')).toBeVisible();
  await expect(page.getByText(/^whole, /)).toBeVisible();
  await expect(page.getByRole('img', { name: /^Age of the oldest change/ })).toBeVisible();
  const { entries } = await me.api.admin.audit.list.query({ action: 'database.snapshot', limit: 10 });
  expect(entries).toMatchObject([{ result: 'done' }]);
});
