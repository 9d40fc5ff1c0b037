/**
 * A real server of this build on a data folder of its own, signed in to as a person would: for measurements that go over HTTP.
 * Everything goes to 127.0.0.1 with the Host header of the app, so that no name has to be resolved.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { type IncomingHttpHeaders, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SERVER_FLAGS } from '../scripts/server-flags.mjs';

export const ROOT = join(import.meta.dirname, '..');
const STARTS_WITHIN_MS = 30_000;

export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

export interface BenchServer {
  port: number;
  readonly pid: number;
  dataDir: string;
  /** Ends it in good order, does the work, and starts it again where it was. */
  rest<T>(work: () => Promise<T>): Promise<T>;
  /** Of the owner's session. */
  cookie: string;
  get(path: string, headers?: Record<string, string>): Promise<Answer>;
  /** @returns the result of the procedure. @throws when it refuses */
  query<T>(procedure: string, input?: unknown): Promise<T>;
  mutate<T>(procedure: string, input: unknown): Promise<T>;
  /** The bytes of such a query, for the load generator. */
  rawQuery(procedure: string, input: unknown): Buffer;
  stop(): Promise<void>;
}

/** Measurements ask more than any person does. */
const UNLIMITED = Object.fromEntries(
  ['SIGN_IN', 'QUERIES', 'CHANGES', 'UPLOADS', 'DOWNLOADS', 'EXPORTS', 'TICKETS'].map((name) => [
    `RATE_LIMIT_${name}`,
    'off',
  ]),
);

export function newDataFolder(): string {
  return mkdtempSync(join(tmpdir(), 'cmbcluster-bench-'));
}

/** @throws when there is no build */
export async function startServer(
  options: { dataDir?: string; env?: Record<string, string> } = {},
): Promise<BenchServer> {
  const program = join(ROOT, 'dist/server.mjs');
  if (!existsSync(join(ROOT, 'dist/.stamp'))) throw new Error('There is no finished build to measure: npm run build');
  const dataDir = options.dataDir ?? newDataFolder();
  const launch = (port: number) =>
    spawn(process.execPath, [...SERVER_FLAGS, program, '--port', String(port)], {
      cwd: ROOT,
      env: { ...process.env, ...UNLIMITED, CMBCLUSTER_DATA: dataDir, LOG_LEVEL: 'error', ...options.env },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
  let child = launch(0);
  try {
    const link = new URL(await printedLink(child));
    const port = Number(link.port);
    const ask = client(port);
    const secret = new URLSearchParams(link.hash.slice(1)).get('link');
    const signedIn = await ask('POST', '/api/auth/link', { 'content-type': 'application/json' }, { secret });
    const cookie = signedIn.headers['set-cookie']?.[0]?.split(';')[0];
    if (signedIn.status !== 200 || !cookie) throw new Error(`cannot sign in: ${signedIn.status} ${signedIn.body}`);
    return {
      port,
      get pid() {
        return child.pid ?? 0;
      },
      dataDir,
      cookie,
      get: (path, headers = {}) => ask('GET', path, { cookie, ...headers }),
      query: async (procedure, input) =>
        resultOf(await ask('GET', queryPath(procedure, input), { cookie, ...SAME_ORIGIN })),
      mutate: async (procedure, input) =>
        resultOf(
          await ask(
            'POST',
            `/api/trpc/${procedure}`,
            { cookie, ...SAME_ORIGIN, 'content-type': 'application/json' },
            input,
          ),
        ),
      rawQuery: (procedure, input) =>
        Buffer.from(
          `GET ${queryPath(procedure, input)} HTTP/1.1\r\nHost: localhost:${port}\r\nCookie: ${cookie}\r\nSec-Fetch-Site: same-origin\r\nAccept: */*\r\n\r\n`,
        ),
      async rest(work) {
        await ended(child);
        const done = await work();
        child = launch(port);
        await printedLink(child);
        return done;
      },
      async stop() {
        await ended(child);
        if (!options.dataDir) rmSync(dataDir, { recursive: true, force: true });
      },
    };
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  }
}

const SAME_ORIGIN = { 'sec-fetch-site': 'same-origin' };

function queryPath(procedure: string, input: unknown): string {
  const text = input === undefined ? '' : `?input=${encodeURIComponent(JSON.stringify(input))}`;
  return `/api/trpc/${procedure}${text}`;
}

function printedLink(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    const timer = setTimeout(() => reject(new Error(`the server does not start: ${text}`)), STARTS_WITHIN_MS);
    child.once('exit', (code) => reject(new Error(`the server ended with ${code}: ${text}`)));
    child.stdout?.setEncoding('utf8').on('data', (part: string) => {
      text += part;
      const link = /Sign-in link\s+(\S+)\s/.exec(text)?.[1];
      if (!link) return;
      clearTimeout(timer);
      resolve(link);
    });
  });
}

function client(port: number) {
  return (method: string, path: string, headers: Record<string, string>, body?: unknown): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const req = request(
        { host: '127.0.0.1', port, method, path, headers: { host: `localhost:${port}`, ...headers } },
        async (res) => {
          try {
            resolve({ status: res.statusCode ?? 0, headers: res.headers, body: Buffer.concat(await res.toArray()) });
          } catch (error) {
            reject(error);
          }
        },
      );
      req.on('error', reject);
      req.end(body === undefined ? undefined : JSON.stringify(body));
    });
}

function resultOf<T>({ status, body }: Answer): T {
  if (status !== 200) throw new Error(`${status} ${body}`);
  const answer = JSON.parse(body.toString()) as { result: { data: T } };
  return answer.result.data;
}

/** In good order; a server that does not end in time is killed. */
export function ended(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve();
    const timer = setTimeout(() => child.kill('SIGKILL'), 20_000);
    child.once('exit', () => {
      clearTimeout(timer);
      resolve();
    });
    child.kill('SIGTERM');
  });
}
