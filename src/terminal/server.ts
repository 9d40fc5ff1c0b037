/**
 * The Terminal's HTTP server: the page, a small JSON API over the tabs, `GET /status`, and the WebSockets `/events` and
 * `/pty/<tabId>`. Called by main.ts and by tests. It reads no environment variable and opens no port by itself.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { AppError, HTTP_STATUS, toAppError } from '../domain/errors.ts';
import { type Assets, SECURITY_HEADERS } from './assets.ts';
import { MAX_COLS, MAX_ROWS } from './protocol.ts';
import { type Guard, isJson, isOwnOrigin, mayTalk } from './request-guard.ts';
import { serveEvents, servePty } from './sockets.ts';
import type { Size } from './tab.ts';
import type { TabSet } from './tab-set.ts';

export interface TerminalServerOptions {
  tabs: TabSet;
  assets: Assets;
  guard: Guard;
  /** How often each connection is asked whether it lives; one silent round ends it. */
  heartbeatMs?: number;
  log: (message: string, cause?: unknown) => void;
}

export interface TerminalServer {
  http: Server;
  /** Ends every shell, then every connection. */
  close(graceMs: number): Promise<void>;
}

const HEARTBEAT_MS = 15_000;
const MAX_BODY_BYTES = 4096;
const MAX_MESSAGE_BYTES = 1024 * 1024;
const DEFAULT_SIZE: Size = { cols: 80, rows: 24 };

export function createTerminalServer(options: TerminalServerOptions): TerminalServer {
  const { tabs, assets, guard, log } = options;
  const sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_MESSAGE_BYTES, perMessageDeflate: false });
  // Longer than any proxy keeps an idle connection, so that it is never we who close one just as it is used again.
  const http = createServer({ keepAliveTimeout: 75_000 }, (request, response) => {
    answer(request, response).catch((error: unknown) => fail(response, error));
  });

  http.on('upgrade', (request, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy());
    const { pathname } = addressOf(request);
    const ptyId = /^\/pty\/([\w-]{1,64})$/.exec(pathname)?.[1];
    if (!mayTalk(guard, request.headers) || !isOwnOrigin(request.headers)) return refuse(socket, '403 Forbidden');
    if (ptyId === undefined && pathname !== '/events') return refuse(socket, '404 Not Found');
    sockets.handleUpgrade(request, socket, head, (ws) => {
      const heartbeatMs = options.heartbeatMs ?? HEARTBEAT_MS;
      if (ptyId === undefined) serveEvents(ws, tabs, heartbeatMs);
      else servePty(ws, tabs.find(ptyId), heartbeatMs);
    });
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = addressOf(request);
    const method = request.method ?? 'GET';
    const reading = method === 'GET' || method === 'HEAD';
    if (!mayTalk(guard, request.headers))
      throw new AppError('permission_denied', 'This address is not for direct use.');
    if (!reading && !isOwnOrigin(request.headers))
      throw new AppError('permission_denied', 'Another site may not do this.');
    if (reading && url.pathname === '/') return assets.servePage(request, response);
    if (reading && url.pathname === '/status') return json(response, 200, { tabs: tabs.list().map(statusOf) });
    if (url.pathname === '/api/tabs') {
      if (reading) return json(response, 200, { tabs: tabs.list() });
      if (method === 'POST') return json(response, ...createTab(await readBody(request)));
    }
    const id = /^\/api\/tabs\/([\w-]{1,64})$/.exec(url.pathname)?.[1];
    if (id !== undefined && method === 'PATCH') {
      const { name } = await readBody(request);
      if (typeof name !== 'string')
        throw new AppError('invalid_argument', 'A name is needed; an empty one removes it.');
      return json(response, 200, tabs.rename(id, name));
    }
    if (id !== undefined && method === 'DELETE') {
      await tabs.close(id, { force: url.searchParams.get('force') === '1' });
      return json(response, 200, {});
    }
    if (reading && assets.serve(url, request, response)) return;
    throw new AppError('not_found', 'There is nothing at this address.');
  }

  /** With `ifNone`, several browsers that open the page at once get one first tab together. */
  function createTab(body: Record<string, unknown>): [number, unknown] {
    const first = tabs.list()[0];
    if (body.ifNone === true && first) return [200, first];
    const { cols = DEFAULT_SIZE.cols, rows = DEFAULT_SIZE.rows } = body;
    if (!isSpan(cols, MAX_COLS) || !isSpan(rows, MAX_ROWS))
      throw new AppError('invalid_argument', 'The size makes no sense.');
    return [201, tabs.create({ cols, rows })];
  }

  function fail(response: ServerResponse, thrown: unknown): void {
    const error = toAppError(thrown);
    if (error.code === 'internal') log('A request failed.', thrown);
    if (response.headersSent) return void response.destroy();
    json(response, HTTP_STATUS[error.code], { code: error.code, message: error.message, details: error.details });
  }

  return {
    http,
    async close(graceMs) {
      http.close();
      await tabs.closeAll(graceMs);
      for (const ws of sockets.clients) ws.terminate();
      http.closeAllConnections();
    },
  };
}

/** Anything that is no address is treated as one that does not exist. */
function addressOf(request: IncomingMessage): URL {
  const base = 'http://terminal';
  return URL.canParse(request.url ?? '', base) ? new URL(request.url ?? '', base) : new URL('/-', base);
}

const statusOf = ({ id, label, pid, busy }: ReturnType<TabSet['list']>[number]) => ({ id, title: label, pid, busy });

const isSpan = (value: unknown, max: number): value is number =>
  Number.isInteger(value) && Number(value) >= 1 && Number(value) <= max;

function json(response: ServerResponse, status: number, value: unknown): void {
  const body = JSON.stringify(value);
  response.writeHead(status, {
    ...SECURITY_HEADERS,
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
  });
  response.end(response.req.method === 'HEAD' ? undefined : body);
}

async function readBody(request: IncomingMessage): Promise<Record<string, unknown>> {
  if (!isJson(request.headers)) throw new AppError('invalid_argument', 'The body must be JSON.');
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    length += part.length;
    if (length > MAX_BODY_BYTES) throw new AppError('invalid_argument', 'The body is too large.');
    parts.push(part);
  }
  try {
    const value: unknown = JSON.parse(Buffer.concat(parts).toString('utf8') || '{}');
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {
    // Falls through to the one answer for every body that is no object.
  }
  throw new AppError('invalid_argument', 'The body must be a JSON object.');
}

function refuse(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
}
