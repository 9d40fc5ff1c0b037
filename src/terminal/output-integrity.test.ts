import { createHash } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import { HIGH_WATER_BYTES, WINDOW_BYTES } from './output-cursor.ts';
import { INPUT_BY_PERSON, MAX_FRAME_BYTES } from './protocol.ts';
import { startTerminal, type TestBrowser, type TestTerminal, until } from './test-terminal.ts';

let terminal: TestTerminal;
afterEach(() => terminal.close());

/** Waits for Enter, then counts: every line differs, so nothing lost or doubled can go unseen. */
const counting = (last: number) => [
  '/bin/sh',
  '-c',
  `stty -opost -echo; printf ready; read go; seq 1 ${last}; printf END`,
];

function counted(last: number): Buffer {
  let text = 'ready';
  for (let i = 1; i <= last; i += 1) text += `${i}\n`;
  return Buffer.from(`${text}END`);
}

const ready = (browser: TestBrowser) => until(() => browser.text.includes('ready'));

describe('10 MB of output', () => {
  it('reaches a slow reader whole, with little in flight, and the program is held up meanwhile', async () => {
    const last = 1_400_000;
    const expected = counted(last);
    expect(expected.length).toBeGreaterThan(10_000_000);
    terminal = await startTerminal({ argv: counting(last) });
    const { id } = await terminal.newTab();
    const browser = terminal.connect(id, { autoAck: false });
    await ready(browser);
    const hash = createHash('sha256').update('ready');
    let ackedAt = browser.arrived;
    let mostInFlight = 0;
    let left = expected.length - ackedAt;
    browser.ack();
    browser.onOutput = (bytes) => {
      mostInFlight = Math.max(mostInFlight, browser.arrived - ackedAt);
      const own = bytes.subarray(0, Math.max(0, left));
      // What the server says after the program's end is not counted.
      if (own.length > 0) hash.update(own);
      left -= own.length;
    };
    browser.socket.send(Buffer.from([INPUT_BY_PERSON, 0x0d]));
    // Nothing is acknowledged at first: the program must come to a stand at the window, not run on.
    await until(() => mostInFlight >= HIGH_WATER_BYTES);
    const onlooker = terminal.connect(id, { client: 'onlooker' });
    await until(() => onlooker.arrived >= browser.arrived);
    expect(onlooker.arrived).toBeLessThan(HIGH_WATER_BYTES + 256 * 1024);
    expect(terminal.tabs.find(id)?.info().exit).toBeNull();
    onlooker.drop();
    while (left > 0) {
      const before = browser.arrived;
      ackedAt = browser.arrived;
      browser.ack();
      await until(
        () => browser.arrived > before,
        () => `more output, ${left} bytes left`,
      );
    }
    expect(hash.digest('hex')).toBe(createHash('sha256').update(expected).digest('hex'));
    expect(mostInFlight).toBeLessThanOrEqual(WINDOW_BYTES + MAX_FRAME_BYTES);
  });

  it('loses nothing of a program that ends while it is held up', async () => {
    const last = 70_000;
    const expected = counted(last);
    terminal = await startTerminal({ argv: counting(last) });
    const { id } = await terminal.newTab();
    const browser = terminal.connect(id, { autoAck: false });
    await ready(browser);
    browser.type('\r');
    // The program writes less than what the window and the kernel hold together: it ends while its output waits.
    await until(() => terminal.tabs.find(id)?.info().exit !== null);
    browser.autoAck = true;
    browser.ack();
    await until(() => browser.text.includes('Press Enter'));
    expect(browser.text.slice(0, expected.length)).toBe(expected.toString());
  });
});

describe('a browser that comes back', () => {
  it('goes on where it was: nothing lost, nothing doubled, over many breaks', async () => {
    const last = 200_000;
    const expected = counted(last);
    terminal = await startTerminal({ argv: counting(last) });
    const { id } = await terminal.newTab();
    let browser = terminal.connect(id);
    await ready(browser);
    browser.type('\r');
    const parts: Buffer[] = [];
    const length = () =>
      parts.reduce((sum, part) => sum + part.length, 0) + browser.parts.reduce((sum, part) => sum + part.length, 0);
    for (let round = 1; round <= 15; round += 1) {
      const goal = (expected.length * round) / 16;
      await until(() => length() >= goal);
      browser.drop();
      parts.push(...browser.parts);
      const offset = browser.arrived;
      browser = terminal.connect(id, { offset });
      await until(() => browser.last('sync') !== undefined);
      expect(browser.last('sync')).toMatchObject({ from: offset, reset: false });
    }
    await until(() => length() >= expected.length);
    parts.push(...browser.parts);
    expect(Buffer.concat(parts).subarray(0, expected.length).equals(expected)).toBe(true);
  });

  it('is told to begin anew once the ring moved on, at the start of a line', async () => {
    const last = 60_000;
    const expected = counted(last).toString();
    terminal = await startTerminal({ argv: counting(last), ringBytes: 64 * 1024 });
    const { id } = await terminal.newTab();
    const first = terminal.connect(id, { client: 'first' });
    await ready(first);
    first.type('\r');
    await until(() => first.last('inputAck')?.received === 1);
    first.drop();
    await until(() => terminal.tabs.find(id)?.info().exit !== null);
    const second = terminal.connect(id, { offset: 5, client: 'first' });
    await until(() => second.text.includes('Press Enter'));
    const sync = second.last('sync');
    expect(sync?.reset).toBe(true);
    const from = sync?.from ?? 0;
    expect(from).toBeGreaterThan(expected.length - 64 * 1024 - 200);
    expect(expected[from - 1]).toBe('\n');
    expect(second.text.startsWith(expected.slice(from))).toBe(true);
  });

  it('gets back the modes of a program whose start has left the ring, and the program paints again', async () => {
    const script = [
      `printf '\\033[?1049h\\033[?2004hready'`,
      `trap 'echo painted; exit' WINCH`,
      'read go',
      'seq 1 40000',
      'echo full',
      'while :; do read more; done',
    ];
    terminal = await startTerminal({ argv: ['/bin/sh', '-c', script.join('\n')], ringBytes: 32 * 1024 });
    const { id } = await terminal.newTab();
    const first = terminal.connect(id);
    await ready(first);
    first.type('\r');
    await until(() => first.text.includes('full'));
    const second = terminal.connect(id, { client: 'second' });
    await until(() => second.last('sync') !== undefined);
    expect(second.last('sync')).toMatchObject({ reset: true, prelude: '\x1b[?1049h\x1b[?2004h' });
    await until(() => second.text.includes('painted'));
  });

  it('queries of a new shell are answered once, those of a replay never', async () => {
    terminal = await startTerminal({ argv: ['/bin/sh', '-c', `printf '\\033[cready'; sleep 1000`] });
    const { id } = await terminal.newTab();
    const first = terminal.connect(id, { client: 'first' });
    await ready(first);
    expect(first.last('sync')?.quietUntil).toBe(0);
    await until(() => first.arrived === 8);
    const second = terminal.connect(id, { client: 'second' });
    await until(() => second.text.includes('ready'));
    expect(second.last('sync')?.quietUntil).toBe(8);
  });
});
