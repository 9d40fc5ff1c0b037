/** Plain JSON answers of the routes beside tRPC, with the same error facts. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { AppError, HTTP_STATUS } from '../../domain/errors.ts';
import { randomText } from '../../domain/ids.ts';
import type { Deps } from '../../services/deps.ts';
import { asAppError } from '../../services/faults.ts';

const DISCARD_MS = 10_000;

export function sendJson(
  res: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  if (res.headersSent) return;
  res.writeHead(status, { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store', ...headers });
  res.end(JSON.stringify(body));
}

export function sendError(req: IncomingMessage, res: ServerResponse, error: unknown, log: Deps['log']): void {
  const known = asAppError(error);
  const correlationId = randomText(10);
  if (known.code === 'internal')
    log.error('request failed', { path: pathOf(req), correlationId, error: String(known.cause ?? known) });
  if (res.headersSent) {
    res.destroy();
    return;
  }
  // The rest of the body is read and thrown away for a while: a browser that is cut off while sending never sees the reason.
  if (!req.complete) {
    req.resume();
    const timer = setTimeout(() => req.destroy(), DISCARD_MS);
    req.on('close', () => clearTimeout(timer));
  }
  const headers: Record<string, string> = {};
  if (known.retryable) headers['retry-after'] = '1';
  sendJson(
    res,
    HTTP_STATUS[known.code],
    { code: known.code, message: known.message, details: known.details ?? null, correlationId },
    headers,
  );
}

/** Path without the query, which may hold what no log should. */
export function pathOf(req: IncomingMessage): string {
  return (req.url ?? '/').split('?')[0] ?? '/';
}

/** @throws invalid_argument when it is larger, slower or no JSON object */
export async function readJson(
  req: IncomingMessage,
  options: { maxBytes: number; timeoutMs: number },
): Promise<Record<string, unknown>> {
  const timer = setTimeout(() => req.destroy(), options.timeoutMs);
  try {
    const chunks: Buffer[] = [];
    let size = 0;
    for await (const chunk of req as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > options.maxBytes)
        throw new AppError('invalid_argument', `The request is larger than ${options.maxBytes} bytes.`);
      chunks.push(chunk);
    }
    const parsed: unknown = JSON.parse(Buffer.concat(chunks).toString('utf8'));
    if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) throw new SyntaxError('no object');
    return parsed as Record<string, unknown>;
  } catch (error) {
    if (error instanceof SyntaxError) throw new AppError('invalid_argument', 'The request is not a JSON object.');
    throw error;
  } finally {
    clearTimeout(timer);
  }
}
