/** Everything without a mouse: find, launch, work, rename, delete; and the focus is always where one left it. */
import type { Locator, Page } from '@playwright/test';
import { signIn } from '../fixtures/person.ts';
import { expect, test } from '../fixtures/server.ts';
import { EnvironmentPage } from '../pages/environment.ts';
import { shell } from '../pages/shell.ts';

test.use({ deployment: 'keyboard' });

const ENOUGH_TABS = 60;

/** Presses Tab until it has the focus, as somebody without a mouse must. */
async function tabTo(page: Page, target: Locator): Promise<void> {
  await expect(target).toBeVisible();
  for (let pressed = 0; pressed < ENOUGH_TABS; pressed += 1) {
    if (await target.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press('Tab');
  }
  await expect(target).toBeFocused();
}

/** Opens the menu that has the focus and takes the entry that begins with these letters. */
async function choose(page: Page, letters: string, entry: string): Promise<void> {
  await page.keyboard.press('Enter');
  await expect(page.locator('[role="menu"]:focus, [role="menu"] :focus')).toBeVisible();
  await page.keyboard.type(letters);
  await expect(page.getByRole('menuitem', { name: entry })).toBeFocused();
  await page.keyboard.press('Enter');
}

test.beforeEach(async ({ server, context, page }) => {
  await (await signIn(server)).enter(context);
  await page.goto('/help');
  await expect(shell(page).live).toHaveText('Live');
});

test('the first Tab offers to skip the navigation', async ({ page }) => {
  await page.keyboard.press('Tab');
  await expect(page.getByRole('link', { name: 'Skip to content' })).toBeFocused();
  await page.keyboard.press('Enter');
  await page.keyboard.press('Tab');
  const inside = await shell(page).main.evaluate((main) => main.contains(document.activeElement));
  expect(inside).toBe(true);
});

test('the palette goes anywhere and gives the focus back', async ({ page }) => {
  const link = page.getByRole('main').getByRole('link').first();
  await tabTo(page, link);
  await page.keyboard.press('Control+k');
  await expect(shell(page).palette).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(shell(page).palette).toBeHidden();
  await expect(link).toBeFocused();

  await page.keyboard.press('Control+k');
  await page.keyboard.type('storage');
  await expect(page.getByRole('option', { name: 'Storage' }).first()).toBeVisible();
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL('/storage');
  await expect(page.getByRole('heading', { name: 'Storage', level: 1 })).toBeVisible();
});

test('letters lead to pages, but not while one types', async ({ page }) => {
  for (const [keys, path] of [
    ['ge', '/environments'],
    ['gs', '/storage'],
    ['gh', '/'],
    ['l', '/catalog'],
  ] as const) {
    for (const key of keys) await page.keyboard.press(key);
    await expect(page).toHaveURL(path);
  }
  await page.keyboard.press('/');
  await expect(page.getByLabel('Search applications')).toBeFocused();
  await page.keyboard.type('ge?l');
  await expect(page.getByLabel('Search applications')).toHaveValue('ge?l');
  await expect(page).toHaveURL(/\/catalog/);
  await page.getByLabel('Search applications').blur();
  await page.keyboard.press('?');
  await expect(page.getByRole('dialog', { name: 'Keyboard shortcuts' })).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toBeHidden();
});

test('launch, type, stop, rename and delete without a mouse', async ({ page }) => {
  const environment = new EnvironmentPage(page);
  await page.keyboard.press('l');
  const launch = page.getByRole('button', { name: 'Launch Terminal' });
  await tabTo(page, launch);
  await page.keyboard.press('Enter');
  await expect(environment.status('Running')).toBeVisible();
  await environment.terminal.ready();
  // The application has the focus by itself: one types at once.
  await expect(page.locator('iframe')).toBeFocused();
  await page.keyboard.type('echo keys-$((40 + 2))\n');
  await expect(environment.terminal.screen).toContainText('keys-42');

  await page.goto('/environments');
  const row = page.getByRole('row').filter({ hasText: 'Terminal' });
  const menu = row.getByRole('button', { name: 'More actions for Terminal' });
  await tabTo(page, menu);
  await choose(page, 'Ren', 'Rename');
  const dialog = page.getByRole('dialog');
  await expect(dialog.getByLabel('Name')).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();
  await expect(menu).toBeFocused();

  await choose(page, 'Ren', 'Rename');
  await expect(dialog.getByLabel('Name')).toBeFocused();
  await page.keyboard.press('Control+a');
  await page.keyboard.type('By hand\n');
  await expect(dialog).toBeHidden();
  const renamed = page.getByRole('row').filter({ hasText: 'By hand' });
  await expect(renamed).toBeVisible();

  await tabTo(page, renamed.getByRole('button', { name: 'Stop By hand' }));
  await page.keyboard.press('Enter');
  await expect(renamed).toContainText('Stopped');
  await tabTo(page, renamed.getByRole('button', { name: 'More actions for By hand' }));
  await choose(page, 'Del', 'Delete…');
  await expect(dialog.getByLabel('Type “By hand” to confirm')).toBeFocused();
  await page.keyboard.type('By hand\n');
  await expect(page.getByText('No environments yet')).toBeVisible();
});

test('dialogs keep the focus inside, also when their form is loaded late', async ({ page }) => {
  await page.route('**/api/trpc/**', async (route) => {
    await new Promise((resolve) => setTimeout(resolve, 400));
    await route.continue();
  });
  await page.goto('/catalog/launch?app=custom');
  const dialog = page.getByRole('dialog', { name: 'Launch Custom command' });
  await expect(dialog.getByLabel('Command', { exact: true })).toBeFocused();
  for (let pressed = 0; pressed < 25; pressed += 1) {
    await page.keyboard.press('Tab');
    expect(await dialog.evaluate((element) => element.contains(document.activeElement))).toBe(true);
  }
  await page.keyboard.press('Escape');
  await expect(page).toHaveURL('/catalog');
});
