/**
 * The store of the database goes away for ten minutes while people work, twice at the same time: a server alone whose folder vanishes,
 * and one whose log lies on an S3 server that resets every connection. A supervisor starts each again when it ends. Nothing may be
 * confirmed meanwhile, nothing that was confirmed may be gone afterwards, nobody may be taken for a stranger, and memory must not grow
 * with the waiting.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort, residentOf, until } from '../bench/process.ts';
import { startFaultProxy } from '../e2e/servers/fault-proxy.ts';
import { ROOT_CREDENTIALS, startVersitygw } from '../e2e/servers/versitygw.ts';
import { SERVER_FLAGS } from '../scripts/server-flags.mjs';

const ROOT = join(import.meta.dirname, '..');
const MINUTES = 10;
const BEFORE_MS = 10_000;
const AFTER_MS = 15_000;
/** What was on its way when the store went away may still be confirmed. */
const UNDER_WAY_MS = 500;
const READERS = 20;
const READ_EVERY_MS = 250;
const WRITE_EVERY_MS = 50;
/** A server that was just started grows by 45 MiB with any work. */
const MAX_GROWTH_MIB = 64;
const RESTART_MS = 1_000;
const ANSWER_MS = 60_000;

interface Answer {
  status: number;
  retryAfter: string | undefined;
  text: string;
  cookie: string | undefined;
}

interface World {
  name: string;
  env: Record<string, string>;
  /** Its place has to be made first. */
  named: boolean;
  cut(): void;
  mend(): void;
  close(): Promise<void>;
}

const told: string[] = [];

/** What the proof has to say of itself when it held. */
export const held = (): string => told.join('; ');

/** @returns what did not hold; empty = all did */
export async function prove({ minutes }: { minutes: number | null }): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'cmbcluster-outage-'));
  const worlds = [aloneOn(folder), await onS3(folder)];
  try {
    const broken = await Promise.all(worlds.map((world) => outage(world, (minutes ?? MINUTES) * 60_000)));
    return broken.flat();
  } finally {
    for (const world of worlds) await world.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

function aloneOn(folder: string): World {
  const [data, away] = [join(folder, 'alone'), join(folder, 'away')];
  const log = join(data, 'db/buckets/database');
  return {
    ...{ name: 'alone, its folder away', env: { CMBCLUSTER_DATA: data }, named: false },
    cut: () => renameSync(log, away),
    mend() {
      // Whatever came into being in its place.
      rmSync(log, { recursive: true, force: true });
      renameSync(away, log);
    },
    close: async () => {},
  };
}

async function onS3(folder: string): Promise<World> {
  const store = await startVersitygw();
  const proxy = await startFaultProxy(store);
  const { accessKeyId, secretAccessKey } = ROOT_CREDENTIALS;
  return {
    name: 'on S3, connections reset',
    env: {
      CMBCLUSTER_DATA: join(folder, 'on-s3'),
      ...{ DATABASE_STORAGE: 'aws', DATABASE_BUCKET: 'the-log', AWS_REGION: 'us-east-1', S3_ENDPOINT: proxy.url },
      ...{ S3_ACCESS_KEY_ID: accessKeyId, S3_SECRET_ACCESS_KEY: secretAccessKey },
      SECRET_KEY: 'a key that nobody uses for anything else',
    },
    named: true,
    cut: () => proxy.setPlan(() => ({ kind: 'reset-before' })),
    mend: () => proxy.setPlan(null),
    async close() {
      await proxy.close();
      await store.stop();
    },
  };
}

async function outage(world: World, forMs: number): Promise<string[]> {
  const broken: string[] = [];
  const port = await freePort();
  if (world.named) await command(world.env, ['db', 'init']);
  const server = supervise(world.env, port);
  const ask = (path: string, init: { body?: unknown; cookie?: string } = {}) => call(port, path, init);
  try {
    await until(() => server.link() !== null, 60_000);
    const secret = /#link=(\S+)/.exec(server.link() ?? '')?.[1];
    const { cookie = '' } = await ask('/api/auth/link', { body: { secret } });
    const rename = (name: string) => ask('/api/trpc/profile.update', { body: { name }, cookie });
    const state = { over: false, cutAt: Number.POSITIVE_INFINITY, mendedAt: Number.POSITIVE_INFINITY };
    const statuses = new Map<number, number>();
    let sent = 0;
    let confirmed = 0;
    let early = 0;
    let plain = 0;
    const note = ({ status, retryAfter }: Answer) => {
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      if (status === 503 && retryAfter === undefined) plain += 1;
    };
    const writer = async () => {
      while (!state.over) {
        sent += 1;
        const number = sent;
        const answer = await rename(`n${number}`);
        note(answer);
        if (answer.status === 200) {
          confirmed = number;
          const now = performance.now();
          if (now > state.cutAt + UNDER_WAY_MS && now < state.mendedAt) early += 1;
        }
        await sleep(WRITE_EVERY_MS);
      }
    };
    const reader = async () => {
      while (!state.over) {
        note(await ask('/api/trpc/profile.me', { cookie }));
        await sleep(READ_EVERY_MS);
      }
    };
    const people = [writer(), ...Array.from({ length: READERS }, reader)];
    await sleep(BEFORE_MS);
    const pid = server.pid();
    const rest = residentOf(pid);
    let growth = 0;
    const watch = setInterval(() => {
      const grown = server.alive() && server.pid() === pid ? residentOf(pid) - rest : 0;
      if (grown > growth) growth = grown;
    }, 500);
    world.cut();
    state.cutAt = performance.now();
    await sleep(forMs);
    clearInterval(watch);
    state.mendedAt = performance.now();
    world.mend();
    await until(async () => (await rename('again')).status === 200, AFTER_MS);
    const recovered = Math.round(performance.now() - state.mendedAt);
    state.over = true;
    await Promise.all(people);
    const last = await ask('/api/trpc/profile.me', { cookie });
    const name = (JSON.parse(last.text) as { result?: { data?: { name?: string } } }).result?.data?.name ?? '';
    // The writer and the look at the end take turns in any order: what stands is one of the two, or a later one.
    if (name !== 'again' && Number(name.slice(1)) < confirmed)
      broken.push(`${world.name}: n${confirmed} was confirmed, the database has ${name}`);
    if (early > 0) broken.push(`${world.name}: ${early} changes were confirmed while the store was away`);
    if (plain > 0) broken.push(`${world.name}: ${plain} answers of 503 said nothing of when to try again`);
    const strange = [...statuses.keys()].filter((status) => ![200, 503, 0].includes(status));
    if (strange.length > 0) broken.push(`${world.name}: answers of status ${strange}`);
    if (growth > MAX_GROWTH_MIB) broken.push(`${world.name}: memory grew by ${Math.round(growth)} MiB`);
    const counts = [...statuses].map(([status, count]) => `${count} × ${status || 'no connection'}`).join(', ');
    told.push(
      `${world.name} for ${forMs / 60_000} min: ${counts}, memory +${Math.round(growth)} MiB, ${server.starts() - 1} restarts, back in ${recovered} ms`,
    );
    return broken;
  } finally {
    await server.end();
  }
}

/** A server that is started again whenever it ends, as a cluster or systemd would. */
function supervise(env: Record<string, string>, port: number) {
  let child: ChildProcess | null = null;
  let output = '';
  let starts = 0;
  let over = false;
  const loop = (async () => {
    while (!over) {
      starts += 1;
      child = spawn(process.execPath, [...SERVER_FLAGS, join(ROOT, 'dist/server.mjs'), '--port', String(port)], {
        cwd: ROOT,
        env: { PATH: process.env.PATH, HOME: process.env.HOME, NODE_ENV: 'production', ...UNLIMITED, ...env },
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      child.stdout?.setEncoding('utf8').on('data', (text: string) => {
        if (output.length < 100_000) output += text;
      });
      const ended = child;
      await new Promise((resolve) => ended.once('close', resolve));
      if (!over) await sleep(RESTART_MS);
    }
  })();
  return {
    pid: () => child?.pid ?? 0,
    alive: () => child !== null && child.exitCode === null && child.signalCode === null,
    starts: () => starts,
    link: () => /Sign-in link\s+(\S+)\s/.exec(output)?.[1] ?? null,
    async end() {
      over = true;
      child?.kill('SIGTERM');
      const timer = setTimeout(() => child?.kill('SIGKILL'), 30_000);
      await loop;
      clearTimeout(timer);
    },
  };
}

const UNLIMITED = { RATE_LIMIT_QUERIES: 'off', RATE_LIMIT_CHANGES: 'off' };

async function command(env: Record<string, string>, args: readonly string[]): Promise<void> {
  const program = join(ROOT, 'scripts/cmbcluster.mjs');
  if (!existsSync(join(ROOT, 'dist/.stamp'))) throw new Error('There is no finished build: npm run build');
  const child = spawn(process.execPath, [program, ...args], {
    env: { PATH: process.env.PATH, HOME: process.env.HOME, NODE_ENV: 'production', ...env },
    stdio: 'inherit',
  });
  const code = await new Promise((resolve) => child.once('close', resolve));
  if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}`);
}

/** Status 0: nobody answered. */
function call(port: number, path: string, { body, cookie }: { body?: unknown; cookie?: string }): Promise<Answer> {
  return new Promise((resolve) => {
    const none = { status: 0, retryAfter: undefined, text: '', cookie: undefined };
    const req = request({
      ...{ host: '127.0.0.1', port, path, method: body === undefined ? 'GET' : 'POST', timeout: ANSWER_MS },
      headers: {
        host: `localhost:${port}`,
        'content-type': 'application/json',
        'sec-fetch-site': 'same-origin',
        ...(cookie && { cookie }),
      },
    });
    req.on('timeout', () => req.destroy());
    req.on('error', () => resolve(none));
    req.on('response', (res) => {
      const chunks: Buffer[] = [];
      res.on('data', (chunk: Buffer) => chunks.push(chunk));
      res.on('error', () => resolve(none));
      res.on('end', () =>
        resolve({
          status: res.statusCode ?? 0,
          retryAfter: res.headers['retry-after'],
          text: Buffer.concat(chunks).toString('utf8'),
          cookie: res.headers['set-cookie']?.[0]?.split(';')[0],
        }),
      );
    });
    req.end(body === undefined ? undefined : JSON.stringify(body));
  });
}
