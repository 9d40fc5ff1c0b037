/**
 * The main job, as somebody new does it: from the link to a running terminal, files back and forth, stop, start, everything is
 * still there, and in the end the environment goes while the files stay.
 */
import { expect, test } from '../fixtures/server.ts';
import { EnvironmentPage } from '../pages/environment.ts';
import { FilesPage } from '../pages/files.ts';
import { TerminalPage } from '../pages/terminal.ts';

test.use({ deployment: 'first-environment' });

test('from the sign-in link to files that outlive the environment', async ({ page, context, server }) => {
  // The whole main job in one go.
  test.slow();
  const environment = new EnvironmentPage(page);
  const files = new FilesPage(page);

  await test.step('one click leads from the link to a running terminal', async () => {
    await page.goto(await server.link());
    await expect(page.getByRole('heading', { name: 'Choose an application' })).toBeVisible();
    await page.getByRole('button', { name: 'Launch Terminal' }).click();
    await expect(environment.status('Running')).toBeVisible();
    await environment.terminal.ready();
  });

  await test.step('what is typed runs, in the tab of its own too', async () => {
    await environment.terminal.run('echo hi > hi.txt && echo written-$((40 + 2))');
    await expect(environment.terminal.screen).toContainText('written-42');
    const opened = context.waitForEvent('page');
    await environment.open.click();
    const tab = await opened;
    expect(new URL(tab.url()).hostname).toMatch(/^terminal-[a-z0-9]+\.localhost$/);
    const terminal = new TerminalPage(tab);
    await expect(terminal.screen).toContainText('written-42');
    await terminal.run('cat hi.txt | tr a-z A-Z');
    await expect(terminal.screen).toContainText('HI');
    await tab.close();
  });

  await test.step('its file is on the files page, and can be looked into', async () => {
    await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Storage' }).click();
    await page.getByRole('main').getByRole('link', { name: 'My files' }).first().click();
    await files.entry('hi.txt').click();
    await expect(page.getByText('hi', { exact: true })).toBeVisible();
  });

  await test.step('an uploaded file is there for the terminal', async () => {
    const buffer = Buffer.from('ell,power\n220,5775\n');
    await files.upload({ name: 'peaks of the map.csv', mimeType: 'text/csv', buffer });
    await expect(files.entry('peaks of the map.csv')).toBeVisible();
    await page.goBack();
    await page.goto('/environments');
    await page.getByRole('link', { name: 'Terminal', exact: true }).click();
    await page.getByRole('button', { name: 'Show it here' }).click();
    await environment.terminal.ready();
    await environment.terminal.run("cat 'peaks of the map.csv'");
    await expect(environment.terminal.screen).toContainText('220,5775');
  });

  await test.step('stopped and started again, everything is still there', async () => {
    await environment.stop.click();
    await expect(environment.status('Stopped')).toBeVisible();
    await environment.start.click();
    await expect(environment.status('Running')).toBeVisible();
    await environment.terminal.ready();
    await environment.terminal.run('cat hi.txt *.csv && echo still-$((40 + 2))');
    await expect(environment.terminal.screen).toContainText('still-42');
    await expect(environment.terminal.screen).toContainText('220,5775');
  });

  await test.step('it gets another name', async () => {
    await environment.menu.click();
    await environment.menuItem('Rename').click();
    await environment.dialog.getByLabel('Name').fill('Planck peaks');
    await environment.dialog.getByRole('button', { name: 'Rename' }).click();
    await expect(environment.title).toHaveText('Planck peaks');
    await page.reload();
    await expect(environment.title).toHaveText('Planck peaks');
    // The terminal shown in the page takes the focus once it is there, which closes an open menu.
    await environment.terminal.ready();
  });

  await test.step('it is deleted once its name was typed; its files stay', async () => {
    await environment.menu.click();
    await environment.menuItem('Delete…').click();
    const remove = environment.dialog.getByRole('button', { name: 'Delete environment' });
    await expect(remove).toBeDisabled();
    await environment.dialog.getByLabel('Type “Planck peaks” to confirm').fill('Planck');
    await expect(remove).toBeDisabled();
    await environment.dialog.getByLabel('Type “Planck peaks” to confirm').fill('Planck peaks');
    await remove.click();
    await expect(page).toHaveURL('/environments');
    await expect(page.getByText('No environments yet')).toBeVisible();
    await page.goto('/storage');
    await page.getByRole('main').getByRole('link', { name: 'My files' }).first().click();
    await expect(files.entry('hi.txt')).toBeVisible();
    await expect(files.entry('peaks of the map.csv')).toBeVisible();
  });
});
