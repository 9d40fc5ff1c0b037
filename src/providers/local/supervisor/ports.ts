/** Loopback ports: picking a free one, and proving that it is our application that listens there and nobody else. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
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

/** Socket inodes that listen on this port, from the text of /proc/net/tcp or tcp6 (proc(5)). */
export function parseListeners(table: string, port: number): string[] {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return table.split('\n').flatMap((line) => {
    const fields = line.trim().split(/\s+/);
    const inode = fields[9];
    return fields[1]?.endsWith(suffix) && fields[3] === LISTEN && inode !== undefined ? [inode] : [];
  });
}

export function listeners(port: number): string[] {
  return ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((path) => {
    try {
      return parseListeners(readFileSync(path, 'latin1'), port);
    } catch {
      return [];
    }
  });
}

/** Whether one of these processes holds a listening socket on the port. */
export function listensOn(port: number, pids: number[]): boolean {
  const wanted = new Set(listeners(port).map((inode) => `socket:[${inode}]`));
  return pids.some((pid) => {
    const folder = `/proc/${pid}/fd`;
    try {
      return readdirSync(folder).some((fd) => {
        try {
          return wanted.has(readlinkSync(`${folder}/${fd}`));
        } catch {
          return false; // closed in between
        }
      });
    } catch {
      return false; // ended in between
    }
  });
}
