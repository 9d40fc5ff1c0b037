import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdtemp, rm, stat, symlink } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isAlive } from './process-table.ts';
import { until } from './test-terminal.ts';

const ROOT = resolve(import.meta.dirname, '../..');
let folder: string;
const running: ChildProcess[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'terminal-program-'));
  await promisify(execFile)(process.execPath, [join(ROOT, 'scripts/build-terminal.mjs'), folder]);
  // The pty is native and stays outside of the bundle: as in an image, it is found in node_modules beside it.
  await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
});
afterAll(async () => {
  for (const child of running) child.kill('SIGKILL');
  await rm(folder, { recursive: true, force: true });
});

function run(env: Record<string, string>): { child: ChildProcess; output: () => string } {
  const child = spawn(process.execPath, [join(folder, 'terminal.mjs')], {
    cwd: folder,
    env: { PATH: process.env.PATH, HOME: folder, SHELL: '/bin/sh', NODE_ENV: 'production', ...env },
  });
  running.push(child);
  let output = '';
  child.stderr?.on('data', (part: Buffer) => {
    output += part.toString();
  });
  return { child, output: () => output };
}

function call(
  to: { socketPath: string } | { port: number },
  method: string,
  path: string,
  headers = {},
): Promise<{ status: number; text: string }> {
  return new Promise((done, failed) => {
    const type = method === 'POST' ? { 'content-type': 'application/json' } : {};
    const outgoing = request(
      { ...to, method, path, headers: { host: 'localhost', ...type, ...headers } },
      async (response) => {
        let text = '';
        for await (const part of response) text += part;
        done({ status: response.statusCode ?? 0, text });
      },
    );
    outgoing.on('error', failed);
    outgoing.end(method === 'POST' ? '{}' : undefined);
  });
}

describe('the bundled program', () => {
  const ready = ({ output }: { output: () => string }) => until(() => output().includes('ready'), output);

  it('serves its page and shells on a socket for its owner only; a kill -9 leaves no shell, and the next start takes over', async () => {
    const socketPath = join(folder, 'socket');
    const first = run({ CMBCLUSTER_SOCKET: socketPath, CMBCLUSTER_SECRET: 'ignored-on-a-socket' });
    await ready(first);
    expect((await stat(socketPath)).mode & 0o777).toBe(0o600);
    const page = await call({ socketPath }, 'GET', '/');
    expect(page.text).toMatch(/<script src="\.\/page\.js\?v=/);
    expect((await call({ socketPath }, 'GET', '/page.css')).status).toBe(200);
    const { pid } = JSON.parse((await call({ socketPath }, 'POST', '/api/tabs')).text);
    expect(isAlive(pid)).toBe(true);
    first.child.kill('SIGKILL');
    await until(() => !isAlive(pid));

    const second = run({ CMBCLUSTER_SOCKET: socketPath });
    await ready(second);
    const { pid: next } = JSON.parse((await call({ socketPath }, 'POST', '/api/tabs')).text);
    second.child.kill('SIGTERM');
    await until(() => second.child.exitCode !== null);
    expect(second.child.exitCode).toBe(0);
    expect(isAlive(next)).toBe(false);
  });

  it('listens on a port with a secret, and says what is wrong with its settings', async () => {
    const program = run({ PORT: '0', HOST: '127.0.0.1', CMBCLUSTER_SECRET: 'abc' });
    await ready(program);
    const port = Number(/:(\d+)/.exec(program.output())?.[1]);
    expect((await call({ port }, 'GET', '/status')).status).toBe(403);
    expect((await call({ port }, 'GET', '/status', { 'x-cmbcluster-secret': 'abc' })).status).toBe(200);

    const lost = run({});
    await until(() => lost.child.exitCode !== null);
    expect(lost.output()).toContain('CMBCLUSTER_SOCKET or PORT');
  });
});
