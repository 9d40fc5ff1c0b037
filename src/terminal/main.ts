/**
 * The built-in Terminal as a program of its own: a pty server and its page, run as an environment behind the gateway or in a
 * container image. The only file of this folder that reads environment variables.
 *
 * CMBCLUSTER_SOCKET  unix socket to listen on (mode 0600); else
 * PORT, HOST         port and address (default 127.0.0.1)
 * CMBCLUSTER_SECRET  with PORT: required in the header x-cmbcluster-secret of every request
 * CMBCLUSTER_WORKSPACE  folder in which shells start (default: the current one)
 */
import { existsSync, lstatSync, unlinkSync } from 'node:fs';
import type { Server } from 'node:http';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { randomText } from '../domain/ids.ts';
import { Assets } from './assets.ts';
import { spawnPty } from './pty-process.ts';
import { createTerminalServer } from './server.ts';
import { shellCommand } from './shell.ts';
import { TabSet } from './tab-set.ts';

const SHUTDOWN_GRACE_MS = 2000;

const env = process.env;
const socketPath = env.CMBCLUSTER_SOCKET || null;
const port = env.PORT ? Number(env.PORT) : null;
const host = env.HOST || '127.0.0.1';
const log = (message: string, cause?: unknown) => console.error(message, cause ?? '');

function fatal(message: string): never {
  log(message);
  process.exit(1);
}

function accountShell(): string | null {
  try {
    return userInfo().shell;
  } catch {
    // A container may run as a user id that no account file knows.
    return null;
  }
}

function listen(server: Server): void {
  if (socketPath === null) {
    if (port === null) fatal('Set CMBCLUSTER_SOCKET or PORT: there is nothing to listen on.');
    if (!Number.isInteger(port) || port < 0 || port > 65_535) fatal(`PORT=${env.PORT} is no port.`);
    server.listen({ port, host });
    return;
  }
  try {
    // Left by a process that was killed; anything that is no socket stays untouched and makes listen fail.
    if (lstatSync(socketPath).isSocket()) unlinkSync(socketPath);
  } catch {
    // Not there: the usual case.
  }
  // The socket is made inside listen(): with this mask it is never open to others, not even for a moment.
  const mask = process.umask(0o177);
  server.listen({ path: socketPath });
  process.umask(mask);
}

const bashrc = join(import.meta.dirname, 'terminal.bashrc');
const tabs = new TabSet({
  command: () =>
    shellCommand(env, {
      accountShell: accountShell(),
      cwd: env.CMBCLUSTER_WORKSPACE || process.cwd(),
      // Without it bash would start with no settings at all.
      bashrc: existsSync(bashrc) ? bashrc : null,
    }),
  spawn: spawnPty,
  newId: () => `tab-${randomText(20)}`,
  now: () => performance.now(),
});
const secret = socketPath === null ? env.CMBCLUSTER_SECRET || null : null;
const server = createTerminalServer({
  tabs,
  assets: new Assets(join(import.meta.dirname, 'terminal')),
  guard: {
    secret,
    loopbackNamesOnly: socketPath === null && secret === null && ['127.0.0.1', '::1', 'localhost'].includes(host),
  },
  log,
});

server.http.on('error', (error: NodeJS.ErrnoException) => fatal(`The terminal cannot listen: ${error.message}`));
server.http.on('listening', () => {
  const address = server.http.address();
  log(`Terminal ready on ${typeof address === 'string' ? address : `${host}:${address?.port}`}`);
});
listen(server.http);

let stopping = false;
async function stop(): Promise<void> {
  if (stopping) return;
  stopping = true;
  await server.close(SHUTDOWN_GRACE_MS);
  process.exit(0);
}
for (const name of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(name, () => void stop());
