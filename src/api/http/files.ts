/**
 * Upload and download of single files, streamed both ways at constant memory. What people stored is never served as active
 * content on this origin: downloads are attachments, previews are inert types in a sandbox.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { PassThrough } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { AppError } from '../../domain/errors.ts';
import type { StorageId } from '../../domain/ids.ts';
import type { Actor } from '../../domain/user.ts';
import type { Deps } from '../../services/deps.ts';
import {
  downloadFile,
  headFile,
  type ObjectInfo,
  type PutCondition,
  uploadFile,
} from '../../services/storage/files.ts';
import { actorFrom } from '../context.ts';
import { storageId } from '../schemas/ids.ts';
import type { Deadlines } from './deadlines.ts';
import { sendJson } from './reply.ts';

const MAX_PREVIEW_TEXT = 1024 * 1024;
const IMAGES: Readonly<Record<string, string>> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  gif: 'image/gif',
  webp: 'image/webp',
  avif: 'image/avif',
  bmp: 'image/bmp',
};
const ROUTE = /^\/api\/storages\/([^/]+)\/objects$/;

export function isFileRoute(path: string): boolean {
  return ROUTE.test(path);
}

/** GET, HEAD, PUT /api/storages/<id>/objects?key=… @throws AppError */
export async function handleFile(
  deps: Deps,
  req: IncomingMessage,
  res: ServerResponse,
  deadlines: Deadlines,
): Promise<void> {
  const actor = await actorFrom(deps, req);
  if (!actor) throw new AppError('unauthenticated', 'Sign in first.');
  const url = new URL(req.url ?? '/', deps.deployment.appOrigin);
  const id = storageId.safeParse(ROUTE.exec(url.pathname)?.[1]);
  if (!id.success) throw new AppError('not_found', 'This storage does not exist or is not yours.');
  const key = keyOf(url.search);
  const gone = new AbortController();
  res.on('close', () => gone.abort());
  const request = { deps, actor, id: id.data, key, req, res, signal: gone.signal, deadlines };
  if (req.method === 'PUT') return upload(request);
  if (req.method === 'HEAD') {
    const info = await headFile(deps, actor, { id: id.data, key });
    res.writeHead(200, fileHeaders(info, url.searchParams.has('preview'), info.sizeBytes));
    res.end();
    return;
  }
  if (req.method === 'GET') return download({ ...request, preview: url.searchParams.has('preview') });
  sendJson(res, 405, { code: 'unimplemented', message: 'Use GET, HEAD or PUT.' }, { allow: 'GET, HEAD, PUT' });
}

/** Decoded strictly: replacing what is no UTF-8 would let two different names meet in one file. */
function keyOf(search: string): string {
  const raw = /[?&]key=([^&]*)/.exec(search)?.[1] ?? '';
  try {
    return decodeURIComponent(raw.replaceAll('+', ' '));
  } catch {
    throw new AppError('invalid_argument', 'The name of the file is not valid UTF-8.');
  }
}

interface FileRequest {
  deps: Deps;
  actor: Actor;
  id: StorageId;
  key: string;
  req: IncomingMessage;
  res: ServerResponse;
  signal: AbortSignal;
  deadlines: Deadlines;
}

async function upload({ deps, actor, id, key, req, res, signal, deadlines }: FileRequest): Promise<void> {
  // A sender that goes silent frees its place; one that is merely slow does not lose its upload.
  req.setTimeout(deadlines.uploadSilenceMs, () => req.destroy());
  // All of it is here: storing it safely may take longer.
  req.once('end', () => req.setTimeout(0));
  const length = req.headers['content-length'];
  const info = await uploadFile(deps, actor, {
    id,
    key,
    body: bodyOf(req),
    sizeBytes: length === undefined ? undefined : Number(length),
    contentType: req.headers['content-type'],
    condition: conditionOf(req),
    signal,
  });
  sendJson(res, 200, { key: info.key, sizeBytes: info.sizeBytes, version: info.version, modifiedAt: info.modifiedAt });
}

/**
 * The request's body as a stream of its own: a bucket that refuses destroys what it was given, and the answer must still find
 * its way over the connection.
 */
function bodyOf(req: IncomingMessage): PassThrough {
  const body = new PassThrough();
  req.pipe(body);
  req.on('close', () => {
    if (!req.complete) body.destroy(new AppError('deadline_exceeded', 'The upload broke off. Try again.'));
  });
  return body;
}

function conditionOf(req: IncomingMessage): PutCondition | undefined {
  if (req.headers['if-none-match'] === '*') return { ifAbsent: true };
  const match = req.headers['if-match'];
  return match === undefined ? undefined : { ifVersion: match.replace(/^"|"$/g, '') };
}

async function download({
  deps,
  actor,
  id,
  key,
  req,
  res,
  signal,
  deadlines,
  preview,
}: FileRequest & { preview: boolean }): Promise<void> {
  const asked = rangeOf(req.headers.range);
  const head = asked || preview ? await headFile(deps, actor, { id, key }) : null;
  let range = asked && head ? clampRange(asked, head.sizeBytes) : undefined;
  if (asked && !range) {
    res.writeHead(416, { 'content-range': `bytes */${head?.sizeBytes ?? 0}` });
    res.end();
    return;
  }
  if (preview && head && !imageType(key) && head.sizeBytes > MAX_PREVIEW_TEXT)
    range = { start: 0, end: MAX_PREVIEW_TEXT - 1 };
  const { info, body } = await downloadFile(deps, actor, { id, key, range, signal });
  const length = range ? range.end - range.start + 1 : info.sizeBytes;
  const headers = fileHeaders(info, preview, length);
  if (range) headers['content-range'] = `bytes ${range.start}-${range.end}/${info.sizeBytes}`;
  res.writeHead(range ? 206 : 200, headers);
  res.setTimeout(deadlines.downloadSilenceMs, () => res.destroy());
  await pipeline(body, res).catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
}

function fileHeaders(info: ObjectInfo, preview: boolean, length: number): Record<string, string> {
  const name = info.key.slice(info.key.lastIndexOf('/') + 1);
  const type = preview ? (imageType(info.key) ?? 'text/plain; charset=utf-8') : 'application/octet-stream';
  return {
    'content-type': type,
    'content-length': String(length),
    'accept-ranges': 'bytes',
    etag: `"${info.version}"`,
    'last-modified': new Date(info.modifiedAt).toUTCString(),
    'cache-control': 'private, no-cache',
    'x-content-type-options': 'nosniff',
    'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; sandbox",
    'cross-origin-resource-policy': 'same-origin',
    'content-disposition': preview ? 'inline' : attachment(name),
  };
}

/** RFC 6266: an ASCII name for old clients, the true one in UTF-8. */
function attachment(name: string): string {
  const ascii = name.replace(/[^\x20-\x7e]|["\\%]/g, '_');
  const utf8 = encodeURIComponent(name.toWellFormed()).replace(
    /['()*]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `attachment; filename="${ascii}"; filename*=UTF-8''${utf8}`;
}

function imageType(key: string): string | null {
  return IMAGES[key.slice(key.lastIndexOf('.') + 1).toLowerCase()] ?? null;
}

type AskedRange = { start: number; end: number | null } | { last: number };

/** One range of RFC 9110 §14.1.2; anything else is ignored, as the RFC allows. */
function rangeOf(header: string | undefined): AskedRange | null {
  const match = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header ?? '');
  if (!match || (match[1] === '' && match[2] === '')) return null;
  if (match[1] === '') return { last: Number(match[2]) };
  return { start: Number(match[1]), end: match[2] === '' ? null : Number(match[2]) };
}

function clampRange(asked: AskedRange, size: number): { start: number; end: number } | undefined {
  const start = 'last' in asked ? Math.max(0, size - asked.last) : asked.start;
  const end = 'last' in asked || asked.end === null ? size - 1 : Math.min(asked.end, size - 1);
  return start <= end && start < size ? { start, end } : undefined;
}
