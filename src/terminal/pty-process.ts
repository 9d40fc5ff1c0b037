/**
 * One shell on one pty: the only place that touches node-pty. Called by Tab. Output comes as whole UTF-8 characters; nothing
 * the shell wrote is lost at its end, even when it was paused; input is bounded.
 */
import { Socket } from 'node:net';
import { constants } from 'node:os';
import { spawn } from '@lydell/node-pty';
import { foregroundGroup, isAlive, sessionMembers, signal } from './process-table.ts';
import type { TabExit } from './protocol.ts';
import type { ShellCommand } from './shell.ts';

export interface PtyProcess {
  readonly pid: number;
  /** @returns false, having written nothing, when the program leaves too much input unread. */
  write(bytes: Uint8Array): boolean;
  resize(cols: number, rows: number): void;
  /** Stops reading, so that the program blocks once the kernel's buffer is full. */
  pause(): void;
  resume(): void;
  /** Hangs up as a closed window does; what does not end within graceMs is killed. Resolves when the shell has ended. */
  hangUp(options: { graceMs: number; everything: boolean }): Promise<void>;
}

export type SpawnPty = (
  command: ShellCommand,
  size: { cols: number; rows: number },
  events: { onOutput: (bytes: Uint8Array) => void; onExit: (exit: TabExit) => void },
) => PtyProcess;

/** Input that the program has not read yet, at most. */
const MAX_PENDING_INPUT_BYTES = 8 * 1024 * 1024;
/** Must be well below the 200 ms after which node-pty drops what a dead, paused shell left in the kernel's buffer. */
const LIFE_CHECK_MS = 25;

export const spawnPty: SpawnPty = (command, size, events) => {
  // encoding utf8 also makes the kernel's line editing erase whole characters (IUTF8).
  const pty = spawn(command.file, command.args, {
    ...size,
    cwd: command.cwd,
    env: command.env,
    name: command.env.TERM,
    encoding: 'utf8',
  });
  // node-pty hides its socket, but only the socket tells how much input is still unread and takes bytes that are no text.
  const hidden: unknown = Reflect.get(pty, '_socket');
  const socket = hidden instanceof Socket ? hidden : null;
  // node-pty throws a read or write error of a dying pty out of the event loop unless somebody else listens too; the end that
  // follows is reported as exit, and one tab's end must not take the others along.
  socket?.on('error', () => undefined);
  let lifeCheck: NodeJS.Timeout | undefined;
  let ended = false;
  const { promise: exited, resolve: markExited } = Promise.withResolvers<void>();

  pty.onData((text) => events.onOutput(Buffer.from(text, 'utf8')));
  pty.onExit(({ exitCode, signal: number }) => {
    ended = true;
    clearInterval(lifeCheck);
    markExited();
    events.onExit({ code: exitCode, signal: number ? signalName(number) : null });
  });

  const resume = () => {
    clearInterval(lifeCheck);
    lifeCheck = undefined;
    if (!ended) pty.resume();
  };

  return {
    pid: pty.pid,
    write(bytes) {
      if (ended) return true;
      if (!socket) {
        pty.write(Buffer.from(bytes).toString('utf8'));
        return true;
      }
      if (socket.writableLength + bytes.length > MAX_PENDING_INPUT_BYTES) return false;
      if (socket.writable) socket.write(bytes);
      return true;
    },
    resize(cols, rows) {
      if (ended) return;
      try {
        pty.resize(cols, rows);
      } catch {
        // The shell ended a moment ago and its exit is not reported yet.
      }
    },
    pause() {
      if (ended || lifeCheck) return;
      pty.pause();
      lifeCheck = setInterval(() => {
        if (!isAlive(pty.pid)) resume();
      }, LIFE_CHECK_MS);
    },
    resume,
    async hangUp({ graceMs, everything }) {
      const members = everything ? sessionMembers(pty.pid) : [];
      const foreground = foregroundGroup(pty.pid);
      for (const target of [pty.pid, foreground === null ? null : -foreground]) {
        if (target === null || ended) continue;
        signal(target, 'SIGHUP');
        signal(target, 'SIGCONT');
      }
      for (const pid of members) signal(pid, 'SIGHUP');
      resume();
      const kill = setTimeout(() => {
        if (foreground !== null) signal(-foreground, 'SIGKILL');
        signal(pty.pid, 'SIGKILL');
      }, graceMs);
      if (!ended) await exited;
      clearTimeout(kill);
      // A session id is not used again while members live, so these are still ours.
      if (everything) for (const pid of sessionMembers(pty.pid)) signal(pid, 'SIGKILL');
    },
  };
};

function signalName(number: number): string {
  const entry = Object.entries(constants.signals).find(([, value]) => value === number);
  return entry ? entry[0] : `signal ${number}`;
}
