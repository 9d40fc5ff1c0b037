/**
 * What one keeps for one's environments: a variable and a file are set, reach a running Terminal, are changed, reach it again after
 * a restart, and stand nowhere in plain sight on the way.
 */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '../fixtures/server.ts';
import { EnvironmentPage } from '../pages/environment.ts';

test.use({ deployment: 'secrets' });

const VALUE = 'first-value-93b1';
const CHANGED = 'second-value-5c07';

test('a variable and a file reach the Terminal, and their next values after a restart', async ({ page, server }) => {
  test.slow();
  const environment = new EnvironmentPage(page);
  const dialog = page.getByRole('dialog');
  await page.goto(await server.link());
  // A new session may open the stream first: what follows must not race with it.
  await expect(page.getByRole('heading', { name: 'Choose an application' })).toBeVisible();

  await test.step('an empty page teaches, and takes a variable', async () => {
    await page.goto('/settings?tab=variables');
    await expect(page.getByText('No variables yet')).toBeVisible();
    await page.getByRole('button', { name: 'Add variable' }).click();
    await dialog.getByLabel('Name').fill('HOME');
    await dialog.getByLabel('Value').fill(VALUE);
    await dialog.getByRole('button', { name: 'Save variable' }).click();
    await expect(dialog.getByText('This name is set by the platform')).toBeVisible();
    await dialog.getByLabel('Name').fill('MY_TOKEN');
    await dialog.getByRole('button', { name: 'Save variable' }).click();
    await expect(page.getByRole('table', { name: 'Variables' }).getByText('MY_TOKEN')).toBeVisible();
  });

  await test.step('a .env file is read as it is pasted', async () => {
    await page.getByRole('button', { name: 'Paste a .env file' }).click();
    await dialog.getByLabel('Lines').fill('A=1\nB="never closed');
    await expect(dialog.getByText('Line 2: The quote that begins here does not end.')).toBeVisible();
    await expect(dialog.getByRole('button', { name: 'Save variables' })).toBeDisabled();
    await dialog.getByLabel('Lines').fill('FROM_ENV="two\nlines" # said\nOTHER=2');
    await expect(dialog.getByText('2 variables: FROM_ENV, OTHER')).toBeVisible();
    await dialog.getByRole('button', { name: 'Save variables' }).click();
    await expect(page.getByRole('table', { name: 'Variables' }).getByRole('row')).toHaveCount(4);
  });

  await test.step('a chosen file proposes its path', async () => {
    await page.getByRole('navigation', { name: 'Parts of the settings' }).getByRole('link', { name: 'Files' }).click();
    await page.getByRole('button', { name: 'Add file' }).click();
    const buffer = Buffer.from(`${VALUE}\n`);
    await dialog.locator('[data-secret-file]').setInputFiles({ name: 'key.txt', mimeType: 'text/plain', buffer });
    await expect(dialog.getByLabel('Path in the home folder')).toHaveValue('~/key.txt');
    await dialog.getByLabel('Path in the home folder').fill('~/.config/tool/key.txt');
    await dialog.getByRole('button', { name: 'Save file' }).click();
    await expect(page.getByRole('table', { name: 'Files' }).getByText('~/.config/tool/key.txt')).toBeVisible();
  });

  await test.step('a Terminal has both', async () => {
    await page.goto('/');
    await page.getByRole('button', { name: 'Launch Terminal' }).click();
    await expect(environment.status('Running')).toBeVisible();
    await environment.terminal.ready();
    await environment.terminal.run('echo "[$MY_TOKEN|$FROM_ENV]" && cat ~/.config/tool/key.txt');
    await expect(environment.terminal.screen).toContainText(`[${VALUE}|two`);
    await environment.terminal.run('stat -c %a ~/.config/tool ~/.config/tool/key.txt | tr "\\n" "-"');
    await expect(environment.terminal.screen).toContainText('700-600-');
  });

  await test.step('a change is for the next start, which the page offers', async () => {
    await page.goto('/settings?tab=variables');
    await page.getByRole('button', { name: 'Actions for MY_TOKEN' }).click();
    await page.getByRole('menuitem', { name: 'Give another value…' }).click();
    await dialog.getByLabel('Value').fill(CHANGED);
    await dialog.getByRole('button', { name: 'Save variable' }).click();
    await expect(page.getByText('One running environment has the older values.')).toBeVisible();
    await page.goto('/settings?tab=files');
    await page.getByRole('button', { name: 'Actions for ~/.config/tool/key.txt' }).click();
    await page.getByRole('menuitem', { name: 'Change…' }).click();
    await dialog.getByLabel('Content').fill(`${CHANGED}\n`);
    await dialog.getByRole('button', { name: 'Save file' }).click();
    await page.getByRole('button', { name: 'Restart Terminal' }).click();
    await dialog.getByRole('button', { name: 'Restart Terminal' }).click();
    await expect(page.getByText('One running environment has the older values.')).toBeHidden();
    await page.goto('/environments');
    await page.getByRole('link', { name: 'Terminal', exact: true }).click();
    await expect(environment.status('Running')).toBeVisible();
    const show = page.getByRole('button', { name: 'Show it here' });
    if (await show.isVisible()) await show.click();
    await environment.terminal.ready();
    await environment.terminal.run('echo "[$MY_TOKEN]" && cat ~/.config/tool/key.txt');
    await expect(environment.terminal.screen).toContainText(`[${CHANGED}]`);
    await expect(environment.terminal.screen).toContainText(new RegExp(`\\]\\s*${CHANGED}`));
  });

  await test.step('deleted, it is not kept any more', async () => {
    await page.goto('/settings?tab=variables');
    await page.getByRole('button', { name: 'Actions for MY_TOKEN' }).click();
    await page.getByRole('menuitem', { name: 'Delete…' }).click();
    await dialog.getByRole('button', { name: 'Delete variable' }).click();
    await expect(page.getByRole('table', { name: 'Variables' }).getByText('MY_TOKEN')).toBeHidden();
  });

  await test.step('the values are in no file but the one of the home, and in nothing that the server printed', async () => {
    expect(server.output()).not.toMatch(/(first|second)-value/);
    const holding: string[] = [];
    for (const entry of await readdir(server.dataDir, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const path = join(entry.parentPath, entry.name);
      const bytes = await readFile(path);
      // What the Terminal itself was made to show is its own output.
      if (bytes.includes(CHANGED) || bytes.includes(VALUE)) holding.push(path.slice(server.dataDir.length));
    }
    expect(holding).toEqual([expect.stringMatching(/^\/homes\/[^/]+\/\.config\/tool\/key\.txt$/)]);
  });
});
