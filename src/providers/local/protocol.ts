/**
 * What spawner and supervisor say to one another: one JSON object a line, over the inherited socket (first start) or the
 * control socket (adoption). A supervisor greets every connection with its record, so that connecting is also subscribing.
 */
import type { Socket } from 'node:net';
import type { Size } from '../../domain/environment.ts';
import type { EnvironmentId, UserId } from '../../domain/ids.ts';
import type { RunRecord } from './run-record.ts';

/** Everything a supervisor needs. It carries secrets: never on a command line, never on disk. */
export interface StartOrder {
  id: EnvironmentId;
  ownerId: UserId;
  generation: number;
  /** The server that gave the order; a supervisor whose parent has changed does not begin. */
  serverPid: number;
  /** Run record and log live here. */
  folder: string;
  controlPath: string;
  /** Where the application listens; null = the supervisor picks a loopback port. */
  socketPath: string | null;
  /** Placeholders filled, except `{port}`, which the supervisor knows. */
  argv: string[];
  env: Record<string, string>;
  cwd: string;
  /** Lines that the log begins with: what the start could not do as asked. */
  notices: string[];
  readyPath: string | null;
  readyTimeoutMs: number;
  header: { name: string; value: string } | null;
  size: Size;
  /** Delegated cgroup in which to make the environment's own; null = no limits on this machine. */
  cgroup: string | null;
  /** The program that keeps the workspace in step with a bucket; null = the workspace is the bucket's own folder, or nobody's. */
  sync: SyncOrder | null;
}

export interface SyncOrder {
  argv: string[];
  /** With credentials. */
  env: Record<string, string>;
  stateFolder: string;
  /** What the last changes get at the end. */
  flushMs: number;
}

export type ToSupervisor = { start: StartOrder } | { stop: { graceMs: number } };

export type FromSupervisor =
  | { record: RunRecord }
  /** End of the log in bytes. */
  | { logEnd: number }
  /** The record belongs to another supervisor already. */
  | { refused: string };

export function send(socket: Socket, message: ToSupervisor | FromSupervisor): void {
  if (socket.writable) socket.write(`${JSON.stringify(message)}\n`);
}

/** Calls back once per whole line, in order. Lines that are no JSON are dropped: only our own programs speak here. */
export function onMessage<Message extends ToSupervisor | FromSupervisor>(
  socket: Socket,
  listener: (message: Message) => void,
): void {
  let pending = '';
  socket.setEncoding('utf8');
  socket.on('data', (text: string) => {
    const lines = (pending + text).split('\n');
    pending = lines.pop() ?? '';
    for (const line of lines) {
      let message: Message;
      try {
        message = JSON.parse(line) as Message;
      } catch {
        continue;
      }
      listener(message);
    }
  });
}
