/**
 * Makes of fake-gcs-server a store that keeps create-if-absent only most of the time: it looks first and writes then, as stores do
 * that bolted the condition on. Alone each request is answered rightly; of racing ones several win.
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';

export async function startRacyProxy(target: { port: number }): Promise<{ url: string; close(): Promise<void> }> {
  const origin = `http://127.0.0.1:${target.port}`;
  const server = createServer((incoming, reply) => {
    pass(incoming, reply).catch(() => reply.destroy());
  });

  async function pass(incoming: IncomingMessage, reply: ServerResponse): Promise<void> {
    const url = new URL(incoming.url ?? '/', origin);
    const body = Buffer.concat(await incoming.toArray());
    if (incoming.method === 'POST' && url.searchParams.get('ifGenerationMatch') === '0') {
      // The description of the object comes first in the body.
      const [, name = ''] = /"name":"([^"]+)"/.exec(body.toString('latin1')) ?? [];
      const [, bucket = ''] = /\/b\/([^/]+)\/o/.exec(url.pathname) ?? [];
      const there = await fetch(`${origin}/storage/v1/b/${bucket}/o/${encodeURIComponent(name)}`);
      await there.body?.cancel();
      if (there.ok) {
        reply.writeHead(412, { 'content-type': 'application/json' }).end('{"error":{"message":"conditionNotMet"}}');
        return;
      }
      url.searchParams.delete('ifGenerationMatch');
    }
    const path = `${url.pathname}${url.search}`;
    const onward = request(origin + path, { method: incoming.method, headers: incoming.headers }, (answer) => {
      reply.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
      answer.pipe(reply);
    });
    onward.on('error', () => reply.destroy());
    onward.end(body);
  }

  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port was given');
  return {
    url: `http://127.0.0.1:${address.port}`,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
