/**
 * `npm start` with nothing to install and nothing to build, until the server says that it is ready; beside the server program alone,
 * in turns. The first run is not counted: it may have to install or build.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { get } from 'node:http';
import { join } from 'node:path';
import { freePort, until } from './process.ts';
import { machine, median, type Report, type RunOptions } from './report.ts';
import { ended, newDataFolder, ROOT } from './server.ts';

const RUNS = 7;
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
  const npm = () => start('npm', ['start', '--']);
  const alone = () => start(process.execPath, [join(ROOT, 'dist/server.mjs')]);
  try {
    await npm();
    const whole: number[] = [];
    const server: number[] = [];
    for (let i = 0; i < RUNS; i += 1) {
      whole.push(await npm());
      server.push(await alone());
      if (!json) process.stderr.write('.');
    }
    if (!json) process.stderr.write('\n');
    const ours = median(whole) / 1000;
    const peer = median(server) / 1000;
    return {
      name: 'start',
      machine: machine(),
      rows: [
        {
          measure: 'npm start, nothing changed, until /readyz is 200',
          ours,
          peer,
          peerName: 'the server program alone',
          ratio: ours / peer,
          unit: 's',
          goal: '< 2 s',
          ok: ours < 2,
        },
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
