/**
 * Resident memory of the server process: at rest after its start, and after work on the data of ten thousand people (each with a
 * storage and an environment): lists, pages rendered by Next, files of the pages, sign-in checks.
 */
import { httpLoad } from './gateway/load.ts';
import { residentOf } from './process.ts';
import { machine, median, type Report, type Row, type RunOptions } from './report.ts';
import { ownerOf, seedBelongings, seedEnvironments, seedPeople, withData } from './seed.ts';
import { startServer } from './server.ts';

const RUNS = 5;
const SETTLE_MS = 3_000;
/** Hub and proxy together, 10,000 people, on another machine (2026-11-24); for scale only. */
const JUPYTERHUB = { value: 214, name: 'JupyterHub 6.1.1 with its proxy, measured elsewhere' };
const PAGES = ['/', '/catalog', '/environments', '/storage', '/settings', '/help'];

export async function run({ json }: RunOptions): Promise<Report> {
  const idle: number[] = [];
  const after: number[] = [];
  for (let i = 0; i < RUNS; i += 1) {
    const [before, loaded] = await once();
    idle.push(before);
    after.push(loaded);
    if (!json) process.stderr.write('.');
  }
  if (!json) process.stderr.write('\n');
  const row = (measure: string, ours: number, most: number, peer: { value: number; name: string } | null): Row => ({
    measure,
    ours,
    peer: peer?.value ?? null,
    peerName: peer?.name ?? '',
    ratio: peer === null ? null : ours / peer.value,
    unit: 'MiB',
    goal: `≤ ${most} MiB`,
    ok: ours <= most,
  });
  return {
    name: 'memory',
    machine: machine(),
    rows: [
      row('server at rest', median(idle), 200, null),
      row('server after work on the data of 10,000 people', median(after), 300, JUPYTERHUB),
    ],
  };
}

async function once(): Promise<[number, number]> {
  const server = await startServer();
  try {
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
    const idle = residentOf(server.pid);
    await withData(server, (data) => {
      seedEnvironments(data, ownerOf(data).id, 10_000);
      seedBelongings(data, seedPeople(data, { from: 0, count: 10_000 }));
    });
    const { port } = server;
    for (const limit of [20, 50, 200]) {
      const request = server.rawQuery('environments.list', { limit });
      await httpLoad({ port, request, connections: 32, requests: 1_000 });
    }
    for (let i = 0; i < 20; i += 1) {
      const answers = await Promise.all(PAGES.map((path) => server.get(path)));
      const wrong = answers.find(({ status }) => status !== 200);
      if (wrong) throw new Error(`a page answers ${wrong.status}`);
    }
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
    return [idle, residentOf(server.pid)];
  } finally {
    await server.stop();
  }
}
