/**
 * The sync program beside the application: started before it, kept alive while it runs, given its time at the end. What it tells
 * is handed on; what it was told to keep secret goes by its environment only.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import type { WorkspaceSync } from '../../../domain/workspace-sync.ts';
import type { SyncOrder } from '../protocol.ts';

export interface RunningSync {
  /** Resolves when the workspace holds what the bucket holds. */
  restored: Promise<void>;
  /** Everything that it can still send; at most `flushMs` and a moment. */
  end(): Promise<void>;
}

const RESTART_MS = { first: 500, most: 30_000 };
/** Beyond its own deadline, for ending. */
const OVERDUE_MS = 3_000;

export function startSync(order: SyncOrder, onState: (state: WorkspaceSync) => void): RunningSync {
  let child: ChildProcess | null = null;
  let gone: Promise<void> = Promise.resolve();
  let failures = 0;
  let restart: NodeJS.Timeout | null = null;
  let ending = false;
  let markRestored: () => void = () => {};
  const restored = new Promise<void>((resolve) => {
    markRestored = resolve;
  });

  function launch(): void {
    restart = null;
    mkdirSync(order.stateFolder, { recursive: true, mode: 0o700 });
    const log = openSync(join(order.stateFolder, 'sync.log'), 'w', 0o600);
    try {
      const [command = '', ...args] = order.argv;
      const started = spawn(command, args, {
        // Its own group: what is sent to the application or to the supervisor does not end it before its time.
        detached: true,
        cwd: '/',
        env: order.env as NodeJS.ProcessEnv,
        stdio: ['pipe', 'pipe', log],
      });
      child = started;
      gone = new Promise((resolve) => {
        started.once('exit', resolve);
        started.once('error', () => resolve());
      });
      // A program that has ended cannot be written to: its exit is what counts.
      started.stdin?.on('error', () => undefined);
      listen(started);
    } finally {
      closeSync(log);
    }
    void gone.then(() => {
      child = null;
      if (ending) return;
      failures += 1;
      restart = setTimeout(launch, Math.min(RESTART_MS.most, RESTART_MS.first * 2 ** (failures - 1)));
    });
  }

  function listen({ stdout }: ChildProcess): void {
    let pending = '';
    stdout?.setEncoding('utf8').on('data', (text: string) => {
      const lines = (pending + text).split('\n');
      pending = lines.pop() ?? '';
      const last = lines.at(-1);
      if (last === undefined) return;
      const state = JSON.parse(last) as WorkspaceSync;
      if (state.phase === 'syncing') {
        failures = 0;
        markRestored();
      }
      onState(state);
    });
  }

  launch();
  return {
    restored,
    async end() {
      ending = true;
      if (restart) clearTimeout(restart);
      const last = child;
      if (!last) return;
      last.kill('SIGTERM');
      const timer = setTimeout(() => last.kill('SIGKILL'), order.flushMs + OVERDUE_MS);
      await gone;
      clearTimeout(timer);
    },
  };
}
