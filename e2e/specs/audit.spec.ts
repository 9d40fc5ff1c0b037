/** What happened is told: one's own things on the activity page as they happen, everything in the audit trail of administrators. */
import { readFile } from 'node:fs/promises';
import type { Page } from '@playwright/test';
import { type Environment, type Person, signIn } from '../fixtures/person.ts';
import { expect, test } from '../fixtures/server.ts';
import { faults } from '../pages/faults.ts';
import { settled } from '../pages/settled.ts';

test.use({ deployment: 'audit' });

let me: Person;
let bob: Person;
let maps: Environment;

test.beforeAll(async ({ server }) => {
  me = await signIn(server);
  bob = await signIn(server, 'bob@example.org');
  maps = await me.running({ name: 'Maps' });
});

/** What Export saves, and under which name. */
async function exported(page: Page, format: string): Promise<{ name: string; text: string }> {
  await page.getByRole('button', { name: 'Export' }).click();
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('menuitem', { name: format }).click(),
  ]);
  return { name: download.suggestedFilename(), text: await readFile(await download.path(), 'utf8') };
}

test('activity tells what happened to one’s own things, and goes on while it is looked at', async ({
  page,
  context,
}) => {
  await me.enter(context);
  await page.goto('/activity');
  await expect(page.getByText('You launched Maps')).toBeVisible();
  await expect(page.getByText('Maps is ready')).toBeVisible();
  await expect(page.getByRole('heading', { name: /Today/ })).toBeVisible();
  await me.api.environments.rename.mutate({ id: maps.id, name: 'Sky maps' });
  await expect(page.getByText('You renamed an environment to Sky maps')).toBeVisible();

  await page.getByRole('combobox', { name: 'Kind' }).click();
  await page.getByRole('option', { name: 'Signing in and out' }).click();
  await expect(page).toHaveURL(/action=session/);
  await expect(page.getByText('You signed in')).toBeVisible();
  await expect(page.getByText('You launched Maps')).toBeHidden();
  await page.reload();
  await expect(page.getByText('You signed in')).toBeVisible();
  const { name, text } = await exported(page, 'JSON lines');
  expect(name).toMatch(/^activity-.*\.jsonl$/);
  for (const line of text.trimEnd().split('\n')) expect(JSON.parse(line).action).toMatch(/^session\./);

  await page.goto('/activity?result=failed');
  await page.getByRole('button', { name: 'Clear the filters' }).click();
  await page.getByRole('link', { name: 'Maps' }).first().click();
  await expect(page).toHaveURL(new RegExp(`/environments/${maps.id}`));
});

test('who asks for what is somebody else’s is told to its owner and to administrators, and learns nothing', async ({
  page,
  context,
}) => {
  for (let i = 0; i < 3; i += 1)
    await expect(bob.api.environments.get.query({ id: maps.id })).rejects.toThrow('does not exist or is not yours');
  await me.enter(context);
  await page.goto('/activity?result=denied');
  await expect(page.getByText(/bob asked for .*maps, which belongs to somebody else/i)).toHaveCount(1);
  const { entries } = await bob.api.activity.list.query({});
  expect(JSON.stringify(entries)).not.toContain(maps.id);
});

test('an administrator finds an entry, reads all of it and follows who did it', async ({ page, context }) => {
  await me.api.admin.users.setRole.mutate({
    id: await idOf('bob@example.org'),
    role: 'researcher',
    reason: 'joins the survey',
  });
  await me.enter(context);
  await page.goto('/admin/audit');
  const table = page.getByRole('grid', { name: 'Entries of the audit trail' });
  await expect(table.getByText(/changed the role of bob@example\.org/)).toBeVisible();
  await page.getByRole('searchbox').fill('bob');
  await expect(page).toHaveURL(/q=bob/);
  await table.getByText(/changed the role of bob@example\.org/).click();
  const drawer = page.getByRole('dialog', { name: /^Entry/ });
  await expect(drawer.getByText('joins the survey', { exact: true })).toBeVisible();
  await expect(drawer.getByRole('row', { name: /role user researcher/ })).toBeVisible();
  expect(await faults(page)).toEqual([]);
  await drawer.getByRole('link', { name: 'Everything on this target' }).click();
  await expect(page).toHaveURL(/target=usr-/);
  await expect(page.getByText('On bob', { exact: true })).toBeVisible();
  const { name, text } = await exported(page, 'Table (CSV)');
  expect(name).toMatch(/^audit-.*\.csv$/);
  expect(text).toContain('user.role');
  expect(text).not.toContain('environment.launch');
});

test('the keyboard opens an entry, and Back closes it', async ({ page, context }) => {
  await me.enter(context);
  await page.goto('/admin/audit');
  await page.locator('[data-row="0"]').focus();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('dialog', { name: /^Entry/ })).toBeVisible();
  await page.goBack();
  await expect(page.getByRole('dialog')).toBeHidden();
});

test('everybody else is kept out of the audit trail', async ({ page, context }) => {
  await bob.enter(context);
  await page.goto('/admin/audit');
  await expect(page.getByRole('heading', { name: 'Entries of the audit trail' })).toBeHidden();
  await expect(page.getByRole('grid')).toHaveCount(0);
  await expect(bob.api.admin.audit.list.query({})).rejects.toThrow('Only administrators');
});

test('both pages fit a phone', async ({ page, context }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await me.enter(context);
  for (const path of ['/activity', '/admin/audit']) {
    await page.goto(path);
    await expect(page.getByText(/Maps is ready/).first()).toBeVisible();
    await settled(page);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
    expect(await faults(page), path).toEqual([]);
  }
  await page.getByRole('button', { name: 'Filters' }).click();
  await expect(page.getByRole('combobox', { name: 'Result' })).toBeVisible();
});

async function idOf(email: string) {
  const { people } = await me.api.admin.users.list.query({ search: email });
  const [person] = people;
  if (!person) throw new Error(`${email} is nobody.`);
  return person.id;
}
