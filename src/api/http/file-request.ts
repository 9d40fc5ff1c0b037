/** What the routes of files share: who asks, for what, the deadlines, and how long the browser is there. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { PassThrough } from 'node:stream';
import { AppError } from '../../domain/errors.ts';
import type { StorageId } from '../../domain/ids.ts';
import type { Actor } from '../../domain/user.ts';
import type { Deps } from '../../services/deps.ts';
import type { Deadlines } from './deadlines.ts';

export interface FileRequest {
  deps: Deps;
  actor: Actor;
  id: StorageId;
  url: URL;
  req: IncomingMessage;
  res: ServerResponse;
  /** Aborted when the browser is gone. */
  signal: AbortSignal;
  deadlines: Deadlines;
}

/** Decoded strictly: replacing what is no UTF-8 would let two different names meet in one file. @throws invalid_argument */
export function textParameter(search: string, name: string): string | undefined {
  const raw = new RegExp(`[?&]${name}=([^&]*)`).exec(search)?.[1];
  if (raw === undefined) return undefined;
  return decodeText(raw);
}

/** @throws invalid_argument */
export function decodeText(raw: string): string {
  try {
    return decodeURIComponent(raw.replaceAll('+', ' '));
  } catch {
    throw new AppError('invalid_argument', 'The name of the file is not valid UTF-8.');
  }
}

/**
 * The request's body as a stream of its own: a bucket that refuses destroys what it was given, and the answer must still find
 * its way over the connection.
 */
export function bodyOf({ req, deadlines }: Pick<FileRequest, 'req' | 'deadlines'>): PassThrough {
  // A sender that goes silent frees its place; one that is merely slow does not lose its upload.
  req.setTimeout(deadlines.uploadSilenceMs, () => req.destroy());
  // All of it is here: storing it safely may take longer.
  req.once('end', () => req.setTimeout(0));
  const body = new PassThrough();
  req.pipe(body);
  req.on('close', () => {
    if (!req.complete) body.destroy(new AppError('deadline_exceeded', 'The upload broke off. Try again.'));
  });
  return body;
}

/** As the sender says; undefined when it does not. */
export function lengthOf(req: IncomingMessage): number | undefined {
  const length = req.headers['content-length'];
  return length === undefined ? undefined : Number(length);
}
