/** A real JupyterLab through the gateway: a cell runs over its websocket, and the notebook lands in the person's storage. */
import { signIn } from '../fixtures/person.ts';
import { expect, test } from '../fixtures/server.ts';
import { FilesPage } from '../pages/files.ts';
import { openFromCatalog } from './applications.ts';

test.use({ deployment: 'jupyterlab' });

const KERNEL_MS = 60_000;

test('a notebook cell runs and is saved into the storage', async ({ page, context, server }) => {
  const me = await signIn(server);
  await me.enter(context);
  const storage = await me.storage();
  const lab = await openFromCatalog(page, 'JupyterLab');
  const sockets: string[] = [];
  lab.on('websocket', (socket) => sockets.push(new URL(socket.url()).pathname));

  await lab.getByRole('region', { name: 'main area' }).getByText('Python 3').first().click({ timeout: KERNEL_MS });
  // What is run before the kernel is there is not queued by every version.
  await expect(lab.getByText('Python 3 (ipykernel) | Idle')).toBeVisible({ timeout: KERNEL_MS });
  const cell = lab.locator('.jp-Notebook .jp-Cell .cm-content').first();
  await cell.click();
  const code = 'open("result.txt", "w").write("peak at 220"); print("sum", sum(range(10)), sep="=")';
  await lab.keyboard.insertText(code);
  await lab.keyboard.press('Shift+Enter');
  await expect(lab.locator('.jp-OutputArea-output').first()).toContainText('sum=45', { timeout: KERNEL_MS });
  expect(sockets.some((path) => /^\/api\/kernels\/[^/]+\/channels$/.test(path))).toBe(true);
  await lab.keyboard.press('Control+s');
  await lab.getByRole('dialog').getByRole('textbox').fill('peaks.ipynb');
  await lab.getByRole('button', { name: 'Rename and Save' }).click();

  const notebook = `/api/storages/${storage.id}/objects?key=peaks.ipynb`;
  await expect
    .poll(async () => (await fetch(server.url + notebook, { headers: { cookie: me.cookie } })).text())
    .toContain('sum=45');
  const files = new FilesPage(page);
  await page.goto(`/storage/${storage.id}`);
  await expect(files.entry('peaks.ipynb')).toBeVisible();
  await files.entry('result.txt').click();
  await expect(page.getByText('peak at 220', { exact: true })).toBeVisible();
});
