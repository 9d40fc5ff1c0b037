/**
 * One real server for the time of a test file: started on a free loopback port with a data folder of its own, waited for until it
 * answers, stopped by its process id. Each server's own file says how it is started; nothing here knows which one it is.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { program } from './programs.mjs';

export interface RunningServer {
  /** `http://127.0.0.1:<port>` */
  url: string;
  port: number;
  pid: number;
  /** Scratch folder of this server, removed by `stop`. */
  folder: string;
  /** What it has printed so far, the last 64 KiB. */
  output(): string;
  /** Asks it to end, kills it after five seconds, removes its folder. Idempotent. */
  stop(): Promise<void>;
}

export interface ServerOrder {
  /** Entry of programs.mjs. */
  program: string;
  /** File in its bin folder. */
  executable: string;
  args: (place: { port: number; folder: string; bin: string }) => string[];
  env?: (place: { port: number; folder: string }) => Record<string, string>;
  /** Path that answers once it serves, whatever the status. Default `/`. */
  readyPath?: string;
  readyWithinMs?: number;
}

const KEPT_OUTPUT = 64 * 1024;
const START_TRIES = 3;

/** A port that was free a moment ago; who starts on it must be ready to be told that somebody was faster. */
async function freePort(): Promise<number> {
  const probe = createServer();
  probe.listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  await once(probe, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port was given');
  return address.port;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), 5_000);
  await ended;
  clearTimeout(timer);
}

async function answers(url: string, child: ChildProcess, deadline: number): Promise<boolean> {
  while (Date.now() < deadline && child.exitCode === null && child.signalCode === null) {
    const reached = await fetch(url, { signal: AbortSignal.timeout(1_000) }).then(
      async (answer) => {
        await answer.body?.cancel();
        return true;
      },
      () => false,
    );
    if (reached) return child.exitCode === null;
    await pause(25);
  }
  return false;
}

/** Makes the program when it is missing, then starts it. @throws with what it printed when it does not come up */
export async function startServer(order: ServerOrder): Promise<RunningServer> {
  const bin = await program(order.program);
  let printed = '';
  for (let attempt = 1; attempt <= START_TRIES; attempt += 1) {
    const folder = mkdtempSync(join(tmpdir(), `cmbcluster-${order.program}-`));
    const port = await freePort();
    const child = spawn(join(bin, order.executable), order.args({ port, folder, bin }), {
      cwd: folder,
      env: {
        NODE_ENV: 'test',
        PATH: process.env.PATH,
        HOME: folder,
        LANG: 'C.UTF-8',
        ...order.env?.({ port, folder }),
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    printed = '';
    const keep = (chunk: string) => {
      printed = (printed + chunk).slice(-KEPT_OUTPUT);
    };
    child.stdout.setEncoding('utf8').on('data', keep);
    child.stderr.setEncoding('utf8').on('data', keep);
    child.on('error', (error) => keep(`${error.message}\n`));
    // A test runner that dies takes its servers along.
    const onExit = () => child.kill('SIGKILL');
    process.once('exit', onExit);
    const stop = async () => {
      process.removeListener('exit', onExit);
      await end(child);
      rmSync(folder, { recursive: true, force: true });
    };
    const url = `http://127.0.0.1:${port}`;
    const deadline = Date.now() + (order.readyWithinMs ?? 20_000);
    if (child.pid !== undefined && (await answers(`${url}${order.readyPath ?? '/'}`, child, deadline))) {
      return { url, port, pid: child.pid, folder, output: () => printed, stop };
    }
    if (child.pid === undefined) rmSync(folder, { recursive: true, force: true });
    else await stop();
  }
  throw new Error(`${order.program} did not start:\n${printed}`);
}
