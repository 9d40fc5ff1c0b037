/** Sends one file to a storage. XMLHttpRequest, because fetch reports no upload progress. Browser only. */
import type { StorageId } from '../../domain/ids.ts';

export type SendResult =
  | { kind: 'done' }
  | { kind: 'conflict' }
  | { kind: 'cancelled' }
  /** `message` null = no answer came. */
  | { kind: 'failed'; message: string | null };

interface Send {
  storageId: StorageId;
  key: string;
  file: File;
  replace: boolean;
  onProgress: (sentBytes: number) => void;
}

export function objectUrl(storageId: StorageId, key: string, preview = false): string {
  return `/api/storages/${storageId}/objects?key=${encodeURIComponent(key)}${preview ? '&preview=1' : ''}`;
}

export function sendFile({ storageId, key, file, replace, onProgress }: Send): {
  result: Promise<SendResult>;
  cancel: () => void;
} {
  const request = new XMLHttpRequest();
  const url = objectUrl(storageId, key);
  const result = new Promise<SendResult>((resolve) => {
    request.upload.onprogress = ({ loaded }) => onProgress(loaded);
    request.onload = () => resolve(readAnswer(request, replace));
    request.onabort = () => resolve({ kind: 'cancelled' });
    // A refusal of a large body may arrive as a cut connection: ask once whether the name is taken.
    request.onerror = () => {
      if (replace) resolve({ kind: 'failed', message: null });
      else void exists(url).then((taken) => resolve(taken ? { kind: 'conflict' } : { kind: 'failed', message: null }));
    };
  });
  request.open('PUT', url);
  request.setRequestHeader('content-type', file.type || 'application/octet-stream');
  if (!replace) request.setRequestHeader('if-none-match', '*');
  request.send(file);
  return { result, cancel: () => request.abort() };
}

function readAnswer({ status, responseText }: XMLHttpRequest, replace: boolean): SendResult {
  if (status >= 200 && status < 300) return { kind: 'done' };
  if (status === 409 && !replace) return { kind: 'conflict' };
  return { kind: 'failed', message: messageOf(responseText) };
}

/** The sentence of the server's `{code, message, …}`; null when the answer is something else. */
export function messageOf(body: string): string | null {
  try {
    const { message } = JSON.parse(body);
    return typeof message === 'string' ? message : null;
  } catch {
    return null;
  }
}

async function exists(url: string): Promise<boolean> {
  try {
    return (await fetch(url, { method: 'HEAD' })).ok;
  } catch {
    return false;
  }
}
