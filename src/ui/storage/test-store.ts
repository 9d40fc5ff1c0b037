/**
 * A storage behind a real HTTP server for tests of senders: files and uploads in memory, the addresses of the product, signed
 * ones beside, and a hook that may answer instead.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { newUploadId, type StorageId, type UploadId } from '../../domain/ids.ts';
import type { Put } from './put-bytes.ts';
import { RequestSlots } from './request-slots.ts';
import { type UploadApi, UploadFault } from './upload-api.ts';
import type { SendTools } from './upload-attempts.ts';

export const STORAGE = 'sto-1' as StorageId;

export interface Arrived {
  route: 'whole' | 'part' | 'signed';
  /** Of a part. */
  number: number;
  /** How often a signature was given for it. */
  signature: number;
}

interface OwnAnswer {
  status: number;
  headers?: Record<string, string>;
  body?: string;
}

interface StoredUpload {
  key: string;
  sizeBytes: number;
  replace: boolean;
  parts: Map<number, Buffer>;
}

export interface TestStore extends AsyncDisposable {
  readonly files: Map<string, Buffer>;
  readonly uploads: Map<UploadId, StoredUpload>;
  /** In the order of their arrival. */
  readonly arrived: Arrived[];
  readonly api: UploadApi;
  readonly put: Put;
  /** Answers instead of the store when it gives something; may wait. */
  answer: (request: Arrived) => OwnAnswer | 'cut' | null | Promise<OwnAnswer | 'cut' | null>;
  /** Most requests that were ever there at once. */
  mostAtOnce: number;
  direct: boolean;
  /** Where signed requests lead. */
  signedOrigin: string;
}

const fault = (code: UploadFault['code'], retryable = false) => new UploadFault({ code, message: code, retryable });

export async function openTestStore(partSizeBytes: number): Promise<TestStore> {
  const files = new Map<string, Buffer>();
  const uploads = new Map<UploadId, StoredUpload>();
  const arrived: Arrived[] = [];
  let atOnce = 0;
  let signatures = 0;

  const uploadOf = (id: string): StoredUpload => {
    const upload = uploads.get(id as UploadId);
    if (!upload) throw fault('not_found');
    return upload;
  };

  async function handle(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const url = new URL(req.url ?? '/', 'http://store');
    const [, , upload = '', number = '0'] = /\/(uploads|signed)\/([^/]+)\/(\d+)$/.exec(url.pathname) ?? [];
    const request: Arrived = {
      route: upload === '' ? 'whole' : url.pathname.startsWith('/signed/') ? 'signed' : 'part',
      number: Number(number),
      signature: Number(url.searchParams.get('signature') ?? 0),
    };
    const chunks: Buffer[] = [];
    for await (const chunk of req) chunks.push(chunk);
    arrived.push(request);
    const own = await store.answer(request);
    if (own === 'cut') return void res.destroy();
    if (own) return void res.writeHead(own.status, own.headers).end(own.body);
    const body = Buffer.concat(chunks);
    if (request.route !== 'whole') {
      const into = uploads.get(upload as UploadId);
      into?.parts.set(request.number, body);
      return void res.writeHead(into ? 200 : 404).end();
    }
    const key = url.searchParams.get('key') ?? '';
    if (files.has(key) && req.headers['if-none-match'] === '*') return void res.writeHead(409).end();
    files.set(key, body);
    res.writeHead(200).end();
  }

  const server = createServer((req, res) => {
    atOnce += 1;
    store.mostAtOnce = Math.max(store.mostAtOnce, atOnce);
    res.on('close', () => {
      atOnce -= 1;
    });
    handle(req, res).catch(() => res.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  const store: TestStore = {
    ...{ files, uploads, arrived, answer: () => null, mostAtOnce: 0, direct: true, signedOrigin: origin },
    api: {
      start: async ({ key, sizeBytes, replace }) => {
        if (!replace && files.has(key)) throw fault('conflict');
        const uploadId = newUploadId();
        uploads.set(uploadId, { key, sizeBytes, replace, parts: new Map() });
        return { uploadId, partSizeBytes, parts: Math.ceil(sizeBytes / partSizeBytes), direct: store.direct };
      },
      signParts: async ({ uploadId }, numbers) => {
        if (!store.direct) throw fault('unimplemented');
        signatures += 1;
        return numbers.map((number) => ({
          number,
          request: {
            method: 'PUT' as const,
            url: `${store.signedOrigin}/signed/${uploadId}/${number}?signature=${signatures}`,
            headers: {},
          },
        }));
      },
      parts: async ({ uploadId }) =>
        [...uploadOf(uploadId).parts].map(([number, part]) => ({ number, sizeBytes: part.length })),
      list: async () =>
        [...uploads].map(([uploadId, { key, sizeBytes }]) => ({
          ...{ uploadId, key, sizeBytes, partSizeBytes },
          createdAt: Date.now(),
        })),
      complete: async ({ uploadId }, { replace }) => {
        const upload = uploadOf(uploadId);
        const body = Buffer.concat([...upload.parts].sort(([a], [b]) => a - b).map(([, part]) => part));
        if (body.length !== upload.sizeBytes) throw fault('failed_precondition');
        if (files.has(upload.key) && !replace && !upload.replace) throw fault('conflict');
        files.set(upload.key, body);
        uploads.delete(uploadId);
      },
      abort: async ({ uploadId }) => void uploads.delete(uploadId),
      sizeOf: async (_, key) => files.get(key)?.length ?? null,
    },
    put: async ({ url, headers }, body, { signal, onProgress }) => {
      try {
        const answer = await fetch(new URL(url, origin), { method: 'PUT', body, headers, signal });
        onProgress(body.size);
        return { status: answer.status, body: await answer.text(), retryAfter: answer.headers.get('retry-after') };
      } catch {
        return { status: 0, body: '', retryAfter: null };
      }
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return store;
}

/** Tools that wait for nothing and write down how long they would have. */
export function toolsFor({ api, put }: TestStore): SendTools & { waits: number[] } {
  const waits: number[] = [];
  return {
    ...{ api, put, waits, slots: new RequestSlots(4), random: () => 0, now: Date.now, indirect: new Set() },
    wait: async (ms, signal) => {
      signal.throwIfAborted();
      waits.push(ms);
    },
  };
}

/** `sizeBytes` bytes, no two runs of which are alike. */
export function fileOf(name: string, sizeBytes: number, lastModified = 1000): File {
  const words = new Uint32Array(Math.ceil(sizeBytes / 4)).map((_, index) => Math.imul(index + 1, 2654435761));
  return new File([new Uint8Array(words.buffer, 0, sizeBytes)], name, { lastModified });
}

/** Whether the file of that key has arrived byte for byte. */
export async function holds({ files }: TestStore, key: string, file: File): Promise<boolean> {
  return files.get(key)?.equals(Buffer.from(await file.arrayBuffer())) ?? false;
}
