/** What a replica says while nobody leads, or when the leader went away in the middle: to programs a code, to people a page. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { sendJson } from '../../api/http/reply.ts';

/** Longer than a handover, shorter than a failover: browsers come back by themselves. */
const AGAIN_SECONDS = 3;

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

/** @param lost whether the request may have been carried out */
export function sendAbsence(req: IncomingMessage, res: ServerResponse, { lost }: { lost: boolean }): void {
  if (res.headersSent || res.destroyed) {
    res.destroy();
    return;
  }
  // What is left of a body has no reader.
  if (!req.complete) res.shouldKeepAlive = false;
  const { title, text } = lost ? LOST : CHANGING;
  const fields = { 'retry-after': String(AGAIN_SECONDS), 'x-content-type-options': 'nosniff' };
  const person = (req.method === 'GET' || req.method === 'HEAD') && req.headers.accept?.includes('text/html') === true;
  if (!person) {
    sendJson(res, 503, { code: 'unavailable', message: text }, fields);
    return;
  }
  const body = page(title, text);
  res.writeHead(503, {
    ...fields,
    refresh: String(AGAIN_SECONDS),
    'content-type': 'text/html; charset=utf-8',
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    'content-security-policy':
      "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'",
    'referrer-policy': 'same-origin',
  });
  res.end(req.method === 'HEAD' ? undefined : body);
}

/** Self-contained, as the assets may be those of another version. */
const page = (title: string, text: string): string => `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title}</title>
<style>:root{color-scheme:light dark}body{margin:0;min-height:100vh;display:grid;place-items:center;padding:24px;box-sizing:border-box;font:14px/1.55 system-ui,sans-serif}main{max-width:480px}h1{font-size:20px;margin:0 0 8px}p{margin:0}</style>
</head><body><main><h1>${title}</h1><p>${text}</p></main></body></html>
`;
