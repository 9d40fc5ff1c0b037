/** Plain JSON answers of the routes beside tRPC, with the same error facts. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { AppError, HTTP_STATUS } from '../../domain/errors.ts';
import { randomText } from '../../domain/ids.ts';
import type { Deps } from '../../services/deps.ts';
import { asAppError } from '../../services/faults.ts';

export function sendJson(
  res: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  if (res.headersSent) return;
  const text = JSON.stringify(body);
  res.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(text),
    'cache-control': 'no-store',
    ...headers,
  });
  res.end(text);
}

export function sendError(
  req: IncomingMessage,
  res: ServerResponse,
  error: unknown,
  { log, discardMs }: { log: Deps['log']; discardMs: number },
): void {
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
    const timer = setTimeout(() => req.destroy(), discardMs);
    req.on('close', () => clearTimeout(timer));
  }
  const headers: Record<string, string> = {};
  if (known.retryable && !res.hasHeader('retry-after')) headers['retry-after'] = retrySeconds(known);
  sendJson(
    res,
    HTTP_STATUS[known.code],
    { code: known.code, message: known.message, details: known.details ?? null, correlationId },
    headers,
  );
}

/** When to try again, for the field Retry-After of an error that is worth it. */
export function retrySeconds({ details }: AppError): string {
  const told = details?.retryAfterSeconds;
  return typeof told === 'number' ? String(Math.ceil(told)) : '1';
}

/** Path without the query, which may hold what no log should. */
export function pathOf(req: IncomingMessage): string {
  return (req.url ?? '/').split('?')[0] ?? '/';
}

/**
 * The request's body as an object. The connection stays whole, so that a refusal can be answered.
 * @throws invalid_argument when it is too large or no JSON object in UTF-8; deadline_exceeded when it comes too slowly
 */
export async function readJson(
  req: IncomingMessage,
  options: { maxBytes: number; timeoutMs: number },
): Promise<Record<string, unknown>> {
  const body = await readBody(req, options);
  let parsed: unknown;
  try {
    parsed = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    parsed = null;
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed))
    throw new AppError('invalid_argument', 'The request is not a JSON object.');
  return parsed as Record<string, unknown>;
}

/** The request's body as text. @throws invalid_argument when it is too large or no UTF-8; deadline_exceeded */
export async function readText(
  req: IncomingMessage,
  options: { maxBytes: number; timeoutMs: number },
): Promise<string> {
  const body = await readBody(req, options);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch {
    throw new AppError('invalid_argument', 'The request is not valid UTF-8.');
  }
}

function readBody(req: IncomingMessage, options: { maxBytes: number; timeoutMs: number }): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const onData = (chunk: Buffer) => {
      size += chunk.length;
      chunks.push(chunk);
      if (size > options.maxBytes)
        end(() => reject(new AppError('invalid_argument', `The request is larger than ${options.maxBytes} bytes.`)));
    };
    const onEnd = () => end(() => resolve(Buffer.concat(chunks)));
    const onClose = () => end(() => reject(new AppError('deadline_exceeded', 'The request broke off. Try again.')));
    const timer = setTimeout(
      () => end(() => reject(new AppError('deadline_exceeded', 'The request came too slowly. Try again.'))),
      options.timeoutMs,
    );
    const end = (settle: () => void) => {
      clearTimeout(timer);
      req.off('data', onData).off('end', onEnd).off('close', onClose);
      settle();
    };
    req.on('data', onData).on('end', onEnd).on('close', onClose);
  });
}
