/** Every page in light and dark: no accessibility fault that axe can find, nothing that jumps while it loads, little JavaScript. */
import { gzipSync } from 'node:zlib';
import type { Page, Response } from '@playwright/test';
import { type Person, signIn } from '../fixtures/person.ts';
import { expect, test } from '../fixtures/server.ts';
import { COLOUR_RULES, faults } from '../pages/faults.ts';
import { settled } from '../pages/settled.ts';

test.use({ deployment: 'accessibility' });

/** Of what the page's HTML itself asks for, and of all there is once the page has settled. Bytes, gzip. */
const MAX_FIRST_SCRIPT_BYTES = 200 * 1024;
const MAX_SCRIPT_BYTES = 225 * 1024;

let me: Person;
let nobody: Person;
const places: Record<string, string> = {};

test.beforeAll(async ({ server }) => {
  me = await signIn(server);
  nobody = await signIn(server, 'new@example.org');
  const [running, failed, storage] = await Promise.all([
    me.running({ name: 'Maps' }),
    me.launch({ name: 'Broken', command: 'echo broken; exit 1' }),
    me.storage(),
  ]);
  await me.reaches(failed.id, 'failed');
  await me.api.files.createFolder.mutate({ id: storage.id, path: 'maps' });
  const headers = { cookie: me.cookie, origin: server.url };
  const url = `${server.url}/api/storages/${storage.id}/objects?key=notes.txt`;
  await fetch(url, { method: 'PUT', headers, body: 'the second peak\n' });
  Object.assign(places, {
    running: `/environments/${running.id}`,
    embedded: `/environments/${running.id}?embed=1`,
    terminal: `/open/${running.id}`,
    failed: `/environments/${failed.id}`,
    logs: `/environments/${failed.id}?tab=logs`,
    history: `/environments/${failed.id}?tab=events`,
    settings: `/environments/${running.id}?tab=settings`,
    files: `/storage/${storage.id}`,
    preview: `/storage/${storage.id}?file=notes.txt`,
    usage: `/storage/${storage.id}?tab=usage`,
    about: `/storage/${storage.id}?tab=about`,
    person: `/admin/users?person=${(await nobody.api.profile.me.query()).id}`,
  });
});

const PAGES: [name: string, path: string | (() => string | undefined), who: 'me' | 'new' | 'stranger'][] = [
  ['sign-in', '/sign-in', 'stranger'],
  ['home of somebody new', '/', 'new'],
  ['environments of somebody new', '/environments', 'new'],
  ['home', '/', 'me'],
  ['catalog', '/catalog', 'me'],
  ['launch', '/catalog/launch?app=terminal', 'me'],
  ['launch of a command', '/catalog/launch?app=custom', 'me'],
  ['environments', '/environments', 'me'],
  ['environment that runs', () => places.running, 'me'],
  ['environment shown in the page', () => places.embedded, 'me'],
  ['the Terminal itself', () => places.terminal, 'me'],
  ['environment that failed', () => places.failed, 'me'],
  ['log', () => places.logs, 'me'],
  ['history', () => places.history, 'me'],
  ['settings of an environment', () => places.settings, 'me'],
  ['storages', '/storage', 'me'],
  ['files', () => places.files, 'me'],
  ['preview of a file', () => places.preview, 'me'],
  ['use of a storage', () => places.usage, 'me'],
  ['facts of a storage', () => places.about, 'me'],
  ['a new storage', '/storage?new=1', 'me'],
  ['profile', '/settings', 'me'],
  ['accounts', '/settings?tab=accounts', 'me'],
  ['sessions', '/settings?tab=sessions', 'me'],
  ['variables', '/settings?tab=variables', 'me'],
  ['files of settings', '/settings?tab=files', 'me'],
  ['preferences', '/settings?tab=preferences', 'me'],
  ['users', '/admin/users', 'me'],
  ['invitations', '/admin/users?tab=invitations', 'me'],
  ['one person', () => places.person, 'me'],
  ['deployment settings', '/admin/settings', 'me'],
  ['limits of a tier', '/admin/settings?tier=free', 'me'],
  ['deployment settings for somebody else', '/admin/settings', 'new'],
  ['users for somebody else', '/admin/users', 'new'],
  ['activity', '/activity', 'me'],
  ['activity of somebody new', '/activity', 'new'],
  ['audit trail', '/admin/audit', 'me'],
  ['database', '/admin/database', 'me'],
  ['help', '/help', 'me'],
  ['help topic', '/help/first-launch', 'me'],
  ['not found', '/there-is-no-such-page', 'me'],
];

/** What moved by itself since the page began, as the browser's own metric counts it: from where to where. */
const shifts = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    interface Shift extends PerformanceEntry {
      sources: { node: Node | null; previousRect: DOMRectReadOnly; currentRect: DOMRectReadOnly }[];
    }
    const place = ({ x, y, width, height }: DOMRectReadOnly) => [x, y, width, height].map(Math.round).join(' ');
    const name = (node: Node | null) =>
      node instanceof Element ? node.outerHTML.slice(0, 100) : (node?.textContent ?? 'gone').slice(0, 60);
    return new Promise<string[]>((resolve) => {
      const seen: string[] = [];
      const observer = new PerformanceObserver((list) => {
        for (const { sources } of list.getEntries() as Shift[])
          for (const { node, previousRect, currentRect } of sources)
            seen.push(`${name(node)}: ${place(previousRect)} → ${place(currentRect)}`);
      });
      observer.observe({ type: 'layout-shift', buffered: true });
      // What is buffered is delivered before the next frame but one.
      requestAnimationFrame(() => requestAnimationFrame(() => resolve(seen)));
    });
  });

/** Addresses of the scripts that a page's HTML names. */
const scriptsOf = (html: string, page: string) =>
  new Set([...html.matchAll(/<script[^>]* src="([^"]+)/g)].map(([, src]) => new URL(src ?? '', page).href));

/** How large scripts are as they travel (gzip). */
async function scriptBytes(responses: Response[]): Promise<number> {
  const sizes = responses.map(async (response) => gzipSync(await response.body()).length);
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

for (const [name, path, who] of PAGES) {
  test(`${name}`, async ({ page, context }) => {
    if (who !== 'stranger') await (who === 'me' ? me : nobody).enter(context);
    await page.emulateMedia({ colorScheme: 'light' });
    const scripts: Response[] = [];
    const collect = (response: Response) => {
      // The application in the frame is measured on its own address.
      const ours = response.frame() === page.mainFrame() && response.request().resourceType() === 'script';
      if (ours && response.ok()) scripts.push(response);
    };
    page.on('response', collect);
    const document = await page.goto((typeof path === 'string' ? path : path()) ?? '');
    // What the address opens comes a moment after the page behind it.
    if (/[?&](person|tier|new)=/.test(page.url())) await expect(page.getByRole('dialog')).toBeVisible();
    await settled(page);
    page.off('response', collect);
    expect.soft(await shifts(page), 'what jumped').toEqual([]);
    const named = scriptsOf((await document?.text()) ?? '', page.url());
    const first = scripts.filter((script) => named.has(script.url()));
    expect.soft(first.length, 'scripts that the page names').toBeGreaterThan(0);
    expect.soft(await scriptBytes(first), 'first scripts, bytes').toBeLessThanOrEqual(MAX_FIRST_SCRIPT_BYTES);
    expect.soft(await scriptBytes(scripts), 'scripts, bytes').toBeLessThanOrEqual(MAX_SCRIPT_BYTES);
    expect.soft(await faults(page), 'faults in light').toEqual([]);
    await page.emulateMedia({ colorScheme: 'dark' });
    await settled(page);
    expect(await faults(page, COLOUR_RULES), 'faults in dark').toEqual([]);
  });
}
