/**
 * Starting supervisor programs. One is kept warm, because a Node process needs 30 ms of its own before it can do anything; in a
 * burst only a few are launched at a time, so that the first environments are ready early instead of all of them late.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import type { Socket } from 'node:net';

/** After the last launch, so that the spare never competes with it. */
const REFILL_AFTER_MS = 500;

export interface Supervisor {
  pid: number;
  /** Our end of the socket on its descriptor 3. */
  orders: Socket;
  process: ChildProcess;
}

export interface Supervisors {
  /** @throws the system's error when no process can be started */
  take(): Supervisor;
  /** Runs at most `slots` at once, in the order of the calls. */
  inTurn<T>(task: () => Promise<T>): Promise<T>;
  close(): void;
}

export function createSupervisors({
  nodePath,
  program,
  slots,
}: {
  nodePath: string;
  program: string;
  slots: number;
}): Supervisors {
  let spare: Supervisor | null = null;
  let refill: NodeJS.Timeout | null = null;
  let closed = false;
  let running = 0;
  const waiting: (() => void)[] = [];

  function launch(): Supervisor {
    // Its own session and no descriptor of ours but one: nothing that happens to the server reaches it. No variables at all.
    const child = spawn(nodePath, [program], {
      detached: true,
      cwd: '/',
      // (Next's types demand NODE_ENV.)
      env: {} as NodeJS.ProcessEnv,
      stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
    });
    child.on('error', () => undefined);
    const orders = child.stdio[3] as Socket;
    orders.on('error', () => orders.destroy());
    if (child.pid === undefined) throw new Error('The supervisor program could not be started.');
    child.unref();
    return { pid: child.pid, orders, process: child };
  }

  function prepare(): void {
    refill = null;
    if (closed || spare) return;
    try {
      const candidate = launch();
      spare = candidate;
      candidate.process.once('exit', () => {
        if (spare === candidate) spare = null;
      });
    } catch {
      // No process to be had now: the next start tries again and tells.
    }
  }

  function scheduleRefill(): void {
    if (refill) clearTimeout(refill);
    refill = setTimeout(prepare, REFILL_AFTER_MS);
    refill.unref();
  }

  prepare();
  return {
    take() {
      scheduleRefill();
      const ready = spare;
      spare = null;
      return ready ?? launch();
    },
    async inTurn(task) {
      if (running >= slots) await new Promise<void>((resolve) => waiting.push(resolve));
      else running += 1;
      try {
        return await task();
      } finally {
        const next = waiting.shift();
        if (next) next();
        else running -= 1;
      }
    },
    close() {
      closed = true;
      if (refill) clearTimeout(refill);
      spare?.orders.destroy();
      spare = null;
    },
  };
}
