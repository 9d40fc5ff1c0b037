/** A phone held upright: nothing sticks out sideways, and the main job can be done by touch. */
import type { Page } from '@playwright/test';
import { type Person, signIn } from '../fixtures/person.ts';
import { expect, test } from '../fixtures/server.ts';
import { EnvironmentPage } from '../pages/environment.ts';
import { settled } from '../pages/settled.ts';

test.use({ deployment: 'phone', viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true });

let me: Person;

test.beforeAll(async ({ server }) => {
  me = await signIn(server);
});
test.beforeEach(({ context }) => me.enter(context));

/** What is wider than the screen, so that a failure names it. */
const sticksOut = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    if (scrollWidth <= clientWidth) return [];
    return [...document.querySelectorAll('body *')]
      .filter((element) => element.getBoundingClientRect().right > clientWidth + 0.5)
      .map((element) => element.outerHTML.slice(0, 120));
  });

test('launch, use, stop and start again by touch', async ({ page }) => {
  const environment = new EnvironmentPage(page);
  await page.goto('/');
  await page.getByRole('button', { name: 'Launch Terminal' }).tap();
  await expect(environment.status('Running')).toBeVisible();
  await environment.terminal.ready();
  expect(await sticksOut(page)).toEqual([]);
  await environment.terminal.run('echo touch-$((40 + 2))');
  await expect(environment.terminal.screen).toContainText('touch-42');
  await page.getByRole('navigation').getByRole('link', { name: 'Environments' }).last().tap();
  const card = page.getByRole('main').getByRole('listitem').filter({ hasText: 'Terminal' });
  await expect(card).toContainText('Running');
  await card.getByRole('button', { name: 'Stop Terminal' }).tap();
  await expect(card).toContainText('Stopped');
  await card.getByRole('button', { name: 'Start Terminal' }).tap();
  await expect(card).toContainText('Running');
});

test('no page scrolls sideways', async ({ page, context }) => {
  const long = 'A very long name of an environment that goes on and on, to the end';
  const { id } = await me.launch({ name: long.slice(0, 64), command: 'echo no; exit 1' });
  await me.reaches(id, 'failed');
  const storage = await me.storage();
  await me.api.files.createFolder.mutate({ id: storage.id, path: `${'wide'.repeat(40)}` });
  const pages = [
    '/',
    '/environments',
    `/environments/${id}`,
    `/environments/${id}?tab=logs`,
    `/environments/${id}?tab=events`,
    `/environments/${id}?tab=settings`,
    '/catalog',
    '/catalog/launch?app=terminal',
    '/catalog/launch?app=custom',
    '/storage',
    `/storage/${storage.id}`,
    `/storage/${storage.id}?tab=usage`,
    `/storage/${storage.id}?tab=about`,
    '/storage?new=1',
    '/admin/users',
    '/admin/users?tab=invitations',
    '/admin/settings',
    '/admin/database',
    '/settings',
    '/settings?tab=sessions',
    '/settings?tab=variables',
    '/settings?tab=files',
    '/settings?tab=preferences',
    '/help',
    '/help/first-launch',
    '/there-is-no-such-page',
  ];
  for (const path of pages) {
    await page.goto(path);
    await settled(page);
    expect({ path, sticksOut: await sticksOut(page) }).toEqual({ path, sticksOut: [] });
  }
  await context.clearCookies();
  await page.goto('/sign-in');
  await settled(page);
  expect(await sticksOut(page)).toEqual([]);
});
