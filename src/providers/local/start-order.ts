/** From what the control plane wants to what a supervisor is told: folders, variables, command line, sockets. */
import { existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { AppError } from '../../domain/errors.ts';
import type { EnvironmentId, UserId } from '../../domain/ids.ts';
import type { EnvironmentSpec } from '../../ports/spawner/spawner.ts';
import { fillPlaceholders } from './command.ts';
import { MARKER } from './processes.ts';
import type { StartOrder, SyncOrder } from './protocol.ts';
import { STARTER_FILE, STARTER_PROGRAM } from './starter.ts';

/** What the machine gives every environment; none of the server's other variables gets in. */
export interface Machine {
  path: string;
  lang: string;
  timeZone: string | null;
  user: string;
  shell: string;
}

export interface Places {
  dataDir: string;
  runFolder: string;
  nodePath: string;
  /** The built-in Terminal's program. */
  terminal: string;
  /** The program that keeps a workspace in step with a bucket. */
  sync: string;
  machine: Machine;
  cgroup: string | null;
}

export const environmentFolder = (dataDir: string, id: EnvironmentId) => join(dataDir, 'environments', id);
export const homeFolder = (dataDir: string, owner: UserId) => join(dataDir, 'homes', owner);
export const controlPath = (runFolder: string, id: EnvironmentId) => join(runFolder, `${id}.ctl`);
export const socketPath = (runFolder: string, id: EnvironmentId) => join(runFolder, `${id}.app`);

export function openHome(dataDir: string, owner: UserId): string {
  const home = homeFolder(dataDir, owner);
  mkdirSync(home, { recursive: true, mode: 0o700 });
  return home;
}

/** Of an environment whose storage is no folder of this machine: it lies beside the run record. */
export const workspaceFolder = (folder: string) => join(folder, 'workspace');

const FLUSH_MS = 30_000;

/** @throws failed_precondition when the program is not there */
function composeSync({ workspace }: EnvironmentSpec, folder: string, places: Places): SyncOrder | null {
  if (workspace?.kind !== 'sync') return null;
  if (!existsSync(places.sync))
    throw new AppError('failed_precondition', 'The sync program is missing on this machine. Build the project again.');
  const { provider, bucket, variables, secrets } = workspace.access;
  const stateFolder = join(folder, 'sync');
  return {
    argv: [places.nodePath, '--disable-warning=ExperimentalWarning', places.sync],
    env: {
      ...variables,
      ...secrets,
      CMBCLUSTER_SYNC_PROVIDER: provider,
      CMBCLUSTER_SYNC_BUCKET: bucket,
      CMBCLUSTER_SYNC_WORKSPACE: workspaceFolder(folder),
      CMBCLUSTER_SYNC_STATE: stateFolder,
      CMBCLUSTER_SYNC_FLUSH_SECONDS: String(FLUSH_MS / 1000),
      CMBCLUSTER_SYNC_TIED: '1',
    },
    stateFolder,
    flushMs: FLUSH_MS,
  };
}

function openWorkspace(spec: EnvironmentSpec, folder: string): string {
  const { workspace } = spec;
  if (workspace?.kind === 'host-path') return workspace.hostPath;
  if (workspace && workspace.kind !== 'sync')
    throw new AppError('invalid_argument', 'This machine can only use storage that lies in its own folders.');
  const own = workspaceFolder(folder);
  mkdirSync(own, { recursive: true, mode: 0o700 });
  return own;
}

/** `app.py` of the workspace or, when there is none, a built-in one that says how to begin. */
function openStarter(workspace: string, folder: string): string {
  const own = join(workspace, STARTER_FILE);
  if (statSync(own, { throwIfNoEntry: false })?.isFile()) return own;
  const builtIn = join(folder, 'starter');
  mkdirSync(builtIn, { recursive: true, mode: 0o700 });
  writeFileSync(join(builtIn, STARTER_FILE), STARTER_PROGRAM);
  return join(builtIn, STARTER_FILE);
}

/** Creates the folders that the order names. @throws invalid_argument when there is nothing to run or the workspace is of another kind */
export function composeOrder(spec: EnvironmentSpec, secret: string, places: Places): StartOrder {
  const { run } = spec;
  if (!run.argv?.[0]) throw new AppError('invalid_argument', 'There is no command to run on this machine.');
  const folder = environmentFolder(places.dataDir, spec.id);
  const home = openHome(places.dataDir, spec.ownerId);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const workspace = openWorkspace(spec, folder);
  const socket = run.listen === 'socket' ? socketPath(places.runFolder, spec.id) : null;
  const wantsStarter = run.argv.some((text) => text.includes('{starter}'));
  const values: Record<string, string> = {
    node: places.nodePath,
    terminal: places.terminal,
    workspace,
    url: spec.url,
    secret,
    ...(socket === null ? {} : { socket }),
    ...(wantsStarter ? { starter: openStarter(workspace, folder) } : {}),
  };
  const { machine } = places;
  return {
    id: spec.id,
    ownerId: spec.ownerId,
    generation: spec.generation,
    serverPid: process.pid,
    folder,
    controlPath: controlPath(places.runFolder, spec.id),
    socketPath: socket,
    argv: run.argv.map((text) => fillPlaceholders(text, values)),
    env: {
      // What people install for themselves (pip --user, pipx) comes first.
      PATH: `${join(home, '.local', 'bin')}${delimiter}${machine.path}`,
      LANG: machine.lang,
      TERM: 'xterm-256color',
      ...(machine.timeZone === null ? {} : { TZ: machine.timeZone }),
      ...spec.env,
      HOME: home,
      USER: machine.user,
      LOGNAME: machine.user,
      SHELL: machine.shell,
      [MARKER]: spec.id,
      CMBCLUSTER_WORKSPACE: workspace,
      CMBCLUSTER_URL: spec.url,
      CMBCLUSTER_SECRET: secret,
      ...(socket === null ? {} : { CMBCLUSTER_SOCKET: socket }),
    },
    cwd: workspace,
    notices: [],
    readyPath: run.readyPath,
    readyTimeoutMs: spec.readyTimeoutMs,
    header: run.secretHeader && {
      name: run.secretHeader.name,
      value: fillPlaceholders(run.secretHeader.value, { secret }),
    },
    size: spec.size,
    cgroup: places.cgroup,
    sync: composeSync(spec, folder, places),
  };
}
