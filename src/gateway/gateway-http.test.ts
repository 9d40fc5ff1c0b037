/** What passes between a client and a running environment over HTTP. */
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { createServer as createTcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import {
  COOKIE,
  ENVIRONMENT,
  eventually,
  grantOf,
  type Harness,
  listen,
  raw,
  routeTo,
  SECRET,
  stands,
  startHarness,
  wire,
} from './test-harness.ts';

let h: Harness;
const cleanups: (() => void)[] = [];
afterEach(async () => {
  await h.close();
  for (const cleanup of cleanups.splice(0)) cleanup();
});

function head(method: string, target: string, fields = ''): string {
  return `${method} ${target} HTTP/1.1\r\nHost: ${h.host}\r\n${COOKIE}${fields}`;
}
const send = (method: string, target: string, fields = '', body = ''): Promise<string> =>
  raw(h.port, `${head(method, target, fields)}Connection: close\r\n\r\n${body}`);

async function collect(stream: AsyncIterable<Buffer>): Promise<string> {
  let text = '';
  for await (const chunk of stream) text += chunk.toString('latin1');
  return text;
}

describe('requests', () => {
  it('arrive as sent, with the secret, the forwarded fields and nothing of ours', async () => {
    h = await startHarness((_req, res) => res.end('ok'));
    await send(
      'GET',
      '/a%2Fb/../c;d?q=%00&r=%F0#',
      'Authorization: Bearer x\r\nx_endpoint_secret: evil\r\nX-Forwarded-For: 6.6.6.6\r\nForwarded: for=6.6.6.6\r\nX-Real-IP: 6.6.6.6\r\nX-Keep: 1\r\nX-keep: 2\r\nCookie: a=1; cmbcluster_session=s; b=2\r\n',
    );
    const seen = h.seen[0];
    expect(seen?.url).toBe('/a%2Fb/../c;d?q=%00&r=%F0#');
    expect(seen?.rawHeaders).toEqual([
      'Host',
      h.host,
      'X-Keep',
      '1',
      'X-keep',
      '2',
      'Cookie',
      'a=1; b=2',
      'X-Forwarded-For',
      '127.0.0.1',
      'X-Forwarded-Host',
      h.host,
      'X-Forwarded-Proto',
      'http',
      SECRET.name,
      SECRET.value,
      'Connection',
      'keep-alive',
    ]);
  });

  it('carry bodies of known and unknown length, and an empty one as such', async () => {
    h = await startHarness((req, res) =>
      collect(req).then((text) =>
        res.end(`${req.headers['content-length'] ?? req.headers['transfer-encoding']} ${text}`),
      ),
    );
    expect(await send('POST', '/', 'Content-Length: 5\r\n', 'hello')).toContain('5 hello');
    expect(
      await send('PUT', '/', 'Transfer-Encoding: chunked\r\n', '5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n'),
    ).toContain('chunked hello world');
    expect(await send('POST', '/')).toContain('0 ');
    expect(await send('DELETE', '/', 'Content-Length: 2\r\n', 'xy')).toContain('2 xy');
  });

  it('carry trailers both ways, cleaned', async () => {
    h = await startHarness((req, res) => {
      collect(req).then(() => {
        res.writeHead(200, { Trailer: 'X-Sum' });
        res.write(JSON.stringify([req.rawTrailers, req.headers.te ?? null]));
        res.addTrailers({ 'X-Sum': 'b', 'Set-Cookie': 'cmbcluster_session=x' });
        res.end();
      });
    });
    const answer = await send(
      'POST',
      '/',
      'Transfer-Encoding: chunked\r\nTE: trailers\r\n',
      '1\r\nx\r\n0\r\nX-Check: a\r\nX-Endpoint-Secret: evil\r\nAuthorization: evil\r\n\r\n',
    );
    expect(answer).toContain('[["X-Check","a"],"trailers"]');
    expect(answer).toMatch(/0\r\nX-Sum: b\r\n\r\n$/);
  });

  it('wait for 100 Continue from the environment, and hear its refusal instead', async () => {
    h = await startHarness((req, res) => collect(req).then((text) => res.end(`got ${text}`)));
    h.environment.on('checkContinue', (req: IncomingMessage, res: ServerResponse) => {
      if (req.url === '/no') {
        res.writeHead(413).end('too large');
        return;
      }
      res.writeContinue();
      collect(req).then((text) => res.end(`got ${text}`));
    });
    const one = wire(
      h.port,
      head('POST', '/yes', 'Expect: 100-continue\r\nContent-Length: 4\r\nConnection: close\r\n\r\n'),
    );
    expect(await one.until('\r\n\r\n')).toBe('HTTP/1.1 100 Continue\r\n\r\n');
    one.socket.write('body');
    expect(await one.closed).toContain('got body');
    const two = wire(h.port, head('POST', '/no', 'Expect: 100-continue\r\nContent-Length: 4\r\n\r\n'));
    expect(await two.closed).toMatch(/^HTTP\/1.1 413 [\s\S]*Connection: close[\s\S]*too large/);
  });

  it('stay apart on one connection, pipelined ones too', async () => {
    h = await startHarness((req, res) => collect(req).then((text) => res.end(`<${req.url} ${text}>`)));
    const one = wire(
      h.port,
      `${head('GET', '/1')}\r\n${head('POST', '/2', 'Content-Length: 3\r\n\r\nabc')}${head('GET', '/3', 'Connection: close\r\n')}\r\n`,
    );
    const answer = await one.closed;
    expect([...answer.matchAll(/<[^>]*>/g)].map(String)).toEqual(['</1 >', '</2 abc>', '</3 >']);
  });
});

describe('answers', () => {
  it('keep status, message, repeated fields, and get our frame policy', async () => {
    h = await startHarness((_req, res) =>
      res
        .writeHead(207, 'Several Things', [
          ['X-A', '1'],
          ['x-a', '2'],
          ['Set-Cookie', 'a=b; Domain=localhost'],
          ['Set-Cookie', '__Host-cmbcluster_session=x'],
        ])
        .end('body'),
    );
    const answer = await send('GET', '/');
    expect(answer).toMatch(/^HTTP\/1.1 207 Several Things\r\nX-A: 1\r\nx-a: 2\r\nSet-Cookie: a=b\r\n/);
    expect(answer).not.toContain('cmbcluster_session');
    expect(answer).toContain(`Content-Security-Policy: frame-ancestors 'self' http://localhost:${h.port}\r\n`);
  });

  it('to HEAD, 204, 304 and ranges have the framing that the environment chose', async () => {
    h = await startHarness((req, res) => {
      if (req.url === '/204') res.writeHead(204).end();
      else if (req.url === '/304') res.writeHead(304, { ETag: '"x"' }).end();
      else if (req.headers.range) res.writeHead(206, { 'Content-Range': 'bytes 1-2/4', 'Content-Length': 2 }).end('bc');
      else res.writeHead(200, { 'Content-Length': 4 }).end(req.method === 'HEAD' ? undefined : 'abcd');
    });
    expect(await send('HEAD', '/')).toMatch(/^HTTP\/1.1 200 [\s\S]*Content-Length: 4\r\n[\s\S]*\r\n\r\n$/);
    expect(await send('GET', '/', 'Range: bytes=1-2\r\n')).toMatch(
      /^HTTP\/1.1 206 [\s\S]*Content-Range: bytes 1-2\/4[\s\S]*\r\n\r\nbc$/,
    );
    expect(await send('GET', '/204')).toMatch(/^HTTP\/1.1 204 [\s\S]*\r\n\r\n$/);
    expect(await send('GET', '/304')).toMatch(/^HTTP\/1.1 304 [\s\S]*ETag: "x"[\s\S]*\r\n\r\n$/);
  });

  it('stream: head at once, then each event as it comes', async () => {
    let stream: ServerResponse | null = null;
    h = await startHarness((_req, res) => {
      res.writeHead(200, { 'Content-Type': 'text/event-stream' }).flushHeaders();
      stream = res;
    });
    const one = wire(h.port, `${head('GET', '/events')}\r\n`);
    await one.until('text/event-stream');
    for (const event of ['first', 'second']) {
      (stream as ServerResponse | null)?.write(`data: ${event}\n\n`);
      expect(await one.until(`data: ${event}`)).toContain(`data: ${event}`);
    }
    one.socket.destroy();
    await eventually(() => stream?.destroyed === true, 'the environment learns that the client left');
  });

  it('are no longer wanted by a client that has closed its half: it counts as gone', async () => {
    h = await startHarness((_req, res) => void res.write('begun'));
    const one = wire(h.port, `${head('GET', '/')}\r\n`);
    await one.until('begun');
    one.socket.end();
    await eventually(() => h.upstreamSockets.size === 0, 'the request is cancelled');
  });

  it('without a length last until the environment closes its half', async () => {
    h = await startHarness(() => undefined);
    const server = createTcpServer((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', () => socket.end('HTTP/1.0 200 OK\r\n\r\nall of it'));
    });
    cleanups.push(() => server.close());
    h.routes.set('work', routeTo({ kind: 'tcp', host: '127.0.0.1', port: await listen(server), header: null }));
    expect(await send('GET', '/')).toMatch(/9\r\nall of it\r\n0\r\n\r\n$/);
  });

  it('that break off are not taken for whole ones', async () => {
    h = await startHarness((req, res) => {
      if (req.url === '/length') res.writeHead(200, { 'Content-Length': 100 });
      res.write('partial');
      setImmediate(() => res.destroy());
    });
    for (const target of ['/length', '/chunked']) {
      const answer = await send('GET', target);
      expect(answer).toContain('partial');
      expect(answer).not.toMatch(/\r\n0\r\n\r\n$/);
    }
  });

  it('of servers that speak nonsense, switch protocols unasked or hang up become a page', async () => {
    h = await startHarness(() => undefined);
    const answers: Record<string, string> = {
      nonsense: 'hello, I am no web server\r\n\r\n',
      unasked: 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n',
      smuggled: 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      nothing: '',
    };
    const server = createTcpServer((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', (chunk) => {
        const name = /^GET \/(\w+)/.exec(chunk.toString())?.[1] ?? '';
        socket.end(answers[name] ?? '');
      });
    });
    cleanups.push(() => server.close());
    h.routes.set('work', routeTo({ kind: 'tcp', host: '127.0.0.1', port: await listen(server), header: null }));
    for (const name of Object.keys(answers))
      expect([name, await send('GET', `/${name}?secret`, 'Accept: text/html\r\n')]).toEqual([
        name,
        expect.stringMatching(/^HTTP\/1.1 502 [\s\S]*broke off/),
      ]);
    expect(h.logged.join()).toContain(ENVIRONMENT);
    expect(h.logged.join()).not.toContain('secret');
  });

  it('that cannot be had, since nothing listens, are a page that tries again', async () => {
    h = await startHarness(() => undefined);
    h.routes.set('work', routeTo({ kind: 'unix', path: '/nonexistent/socket', header: null }));
    expect(await send('GET', '/', 'Accept: text/html\r\n')).toMatch(
      /^HTTP\/1.1 502 [\s\S]*Refresh: 5[\s\S]*does not answer/,
    );
    expect(await send('POST', '/', 'Content-Length: 1\r\n', 'x')).toMatch(/^HTTP\/1.1 502 [\s\S]*text\/plain/);
  });
});

it('works over a unix socket', async () => {
  h = await startHarness(() => undefined);
  const folder = mkdtempSync(join(tmpdir(), 'gateway-'));
  const server = createServer((req, res) => res.end(`unix ${req.headers['x-endpoint-secret']}`)).listen(
    join(folder, 's'),
  );
  await once(server, 'listening');
  cleanups.push(() => {
    server.closeAllConnections();
    server.close();
    rmSync(folder, { recursive: true, force: true });
  });
  h.routes.set('work', routeTo({ kind: 'unix', path: join(folder, 's'), header: SECRET }));
  expect(await send('GET', '/')).toContain(`unix ${SECRET.value}`);
});

describe('kept connections', () => {
  it('are reused, and one that went stale is replaced once for a safe request only', async () => {
    h = await startHarness(() => undefined);
    const methods: string[] = [];
    let connections = 0;
    // Answers the first request of each connection and drops the connection under the second, as a restarted server does.
    const server = createTcpServer((socket) => {
      connections += 1;
      let count = 0;
      socket.on('error', () => undefined);
      socket.on('data', (chunk) => {
        methods.push(chunk.toString().split(' ')[0] ?? '');
        count += 1;
        if (count === 1) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
        else socket.resetAndDestroy();
      });
    });
    cleanups.push(() => server.close());
    h.routes.set('work', routeTo({ kind: 'tcp', host: '127.0.0.1', port: await listen(server), header: null }));
    expect(await send('GET', '/')).toContain('200 OK');
    expect(await send('GET', '/')).toContain('200 OK');
    expect([connections, methods]).toEqual([2, ['GET', 'GET', 'GET']]);
    expect(await send('GET', '/')).toContain('200 OK');
    expect(await send('POST', '/')).toMatch(/ 200 | 502 /);
    expect(await send('GET', '/')).toContain('200 OK');
    const before = methods.length;
    const answer = await send('POST', '/', 'Content-Length: 1\r\n', 'x');
    expect(answer).toMatch(/ 200 | 502 /);
    expect(methods.slice(before)).toEqual(['POST']);
  });

  it('carry on after answers of every kind', async () => {
    h = await startHarness((req, res) => {
      req.resume();
      req.on('end', () => res.end('x'.repeat(Number(req.url?.slice(1)))));
    });
    for (const size of [0, 1, 16_384, 16_385, 300_000])
      expect(await send('GET', `/${size}`)).toMatch(new RegExp(`\\r\\n\\r\\n(?:[0-9a-f]+\\r\\n)?x{0,${size}}`));
    expect(h.upstreamSockets.size).toBe(1);
  });
});

describe('large bodies', () => {
  const SIZE = 48 * 1024 * 1024;
  const CHUNK = Buffer.alloc(256 * 1024, 'z');

  it('download and upload at constant memory, at the pace of the slower side', async () => {
    let written = 0;
    let received = 0;
    h = await startHarness((req, res) => {
      if (req.method === 'POST') {
        // Reads nothing until told to.
        h.environment.once('go', () => {
          req.on('data', (chunk: Buffer) => {
            received += chunk.length;
          });
          req.on('end', () => res.end(`took ${received}`));
        });
        return;
      }
      const more = (): void => {
        while (written < SIZE) {
          written += CHUNK.length;
          if (!res.write(CHUNK)) {
            res.once('drain', more);
            return;
          }
        }
        res.end();
      };
      more();
    });

    const get = request({
      host: '127.0.0.1',
      port: h.port,
      path: '/',
      headers: { host: h.host, cookie: 'cmbcluster_environment=good' },
    }).end();
    const [answer] = (await once(get, 'response')) as [IncomingMessage];
    await stands(() => written);
    expect(written).toBeLessThan(SIZE / 2);
    let got = 0;
    for await (const chunk of answer) got += (chunk as Buffer).length;
    expect(got).toBe(SIZE);

    const post = request({
      host: '127.0.0.1',
      port: h.port,
      method: 'POST',
      path: '/',
      headers: { host: h.host, cookie: 'cmbcluster_environment=good', 'content-length': SIZE },
    });
    let sent = 0;
    const more = (): void => {
      while (sent < SIZE) {
        sent += CHUNK.length;
        if (!post.write(CHUNK)) {
          post.once('drain', more);
          return;
        }
      }
      post.end();
    };
    more();
    await eventually(() => h.seen.length === 2, 'the upload reaches the environment');
    await stands(() => sent);
    expect(sent).toBeLessThan(SIZE / 2);
    h.environment.emit('go');
    const [done] = (await once(post, 'response')) as [IncomingMessage];
    expect(await collect(done)).toBe(`took ${SIZE}`);
  });

  it('end at the environment too when the client gives up', async () => {
    let aborted = false;
    h = await startHarness((req) => {
      req.resume();
      req.on('close', () => {
        aborted = !req.complete;
      });
    });
    const one = wire(h.port, `${head('POST', '/', 'Content-Length: 1000000\r\n')}\r\nsome`);
    await eventually(() => h.seen.length === 1, 'the request arrives');
    one.socket.destroy();
    await eventually(() => aborted, 'the environment sees the upload end');
  });
});

describe('what is open', () => {
  it.each([
    ['session', { sessionId: grantOf('', 'ses-a').sessionId }],
    ['user', { userId: grantOf('usr-a', '').userId }],
    ['environment', { environmentId: ENVIRONMENT }],
  ])('is cut when its %s ends, and nothing else is', async (_name, revoked) => {
    h = await startHarness((_req, res) => void res.write('open'));
    h.authorizer.grants.set('other', { ...grantOf('usr-b', 'ses-b') });
    const one = wire(h.port, `${head('GET', '/')}\r\n`);
    const two = wire(h.port, `GET / HTTP/1.1\r\nHost: ${h.host}\r\nCookie: cmbcluster_environment=other\r\n\r\n`);
    await Promise.all([one.until('open'), two.until('open')]);
    h.authorizer.revoke(revoked);
    await one.closed;
    await eventually(
      () => h.upstreamSockets.size === ('environmentId' in revoked ? 0 : 1),
      'the environment side is cut too',
    );
    expect(await send('GET', '/')).toMatch(/^HTTP\/1.1 403/);
    expect(two.socket.destroyed || two.socket.readableEnded).toBe('environmentId' in revoked);
    two.socket.destroy();
  });

  it('is cut when its grant is found to have ended without a word', async () => {
    h = await startHarness((_req, res) => void res.write('open'), { recheckMs: 20 });
    const one = wire(h.port, `${head('GET', '/')}\r\n`);
    await one.until('open');
    h.authorizer.grants.clear();
    await one.closed;
    await eventually(() => h.upstreamSockets.size === 0, 'the environment side is cut too');
  });

  it('is cut on close', async () => {
    h = await startHarness((_req, res) => void res.write('open'));
    const one = wire(h.port, `${head('GET', '/')}\r\n`);
    await one.until('open');
    await h.gateway.close();
    await one.closed;
    expect(await send('GET', '/')).toMatch(/^HTTP\/1.1 500/);
  });

  it('is reported while it lasts, with its bytes, and not after', async () => {
    h = await startHarness((req, res) => {
      req.resume();
      res.write('12345');
    });
    const one = wire(h.port, `${head('POST', '/', 'Content-Length: 100\r\n')}\r\n1234567`);
    await one.until('12345');
    const sum = (key: 'bytesIn' | 'bytesOut'): number => h.reports.reduce((total, report) => total + report[key], 0);
    await eventually(() => sum('bytesIn') === 7 && sum('bytesOut') === 5, 'all bytes are reported');
    expect(h.reports.at(-1)).toMatchObject({ environmentId: ENVIRONMENT, openSockets: 1 });
    const count = h.reports.length;
    await eventually(() => h.reports.length > count + 2, 'an idle open request is still reported');
    expect(h.reports.at(-1)?.bytesOut).toBe(0);
    one.socket.destroy();
    await eventually(() => h.reports.at(-1)?.openSockets === 0, 'the end is reported');
  });
});

describe('patience has limits', () => {
  it('for an answer, generous', async () => {
    h = await startHarness(() => undefined);
    const one = send('GET', '/', 'Accept: text/html\r\n');
    await eventually(() => h.seen.length === 1, 'the request arrives');
    h.advance(3_500_000);
    await eventually(() => h.reports.length > 3, 'some sweeps pass');
    expect(h.upstreamSockets.size).toBe(1);
    h.advance(200_000);
    expect(await one).toMatch(/^HTTP\/1.1 504 [\s\S]*took too long/);
    await eventually(() => h.upstreamSockets.size === 0, 'the request is cancelled');
  });

  it('for an upload that stands still', async () => {
    h = await startHarness((req) => void req.resume());
    const one = wire(h.port, `${head('POST', '/', 'Content-Length: 10\r\n')}\r\nhalf`);
    await eventually(() => h.seen.length === 1, 'the request arrives');
    h.advance(130_000);
    expect(await one.closed).toMatch(/^HTTP\/1.1 408 [\s\S]*Connection: close/);
    one.socket.destroy();
  });

  it('for a client that takes nothing', async () => {
    h = await startHarness((_req, res) => void res.end(Buffer.alloc(32 * 1024 * 1024)));
    const one = wire(h.port, `${head('GET', '/')}\r\n`);
    one.socket.pause();
    await eventually(() => h.seen.length === 1, 'the request arrives');
    await eventually(() => [...h.upstreamSockets].some((socket) => socket.writableLength > 0), 'the download stalls');
    await eventually(() => h.reports.length > 5, 'some sweeps pass');
    h.advance(4_000_000);
    await eventually(() => h.upstreamSockets.size === 0, 'the download is given up');
    one.socket.destroy();
  });
});
