/** Starting the application's process and learning how it ended. Knows nothing of records and connections. */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import type { Failure } from '../../../domain/environment.ts';
import type { LimitedGroup } from '../cgroup.ts';
import { findProgram } from '../command.ts';
import { identify, type ProcessIdentity } from '../processes.ts';
import { describeMissingWorkspace, describeSpawnError } from './exit.ts';

export interface Exit {
  exitCode: number | null;
  signal: NodeJS.Signals | null;
  outOfMemory: boolean;
}

export interface Application {
  /** Leader of its own group and session. */
  identity: ProcessIdentity;
  exited: Promise<Exit>;
  /** Its output has ended or, when a stranger holds it open, was given up. */
  drained(): Promise<void>;
}

/** The kernel prefers to end applications before the server when the machine's memory runs out (proc(5), oom_score_adj). */
const OOM_SCORE = '300';
const DRAIN_MS = 300;

/** Ended processes of the whole machine since boot: the one hint that needs no rights. */
function machineOomKills(): number {
  try {
    return Number(/^oom_kill (\d+)$/m.exec(readFileSync('/proc/vmstat', 'latin1'))?.[1] ?? 0);
  } catch {
    return 0;
  }
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

export async function startApplication(options: {
  argv: string[];
  env: Record<string, string>;
  cwd: string;
  limits: LimitedGroup | null;
  onOutput: (chunk: Uint8Array) => void;
  now: () => number;
}): Promise<Application | Failure> {
  const { argv, env, cwd, limits, onOutput, now } = options;
  const [command = '', ...args] = argv;
  if (!isFolder(cwd)) return describeMissingWorkspace(now());
  const oomKills = () => limits?.oomKills() ?? machineOomKills();
  const oomBefore = oomKills();

  const start = () =>
    spawn(command, args, { cwd, env: env as NodeJS.ProcessEnv, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  let child: ChildProcess;
  try {
    child = limits ? limits.inside(start) : start();
    if (child.pid === undefined) throw await new Promise<Error>((resolve) => child.once('error', resolve));
  } catch (error) {
    const found = findProgram(command, env.PATH ?? '', cwd) !== null;
    return describeSpawnError(error as NodeJS.ErrnoException, { command, found, at: now() });
  }
  // Later faults of this handle (a signal that cannot be sent) show in the exit status or not at all.
  child.on('error', () => undefined);
  const exited = new Promise<Exit>((resolve) => {
    child.once('exit', (exitCode, signal) => resolve({ exitCode, signal, outOfMemory: oomKills() > oomBefore }));
  });
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
  child.stdout?.on('data', onOutput);
  child.stderr?.on('data', onOutput);
  const identity = identify(child.pid) ?? { pid: child.pid, startTime: 'ended' };
  try {
    writeFileSync(`/proc/${identity.pid}/oom_score_adj`, OOM_SCORE);
  } catch {
    // Ended already, or a kernel that does not let us: only a preference.
  }
  return {
    identity,
    exited,
    drained: () => Promise.race([closed, new Promise<void>((resolve) => setTimeout(resolve, DRAIN_MS))]),
  };
}
