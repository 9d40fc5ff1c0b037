/** Several processes, killed ones too: at any time at most one holds the lock, and a dead holder never blocks the others. */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { takeLock } from './lock.mjs';

const MODULE = join(import.meta.dirname, 'lock.mjs');
let folder;
let path;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cmbcluster-lock-'));
  path = join(folder, 'prepare.lock');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Runs a program with `lock` at hand and resolves when it has ended; `onLine` hears what it prints. */
function holder(program, onLine = () => {}) {
  const code = `import { appendFileSync } from 'node:fs';
    import { takeLock } from ${JSON.stringify(MODULE)};
    const lock = await takeLock(${JSON.stringify(path)});
    ${program}`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', code], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  child.stdout.setEncoding('utf8').on('data', onLine);
  return { child, ended: new Promise((resolve) => child.once('close', resolve)) };
}

it('lets one in at a time, also when a dead lock is found by many at once', async () => {
  writeFileSync(path, JSON.stringify([{ pid: 2 ** 22 - 1, start: '1' }]));
  const record = join(folder, 'record');
  const write = (text) => `appendFileSync(${JSON.stringify(record)}, '${text}');`;
  const program = `${write('<')} await new Promise((resolve) => setTimeout(resolve, 10)); ${write('>')} lock.release();`;
  await Promise.all(Array.from({ length: 6 }, () => holder(program).ended));
  expect(readFileSync(record, 'utf8')).toBe('<>'.repeat(6));
});

it('is taken over from a holder that was killed', async () => {
  const { child, ended } = holder("console.log('held'); setInterval(() => {}, 1000);", () => child.kill('SIGKILL'));
  await ended;
  expect(existsSync(path)).toBe(true);
  (await takeLock(path)).release();
  expect(existsSync(path)).toBe(false);
});

it('is not taken over while the child of a killed holder works on', async () => {
  const worker = spawn(process.execPath, ['--eval', 'setInterval(() => {}, 1000)']);
  const { child, ended } = holder(
    `lock.working(${worker.pid}); console.log('held'); setInterval(() => {}, 1000);`,
    () => child.kill('SIGKILL'),
  );
  await ended;
  let waitedFor = null;
  const taken = takeLock(path, {
    onWait: (pid) => {
      waitedFor = pid;
      worker.kill('SIGKILL');
    },
  });
  (await taken).release();
  expect(waitedFor).toBe(worker.pid);
});

it('does not mistake another process with the same id for the holder', async () => {
  writeFileSync(path, JSON.stringify([{ pid: process.pid, start: 'another start' }]));
  (await takeLock(path)).release();
  expect(existsSync(path)).toBe(false);
});
