/**
 * What the product adds to the start of an application: launch by the API until the live stream says `running`, beside the same
 * program spawned by hand until it accepts a connection, in turns. A burst asks for twenty at the same moment.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { connect } from 'node:net';
import { join } from 'node:path';
import { type LiveStream, watchLive } from './live.ts';
import { freePort, until } from './process.ts';
import { machine, median, quantile, type Report, type Row, type RunOptions } from './report.ts';
import { type BenchServer, startServer } from './server.ts';

const LAUNCHES = 30;
const BURSTS = 5;
const BURST = 20;
const BY_HAND = 'same program by hand';
/** Measured on another, quiet machine with two cores (2026-11-24); for scale only. */
const JUPYTERHUB = { single: 207, burst: 1084, name: 'JupyterHub 6.1.1, measured elsewhere' };
/** Between launches: as long as the product needs to have a supervisor ready again. */
const PAUSE_MS = 700;
const SIZE = { cpuMillicores: 100, memoryMiB: 64, gpus: 0 };
const PROGRAM = join(import.meta.dirname, 'launch/trivial.mjs');
const COMMAND = `exec "${process.execPath}" "${PROGRAM}"`;

export async function run({ json }: RunOptions): Promise<Report> {
  const server = await startServer({
    env: { TIER_ENTERPRISE: 'environments=100 cpu=100 memory=100 uptime=unlimited' },
  });
  const live = await watchLive(server);
  try {
    const launch = await launcher(server, live);
    const ours: number[] = [];
    const byHand: number[] = [];
    for (let i = 0; i <= LAUNCHES; i += 1) {
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
      const [hand] = await startByHand(1);
      const { ms, end } = await launch(`single-${i}`);
      await end();
      if (i === 0 || hand === undefined) continue;
      ours.push(ms);
      byHand.push(hand);
      if (!json) process.stderr.write('.');
    }
    const bursts: number[] = [];
    const handBursts: number[] = [];
    let failed = 0;
    for (let i = 0; i < BURSTS; i += 1) {
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
      handBursts.push(median(await startByHand(BURST)));
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
      const results = await Promise.allSettled(Array.from({ length: BURST }, (_, n) => launch(`burst-${i}-${n}`)));
      const good = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
      failed += results.length - good.length;
      bursts.push(median(good.map(({ ms }) => ms)));
      await Promise.all(good.map(({ end }) => end()));
      if (!json) process.stderr.write('*');
    }
    if (!json) process.stderr.write('\n');
    return { name: 'launch', machine: machine(), rows: rowsOf({ ours, byHand, bursts, handBursts, failed }) };
  } finally {
    live.close();
    await server.stop();
  }
}

function rowsOf(times: {
  ours: number[];
  byHand: number[];
  bursts: number[];
  handBursts: number[];
  failed: number;
}): Row[] {
  const floor = median(times.byHand);
  const added = times.ours.map((ms) => ms - floor);
  const burst = median(times.bursts);
  const row = (measure: string, ours: number, peer: number | null, rest: Partial<Row>): Row => ({
    measure,
    ours,
    peer,
    peerName: BY_HAND,
    ratio: peer === null ? null : ours / peer,
    unit: 'ms',
    goal: 'for scale',
    ok: true,
    ...rest,
  });
  return [
    row('launch until ready, p50', median(times.ours), floor, {}),
    row('added by the product, p50', median(added), null, {
      peerName: '',
      goal: '≤ 100 ms',
      ok: median(added) <= 100,
    }),
    row('added by the product, p95', quantile(added, 0.95), null, {
      peerName: '',
      goal: '≤ 250 ms',
      ok: quantile(added, 0.95) <= 250,
    }),
    row('launch until ready, p50, beside a peer', median(times.ours), JUPYTERHUB.single, { peerName: JUPYTERHUB.name }),
    row(`burst of ${BURST} until ready, p50`, burst, median(times.handBursts), { goal: '≤ 500 ms', ok: burst <= 500 }),
    row(`burst of ${BURST}, p50, beside a peer`, burst, JUPYTERHUB.burst, { peerName: JUPYTERHUB.name }),
    row(`failed of ${BURSTS * BURST} in bursts`, times.failed, null, {
      peerName: '',
      unit: '',
      goal: 'none',
      ok: times.failed === 0,
    }),
  ];
}

/** Launches one environment with a command of its own; `end` deletes it and waits until it is gone. */
async function launcher(server: BenchServer, live: LiveStream) {
  const applications = await server.query<{ id: string; slug: string }[]>('applications.list');
  const custom = applications.find(({ slug }) => slug === 'custom');
  if (!custom) throw new Error('the catalog has no custom command');
  return async (name: string): Promise<{ ms: number; end(): Promise<void> }> => {
    const input = {
      clientKey: `bench-${name}-key`,
      applicationId: custom.id,
      name,
      size: SIZE,
      storage: { kind: 'automatic' },
      command: COMMAND,
    };
    const begin = performance.now();
    const { id } = await server.mutate<{ id: string }>('environments.launch', input);
    const { at } = await live.reached(id, 'running');
    return {
      ms: at - begin,
      async end() {
        await server.mutate('environments.delete', { id });
        await live.reached(id, 'gone');
      },
    };
  };
}

/** Milliseconds from spawn to the first accepted connection, for each of `count` started at once. */
async function startByHand(count: number): Promise<number[]> {
  const ports = await Promise.all(Array.from({ length: count }, freePort));
  const children: ChildProcess[] = [];
  const begin = performance.now();
  try {
    return await Promise.all(
      ports.map(async (port) => {
        const env = { PATH: process.env.PATH, PORT: String(port) } as unknown as NodeJS.ProcessEnv;
        children.push(spawn('/bin/sh', ['-c', COMMAND], { env, stdio: 'ignore' }));
        await until(() => accepts(port), 60_000);
        return performance.now() - begin;
      }),
    );
  } finally {
    for (const child of children) child.kill('SIGKILL');
  }
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
