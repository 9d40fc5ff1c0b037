/** What does not work says why, in words that help: a launch that fails, one that is cancelled, one that the limits refuse. */
import type { Page } from '@playwright/test';
import { signIn } from '../fixtures/person.ts';
import { processesOf } from '../fixtures/processes.ts';
import { expect, test } from '../fixtures/server.ts';
import { EnvironmentPage } from '../pages/environment.ts';

test.use({ deployment: 'failures' });

/** By the catalog and the launch form, to the page of the new environment. */
async function launchCommand(page: Page, name: string, command: string): Promise<EnvironmentPage> {
  await page.goto('/catalog');
  await page.getByRole('link', { name: 'Launch Custom command with options' }).click();
  const form = page.getByRole('dialog', { name: 'Launch Custom command' });
  await form.getByLabel('Command', { exact: true }).fill(command);
  await form.getByLabel('Name', { exact: true }).fill(name);
  await form.getByRole('button', { name: /^Launch Custom command/ }).click();
  const environment = new EnvironmentPage(page);
  await expect(environment.title).toHaveText(name);
  return environment;
}

test.beforeEach(async ({ server, context }) => {
  await (await signIn(server)).enter(context);
});

test('a command that ends at once: the reason, its log and the remedies', async ({ page }) => {
  const environment = await launchCommand(page, 'Ends at once', 'echo "no map was given" >&2; exit 3');
  await expect(environment.status('Failed')).toBeVisible();
  await expect(environment.failure).toContainText('“Ends at once” did not start');
  await expect(environment.failure).toContainText('ended before it was ready (exit code 3)');
  for (const remedy of ['Change size', 'See the log', 'Help'])
    await expect(environment.failure.getByRole('link', { name: remedy })).toBeVisible();
  await environment.failure.getByRole('link', { name: 'See the log' }).click();
  await expect(environment.log).toContainText('no map was given');
  await environment.tab('Overview').click();
  // Trying again is a new start, which fails for the same reason.
  await environment.failure.getByRole('button', { name: 'Try again' }).click();
  await expect(environment.failure).toContainText('exit code 3');
  await environment.tab('History').click();
  await expect(page.getByRole('main').getByText('It failed')).toHaveCount(2);
});

test('a command that is not there is said to be not installed', async ({ page }) => {
  const environment = await launchCommand(page, 'Not there', 'no-such-planck-pipeline --serve');
  await expect(environment.status('Failed')).toBeVisible();
  await expect(environment.failure).toContainText('no-such-planck-pipeline');
  await expect(environment.failure).toContainText(/not installed|not found/);
});

test('a launch that never gets ready is cancelled, and nothing of it stays', async ({ page, server }) => {
  const environment = await launchCommand(page, 'Never ready', 'exec sleep 86399');
  await expect(page.getByRole('heading', { name: 'Starting “Never ready”' })).toBeVisible();
  await expect.poll(() => sleepers(server.dataDir)).toHaveLength(1);
  await environment.cancel.click();
  await expect(environment.status('Stopped')).toBeVisible();
  await expect.poll(() => sleepers(server.dataDir)).toEqual([]);
  await expect(environment.start).toBeVisible();
});

const sleepers = (dataDir: string) => processesOf(dataDir).filter(({ command }) => command.startsWith('sleep 86399'));

test('the limits refuse with the true numbers, and the way out', async ({ page, context, server }) => {
  const ben = await signIn(server, 'ben@example.org');
  await ben.enter(context);
  await page.goto('/catalog');
  await page.getByRole('button', { name: 'Launch Terminal' }).click();
  const environment = new EnvironmentPage(page);
  await expect(environment.status('Running')).toBeVisible();
  const sentence = 'You are using 1 of 1 environments. Stop one, then launch again.';
  await page.goto('/catalog');
  await expect(page.getByRole('main')).toContainText(sentence);
  await expect(page.getByRole('button', { name: 'Launch Terminal' })).toBeDisabled();
  await expect(ben.launch({ name: 'One too many' })).rejects.toThrow(sentence);
  await page.goto('/catalog/launch?app=terminal');
  await expect(page.getByRole('dialog')).toContainText(sentence);
  await expect(page.getByRole('dialog').getByRole('button', { name: /^Launch Terminal/ })).toBeDisabled();

  await page.goto('/catalog');
  await page.getByRole('link', { name: 'Show what runs' }).click();
  await environment.stop.click();
  await expect(page.getByRole('main').getByText('Nothing matches')).toBeVisible();
  await page.goto('/catalog');
  await expect(page.getByRole('button', { name: 'Launch Terminal' })).toBeEnabled();
  await expect(page.getByRole('main')).not.toContainText(sentence);
});
