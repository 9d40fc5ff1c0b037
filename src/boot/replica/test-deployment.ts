/** Test bed: several whole servers, processes of their own, on one log in a folder that they share. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { requestLink } from '../control-client.ts';
import { readServerRecord } from '../data-folder.ts';
import { beginLog } from '../database/init-log.ts';
import { withLog } from '../database/session.ts';
import { eventually } from '../test-bed.ts';

const PROGRAM = fileURLToPath(new URL('./test-server.ts', import.meta.url));

export interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  text: string;
}

export interface Instance {
  readonly name: string;
  readonly dataDir: string;
  readonly port: number;
  readonly process: ChildProcess;
  /** What it has printed. */
  output(): string;
  /** Its exit code, when it has ended. */
  readonly ended: Promise<number | null>;
  call(options: { method?: string; path: string; headers?: Record<string, string>; body?: string }): Promise<Answer>;
  /** Whether it says that it leads, or that it follows; null: neither. */
  role(): Promise<'leader' | 'follower' | null>;
}

export class TestDeployment {
  readonly root = mkdtempSync(join(tmpdir(), 'cmb-replicas-'));
  readonly #env: Record<string, string>;
  readonly #running: Instance[] = [];

  constructor(env: Record<string, string> = {}) {
    this.#env = {
      CLOUD_PROVIDER: 'memory',
      HOST: '127.0.0.1',
      PORT: '0',
      LOG_LEVEL: 'info',
      SECRET_KEY: 'a secret that all servers of this test share',
      DATABASE_FOLDER: join(this.root, 'shared'),
      ...env,
    };
    mkdirSync(join(this.root, 'shared'));
  }

  /** Begins the database that all share. */
  async init(): Promise<void> {
    const env = { ...this.#env, CMBCLUSTER_DATA: this.root };
    const order = { env, migrationsDir: '', say: () => {}, leads: true };
    await withLog(order, (session) => beginLog(session, session.config.keepVersionsDays));
  }

  /** Resolves when it listens. */
  async start(name: string, env: Record<string, string> = {}): Promise<Instance> {
    const dataDir = join(this.root, name);
    const child = spawn(process.execPath, ['--expose-gc', PROGRAM], {
      env: { NODE_ENV: 'production', ...this.#env, CMBCLUSTER_DATA: dataDir, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk) => {
        output += String(chunk);
      });
    const ended = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
    let gone = false;
    void ended.then(() => {
      gone = true;
    });
    const record = await eventually(() => {
      if (gone) throw new Error(`${name} ended:\n${output}`);
      const found = readServerRecord(dataDir);
      return found?.pid === child.pid ? found : null;
    }, 15_000);
    const call: Instance['call'] = (options) => callServer(record.port, options);
    const instance: Instance = {
      ...{ name, dataDir, ended, call, port: record.port, process: child, output: () => output },
      async role() {
        const { text } = await call({ path: '/readyz' });
        const said = JSON.parse(text) as { role?: string; status: string };
        if (said.role === 'follower') return 'follower';
        return said.status === 'ready' ? 'leader' : null;
      },
    };
    this.#running.push(instance);
    return instance;
  }

  async leader(among: readonly Instance[], ms = 15_000): Promise<Instance> {
    return eventually(async () => {
      for (const one of among) if ((await one.role().catch(() => null)) === 'leader') return one;
      return null;
    }, ms);
  }

  /** A session, made through this server: its cookie. */
  async signIn(through: Instance): Promise<string> {
    const { url } = await requestLink(through.dataDir, null);
    const answer = await through.call({
      method: 'POST',
      path: '/api/auth/link',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ secret: url.split('#link=')[1] }),
    });
    const cookie = String(answer.headers['set-cookie']).split(';')[0];
    if (answer.status !== 200 || !cookie) throw new Error(`no sign-in: ${answer.status} ${answer.text}`);
    return cookie;
  }

  async close(): Promise<void> {
    for (const { process: child } of this.#running) child.kill('SIGKILL');
    await Promise.all(this.#running.map(({ ended }) => ended));
    rmSync(this.root, { recursive: true, force: true });
  }
}

function callServer(
  port: number,
  { method = 'GET', path, headers = {}, body }: Parameters<Instance['call']>[0],
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const own = { host: `localhost:${port}`, 'sec-fetch-site': 'same-origin', ...headers };
    const req = request({ host: '127.0.0.1', port, method, path, headers: own, agent: false });
    req.on('error', reject);
    req.on('response', (res) => {
      let text = '';
      res.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      res.on('error', reject);
      res.on('end', () => resolve({ status: res.statusCode ?? 0, headers: res.headers, text }));
    });
    req.end(body);
  });
}
