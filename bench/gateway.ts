/**
 * The gateway beside configurable-http-proxy and a direct connection, interleaved in one run, each in its own process. Ours
 * checks a signed cookie on every request; the peer checks nothing and has one default route, its fastest case.
 */
import { type ChildProcess, fork, spawn } from 'node:child_process';
import { createHmac, randomBytes } from 'node:crypto';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { echoLoad, httpLoad, type LoadResult } from './gateway/load.ts';
import { cpuOf, freePort } from './process.ts';
import { machine, median, type Report, type Row, type RunOptions } from './report.ts';

const ROUNDS = 7;
const PEER = 'configurable-http-proxy 5.3.0';

type Target = 'direct' | 'ours' | 'peer';
const TARGETS: readonly Target[] = ['direct', 'ours', 'peer'];

interface Sample {
  perSecond: number;
  /** Microseconds of CPU of the proxy's process per operation. */
  cpu: number;
  /** Milliseconds, median. */
  latency: number;
}

export async function run({ json }: RunOptions): Promise<Report> {
  const children: ChildProcess[] = [];
  try {
    const key = randomBytes(32).toString('hex');
    const here = import.meta.dirname;
    const upstream = await started(children, join(here, 'gateway/upstream.ts'), []);
    const ours = await started(children, join(here, 'gateway/ours.ts'), [String(upstream.port), key]);
    const peer = await startPeer(children, upstream.port);
    const processes: Record<Target, { port: number; pid: number }> = { direct: upstream, ours, peer };
    const headers = browserHeaders(key);
    const get = (path: string): Buffer => Buffer.from(`GET ${path} HTTP/1.1\r\n${headers}\r\n`);
    const upload = Buffer.concat([
      Buffer.from(`POST /up HTTP/1.1\r\n${headers}Content-Length: 1048576\r\n\r\n`),
      Buffer.alloc(1024 * 1024),
    ]);

    const measures: Record<string, (port: number, warm: boolean) => Promise<LoadResult>> = {
      small: (port, warm) => httpLoad({ port, request: get('/small'), connections: 32, requests: warm ? 8000 : 4000 }),
      single: (port, warm) => httpLoad({ port, request: get('/small'), connections: 1, requests: warm ? 200 : 400 }),
      download: (port, warm) => httpLoad({ port, request: get('/large'), connections: 4, requests: warm ? 20 : 120 }),
      upload: (port, warm) => httpLoad({ port, request: upload, connections: 4, requests: warm ? 20 : 120 }),
      echo: (port, warm) => echoLoad({ port, headers, connections: 16, messages: warm ? 3000 : 5000, size: 512 }),
      frames: (port, warm) => echoLoad({ port, headers, connections: 4, messages: warm ? 200 : 800, size: 65_535 }),
    };
    const samples = new Map<string, Sample[]>();
    for (let round = 0; round <= ROUNDS; round += 1) {
      for (const [name, load] of Object.entries(measures)) {
        // Who goes first changes, so that no one always meets the warmer machine.
        for (let i = 0; i < TARGETS.length; i += 1) {
          const target = TARGETS[(i + round) % TARGETS.length] ?? 'direct';
          const { port, pid } = processes[target];
          const before = cpuOf(pid);
          const result = await load(port, round === 0);
          const cpu = cpuOf(pid) - before;
          if (round === 0) continue;
          const count = result.latencies.length;
          const list = samples.get(`${name} ${target}`) ?? [];
          list.push({ perSecond: count / result.seconds, cpu: cpu / count, latency: median(result.latencies) });
          samples.set(`${name} ${target}`, list);
        }
      }
      if (!json) process.stderr.write(round === 0 ? 'warm ' : '.');
    }
    if (!json) process.stderr.write('\n');
    return { name: 'gateway', machine: machine(), rows: rowsOf(samples) };
  } finally {
    for (const child of children) child.kill('SIGKILL');
  }
}

function rowsOf(samples: Map<string, Sample[]>): Row[] {
  const of = (name: string, target: Target, pick: keyof Sample): number =>
    median((samples.get(`${name} ${target}`) ?? []).map((sample) => sample[pick]));
  /** The median of the rounds' own ratios: the machine's mood cancels out. */
  const paired = (name: string, pick: (sample: Sample, direct: Sample) => number): number =>
    median(
      (samples.get(`${name} ours`) ?? []).map((ours, round) => {
        const peer = samples.get(`${name} peer`)?.[round];
        const direct = samples.get(`${name} direct`)?.[round];
        return peer === undefined || direct === undefined ? Number.NaN : pick(ours, direct) / pick(peer, direct);
      }),
    );
  const row = (measure: string, name: string, pick: 'cpu' | 'perSecond', unit: string, goal: number): Row => {
    const ratio = paired(name, (sample) => sample[pick]);
    const less = pick === 'cpu';
    return {
      measure,
      ours: of(name, 'ours', pick),
      peer: of(name, 'peer', pick),
      peerName: PEER,
      ratio,
      unit,
      goal: `${less ? '≤' : '≥'} ${goal} × peer`,
      ok: less ? ratio <= goal : ratio >= goal,
    };
  };
  const added = (target: Target): number =>
    (of('single', target, 'latency') - of('single', 'direct', 'latency')) * 1000;
  const addedRatio = paired('single', (sample, direct) => sample.latency - direct.latency);
  return [
    row('CPU per small request', 'small', 'cpu', 'µs', 0.65),
    row('small requests per second', 'small', 'perSecond', '1/s', 1.7),
    {
      measure: 'added latency at one connection',
      ours: added('ours'),
      peer: added('peer'),
      peerName: PEER,
      ratio: addedRatio,
      unit: 'µs',
      goal: '≤ 1 × peer',
      ok: addedRatio <= 1,
    },
    row('CPU per 1 MiB download', 'download', 'cpu', 'µs', 1),
    row('1 MiB downloads per second', 'download', 'perSecond', '1/s', 0.95),
    row('CPU per 1 MiB upload', 'upload', 'cpu', 'µs', 1),
    row('1 MiB uploads per second', 'upload', 'perSecond', '1/s', 0.95),
    row('CPU per websocket echo of 512 B', 'echo', 'cpu', 'µs', 1.05),
    row('websocket echoes of 512 B per second', 'echo', 'perSecond', '1/s', 0.95),
    row('CPU per websocket echo of 64 KiB', 'frames', 'cpu', 'µs', 1.05),
    row('websocket echoes of 64 KiB per second', 'frames', 'perSecond', '1/s', 0.95),
    {
      measure: 'small requests per second, direct',
      ours: of('small', 'direct', 'perSecond'),
      peer: null,
      peerName: 'no proxy',
      ratio: null,
      unit: '1/s',
      goal: 'for scale',
      ok: true,
    },
  ];
}

/** What a browser sends from a page of the environment, with our cookie beside one of the application's. */
function browserHeaders(key: string): string {
  const payload = 'ses-bench~usr-bench~env-bench';
  const token = `${payload}.${createHmac('sha256', key).update(payload).digest('base64url')}`;
  return [
    'Host: bench.localhost:8080',
    'User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
    'Accept: */*',
    'Accept-Language: en-US,en;q=0.5',
    'Accept-Encoding: gzip, deflate, br, zstd',
    'Referer: http://bench.localhost:8080/lab',
    'Connection: keep-alive',
    `Cookie: _xsrf=2|5d1a3f0e|9c1b; cmbcluster_environment=${token}`,
    'Sec-Fetch-Dest: empty',
    'Sec-Fetch-Mode: cors',
    'Sec-Fetch-Site: same-origin',
    '',
  ].join('\r\n');
}

async function started(children: ChildProcess[], file: string, args: string[]): Promise<{ port: number; pid: number }> {
  const child = fork(file, args, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  children.push(child);
  return new Promise((resolve, reject) => {
    child.once('message', (message: { port: number }) => resolve({ port: message.port, pid: child.pid ?? 0 }));
    child.once('exit', (code) => reject(new Error(`${file} ended with ${code}`)));
  });
}

async function startPeer(children: ChildProcess[], upstreamPort: number): Promise<{ port: number; pid: number }> {
  const folder = dirname(createRequire(import.meta.url).resolve('configurable-http-proxy/package.json'));
  const [port, apiPort] = [await freePort(), await freePort()];
  const args = [
    '--ip',
    '127.0.0.1',
    '--port',
    String(port),
    '--api-ip',
    '127.0.0.1',
    '--api-port',
    String(apiPort),
    '--log-level',
    'error',
  ];
  const child = spawn(
    process.execPath,
    [join(folder, 'bin/configurable-http-proxy'), ...args, '--default-target', `http://127.0.0.1:${upstreamPort}`],
    {
      stdio: 'ignore',
      env: { ...process.env, CONFIGPROXY_AUTH_TOKEN: randomBytes(16).toString('hex') },
    },
  );
  children.push(child);
  const deadline = Date.now() + 15_000;
  for (;;) {
    try {
      await fetch(`http://127.0.0.1:${port}/small`).then((answer) => answer.arrayBuffer());
      return { port, pid: child.pid ?? 0 };
    } catch (error) {
      if (Date.now() > deadline || child.exitCode !== null) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
