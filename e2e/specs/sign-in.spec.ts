/** The way in: by a one-time link, exactly once, to the page that was wanted and nowhere else; and the way out. */
import { expect, test } from '../fixtures/server.ts';
import { send } from '../fixtures/wire.ts';
import { shell } from '../pages/shell.ts';
import { signInPage } from '../pages/sign-in.ts';

test.use({ deployment: 'sign-in' });

test('a link signs in, its secret leaves the address at once and reaches no log', async ({ page, server }) => {
  const link = await server.link();
  const secret = new URL(link).hash.replace('#link=', '');
  const addresses: string[] = [];
  page.on('request', (request) => addresses.push(request.url()));
  await page.goto(link);
  await expect(shell(page).account).toBeVisible();
  await expect(page).toHaveURL(`${server.url}/`);
  expect(addresses.filter((address) => address.includes(secret))).toEqual([]);
  expect(await page.evaluate(() => document.cookie)).not.toContain('session');
  // Going back must not bring the secret up again.
  await page.goBack();
  expect(page.url()).not.toContain(secret);
  expect(server.output()).not.toContain(secret);
});

test('a link works once: the second use says so and signs nobody in', async ({ page, browser, server }) => {
  const link = await server.link();
  await page.goto(link);
  await expect(shell(page).account).toBeVisible();
  const other = await browser.newContext();
  try {
    const stranger = await other.newPage();
    await stranger.goto(link);
    await expect(signInPage(stranger).refusal).toBeVisible();
    expect(new URL(stranger.url()).hash).toBe('');
    expect(await other.cookies()).toEqual([]);
  } finally {
    await other.close();
  }
});

test('an altered and an unknown link are refused; a fresh one, pasted, then works', async ({ page, server }) => {
  const link = await server.link();
  const last = link.at(-1) === 'A' ? 'B' : 'A';
  await page.goto(link.slice(0, -1) + last);
  const form = signInPage(page);
  await expect(form.refusal).toBeVisible();
  await page.goto(`${server.url}/sign-in#link=${'x'.repeat(43)}`);
  await expect(form.refusal).toBeVisible();
  await form.link.fill('not a link');
  await form.submit.click();
  await expect(form.malformed).toBeVisible();
  await form.link.fill(`  ${link}  `);
  await form.submit.click();
  await expect(shell(page).account).toBeVisible();
});

test('the page that was wanted is shown after signing in', async ({ page, server }) => {
  await page.goto('/help/first-launch?from=mail#top');
  await expect(signInPage(page).title).toBeVisible();
  await signInPage(page).link.fill(await server.link());
  await signInPage(page).submit.click();
  await expect(page).toHaveURL(/\/help\/first-launch\?from=mail/);
  await expect(shell(page).account).toBeVisible();
});

test('signing out ends the session everywhere it was used', async ({ page, context, server }) => {
  await page.goto(await server.link());
  await expect(shell(page).account).toBeVisible();
  const session = (await context.cookies(server.url)).find(({ httpOnly }) => httpOnly);
  expect(session).toMatchObject({ httpOnly: true, sameSite: 'Lax' });
  const other = await context.newPage();
  await other.goto('/help');
  await expect(shell(other).account).toBeVisible();
  await shell(page).account.click();
  await shell(page).signOut.click();
  await expect(signInPage(page).title).toBeVisible();
  // The other tab hears of it by its live stream and leaves too.
  await expect(signInPage(other).title).toBeVisible();
  // A copy of the cookie is worth nothing.
  const headers = { cookie: `${session?.name}=${session?.value}` };
  expect((await send(server, '/api/trpc/profile.me', { headers })).status).toBe(401);
  expect((await send(server, '/', { headers })).headers.location).toContain('/sign-in');
});

test('signing in never leads to another site', async ({ page, server }) => {
  const link = new URL(await server.link());
  // One that a browser reads as another site; the other tricks are those of src/domain/next-path.test.ts.
  link.searchParams.set('next', '/\\evil.example');
  const left: string[] = [];
  page.on('request', (request) => {
    if (!request.url().startsWith(server.url) && !request.url().startsWith('data:')) left.push(request.url());
  });
  await page.goto(link.href);
  await expect(shell(page).account).toBeVisible();
  expect(new URL(page.url()).origin).toBe(server.url);
  expect(left).toEqual([]);
});

test('a host name of somebody else is refused, the bare loopback address leads to localhost', async ({ server }) => {
  expect((await send(server, '/', { host: 'evil.example' })).status).toBe(421);
  const moved = await send(server, '/help?a=1', { host: `127.0.0.1:${server.port}` });
  expect([moved.status, moved.headers.location]).toEqual([307, `${server.url}/help?a=1`]);
  // The path is a path, also when it looks like a host.
  const odd = await send(server, '//evil.example/', { host: `127.0.0.1:${server.port}` });
  if (odd.headers.location) expect(new URL(odd.headers.location, server.url).origin).toBe(server.url);
});

test('a link that is opened where somebody is signed in takes their place only when they say so', async ({
  page,
  server,
}) => {
  await page.goto(await server.link());
  await expect(shell(page).account).toBeVisible();
  const session = async () => (await page.context().cookies()).find(({ name }) => name.endsWith('session'))?.value;
  const before = await session();
  expect(before).toBeDefined();
  await page.goto(await server.link('eve@lab.example'));
  const use = page.getByRole('button', { name: 'Use the link' });
  await expect(use).toBeVisible();
  expect(await session()).toBe(before);
  await use.click();
  await expect(shell(page).account).toHaveAccessibleName('Account: eve');
});
