import { existsSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { isAlive } from './process-table.ts';
import {
  CLOSED_BAD_MESSAGE,
  CLOSED_REPLACED,
  CLOSED_TAB_GONE,
  INPUT_BY_EMULATOR,
  MAX_TABS,
  type TabInfo,
} from './protocol.ts';
import { startTerminal, type TestBrowser, type TestTerminal, until } from './test-terminal.ts';

let terminal: TestTerminal;
afterEach(() => terminal.close());

const shows = (browser: TestBrowser, text: string | RegExp) =>
  until(
    () => (typeof text === 'string' ? browser.text.includes(text) : text.test(browser.text)),
    () => `${text} in ${JSON.stringify(browser.text.slice(-500))}`,
  );
const listed = async (): Promise<TabInfo[]> => JSON.parse((await terminal.call('GET', '/api/tabs')).text).tabs;

describe('a shell in a tab', () => {
  it('echoes, knows its size and its resize, and runs in the workspace without our secrets', async () => {
    terminal = await startTerminal({ env: { CMBCLUSTER_SECRET: 'hidden', LANG: 'C.UTF-8' } });
    const browser = terminal.connect((await terminal.newTab()).id, { cols: 100, rows: 30 });
    await shows(browser, '$ ');
    browser.type('stty size; pwd; env | grep -c CMBCLUSTER_SECRET; echo "$TERM $COLORTERM ü漢"\r');
    await shows(browser, /\n30 100\r\n\S*terminal-\S+\r\n0\r\nxterm-256color truecolor ü漢\r\n/);
    browser.send({ type: 'resize', cols: 64, rows: 16 });
    browser.type('stty size\r');
    await shows(browser, '\n16 64\r\n');
  });

  it('says how it ended, and starts anew on Enter only', async () => {
    terminal = await startTerminal();
    const tab = await terminal.newTab();
    const browser = terminal.connect(tab.id);
    await shows(browser, '$ ');
    browser.type('exit 3\r');
    await shows(browser, 'ended with code 3');
    expect((await listed())[0]?.exit).toEqual({ code: 3, signal: null });
    browser.type('x');
    browser.type('\r', INPUT_BY_EMULATOR);
    await until(() => browser.last('inputAck')?.received === 8);
    expect((await listed())[0]?.exit).not.toBeNull();
    browser.type('\r');
    await until(async () => (await listed())[0]?.exit === null);
    browser.type('echo again-$((40+2)); kill -9 $$\r');
    await shows(browser, 'again-42');
    await shows(browser, 'ended by SIGKILL');
    expect((await listed())[0]).toMatchObject({ id: tab.id, exit: { signal: 'SIGKILL' } });
  });

  it('takes its title from the program and its name from the person', async () => {
    terminal = await startTerminal();
    const { id } = await terminal.newTab();
    const browser = terminal.connect(id);
    await shows(browser, '$ ');
    browser.type("printf '\\033]0;from \\342\\200\\256program\\007'\r");
    await until(async () => (await listed())[0]?.label === 'from program');
    expect((await terminal.call('PATCH', `/api/tabs/${id}`, { body: { name: ' mine\u0007 ' } })).status).toBe(200);
    expect((await listed())[0]).toMatchObject({ label: 'mine', title: 'from program' });
    await terminal.call('PATCH', `/api/tabs/${id}`, { body: { name: '' } });
    expect((await listed())[0]?.label).toBe('from program');
  });

  it('delivers a large paste whole', async () => {
    terminal = await startTerminal();
    const browser = terminal.connect((await terminal.newTab()).id);
    const lines = Array.from({ length: 8000 }, (_, i) => `line ${i} ${'x'.repeat(30)}\n`).join('');
    await shows(browser, '$ ');
    browser.type('stty -echo; cat | cksum\r');
    await until(async () => (await listed())[0]?.busy === true);
    for (let at = 0; at < lines.length; at += 60_000) browser.type(lines.slice(at, at + 60_000));
    browser.type('\x04');
    await shows(browser, new RegExp(`\\d+ ${lines.length}\r\n`));
  });

  it('is busy while a program has the foreground, and is then not closed without force', async () => {
    terminal = await startTerminal();
    const { id, pid } = await terminal.newTab();
    const browser = terminal.connect(id);
    await shows(browser, '$ ');
    const status = async () => JSON.parse((await terminal.call('GET', '/status')).text).tabs;
    expect(await status()).toMatchObject([{ id, pid, busy: false }]);
    browser.type('sleep 1000\r');
    await until(async () => (await status())[0].busy);
    expect((await status())[0].title).toBe('sleep');
    const refused = await terminal.call('DELETE', `/api/tabs/${id}`);
    expect(refused.status).toBe(412);
    expect(JSON.parse(refused.text)).toMatchObject({ code: 'failed_precondition', details: { foreground: 'sleep' } });
    expect((await terminal.call('DELETE', `/api/tabs/${id}?force=1`)).status).toBe(200);
    expect(isAlive(pid)).toBe(false);
    await until(() => browser.closedWith === CLOSED_TAB_GONE);
    expect(await listed()).toEqual([]);
  });

  it('takes what it left in the background with it when everything ends', async () => {
    terminal = await startTerminal({ argv: ['/bin/sh', '-c', 'trap "" HUP; sleep 1000 & echo pid=$!; wait'] });
    const { id, pid } = await terminal.newTab();
    const browser = terminal.connect(id);
    await shows(browser, /pid=\d+/);
    const background = Number(/pid=(\d+)/.exec(browser.text)?.[1]);
    await terminal.tabs.closeAll(100);
    await until(() => !isAlive(background) && !isAlive(pid));
  });
});

describe('several browsers on one tab', () => {
  it('see the same output; the last active one decides the size and answers queries', async () => {
    terminal = await startTerminal();
    const { id } = await terminal.newTab();
    const desk = terminal.connect(id, { client: 'desk', cols: 120, rows: 40 });
    await shows(desk, '$ ');
    const phone = terminal.connect(id, { client: 'phone', cols: 40, rows: 20 });
    await until(() => phone.last('size')?.active === true && desk.last('size')?.active === false);
    expect(desk.last('size')).toMatchObject({ cols: 40, rows: 20 });
    desk.type('reply', INPUT_BY_EMULATOR);
    desk.send({ type: 'focus' });
    await until(() => desk.last('size')?.active === true);
    desk.type("stty size; echo o''k\r");
    await shows(phone, '\n40 120\r\nok');
    await shows(desk, '\n40 120\r\nok');
    expect(desk.text).not.toContain('reply');
    const returned = terminal.connect(id, { client: 'asleep', cols: 10, rows: 5, active: false });
    await until(() => returned.last('size') !== undefined);
    expect(returned.last('size')).toMatchObject({ cols: 120, rows: 40, active: false });
    desk.drop();
    await until(() => phone.last('size')?.active === true);
    expect(phone.last('size')).toMatchObject({ cols: 40, rows: 20 });
  });

  it('a client that comes again replaces its old connection and learns what was taken from it', async () => {
    terminal = await startTerminal();
    const { id } = await terminal.newTab();
    const before = terminal.connect(id, { client: 'one' });
    await shows(before, '$ ');
    before.type('echo');
    await until(() => before.last('inputAck')?.received === 4);
    const after = terminal.connect(id, { client: 'one' });
    await until(() => before.closedWith === CLOSED_REPLACED);
    expect(after.messages[0]).toEqual({ type: 'inputAck', received: 4 });
  });
});

describe('who may talk', () => {
  const body = { cols: 80, rows: 24 };
  const upgrade = (path: string, headers: Record<string, string>) =>
    new Promise<number>((resolve) => {
      const socket = new WebSocket(`ws+unix:${terminal.socketPath}:${path}`, {
        headers: { host: 'lab.localhost', ...headers },
      });
      socket.on('error', () => undefined);
      socket.on('unexpected-response', (_request, response) => resolve(response.statusCode ?? 0));
      socket.on('open', () => {
        resolve(101);
        socket.terminate();
      });
    });

  it('another origin’s page can neither write nor connect', async () => {
    terminal = await startTerminal();
    const evil = { origin: 'http://evil.localhost' };
    expect((await terminal.call('POST', '/api/tabs', { body, headers: evil })).status).toBe(403);
    expect((await terminal.call('POST', '/api/tabs', { headers: { 'content-type': 'text/plain' } })).status).toBe(400);
    const { id } = await terminal.newTab();
    expect((await terminal.call('DELETE', `/api/tabs/${id}`, { headers: evil })).status).toBe(403);
    expect(await upgrade(`/pty/${id}`, evil)).toBe(403);
    expect(await upgrade('/events', evil)).toBe(403);
    expect(await upgrade('/events', { origin: 'https://lab.example.org', 'x-forwarded-host': 'lab.example.org' })).toBe(
      101,
    );
    expect(await upgrade('/other', {})).toBe(404);
    expect(await listed()).toHaveLength(1);
  });

  it('nobody without the secret', async () => {
    terminal = await startTerminal({ guard: { secret: 'abc', loopbackNamesOnly: false } });
    expect((await terminal.call('GET', '/status')).status).toBe(403);
    expect((await terminal.call('GET', '/')).status).toBe(403);
    expect(await upgrade('/events', {})).toBe(403);
    expect((await terminal.call('GET', '/status', { headers: { 'x-cmbcluster-secret': 'abc' } })).status).toBe(200);
  });

  it('bad messages end the connection, an unknown tab is said by code, and the rest goes on', async () => {
    terminal = await startTerminal();
    const gone = terminal.connect('tab-none');
    await until(() => gone.closedWith === CLOSED_TAB_GONE);
    const { id } = await terminal.newTab();
    const wrong: ((browser: TestBrowser) => void)[] = [
      (browser) => browser.socket.send('{'),
      (browser) => browser.socket.send(Buffer.from([9, 1])),
      (browser) => browser.send({ type: 'ack', offset: 1e9 }),
    ];
    for (const act of wrong) {
      const browser = terminal.connect(id);
      await shows(browser, '$ ');
      act(browser);
      await until(() => browser.closedWith === CLOSED_BAD_MESSAGE);
    }
    expect(await listed()).toHaveLength(1);
  });
});

describe('the rest of the server', () => {
  it('serves the page with a strict policy and its files for good by hash', async () => {
    terminal = await startTerminal();
    const page = await terminal.call('GET', '/');
    const policy = String(page.headers['content-security-policy']);
    expect(policy).toContain("default-src 'none'; script-src 'self';");
    const nonce = /content="([^"]+)"/.exec(page.text)?.[1] ?? 'none';
    expect(policy).toContain(`'nonce-${nonce}'`);
    expect((await terminal.call('GET', '/')).text).not.toContain(nonce);
    expect(page.headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'cache-control': 'no-store' });
    const script = /src="\.(\/page\.js\?v=[^"]+)"/.exec(page.text)?.[1] ?? 'missing';
    const file = await terminal.call('GET', script);
    expect(file).toMatchObject({ status: 200, text: '// page' });
    expect(file.headers['cache-control']).toContain('immutable');
    expect((await terminal.call('GET', '/page.js')).headers['cache-control']).toBe('no-cache');
    const etag = String(file.headers.etag);
    expect((await terminal.call('GET', '/page.js', { headers: { 'if-none-match': etag } })).status).toBe(304);
    for (const path of ['/../server.ts', '/%2e%2e/x', '/nope', '//', '/socket']) {
      expect((await terminal.call('GET', path)).status).toBe(404);
    }
  });

  it('gives several pages that open at once one first tab, and refuses a flood', async () => {
    terminal = await startTerminal({ argv: ['/bin/cat'] });
    const first = await Promise.all(
      [1, 2, 3].map(() => terminal.call('POST', '/api/tabs', { body: { ifNone: true } })),
    );
    expect(new Set(first.map(({ text }) => JSON.parse(text).id)).size).toBe(1);
    while ((await listed()).length < MAX_TABS) await terminal.newTab();
    expect((await terminal.call('POST', '/api/tabs', { body: {} })).status).toBe(429);
    expect((await terminal.call('POST', '/api/tabs', { body: { cols: -1 } })).status).toBe(400);
    expect((await terminal.call('POST', '/api/tabs', { body: { pad: 'x'.repeat(5000) } })).status).toBe(400);
    expect((await terminal.call('PATCH', '/api/tabs/none', { body: { name: 'x' } })).status).toBe(404);
  });

  it('tells watchers of every change and ends dead connections', async () => {
    terminal = await startTerminal({ heartbeatMs: 50 });
    const socket = new WebSocket(`ws+unix:${terminal.socketPath}:/events`, { autoPong: false });
    socket.on('error', () => undefined);
    const labels: string[][] = [];
    let closed = false;
    socket.on('message', (data: Buffer) => labels.push(JSON.parse(data.toString()).tabs.map((tab: TabInfo) => tab.id)));
    socket.on('close', () => {
      closed = true;
    });
    await until(() => labels.length === 1);
    const { id } = await terminal.newTab();
    await until(() => labels.at(-1)?.[0] === id);
    // It answers no ping: the server lets it go.
    await until(() => closed);
  });

  it('leaves nothing behind when it closes', async () => {
    terminal = await startTerminal();
    const { pid } = await terminal.newTab();
    await terminal.close();
    expect(isAlive(pid)).toBe(false);
    expect(existsSync(terminal.socketPath)).toBe(false);
  });
});
