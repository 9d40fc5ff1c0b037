/**
 * `npm start` with nothing to install and nothing to build, until the server says that it is ready; beside the server program alone,
 * in turns. The first run is not counted: it may have to install or build.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { get } from 'node:http';
import { join } from 'node:path';
import { SERVER_FLAGS } from '../scripts/server-flags.mjs';
import { EMPTY, freePort, runEmpty, until } from './process.ts';
import { machine, median, type Report, type Row, type RunOptions } from './report.ts';
import { ended, newDataFolder, ROOT } from './server.ts';

const RUNS = 7;
const MOST = { ms: 2_000, times: 50 };
const BUILDS_WITHIN_MS = 300_000;

export async function run({ json }: RunOptions): Promise<Report> {
  const dataDir = newDataFolder();
  const start = async (command: string, args: string[]): Promise<number> => {
    const port = await freePort();
    const begin = performance.now();
    const child = spawn(command, [...args, '--port', String(port)], {
      cwd: ROOT,
      env: { ...process.env, CMBCLUSTER_DATA: dataDir },
      stdio: 'ignore',
    });
    try {
      await until(() => ready(port, child), BUILDS_WITHIN_MS);
      return performance.now() - begin;
    } finally {
      await ended(child);
    }
  };
  const startAll = () => start('npm', ['start', '--']);
  const startServer = () => start(process.execPath, [...SERVER_FLAGS, join(ROOT, 'dist/server.mjs')]);
  try {
    await startAll();
    const whole: number[] = [];
    const alone: number[] = [];
    const empty: number[] = [];
    for (let i = 0; i < RUNS; i += 1) {
      whole.push(await startAll());
      alone.push(await startServer());
      empty.push(median(await runEmpty(1)));
      if (!json) process.stderr.write('.');
    }
    if (!json) process.stderr.write('\n');
    const [ours, server, node] = [median(whole), median(alone), median(empty)];
    const row = (measure: string, ms: number, peer: number, peerName: string): Row => ({
      measure,
      ours: ms,
      peer,
      peerName,
      ratio: ms / peer,
      unit: 'ms',
      goal: 'for scale',
      ok: true,
    });
    return {
      name: 'start',
      machine: machine(),
      rows: [
        {
          ...row('npm start, nothing changed, until /readyz is 200', ours, node, EMPTY),
          goal: `< ${MOST.ms} ms, on a busy machine < ${MOST.times} × beside`,
          ok: ours < MOST.ms || ours < MOST.times * node,
        },
        row('npm start, beside the server alone', ours, server, 'node dist/server.mjs'),
      ],
    };
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
}

function ready(port: number, child: ChildProcess): Promise<boolean> {
  if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}`);
  return new Promise((resolve) => {
    const req = get({ host: '127.0.0.1', port, path: '/readyz', headers: { host: `localhost:${port}` } }, (res) => {
      res.resume();
      resolve(res.statusCode === 200);
    });
    req.on('error', () => resolve(false));
  });
}
