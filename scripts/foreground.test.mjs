/** What a person's Ctrl-C and the program's exit become on the way through a script. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const MODULE = join(import.meta.dirname, 'foreground.mjs');

/** Runs `program` under foreground(); `onLine` is called with what it prints and the script around it. */
async function run(program, onLine = () => {}) {
  const code = `import { foreground } from ${JSON.stringify(MODULE)};
    process.exitCode = await foreground(process.execPath, ['--eval', ${JSON.stringify(program)}]);`;
  const script = spawn(process.execPath, ['--input-type=module', '--eval', code], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  script.stdout.setEncoding('utf8').on('data', (text) => {
    output += text;
    onLine(text, script);
  });
  const exitCode = await new Promise((resolve) => script.once('close', resolve));
  return { output, exitCode };
}

it('passes the exit code through', async () => {
  expect((await run('process.exit(7)')).exitCode).toBe(7);
});

it('turns a fatal signal into 128 + its number', async () => {
  expect((await run("process.kill(process.pid, 'SIGKILL')")).exitCode).toBe(137);
});

it('tells the program once although npm repeats the signal of the terminal', async () => {
  const program = `
    let told = 0;
    process.on('SIGINT', () => { told += 1; if (told === 1) setTimeout(() => { console.log('told ' + told); process.exit(0); }, 200); });
    setInterval(() => {}, 1000);
    console.log('ready');`;
  const { output, exitCode } = await run(program, (text, script) => {
    if (!text.includes('ready')) return;
    script.kill('SIGINT');
    setTimeout(() => script.kill('SIGINT'), 20);
  });
  expect(output).toContain('told 1');
  expect(exitCode).toBe(0);
});
