/** CPU of one API call with the session check and without, in turns, on one process. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { httpLoad } from '../gateway/load.ts';
import { cpuOf } from '../process.ts';
import { median, type Row, type RunOptions } from '../report.ts';

const ROUNDS = 9;
const REQUESTS = 4_000;
const WARM_UP = 6_000;
const MOST_MICROS = 60;
/** As little else as any procedure does, so that the check shows. */
const PROCEDURE = 'applications.list';

export async function checkRow({ json }: RunOptions): Promise<Row> {
  const file = join(import.meta.dirname, 'check-server.ts');
  const child = fork(file, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  try {
    const { port, cookie } = await hello(child);
    const load = (below: string, requests: number) => {
      const head = `GET /${below}/${PROCEDURE} HTTP/1.1\r\nHost: localhost:${port}\r\nCookie: ${cookie}\r\nUser-Agent: bench\r\n\r\n`;
      return httpLoad({ port, request: Buffer.from(head), connections: 16, requests });
    };
    const micros = async (below: string): Promise<number> => {
      const before = cpuOf(child.pid ?? 0);
      await load(below, REQUESTS);
      return (cpuOf(child.pid ?? 0) - before) / REQUESTS;
    };
    for (const below of ['checked', 'unchecked']) await load(below, WARM_UP);
    const differences: number[] = [];
    const without: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const cpu: Record<string, number> = {};
      const order = round % 2 === 0 ? ['checked', 'unchecked'] : ['unchecked', 'checked'];
      for (const below of order) cpu[below] = await micros(below);
      differences.push((cpu.checked ?? Number.NaN) - (cpu.unchecked ?? Number.NaN));
      without.push(cpu.unchecked ?? Number.NaN);
      if (!json) process.stderr.write('.');
    }
    const [ours, peer] = [median(differences), median(without)];
    return {
      measure: 'session check of an API call, above none',
      ours,
      peer,
      peerName: 'the same call, told who asks',
      ratio: ours / peer,
      unit: 'CPU µs',
      goal: `≤ ${MOST_MICROS} µs`,
      ok: ours <= MOST_MICROS,
    };
  } finally {
    if (child.connected) child.disconnect();
    if (child.exitCode === null) await once(child, 'exit');
  }
}

function hello(child: ChildProcess): Promise<{ port: number; cookie: string }> {
  return new Promise((resolve, reject) => {
    child.once('message', (message: { port: number; cookie: string }) => resolve(message));
    child.once('exit', (code) => reject(new Error(`the server of the session check ended with ${code}`)));
  });
}
