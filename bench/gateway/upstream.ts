/** The environment of the gateway's measurement: a tiny server that answers 1 KiB, 1 MiB, takes uploads and echoes websockets. */
import { createServer } from 'node:http';
import { WebSocketServer } from 'ws';

const small = Buffer.alloc(1024, 'a');
const large = Buffer.alloc(1024 * 1024, 'b');

const server = createServer({ keepAliveTimeout: 60_000 }, (req, res) => {
  if (req.method === 'POST') {
    req.resume();
    req.on('end', () => res.writeHead(200, { 'Content-Length': 0 }).end());
    return;
  }
  const body = req.url === '/large' ? large : small;
  res.writeHead(200, { 'Content-Type': 'application/octet-stream', 'Content-Length': body.length }).end(body);
});
const sockets = new WebSocketServer({ server, perMessageDeflate: false });
sockets.on('connection', (socket) => socket.on('message', (data) => socket.send(data)));
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  process.send?.({ port: typeof address === 'object' ? address?.port : 0 });
});
process.on('disconnect', () => process.exit(0));
