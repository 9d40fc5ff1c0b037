/** Loopback ports: picking a free one, and proving that it is our application that listens there and nobody else. */
import { closeSync, openSync, readdirSync, readlinkSync, readSync } from 'node:fs';
import { createServer } from 'node:net';

/** Free at this moment; another program may still take it before the application does. */
export function pickPort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() =>
        address && typeof address === 'object' ? resolve(address.port) : reject(new Error('no port')),
      );
    });
  });
}

const LISTEN = '0A';
/** About one row. The kernel lists listening sockets first and walks its whole table of connections, milliseconds long, only for more. */
const PIECE_BYTES = 150;

/** Lines of a file, read only as far as they are asked for; none when it cannot be opened. */
function* linesOf(path: string): Generator<string> {
  let fd: number;
  try {
    fd = openSync(path, 'r');
  } catch {
    return; // a machine without IPv6
  }
  try {
    const piece = Buffer.alloc(PIECE_BYTES);
    let pending = '';
    for (let size = readSync(fd, piece); size > 0; size = readSync(fd, piece)) {
      const lines = (pending + piece.toString('latin1', 0, size)).split('\n');
      pending = lines.pop() ?? '';
      yield* lines;
    }
  } finally {
    closeSync(fd);
  }
}

/** Socket inodes that listen on this port, from the lines of /proc/net/tcp or tcp6, where no connection comes before them (proc(5)). */
export function* parseListeners(table: Iterable<string>, port: number): Generator<string> {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  for (const line of table) {
    const [row, address, , state, , , , , , inode] = line.trim().split(/\s+/);
    if (row === 'sl') continue;
    if (state !== LISTEN) return;
    if (address?.endsWith(suffix) && inode !== undefined) yield inode;
  }
}

function* listeners(port: number): Generator<string> {
  for (const path of ['/proc/net/tcp', '/proc/net/tcp6']) yield* parseListeners(linesOf(path), port);
}

/** Whether anybody listens on the port. */
export function isTaken(port: number): boolean {
  return !listeners(port).next().done;
}

/** What the descriptors of a process are, such as `socket:[4711]`; none when it has ended or is not ours to look at. */
function descriptorsOf(pid: number): string[] {
  const folder = `/proc/${pid}/fd`;
  try {
    return readdirSync(folder).flatMap((fd) => {
      try {
        return readlinkSync(`${folder}/${fd}`);
      } catch {
        return []; // closed in between
      }
    });
  } catch {
    return [];
  }
}

/** Whether one of these processes holds a listening socket on the port. */
export function listensOn(port: number, pids: number[]): boolean {
  const held = new Set(pids.flatMap(descriptorsOf));
  for (const inode of listeners(port)) if (held.has(`socket:[${inode}]`)) return true;
  return false;
}
