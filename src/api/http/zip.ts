/**
 * A folder or a selection as one zip, made while it is sent. Whatever goes wrong on the way cuts the connection: a browser shows
 * a broken download then, never a zip that lacks files and looks whole.
 */
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { makeZip } from 'client-zip';
import { z } from 'zod';
import { AppError } from '../../domain/errors.ts';
import { type ArchiveEntry, openArchive } from '../../services/files/archive.ts';
import { attachment } from '../../services/storage/files.ts';
import { decodeText, type FileRequest, textParameter } from './file-request.ts';
import { readText } from './reply.ts';

const MAX_BODY_BYTES = 1024 * 1024;
const MAX_KEYS = 10_000;
const selection = z.strictObject({
  keys: z.array(z.string().min(1).max(1025)).min(1).max(MAX_KEYS),
  name: z.string().max(200).optional(),
});

export async function downloadZip(request: FileRequest): Promise<void> {
  const { deps, actor, id, url, req, res, signal, deadlines } = request;
  const asked =
    req.method === 'POST'
      ? await readSelection(request)
      : { keys: [textParameter(url.search, 'prefix') ?? ''], name: undefined };
  const archive = await openArchive(deps, actor, { id, keys: asked.keys, signal });
  res.writeHead(200, {
    'content-type': 'application/zip',
    'content-disposition': attachment(`${asked.name ?? archive.name}.zip`),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  });
  res.setTimeout(deadlines.downloadSilenceMs, () => res.destroy());
  const zip: AsyncIterable<Uint8Array> = makeZip(zippable(archive.entries));
  try {
    await pipeline(Readable.from(zip, { objectMode: false }), res);
  } catch (error) {
    if (signal.aborted) return;
    deps.log.warn('a zip broke off', { storageId: id, error: String(error) });
    res.destroy();
  }
}

async function* zippable(entries: AsyncIterable<ArchiveEntry>) {
  for await (const { name, lastModified, size, input } of entries)
    yield input ? { name, lastModified, size, input } : { name, lastModified };
}

/** A hidden form sends `key=…&key=…`, which lets the browser download as it does from a link; programs send JSON. */
async function readSelection({ req, deadlines }: FileRequest): Promise<z.infer<typeof selection>> {
  const body = await readText(req, { maxBytes: MAX_BODY_BYTES, timeoutMs: deadlines.jsonBodyMs });
  const isForm = req.headers['content-type']?.startsWith('application/x-www-form-urlencoded') === true;
  const parsed = selection.safeParse(isForm ? formOf(body) : jsonOf(body));
  if (parsed.success) return parsed.data;
  throw new AppError('invalid_argument', `Choose 1 to ${MAX_KEYS} files or folders.`);
}

function formOf(body: string): unknown {
  const fields = body.split('&').map((field) => field.split('=').map(decodeText));
  const name = fields.find(([field]) => field === 'name')?.[1];
  return {
    keys: fields.flatMap(([field, value = '']) => (field === 'key' ? [value] : [])),
    ...(name ? { name } : {}),
  };
}

function jsonOf(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return null;
  }
}
