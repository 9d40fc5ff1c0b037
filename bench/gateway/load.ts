/** Load for the measurements: raw sockets and prepared bytes, so that the client costs as little as it can. */
import { createHash } from 'node:crypto';
import { connect, type Socket } from 'node:net';

/** What ends a chunked answer (RFC 9112 §7.1); the text of a measurement's answers holds no line ends. */
const LAST_CHUNK = '0\r\n\r\n';

export interface HttpLoad {
  port: number;
  /** Whole request, head and body. */
  request: Buffer;
  connections: number;
  /** In all. */
  requests: number;
}

export interface LoadResult {
  seconds: number;
  /** Milliseconds, one per request. */
  latencies: number[];
}

/** Sends the same request over kept-alive connections, one at a time on each. @throws if an answer is not 200. */
export async function httpLoad({ port, request, connections, requests }: HttpLoad): Promise<LoadResult> {
  const latencies: number[] = [];
  let left = requests;
  const sockets = await Promise.all(Array.from({ length: connections }, () => open(port)));
  const begin = performance.now();
  await Promise.all(
    sockets.map(
      (socket) =>
        new Promise<void>((resolve, reject) => {
          let sentAt = 0;
          /** Bytes of the current answer still to come; -1 while its head is not complete. */
          let missing = -1;
          let head = '';
          let chunked = false;
          const next = (): void => {
            if (left <= 0) {
              resolve();
              return;
            }
            left -= 1;
            missing = -1;
            head = '';
            sentAt = performance.now();
            socket.write(request);
          };
          socket.on('error', reject);
          socket.on('close', () => reject(new Error('the connection was closed')));
          socket.on('data', (chunk) => {
            if (missing < 0) {
              head += chunk.toString('latin1');
              const end = head.indexOf('\r\n\r\n');
              if (end < 0) return;
              if (!head.startsWith('HTTP/1.1 200')) return reject(new Error(head.slice(0, 200)));
              chunked = /\r\ntransfer-encoding: chunked/i.test(head);
              const length = Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1] ?? Number.NaN);
              missing = chunked ? 1 : length - (head.length - end - 4);
            } else if (!chunked) missing -= chunk.length;
            if (chunked && chunk.toString('latin1', Math.max(0, chunk.length - 5)) === LAST_CHUNK) missing = 0;
            if (missing > 0) return;
            latencies.push(performance.now() - sentAt);
            next();
          });
          next();
        }),
    ),
  );
  const seconds = (performance.now() - begin) / 1000;
  for (const socket of sockets) socket.removeAllListeners('close').destroy();
  return { seconds, latencies };
}

export interface EchoLoad {
  port: number;
  headers: string;
  connections: number;
  /** In all. */
  messages: number;
  /** Bytes of each, 126..65535. */
  size: number;
}

/** Echoes messages over websockets, one in flight on each. */
export async function echoLoad({ port, headers, connections, messages, size }: EchoLoad): Promise<LoadResult> {
  const frame = Buffer.alloc(8 + size);
  frame.writeUInt8(0x82, 0);
  frame.writeUInt8(0x80 | 126, 1);
  frame.writeUInt16BE(size, 2);
  const answerLength = 4 + size;
  const key = createHash('md5').update('bench').digest('base64');
  const hello = `GET /echo HTTP/1.1\r\n${headers}Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\n\r\n`;
  const latencies: number[] = [];
  let left = messages;
  const sockets = await Promise.all(
    Array.from({ length: connections }, async () => {
      const socket = await open(port);
      socket.write(hello);
      await new Promise<void>((resolve, reject) => {
        socket.once('data', (chunk) =>
          chunk.toString('latin1').startsWith('HTTP/1.1 101') ? resolve() : reject(new Error(chunk.toString())),
        );
        socket.once('error', reject);
      });
      return socket;
    }),
  );
  const begin = performance.now();
  await Promise.all(
    sockets.map(
      (socket) =>
        new Promise<void>((resolve, reject) => {
          let sentAt = 0;
          let missing = 0;
          const next = (): void => {
            if (left <= 0) {
              resolve();
              return;
            }
            left -= 1;
            missing = answerLength;
            sentAt = performance.now();
            socket.write(frame);
          };
          socket.on('error', reject);
          socket.on('close', () => reject(new Error('the websocket was closed')));
          socket.on('data', (chunk) => {
            missing -= chunk.length;
            if (missing > 0) return;
            latencies.push(performance.now() - sentAt);
            next();
          });
          next();
        }),
    ),
  );
  const seconds = (performance.now() - begin) / 1000;
  for (const socket of sockets) socket.removeAllListeners('close').destroy();
  return { seconds, latencies };
}

function open(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, noDelay: true }, () => {
      socket.off('error', reject);
      resolve(socket);
    });
    socket.once('error', reject);
  });
}
