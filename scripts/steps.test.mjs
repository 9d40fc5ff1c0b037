/** How the scripts run other programs: nothing of what they say is lost, and none of them can hang a script. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { run, tailOf } from './steps.mjs';

const folder = mkdtempSync(join(tmpdir(), 'cmbcluster-steps-'));
const logFile = join(folder, 'logs', 'program.log');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const program = (code, options) => run(process.execPath, ['--eval', code], { logFile, ...options });

it('keeps the output of both streams, line by line and whole', async () => {
  const lines = [];
  const done = await program(
    "console.log('one'); console.error('two'); process.stdout.write('three'); process.exitCode = 3;",
    {
      onLine: (line) => lines.push(line),
    },
  );
  expect(done.code).toBe(3);
  expect(lines.sort()).toEqual(['one', 'two']);
  expect(done.output).toContain('three');
  expect(readFileSync(logFile, 'utf8')).toBe(done.output);
});

it('says why a program could not be started or was ended', async () => {
  expect(await run('/nonexistent/program', [])).toMatchObject({ code: null, tail: expect.stringContaining('ENOENT') });
  expect(await program("process.kill(process.pid, 'SIGTERM')")).toMatchObject({ code: null, tail: 'ended by SIGTERM' });
});

it('kills a program that takes too long, with all that it started', async () => {
  const spawnsAnother = `
    const { spawn } = require('node:child_process');
    const child = spawn(process.execPath, ['--eval', 'setInterval(() => {}, 1000)'], { stdio: 'inherit' });
    console.log(child.pid);
    for (;;);`;
  const done = await program(spawnsAnother, { limitMs: 1_000 });
  expect(done.code).toBe(null);
  expect(done.tail).toContain('killed: not done after 1.0 s');
  // The pipe closed, so the inner program has ended too; its number is free or a zombie's.
  expect(Number.parseInt(done.output, 10)).toBeGreaterThan(0);
});

it('shows the end of a long output without colours', () => {
  const text = Array.from({ length: 100 }, (_, index) => `\u001b[31mline ${index}\u001b[0m`).join('\n');
  expect(tailOf(text, 2)).toBe('line 98\nline 99');
});
