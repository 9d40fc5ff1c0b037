/**
 * CPU of one API query (session check and a page of 20 environments) on the real server, beside a bare node:http server that
 * answers the same rows by prepared statements. Each in its own process; CPU as the kernel counts it.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import { sql } from 'drizzle-orm';
import { httpLoad } from './gateway/load.ts';
import { cpuOf } from './process.ts';
import { machine, median, type Report, type RunOptions } from './report.ts';
import { ownerOf, seedEnvironments, withData } from './seed.ts';
import { type BenchServer, startServer } from './server.ts';

const ROUNDS = 7;
const REQUESTS = 2_000;
/** Until everything is compiled, on both sides. */
const WARM_UP = 5_000;
const PEER = 'node:http + prepared SQL';

export async function run({ json }: RunOptions): Promise<Report> {
  const server = await startServer();
  const floor = await startFloor(server);
  try {
    const small = Buffer.from(`GET / HTTP/1.1\r\nHost: localhost\r\nCookie: ${server.cookie}\r\n\r\n`);
    const targets = [
      { port: server.port, pid: server.pid, request: server.rawQuery('environments.list', { limit: 20 }) },
      { port: floor.port, pid: floor.process.pid ?? 0, request: small },
    ];
    const cpu: [number[], number[]] = [[], []];
    const rate: [number[], number[]] = [[], []];
    for (let round = 0; round <= ROUNDS; round += 1) {
      for (const which of round % 2 === 0 ? ([0, 1] as const) : ([1, 0] as const)) {
        const target = targets[which];
        if (!target) continue;
        const before = cpuOf(target.pid);
        const { seconds } = await httpLoad({ ...target, connections: 32, requests: round === 0 ? WARM_UP : REQUESTS });
        if (round === 0) continue;
        cpu[which].push((cpuOf(target.pid) - before) / REQUESTS);
        rate[which].push(REQUESTS / seconds);
      }
      if (!json) process.stderr.write(round === 0 ? 'warm ' : '.');
    }
    if (!json) process.stderr.write('\n');
    const ratios = ([values, floors]: [number[], number[]]) =>
      median(values.map((value, round) => value / (floors[round] ?? Number.NaN)));
    const ratio = ratios(cpu);
    return {
      name: 'api',
      machine: machine(),
      rows: [
        {
          measure: 'CPU per query of 20 rows',
          ours: median(cpu[0]),
          peer: median(cpu[1]),
          peerName: PEER,
          ratio,
          unit: 'µs',
          goal: '≤ 3.3 × floor',
          ok: ratio <= 3.3,
        },
        {
          measure: 'queries of 20 rows per second',
          ours: median(rate[0]),
          peer: median(rate[1]),
          peerName: PEER,
          ratio: ratios(rate),
          unit: '1/s',
          goal: 'for scale',
          ok: true,
        },
      ],
    };
  } finally {
    floor.process.kill('SIGKILL');
    await server.stop();
  }
}

async function startFloor(server: BenchServer): Promise<{ process: ChildProcess; port: number }> {
  const copy = join(server.dataDir, 'floor.sqlite');
  const session = await withData(server, (data) => {
    const owner = ownerOf(data).id;
    seedEnvironments(data, owner, 200);
    data.db.drizzle.run(sql`vacuum into ${copy}`);
    return data.people.sessionsOf(owner)[0]?.id ?? '';
  });
  const file = join(import.meta.dirname, 'api/floor.ts');
  const child = fork(file, [copy, session], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const port = await new Promise<number>((resolve, reject) => {
    child.once('message', (message: { port: number }) => resolve(message.port));
    child.once('exit', (code) => reject(new Error(`${file} ended with ${code}`)));
  });
  return { process: child, port };
}
