/** The supervisor's side of its connections: takes orders, tells everybody each change. */
import { rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { type FromSupervisor, onMessage, send, type ToSupervisor } from '../protocol.ts';

const LOG_EVERY_MS = 100;
/** A listener that does not read (a stopped server) is dropped before it costs memory; it can connect again. */
const MAX_BACKLOG_BYTES = 256 * 1024;

export interface Control {
  attach(socket: Socket): void;
  broadcast(message: FromSupervisor): void;
  /** Tells the end of the log, at most every 100 ms. */
  logMoved(end: number): void;
  /** Sends what is left and closes everything; resolves when the peers have it, after a second at most. */
  close(): Promise<void>;
}

/** Listens on `path` once this supervisor owns the run record: whatever file is there belongs to a dead one. */
export async function openControl(
  path: string,
  { greeting, onOrder }: { greeting: () => FromSupervisor; onOrder: (order: ToSupervisor) => void },
): Promise<Control> {
  const sockets = new Set<Socket>();
  let logEnd = 0;
  let logSentAt = Number.NEGATIVE_INFINITY;
  let logTimer: NodeJS.Timeout | null = null;

  function attach(socket: Socket): void {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => sockets.delete(socket));
    onMessage<ToSupervisor>(socket, onOrder);
    send(socket, greeting());
  }

  function broadcast(message: FromSupervisor): void {
    for (const socket of sockets) {
      if (socket.writableLength > MAX_BACKLOG_BYTES) socket.destroy();
      else send(socket, message);
    }
  }

  function sendLogEnd(): void {
    if (logTimer) clearTimeout(logTimer);
    logTimer = null;
    logSentAt = performance.now();
    broadcast({ logEnd });
  }

  rmSync(path, { force: true });
  const server: Server = createServer(attach);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, resolve);
  });

  return {
    attach,
    broadcast,
    logMoved(end) {
      logEnd = end;
      if (logTimer) return;
      const wait = logSentAt + LOG_EVERY_MS - performance.now();
      if (wait <= 0) sendLogEnd();
      else logTimer = setTimeout(sendLogEnd, wait);
    },
    async close() {
      if (logTimer) sendLogEnd();
      server.close();
      const flushed = [...sockets].map((socket) => new Promise<void>((resolve) => socket.end(resolve)));
      await Promise.race([Promise.all(flushed), new Promise((resolve) => setTimeout(resolve, 1_000))]);
    },
  };
}
