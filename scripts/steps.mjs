/**
 * How the scripts show their work: each step has a name, a live clock on a terminal, its time at the end, and when it fails the
 * step, the reason and what to do. Also the one way in which scripts run other programs. Dependency-free, runs on Node 20.
 */
import { spawn } from 'node:child_process';
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * A step that could not be done. `why` is the tail of what the program said, `remedy` one sentence for the person; a failure that
 * the person has been told of already carries neither.
 */
export class StepFailed extends Error {
  constructor(step, { why = '', remedy = '' } = {}) {
    super(`${step} failed`);
    this.name = 'StepFailed';
    this.step = step;
    this.why = why;
    this.remedy = remedy;
  }
}

export function seconds(ms) {
  return ms < 60_000
    ? `${(ms / 1000).toFixed(1)} s`
    : `${Math.floor(ms / 60_000)} min ${Math.round((ms % 60_000) / 1000)} s`;
}

/**
 * Runs one named step. `work` gets `note(text)` for progress and may return a detail for the closing line.
 * On a terminal the line is alive; in a log there is one line at the start of a step and one at its end.
 */
export async function step(name, work) {
  const live = process.stdout.isTTY === true;
  const startedAt = Date.now();
  let noted = '';
  const draw = () => {
    const text = `  … ${name}  ${seconds(Date.now() - startedAt)}  ${noted}`;
    process.stdout.write(`\r\x1b[2K${text.slice(0, (process.stdout.columns || 80) - 1)}`);
  };
  const end = (sign, detail) => {
    const text = `  ${sign} ${name}  ${seconds(Date.now() - startedAt)}${detail ? `  ${detail}` : ''}`;
    process.stdout.write(live ? `\r\x1b[2K${text}\n` : `${text}\n`);
  };
  if (!live) process.stdout.write(`  … ${name}\n`);
  const timer = live ? setInterval(draw, 100) : null;
  try {
    const detail = await work({
      note: (text) => {
        noted = text;
      },
    });
    if (timer) clearInterval(timer);
    end('✓', detail);
  } catch (error) {
    if (timer) clearInterval(timer);
    end('✗', 'failed');
    throw error;
  }
}

/** Prints a failure the way every script does and gives the exit code. */
export function explain(error) {
  if (!(error instanceof StepFailed)) {
    console.error(error);
    return 1;
  }
  if (!error.why && !error.remedy) return 1;
  console.error(`\n${error.step} failed.`);
  if (error.why) console.error(`\n${error.why.replace(/^/gm, '    ')}\n`);
  if (error.remedy) console.error(error.remedy);
  return 1;
}

const running = new Set();
let listening = false;

/** Signals a program with all that it started; each runs in a process group of its own. */
function signalAll(child, signal) {
  try {
    process.kill(-child.pid, signal);
  } catch {
    // It has ended.
  }
}

/** A script that is told to end takes its children along, so that none of them works on behind the next start's back. */
function endWithChildren() {
  if (listening) return;
  listening = true;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.once(signal, () => {
      for (const child of running) signalAll(child, signal);
      process.kill(process.pid, signal);
    });
  }
}

/**
 * Runs a program to its end without a shell. Its output goes to `logFile` (whole) and to `onLine`, both as it comes; nothing is
 * printed. After `limitMs` the program and all that it started are killed.
 * Resolves to `{code, output, tail}`: code is null when it could not be started or was killed by a signal.
 */
export function run(command, args, { cwd, env = process.env, logFile, onLine, onSpawn, limitMs } = {}) {
  endWithChildren();
  if (logFile) {
    mkdirSync(dirname(logFile), { recursive: true });
    writeFileSync(logFile, '');
  }
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    running.add(child);
    if (child.pid) onSpawn?.(child.pid);
    let output = '';
    const take = (chunk) => {
      output += chunk;
      if (logFile) appendFileSync(logFile, chunk);
    };
    // Each stream has lines of its own: a half line of one is not continued by the other.
    for (const stream of [child.stdout, child.stderr]) {
      let partial = '';
      stream.setEncoding('utf8').on('data', (chunk) => {
        take(chunk);
        const lines = (partial + chunk).split('\n');
        partial = lines.pop() ?? '';
        for (const line of lines) onLine?.(line);
      });
    }
    const outOfTime = () => {
      take(`\nkilled: not done after ${seconds(limitMs)}\n`);
      signalAll(child, 'SIGKILL');
    };
    const timer = limitMs ? setTimeout(outOfTime, limitMs) : null;
    const finish = (code, note) => {
      if (timer) clearTimeout(timer);
      running.delete(child);
      if (note) take(`${note}\n`);
      resolve({ code, output, tail: tailOf(output) });
    };
    child.once('error', (error) => finish(null, error.message));
    child.once('close', (code, signal) => finish(code, signal ? `ended by ${signal}` : ''));
  });
}

/** The last lines of a program's output without colours, enough to see why it failed. */
export function tailOf(output, lines = 25) {
  // biome-ignore lint/complexity/useRegexLiterals: a literal would need a control character in the source
  const plain = output.replace(new RegExp('\\u001b\\[[0-9;]*[A-Za-z]', 'g'), '');
  return plain.trimEnd().split('\n').slice(-lines).join('\n');
}
