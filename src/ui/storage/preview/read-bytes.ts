/** A part of a stored file, over the same route as every preview: inert, and only as much as asked. Browser only. */
import type { StorageId } from '../../../domain/ids.ts';
import { objectUrl } from '../send-file.ts';
import { messageOf } from '../upload-retry.ts';

export interface FilePart {
  bytes: Uint8Array<ArrayBuffer>;
  /** Of the whole file. */
  totalBytes: number;
}

/** null: the file is gone. @throws Error with a sentence for people */
export async function readBytes(
  file: { storageId: StorageId; fileKey: string },
  { start, length, signal }: { start: number; length: number; signal: AbortSignal },
): Promise<FilePart | null> {
  const range = `bytes=${start}-${start + length - 1}`;
  const answer = await fetch(objectUrl(file.storageId, file.fileKey, true), { signal, headers: { range } });
  if (answer.status === 404) return null;
  const total = Number(/\/(\d+)$/.exec(answer.headers.get('content-range') ?? '')?.[1]);
  // An empty file has no first byte.
  if (answer.status === 416) return { bytes: new Uint8Array(0), totalBytes: total || 0 };
  if (!answer.ok) throw new Error(messageOf(await answer.text()) ?? `${answer.status}`);
  const bytes = new Uint8Array(await answer.arrayBuffer());
  return { bytes, totalBytes: Number.isNaN(total) ? bytes.length : total };
}
