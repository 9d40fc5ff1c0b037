/**
 * What a replica says while nobody leads, when the leader went away in the middle, or when nothing can be stored: to programs a code,
 * to people a page.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';

/** Longer than a handover, shorter than a failover: browsers come back by themselves. */
const AGAIN_SECONDS = 3;
/** For the other side to close after the last answer of a connection. */
const LAST_WORDS_MS = 1_000;
const PAGE_POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'";

interface Wording {
  readonly title: string;
  readonly text: string;
}

/** Nothing of the request was done. */
const CHANGING: Wording = {
  title: 'Back in a few seconds',
  text: 'Another server of this deployment is taking over. Nothing was lost, and running environments go on.',
};
/** It was sent, and no answer came. */
const LOST: Wording = {
  title: 'The answer was lost',
  text: 'The server that worked on this went away. It may have been done: look before you try again.',
};

/** The gate did not open in time, or never will. */
const UNSTORED: Wording = {
  title: 'Not confirmed in time',
  text: 'The server cannot store changes at the moment. What was asked for may have been done: look before you try again.',
};

/** @param lost whether the request may have been carried out */
export function sendAbsence(req: IncomingMessage, res: ServerResponse, { lost }: { lost: boolean }): void {
  if (res.headersSent || res.destroyed) {
    res.destroy();
    return;
  }
  // What is left of a body has no reader.
  if (!req.complete) res.shouldKeepAlive = false;
  const { fields, body } = answerOf(req, lost ? LOST : CHANGING);
  res.writeHead(503, fields);
  res.end(body);
}

/**
 * In place of an answer of which nothing may leave, though its handler has begun to give it: past the response, as the last words of
 * its connection.
 */
export function replaceByAbsence(res: ServerResponse): void {
  const { req, socket } = res;
  if (!socket?.writable) {
    res.destroy();
    return;
  }
  const { fields, body } = answerOf(req, UNSTORED);
  const lines = Object.entries({ ...fields, connection: 'close' }).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`HTTP/1.1 503 Service Unavailable\r\n${lines.join('')}\r\n${body ?? ''}`);
  socket.setTimeout(LAST_WORDS_MS, () => socket.destroy());
}

function answerOf(req: IncomingMessage, { title, text }: Wording): { fields: Record<string, string>; body?: string } {
  const person = (req.method === 'GET' || req.method === 'HEAD') && req.headers.accept?.includes('text/html') === true;
  const body = person ? page(title, text) : JSON.stringify({ code: 'unavailable', message: text });
  const fields = {
    'retry-after': String(AGAIN_SECONDS),
    'x-content-type-options': 'nosniff',
    'content-type': person ? 'text/html; charset=utf-8' : 'application/json; charset=utf-8',
    'content-length': String(Buffer.byteLength(body)),
    'cache-control': 'no-store',
    'referrer-policy': 'same-origin',
    ...(person && { refresh: String(AGAIN_SECONDS), 'content-security-policy': PAGE_POLICY }),
  };
  return req.method === 'HEAD' ? { fields } : { fields, body };
}

/** Self-contained, as the assets may be those of another version. */
const page = (title: string, text: string): string => `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title}</title>
<style>:root{color-scheme:light dark}body{margin:0;min-height:100vh;display:grid;place-items:center;padding:24px;box-sizing:border-box;font:14px/1.55 system-ui,sans-serif}main{max-width:480px}h1{font-size:20px;margin:0 0 8px}p{margin:0}</style>
</head><body><main><h1>${title}</h1><p>${text}</p></main></body></html>
`;
