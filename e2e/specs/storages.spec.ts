/**
 * A storage from its making to its end: made, renamed, measured, guarded while something works in it, deleted; and one that
 * cannot be made, which says why and is made by another try.
 */
import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Person, signIn } from '../fixtures/person.ts';
import { expect, removeData, startServer, test } from '../fixtures/server.ts';
import { FilesPage } from '../pages/files.ts';
import { StoragePage } from '../pages/storage.ts';

test.use({ deployment: 'storages' });

/** The storage of that name, as the API tells of it. */
async function named(person: Person, name: string) {
  const found = (await person.api.storages.list.query()).find(({ displayName }) => displayName === name);
  if (!found) throw new Error(`There is no storage “${name}”.`);
  return found;
}

async function workIn(person: Person, name: string) {
  const terminal = (await person.api.applications.list.query()).find(({ slug }) => slug === 'terminal');
  if (!terminal) throw new Error('The catalog holds no Terminal.');
  const { id } = await person.api.environments.launch.mutate({
    clientKey: crypto.randomUUID(),
    applicationId: terminal.id,
    name: 'Beam fits',
    size: { cpuMillicores: 500, memoryMiB: 1024, gpus: 0 },
    storage: { kind: 'existing', id: (await named(person, name)).id },
    command: null,
  });
  await person.reaches(id, 'running');
  return id;
}

test('made, renamed, guarded while something works in it, then deleted', async ({ page, context, server }) => {
  const me = await signIn(server);
  await me.enter(context);
  const storage = new StoragePage(page);
  await page.goto('/storage');
  await page.getByRole('button', { name: 'New storage' }).click();
  const form = page.getByRole('dialog', { name: 'New storage' });
  await form.getByRole('button', { name: 'Create storage' }).click();
  await expect(form).toContainText('Use 1 to 64 characters');
  await form.getByLabel('Name', { exact: true }).fill('Planck maps');
  await form.getByRole('button', { name: 'Create storage' }).click();
  await expect(page).toHaveURL(/\/storage\/sto-[a-z0-9]+$/);
  await expect(storage.title).toHaveText('Planck maps');
  await expect(page.getByRole('main')).toContainText('This folder is empty');

  await storage.tab('About').click();
  await expect(storage.fact('Bucket')).toHaveText((await named(me, 'Planck maps')).bucket);
  await expect(storage.card('Protection').getByRole('listitem')).toHaveCount(7);
  await page.getByRole('button', { name: 'Rename' }).click();
  const naming = page.getByRole('dialog', { name: 'Rename storage' });
  await naming.getByLabel('Name', { exact: true }).fill('Planck 2018');
  await naming.getByRole('button', { name: 'Rename' }).click();
  await expect(storage.title).toHaveText('Planck 2018');

  const environment = await workIn(me, 'Planck 2018');
  await expect(storage.fact('In use by')).toHaveText('Beam fits');
  await page.getByRole('button', { name: 'Delete…' }).click();
  const question = page.getByRole('dialog', { name: 'Delete “Planck 2018”?' });
  await expect(question.getByRole('link', { name: 'Beam fits' })).toHaveAttribute(
    'href',
    `/environments/${environment}`,
  );
  await expect(question.getByRole('button', { name: 'Delete storage' })).toHaveCount(0);
  // The question follows what is true: once nothing works in it any more, it can be answered.
  await me.api.environments.delete.mutate({ id: environment });
  const button = question.getByRole('button', { name: 'Delete storage' });
  await expect(button).toBeDisabled();
  await expect(question).toContainText('Nothing can be brought back afterwards');
  await question.getByLabel('Type “Planck 2018” to confirm').fill('Planck 2018');
  await button.click();
  await expect(page).toHaveURL('/storage');
  await expect(page.getByRole('link', { name: 'My files' })).toBeVisible();
  await expect(page.getByRole('link', { name: 'Planck 2018' })).toHaveCount(0);
});

test('one that cannot be made says why, and is made by another try', async ({ page, context, server }) => {
  const me = await signIn(server);
  await me.enter(context);
  const storage = new StoragePage(page);
  const buckets = join(server.dataDir, 'buckets');
  await me.storage();
  await rename(buckets, `${buckets}.away`);
  await writeFile(buckets, 'A file where a folder is needed.');
  try {
    await page.goto('/storage?new=1');
    const form = page.getByRole('dialog', { name: 'New storage' });
    await form.getByLabel('Name', { exact: true }).fill('In the way');
    await form.getByRole('button', { name: 'Create storage' }).click();
    await expect(page.getByRole('heading', { name: 'This storage could not be made' })).toBeVisible();
    await expect(storage.steps.getByRole('listitem')).toHaveText([
      /^Make the bucket, failed.+/,
      /waiting$/,
      /waiting$/,
    ]);
  } finally {
    await rm(buckets);
    await rename(`${buckets}.away`, buckets);
  }
  await page.getByRole('button', { name: 'Try again' }).click();
  await expect(page.getByRole('main')).toContainText('This folder is empty');
});

test('what it holds: size, files, folders and where they lead', async ({ page, context }) => {
  // Measured two seconds after the start, and then each minute: the files are there before the second start.
  let server = await startServer();
  try {
    const me = await signIn(server);
    await expect.poll(async () => (await me.storage()).measuredAt).not.toBeNull();
    const made = await me.api.storages.create.mutate({ displayName: 'Simulations' });
    await expect.poll(async () => (await me.api.storages.get.query({ id: made.id })).status).toBe('active');
    for (const key of ['maps/low.fits', 'maps/high.fits', 'read.me']) {
      const url = `${server.url}/api/storages/${made.id}/objects?key=${encodeURIComponent(key)}`;
      const headers = { cookie: me.cookie, origin: server.url };
      const { status } = await fetch(url, { method: 'PUT', headers, body: 'x'.repeat(1024) });
      expect(status).toBeLessThan(300);
    }
    expect((await me.api.storages.get.query({ id: made.id })).measuredAt).toBeNull();
    await server.stop();
    server = await startServer({ dataDir: server.dataDir, port: server.port });
    await me.enter(context);
    const storage = new StoragePage(page);
    await page.goto(`${server.url}/storage/${made.id}?tab=usage`);
    await expect(storage.fact('Size')).toHaveText('3 KiB');
    await expect(storage.fact('Files')).toHaveText('3');
    await expect(page.getByRole('img', { name: 'Measured on one day so far: 3 KiB.' })).toBeVisible();
    await page.getByText('Show as a table').click();
    await expect(page.getByRole('table', { name: 'Show as a table' }).getByRole('row')).toHaveCount(2);
    const folders = storage.card('Largest folders').getByRole('listitem');
    await expect(folders).toHaveText([
      /^maps2 KiB, 67% of all · 2 files$/,
      /^Files outside of folders1 KiB, 33% of all · 1 file$/,
    ]);
    await folders.getByRole('link', { name: 'maps' }).click();
    await expect(new FilesPage(page).entry('low.fits')).toBeVisible();
    await server.stop();
  } finally {
    await removeData(server.dataDir);
  }
});
