/**
 * The file manager, the same on every storage: what a person does with files while no environment runs. Each storage has a spec
 * of its own that declares its deployment and calls this.
 */
import { readFile } from 'node:fs/promises';
import { inflateRawSync } from 'node:zlib';
import type { Page } from '@playwright/test';
import { type Person, signIn } from '../fixtures/person.ts';
import { expect, type TestServer, test } from '../fixtures/server.ts';
import { FilesPage } from '../pages/files.ts';

const CSV = 'ell,power\n220,5775\n';

interface Scene {
  me: Person;
  files: FilesPage;
  storageId: string;
  put(key: string, body: string | Buffer): Promise<void>;
  read(key: string): Promise<string>;
}

async function begin(page: Page, server: TestServer): Promise<Scene> {
  const me = await signIn(server);
  await me.enter(page.context());
  const { id } = await me.storage();
  const headers = { cookie: me.cookie, origin: server.url };
  const address = (key: string) => `${server.url}/api/storages/${id}/objects?key=${encodeURIComponent(key)}`;
  return {
    me,
    files: new FilesPage(page),
    storageId: id,
    async put(key, body) {
      const answer = await fetch(address(key), { method: 'PUT', headers, body: new Uint8Array(Buffer.from(body)) });
      expect(answer.status, await answer.text()).toBe(200);
    },
    async read(key) {
      const answer = await fetch(`${address(key)}&via=server`, { headers });
      return answer.ok ? answer.text() : `${answer.status}`;
    },
  };
}

/** Names and contents of the files in a zip without encryption, by its central directory (APPNOTE.TXT 4.3). */
function unzip(zip: Buffer): Record<string, string> {
  const end = zip.lastIndexOf(Buffer.from('PK\x05\x06'));
  const files: Record<string, string> = {};
  let at = zip.readUInt32LE(end + 16);
  for (let left = zip.readUInt16LE(end + 10); left > 0; left -= 1) {
    const [method, size, nameBytes] = [zip.readUInt16LE(at + 10), zip.readUInt32LE(at + 20), zip.readUInt16LE(at + 28)];
    const local = zip.readUInt32LE(at + 42);
    const name = zip.toString('utf8', at + 46, at + 46 + nameBytes);
    const start = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
    const content = zip.subarray(start, start + size);
    if (!name.endsWith('/')) files[name] = (method === 8 ? inflateRawSync(content) : content).toString();
    at += 46 + nameBytes + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32);
  }
  return files;
}

/** @param deletedStayTaken this server refuses to create anew what was deleted before, which the real service does */
export function fileJourneys({ deletedStayTaken = false } = {}): void {
  test('files are uploaded, looked into, renamed, moved, copied and found', async ({ page, server }) => {
    const { files, storageId, put, read } = await begin(page, server);
    await page.goto(`/storage/${storageId}`);

    await test.step('a folder, and files in it', async () => {
      await page.getByRole('button', { name: 'New folder' }).click();
      await page.getByRole('textbox', { name: 'Folder name' }).fill('runs');
      await page.getByRole('button', { name: 'Create folder' }).click();
      await files.entry('runs').click();
      await expect(page.getByText('This folder is empty')).toBeVisible();
      const big = Buffer.alloc(9 * 1024 * 1024, 'peak');
      await files.upload(
        { name: 'peaks ä +%2F.csv', mimeType: 'text/csv', buffer: Buffer.from(CSV) },
        { name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('the second peak') },
        { name: 'chain.bin', mimeType: 'application/octet-stream', buffer: big },
      );
      await expect(files.entry('chain.bin')).toBeVisible({ timeout: 20_000 });
      await expect.poll(() => files.names).toEqual(['chain.bin', 'notes.txt', 'peaks ä +%2F.csv']);
      expect(await read('runs/peaks ä +%2F.csv')).toBe(CSV);
      expect((await read('runs/chain.bin')) === big.toString()).toBe(true);
    });

    await test.step('a preview beside the list', async () => {
      await files.entry('notes.txt').click();
      await expect(page.getByText('the second peak')).toBeVisible();
      await page.getByRole('button', { name: 'Close the preview' }).click();
    });

    await test.step('another name by F2, found again by typing its first letters', async () => {
      await files.row('chain.bin').focus();
      await page.keyboard.type('no');
      await expect(files.row('notes.txt')).toBeFocused();
      await page.keyboard.press('Space');
      await page.keyboard.press('F2');
      await page.getByRole('textbox', { name: 'New name' }).fill('remarks.txt');
      await page.keyboard.press('Enter');
      await expect(files.entry('remarks.txt')).toBeVisible();
      await expect(files.entry('notes.txt')).toHaveCount(0);
    });

    await test.step('to another folder and back by Undo', async () => {
      await files.choose('remarks.txt', 'Move to');
      await page.getByRole('dialog').getByRole('button', { name: '..' }).click();
      await page.getByRole('button', { name: /^Move to My files/ }).click();
      await expect(files.said('Moved “remarks.txt” to My files')).toBeVisible();
      await expect(files.entry('remarks.txt')).toHaveCount(0);
      expect(await read('remarks.txt')).toBe('the second peak');
      if (deletedStayTaken) {
        await put('runs/remarks.txt', 'the second peak');
        await page.getByRole('button', { name: 'Read the folder again' }).click();
      } else {
        await files.said('Moved “remarks.txt”').getByRole('button', { name: 'Undo' }).click();
      }
      await expect(files.entry('remarks.txt')).toBeVisible();
      if (!deletedStayTaken) expect(await read('remarks.txt')).toBe('404');
    });

    await test.step('a copy beside it, under a name of its own', async () => {
      await files.choose('remarks.txt', 'Copy to');
      await page.getByRole('button', { name: /^Copy to runs/ }).click();
      await expect(files.entry('remarks (2).txt')).toBeVisible();
      expect(await read('runs/remarks (2).txt')).toBe('the second peak');
    });

    await test.step('a folder is copied with all it holds', async () => {
      await page.goto(`/storage/${storageId}`);
      await files.choose('runs', 'Copy to');
      await page.getByRole('button', { name: /^Copy to My files/ }).click();
      await expect(files.entry('runs (2)')).toBeVisible();
      expect(await read('runs (2)/peaks ä +%2F.csv')).toBe(CSV);
    });

    await test.step('a search finds files and folders below', async () => {
      await page.getByRole('searchbox', { name: 'Search in My files' }).fill('REMARKS');
      await expect(files.found.getByRole('link', { name: 'remarks (2).txt', exact: true })).toHaveCount(2);
      await expect(files.found.getByRole('link', { name: 'remarks.txt', exact: true })).toHaveCount(
        deletedStayTaken ? 3 : 2,
      );
      await page.getByRole('searchbox').fill('no such name');
      await expect(page.getByText('Nothing found').first()).toBeVisible();
    });
  });

  test('a folder and a selection are downloaded as one zip', async ({ page, server }) => {
    const { files, storageId, put } = await begin(page, server);
    await put('zipped/a.txt', 'one');
    await put('zipped/deep/ü b.txt', 'two');
    await put('zipped.csv', CSV);
    const zipOf = async (click: () => Promise<void>) => {
      const download = page.waitForEvent('download');
      await click();
      const file = await download;
      return { name: file.suggestedFilename(), files: unzip(await readFile(await file.path())) };
    };
    await page.goto(`/storage/${storageId}`);
    const whole = await zipOf(() => files.choose('zipped', 'Download as zip'));
    expect(whole).toEqual({ name: 'zipped.zip', files: { 'zipped/a.txt': 'one', 'zipped/deep/ü b.txt': 'two' } });
    await files.select('zipped', 'zipped.csv');
    const some = await zipOf(() => page.getByRole('button', { name: 'Download', exact: true }).click());
    expect(some).toEqual({ name: 'My files.zip', files: { ...whole.files, 'zipped.csv': CSV } });
  });
}

/**
 * What a storage keeps of deleted and replaced files.
 * @param emptyFoldersStay this server still shows a folder in which all is deleted, which the real service does not
 */
export function historyJourneys({ emptyFoldersStay = false } = {}): void {
  test('what was deleted or replaced comes back', async ({ page, server }) => {
    const { files, storageId, put, read } = await begin(page, server);
    await put('kept/spectrum.txt', 'first');
    await put('kept/spectrum.txt', 'second');
    await put('kept/deep/map.txt', 'map');
    await page.goto(`/storage/${storageId}?path=kept/`);

    await test.step('at once, by Undo', async () => {
      await files.select('spectrum.txt', 'deep');
      await page.getByRole('row').nth(1).focus();
      await page.keyboard.press('Delete');
      await expect(files.said('2 entries deleted.')).toBeVisible();
      await expect(files.entry('spectrum.txt')).toHaveCount(0);
      if (!emptyFoldersStay) await expect(page.getByText('This folder is empty')).toBeVisible();
      expect([await read('kept/spectrum.txt'), await read('kept/deep/map.txt')]).toEqual(['404', '404']);
      await files.said('2 entries deleted.').getByRole('button', { name: 'Undo' }).click();
      await expect(files.entry('deep')).toBeVisible();
      await expect(files.entry('spectrum.txt')).toBeVisible();
      expect([await read('kept/spectrum.txt'), await read('kept/deep/map.txt')]).toEqual(['second', 'map']);
    });

    await test.step('an older content, from the list of versions', async () => {
      await files.choose('spectrum.txt', 'Versions');
      const versions = page.getByRole('dialog').getByRole('listitem');
      await expect(versions.nth(1)).toBeVisible();
      await versions.last().getByRole('button', { name: 'Restore' }).click();
      await expect.poll(() => read('kept/spectrum.txt')).toBe('first');
      await page.keyboard.press('Escape');
    });

    await test.step('later, from the deleted files', async () => {
      await files.choose('spectrum.txt', /^Delete/);
      await expect(files.entry('spectrum.txt')).toHaveCount(0);
      await page.getByRole('button', { name: 'Deleted files' }).click();
      await files.choose('spectrum.txt', /^Restore$/);
      await expect.poll(() => read('kept/spectrum.txt')).toBe('first');
      await page.getByRole('button', { name: 'Back to the files' }).click();
      await expect(files.entry('spectrum.txt')).toBeVisible();
    });
  });
}
