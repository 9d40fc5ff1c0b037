/** An HTTP proxy in front of a server that flips a byte of bodies while it is told to: what broken memory or wires do. */
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { Transform } from 'node:stream';

export interface DamagingProxy {
  url: string;
  uploads(on: boolean): void;
  downloads(on: boolean): void;
  close(): Promise<void>;
}

/** Flips one bit of the first byte that passes. */
function flipped(): Transform {
  let done = false;
  return new Transform({
    transform(chunk: Buffer, _encoding, next) {
      if (done || chunk.length === 0) return next(null, chunk);
      done = true;
      const copy = Buffer.from(chunk);
      copy[0] = (copy[0] ?? 0) ^ 1;
      next(null, copy);
    },
  });
}

/** Bodies of objects and parts in S3, not the documents of other requests. */
function s3Content({ method, url = '' }: IncomingMessage): boolean {
  const names = [...new URLSearchParams(url.split('?')[1] ?? '').keys()];
  const content = names.every((name) => /^(x-id|partNumber|uploadId|versionId|X-Amz-.*)$/.test(name));
  return (method === 'PUT' || method === 'GET') && content;
}

/** @param carriesContent tells bodies of files from the documents of other requests */
export async function startDamagingProxy(
  target: { port: number },
  carriesContent: (request: IncomingMessage) => boolean = s3Content,
): Promise<DamagingProxy> {
  const damage = { uploads: false, downloads: false };
  const server = createServer((incoming: IncomingMessage, reply: ServerResponse) => {
    const { method, url: path, headers } = incoming;
    const content = carriesContent(incoming);
    const onward = request({ host: '127.0.0.1', port: target.port, method, path, headers }, (answer) => {
      reply.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
      const source = damage.downloads && content && method === 'GET' ? answer.pipe(flipped()) : answer;
      source.pipe(reply);
      answer.on('aborted', () => reply.destroy());
    });
    onward.on('error', () => reply.destroy());
    incoming.on('aborted', () => onward.destroy());
    reply.on('close', () => onward.destroy());
    const source = damage.uploads && content && method === 'PUT' ? incoming.pipe(flipped()) : incoming;
    source.pipe(onward);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port was given');
  return {
    url: `http://127.0.0.1:${address.port}`,
    uploads(on) {
      damage.uploads = on;
    },
    downloads(on) {
      damage.downloads = on;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
}
