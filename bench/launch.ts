/**
 * What the product adds to the start of an application: launch by the API until the live stream says `running`, less the same
 * program spawned by hand until it accepts a connection, in turns. A burst asks for twenty at the same moment. An empty Node process
 * is timed in the same turns: it says how fast the machine is just now, and goals in milliseconds hold for a quiet one, where it
 * takes 40 ms.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { type LiveStream, watchLive } from './live.ts';
import { EMPTY, freePort, runEmpty, until } from './process.ts';
import { machine, median, quantile, type Report, type Row, type RunOptions } from './report.ts';
import { type BenchServer, startServer } from './server.ts';

const LAUNCHES = 30;
const BURSTS = 5;
const BURST = 20;
/** Measured on another, quiet machine with two cores (2026-11-24); for scale only. */
const JUPYTERHUB = { single: 207, burst: 1084, name: 'JupyterHub 6.1.1, measured elsewhere' };
/** Between launches: as long as the product needs to have a supervisor ready again. */
const PAUSE_MS = 700;
const SIZE = { cpuMillicores: 100, memoryMiB: 64, gpus: 0 };
/** Perl starts in 3 ms and is part of nearly every Linux; without it a Node program does the same. */
const PERL = ['/usr/bin/perl', '/bin/perl'].find((path) => existsSync(path));
const [RUNTIME, PROGRAM] = PERL ? [PERL, 'trivial.pl'] : [process.execPath, 'trivial.mjs'];
const COMMAND = `exec "${RUNTIME}" "${join(import.meta.dirname, 'launch', PROGRAM)}"`;
/** What the goals in milliseconds are in times of an empty Node process. */
const GOALS = { p50: { ms: 100, times: 2.5 }, p95: { ms: 250, times: 6.25 }, burst: { ms: 500, times: 1.25 } };

export async function run({ json }: RunOptions): Promise<Report> {
  const server = await startServer({
    env: { TIER_ENTERPRISE: 'environments=100 cpu=100 memory=100 uptime=unlimited' },
  });
  const live = await watchLive(server);
  try {
    const launch = await launcher(server, live);
    const ours: number[] = [];
    const byHand: number[] = [];
    const empty: number[] = [];
    for (let i = 0; i <= LAUNCHES; i += 1) {
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
      const hand = median(await startByHand(1));
      const node = median(await runEmpty(1));
      const { ms, end } = await launch(`single-${i}`);
      await end();
      if (i === 0) continue;
      ours.push(ms);
      byHand.push(hand);
      empty.push(node);
      if (!json) process.stderr.write('.');
    }
    const bursts: number[] = [];
    const emptyBursts: number[] = [];
    let failed = 0;
    for (let i = 0; i < BURSTS; i += 1) {
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
      emptyBursts.push(median(await runEmpty(BURST)));
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
      const results = await Promise.allSettled(Array.from({ length: BURST }, (_, n) => launch(`burst-${i}-${n}`)));
      const good = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
      failed += results.length - good.length;
      bursts.push(median(good.map(({ ms }) => ms)));
      await Promise.all(good.map(({ end }) => end()));
      if (!json) process.stderr.write('*');
    }
    if (!json) process.stderr.write('\n');
    return { name: 'launch', machine: machine(), rows: rowsOf({ ours, byHand, empty, bursts, emptyBursts, failed }) };
  } finally {
    live.close();
    await server.stop();
  }
}

interface Times {
  ours: number[];
  byHand: number[];
  empty: number[];
  bursts: number[];
  emptyBursts: number[];
  failed: number;
}

function rowsOf({ ours, byHand, empty, bursts, emptyBursts, failed }: Times): Row[] {
  const floor = median(byHand);
  const added = ours.map((ms) => ms - floor);
  const scale = (measure: string, value: number, peer: number, peerName: string): Row => ({
    measure,
    ours: value,
    peer,
    peerName,
    ratio: value / peer,
    unit: 'ms',
    goal: 'for scale',
    ok: true,
  });
  const goal = (measure: string, value: number, node: number, { ms, times }: { ms: number; times: number }): Row => ({
    ...scale(measure, value, node, EMPTY),
    goal: `≤ ${ms} ms, on a busy machine ≤ ${times} × beside`,
    ok: value <= ms || value <= node * times,
  });
  const burst = median(bursts);
  return [
    scale('launch until ready, p50', median(ours), floor, `same program (${PROGRAM}) by hand`),
    goal('added by the product, p50', median(added), median(empty), GOALS.p50),
    goal('added by the product, p95', quantile(added, 0.95), median(empty), GOALS.p95),
    scale('launch until ready, p50, beside a peer', median(ours), JUPYTERHUB.single, JUPYTERHUB.name),
    goal(`burst of ${BURST} until ready, p50`, burst, median(emptyBursts), GOALS.burst),
    scale(`burst of ${BURST}, p50, beside a peer`, burst, JUPYTERHUB.burst, JUPYTERHUB.name),
    {
      measure: `failed of ${BURSTS * BURST} in bursts`,
      ours: failed,
      peer: null,
      peerName: '',
      ratio: null,
      unit: '',
      goal: 'none',
      ok: failed === 0,
    },
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
