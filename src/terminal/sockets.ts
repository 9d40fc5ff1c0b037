/** The two WebSockets: `/events` tells the list of tabs, `/pty/<tabId>` joins one browser to one tab. Called by server.ts only. */
import type { RawData, WebSocket } from 'ws';
import {
  CLOSED_BAD_MESSAGE,
  CLOSED_REPLACED,
  CLOSED_TAB_GONE,
  type EventMessage,
  INPUT_BY_EMULATOR,
  INPUT_BY_PERSON,
  parseClientMessage,
  type ServerMessage,
} from './protocol.ts';
import type { Tab, TabCloseReason, TabViewer } from './tab.ts';
import type { TabSet } from './tab-set.ts';

const CLOSE_CODES: Readonly<Record<TabCloseReason, number>> = {
  gone: CLOSED_TAB_GONE,
  bad: CLOSED_BAD_MESSAGE,
  replaced: CLOSED_REPLACED,
};

export function serveEvents(ws: WebSocket, tabs: TabSet, heartbeatMs: number): void {
  keepAlive(ws, heartbeatMs);
  const send = (message: EventMessage) => ws.send(JSON.stringify(message));
  const unsubscribe = tabs.subscribe((list) => send({ type: 'tabs', tabs: list }));
  ws.on('close', unsubscribe);
  ws.on('message', (data, isBinary) => {
    const message = isBinary ? null : parseClientMessage(bytesOf(data).toString('utf8'));
    if (message?.type === 'ping') send({ type: 'pong' });
    else ws.close(CLOSED_BAD_MESSAGE);
  });
}

/** @param tab undefined = closed meanwhile; said by close code, for a browser cannot see a refused upgrade's status. */
export function servePty(ws: WebSocket, tab: Tab | undefined, heartbeatMs: number): void {
  keepAlive(ws, heartbeatMs);
  if (!tab) {
    ws.close(CLOSED_TAB_GONE);
    return;
  }
  const send = (message: ServerMessage) => ws.send(JSON.stringify(message));
  const bad = () => ws.close(CLOSED_BAD_MESSAGE);
  let viewer: TabViewer | null = null;
  ws.on('close', () => viewer?.detach());
  ws.on('message', (data, isBinary) => {
    if (ws.readyState !== ws.OPEN) return;
    const bytes = bytesOf(data);
    if (isBinary) {
      const kind = bytes[0];
      if (!viewer || (kind !== INPUT_BY_PERSON && kind !== INPUT_BY_EMULATOR)) return bad();
      return viewer.input(bytes.subarray(1), kind === INPUT_BY_PERSON);
    }
    const message = parseClientMessage(bytes.toString('utf8'));
    if (!message) return bad();
    if (message.type === 'ping') return send({ type: 'pong' });
    if (message.type === 'attach') {
      if (viewer) return bad();
      const link = {
        send,
        sendOutput: (output: Uint8Array) => ws.send(output),
        close: (reason: TabCloseReason) => ws.close(CLOSE_CODES[reason]),
      };
      const { client, offset, active, cols, rows } = message;
      viewer = tab.attach(link, { client, offset, active, size: { cols, rows } });
      return;
    }
    if (!viewer) return bad();
    if (message.type === 'ack') viewer.ack(message.offset);
    else if (message.type === 'resize') viewer.resize({ cols: message.cols, rows: message.rows });
    else viewer.focus();
  });
}

/** Finds dead connections: a laptop that went to sleep sends no goodbye. */
function keepAlive(ws: WebSocket, heartbeatMs: number): void {
  let alive = true;
  const timer = setInterval(() => {
    if (!alive) return ws.terminate();
    alive = false;
    ws.ping();
  }, heartbeatMs);
  const seen = () => {
    alive = true;
  };
  ws.on('pong', seen);
  ws.on('message', seen);
  ws.on('close', () => clearInterval(timer));
  // A broken frame or connection ends in `close`; there is nobody to tell.
  ws.on('error', () => ws.terminate());
}

function bytesOf(data: RawData): Buffer {
  if (Buffer.isBuffer(data)) return data;
  return Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data);
}
