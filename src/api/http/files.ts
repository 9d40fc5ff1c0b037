/**
 * The routes of files: upload and download, parts of uploads, zips, streamed both ways at constant memory. What people stored is never served as active
 * content on this origin: downloads are attachments, previews are inert types in a sandbox.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { AppError } from '../../domain/errors.ts';
import { noteRefusal } from '../../services/admin/refused.ts';
import type { Deps } from '../../services/deps.ts';
import {
  attachment,
  directDownload,
  downloadFile,
  headFile,
  noteAccess,
  type ObjectInfo,
  type PutCondition,
  uploadFile,
} from '../../services/storage/files.ts';
import { actorFrom } from '../context.ts';
import type { Limits } from '../limits.ts';
import { storageId, uploadId } from '../schemas/ids.ts';
import type { Deadlines } from './deadlines.ts';
import { bodyOf, type FileRequest, lengthOf, textParameter } from './file-request.ts';
import { sendJson } from './reply.ts';
import { uploadPart } from './upload-parts.ts';
import { whileSignedIn } from './while-signed-in.ts';
import { downloadZip } from './zip.ts';

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
const ROUTE = /^\/api\/storages\/([^/]+)\/(objects|zip|uploads\/([^/]+)\/(\d{1,5}))$/;

export function isFileRoute(path: string): boolean {
  return ROUTE.test(path);
}

/**
 * GET, HEAD, PUT /api/storages/<id>/objects?key=…[&versionId=…]; GET, POST …/zip; PUT …/uploads/<upload>/<part>.
 * @throws AppError
 */
export async function handleFile(
  deps: Deps,
  req: IncomingMessage,
  res: ServerResponse,
  { deadlines, limits }: { deadlines: Deadlines; limits: Limits },
): Promise<void> {
  const actor = await actorFrom(deps, req);
  limits.spend(req.method === 'PUT' ? 'uploads' : 'downloads', { actor, req, res });
  if (!actor) throw new AppError('unauthenticated', 'Sign in first.');
  const url = new URL(req.url ?? '/', deps.deployment.appOrigin);
  const [, storage, route, upload, part] = ROUTE.exec(url.pathname) ?? [];
  const id = storageId.safeParse(storage);
  if (!id.success) throw new AppError('not_found', 'This storage does not exist or is not yours.');
  const method = req.method ?? '';
  const answer = ROUTES[route?.startsWith('uploads/') ? 'part' : route === 'zip' ? 'zip' : 'objects'];
  if (!answer.methods.includes(method))
    return sendJson(
      res,
      405,
      { code: 'unimplemented', message: `Use ${answer.methods.join(', ')}.` },
      { allow: answer.methods.join(', ') },
    );
  try {
    await whileSignedIn({ deps, actor, res }, (signal) => {
      const request: FileRequest = { deps, actor, id: id.data, url, req, res, signal, deadlines };
      return answer.handle(request, { upload, part: Number(part) });
    });
  } catch (error) {
    noteRefusal(deps, actor, { call: `${method} ${route?.split('/')[0]}`, input: id.data, error });
    throw error;
  }
}

interface Route {
  methods: readonly string[];
  handle(request: FileRequest, path: { upload: string | undefined; part: number }): Promise<void>;
}

const ROUTES: Readonly<Record<'objects' | 'zip' | 'part', Route>> = {
  objects: {
    methods: ['GET', 'HEAD', 'PUT'],
    handle: (request) => (request.req.method === 'PUT' ? upload(request) : download(request)),
  },
  zip: { methods: ['GET', 'POST'], handle: downloadZip },
  part: {
    methods: ['PUT'],
    handle(request, { upload, part }) {
      const id = uploadId.safeParse(upload);
      if (!id.success) throw new AppError('not_found', 'This upload does not exist any more. Start it again.');
      return uploadPart(request, id.data, part);
    },
  },
};

async function upload(request: FileRequest): Promise<void> {
  const { deps, actor, id, url, req, res, signal } = request;
  const info = await uploadFile(deps, actor, {
    id,
    key: textParameter(url.search, 'key') ?? '',
    body: bodyOf(request),
    sizeBytes: lengthOf(req),
    contentType: req.headers['content-type'],
    condition: conditionOf(req),
    signal,
  });
  sendJson(res, 200, { key: info.key, sizeBytes: info.sizeBytes, version: info.version, modifiedAt: info.modifiedAt });
}

function conditionOf(req: IncomingMessage): PutCondition | undefined {
  if (req.headers['if-none-match'] === '*') return { ifAbsent: true };
  const match = req.headers['if-match'];
  return match === undefined ? undefined : { ifVersion: match.replace(/^"|"$/g, '') };
}

async function download(request: FileRequest): Promise<void> {
  const { deps, actor, id, url, req, res, signal, deadlines } = request;
  const key = textParameter(url.search, 'key') ?? '';
  const ref = { id, key, versionId: textParameter(url.search, 'versionId') };
  const preview = url.searchParams.has('preview');
  const throughServer = preview || req.method === 'HEAD' || url.searchParams.get('via') === 'server';
  const direct = throughServer ? null : await directDownload(deps, actor, ref);
  if (direct !== null) {
    noteAccess(deps, actor, ref, { as: 'download' });
    res.writeHead(302, { location: direct, 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' });
    res.end();
    return;
  }
  const head = await headFile(deps, actor, ref);
  const etag = etagOf(head);
  if (tagsOf(req.headers['if-none-match']).includes(etag)) {
    res.writeHead(304, { etag, 'cache-control': 'private, no-cache' });
    res.end();
    return;
  }
  const asked = askedRange(req, etag);
  let range = asked ? clampRange(asked, head.sizeBytes) : undefined;
  if (asked && !range) {
    res.writeHead(416, { 'content-range': `bytes */${head.sizeBytes}` });
    res.end();
    return;
  }
  if (preview && !range && !imageType(key) && head.sizeBytes > MAX_PREVIEW_TEXT)
    range = { start: 0, end: MAX_PREVIEW_TEXT - 1 };
  const length = range ? range.end - range.start + 1 : head.sizeBytes;
  const headers = fileHeaders(head, preview, length);
  if (range) headers['content-range'] = `bytes ${range.start}-${range.end}/${head.sizeBytes}`;
  if (req.method === 'HEAD') {
    res.writeHead(range ? 206 : 200, headers);
    res.end();
    return;
  }
  const { info, body } = await downloadFile(deps, actor, { ...ref, range, signal });
  if (info.version !== head.version) {
    body.destroy();
    throw new AppError('unavailable', 'The file changed just now. Try again.');
  }
  noteAccess(deps, actor, ref, { as: preview ? 'view' : range ? 'part' : 'download' });
  res.writeHead(range ? 206 : 200, headers);
  res.setTimeout(deadlines.downloadSilenceMs, () => res.destroy());
  await pipeline(body, res).catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
}

const etagOf = ({ version }: ObjectInfo): string => `"${version}"`;

function tagsOf(header: string | undefined): string[] {
  return (header ?? '').split(',').map((tag) => tag.trim().replace(/^W\//, ''));
}

/** A range of what the browser has a part of already counts only while that is still the same (RFC 9110 §13.1.5). */
function askedRange(req: IncomingMessage, etag: string): AskedRange | null {
  const condition = req.headers['if-range'];
  return condition === undefined || condition === etag ? rangeOf(req.headers.range) : null;
}

function fileHeaders(info: ObjectInfo, preview: boolean, length: number): Record<string, string> {
  const name = info.key.slice(info.key.lastIndexOf('/') + 1);
  const type = preview ? (imageType(info.key) ?? 'text/plain; charset=utf-8') : 'application/octet-stream';
  return {
    'content-type': type,
    'content-length': String(length),
    'accept-ranges': 'bytes',
    etag: etagOf(info),
    'last-modified': new Date(info.modifiedAt).toUTCString(),
    'cache-control': 'private, no-cache',
    'x-content-type-options': 'nosniff',
    'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; sandbox",
    'cross-origin-resource-policy': 'same-origin',
    'content-disposition': preview ? 'inline' : attachment(name),
  };
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
