/** Files on their way in: a large one that rests and goes on, after a reload too; a dropped folder; the clipboard; a name that is taken. */
import { createHash, randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { type Person, signIn } from '../fixtures/person.ts';
import { expect, type TestServer, test } from '../fixtures/server.ts';
import { FilesPage } from '../pages/files.ts';

test.use({ deployment: 'uploads' });

const MIB = 2 ** 20;

let me: Person;
let storage: Awaited<ReturnType<Person['storage']>>;
let folder: string;

test.beforeAll(async ({ server }) => {
  me = await signIn(server);
  storage = await me.storage();
  folder = await mkdtemp(join(tmpdir(), 'cmbcluster-e2e-files-'));
});
test.afterAll(() => rm(folder, { recursive: true, force: true }));
test.beforeEach(async ({ context, page }) => {
  await me.enter(context);
  await page.goto(`/storage/${storage.id}`);
  await expect(page.getByRole('button', { name: 'Upload', exact: true })).toBeEnabled();
});

const trayOf = (page: Page) => page.getByRole('region', { name: 'Uploads' });

async function stored(server: TestServer, key: string): Promise<Buffer> {
  const url = `${server.url}/api/storages/${storage.id}/objects?key=${encodeURIComponent(key)}&via=server`;
  const answer = await fetch(url, { headers: { cookie: me.cookie } });
  return Buffer.from(await answer.arrayBuffer());
}

const digest = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

/** Slow enough that a person could press a button meanwhile. */
async function uploadSpeed(page: Page, bytesPerSecond: number): Promise<void> {
  const network = await page.context().newCDPSession(page);
  await network.send('Network.emulateNetworkConditions', {
    ...{ offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: bytesPerSecond },
  });
}

async function upload(page: Page, ...paths: string[]): Promise<void> {
  const chooser = page.waitForEvent('filechooser');
  await page.getByRole('button', { name: 'Upload', exact: true }).click();
  await (await chooser).setFiles(paths);
}

test('a large file rests, goes on, and goes on again after a reload', async ({ page, server }) => {
  const content = randomBytes(24 * MIB);
  const path = join(folder, 'map.fits');
  await writeFile(path, content);
  const tray = trayOf(page);
  const { uploads } = storage.capabilities ?? {};
  test.skip(!uploads, 'this storage takes files in one piece only');

  await uploadSpeed(page, 5 * MIB);
  await upload(page, path);
  await expect(tray).toContainText(/MiB\/s · \d+ s left/);
  await tray.getByRole('button', { name: 'Pause map.fits' }).click();
  await expect(tray).toContainText('paused');
  await tray.getByRole('button', { name: 'Resume map.fits' }).click();
  await expect(tray.getByRole('progressbar', { name: 'map.fits' })).toBeVisible();

  page.once('dialog', (asked) => asked.accept());
  await page.reload();
  await expect(tray).toContainText('Choose the file again to go on.');
  const chooser = page.waitForEvent('filechooser');
  await tray.getByRole('button', { name: 'Choose the file' }).click();
  await (await chooser).setFiles(path);
  await uploadSpeed(page, -1);
  await expect(tray).toContainText('1 file uploaded');
  await expect(new FilesPage(page).entry('map.fits')).toBeVisible();
  expect(digest(await stored(server, 'map.fits'))).toBe(digest(content));
});

test('a folder arrives with all that is in it', async ({ page, server }) => {
  const run = join(folder, 'run 1');
  await mkdir(join(run, 'maps'), { recursive: true });
  await writeFile(join(run, 'params.ini'), 'nside = 64');
  await writeFile(join(run, 'maps', 'mask.csv'), '1,0,1');
  await page.locator('input[data-upload="folder"]').setInputFiles(run);
  await expect(trayOf(page)).toContainText('2 files uploaded');
  expect((await stored(server, 'run 1/params.ini')).toString()).toBe('nside = 64');
  expect((await stored(server, 'run 1/maps/mask.csv')).toString()).toBe('1,0,1');
});

/** Files as the browser hands them to a page, by drop or from the clipboard. */
function give(page: Page, by: 'drop' | 'paste', name: string, text: string): Promise<void> {
  return page.evaluate(
    ([type, fileName, content]) => {
      const transfer = new DataTransfer();
      transfer.items.add(new File([content], fileName));
      const options = { bubbles: true, cancelable: true };
      document.body.dispatchEvent(
        type === 'drop'
          ? new DragEvent('drop', { ...options, dataTransfer: transfer })
          : new ClipboardEvent('paste', { ...options, clipboardData: transfer }),
      );
    },
    [by, name, text] as const,
  );
}

test('what is dropped and pasted arrives, and a taken name is asked about', async ({ page, server }) => {
  const tray = trayOf(page);
  await give(page, 'drop', 'notes.txt', 'first');
  await expect(tray).toContainText('1 file uploaded');
  await give(page, 'paste', 'beam.csv', '1,2');
  await expect(tray).toContainText('2 files uploaded');
  expect((await stored(server, 'beam.csv')).toString()).toBe('1,2');

  await give(page, 'paste', 'notes.txt', 'second');
  await expect(tray).toContainText('1 file needs an answer');
  expect((await stored(server, 'notes.txt')).toString()).toBe('first');
  await tray.getByRole('button', { name: 'Replace', exact: true }).click();
  await expect(tray).toContainText('3 files uploaded');
  expect((await stored(server, 'notes.txt')).toString()).toBe('second');

  await give(page, 'drop', 'notes.txt', 'third');
  await tray.getByRole('button', { name: 'Keep both', exact: true }).click();
  await expect(new FilesPage(page).entry('notes (2).txt')).toBeVisible();
  expect((await stored(server, 'notes.txt')).toString()).toBe('second');
});
