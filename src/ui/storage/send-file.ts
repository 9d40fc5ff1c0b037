/** Sends one file to a storage in a single request. */
import type { StorageId } from '../../domain/ids.ts';
import { resultOf, type SendResult, type SendTools, Unsent, untilTaken } from './upload-attempts.ts';

export interface SendJob {
  storageId: StorageId;
  key: string;
  file: File;
  /** Whether an existing file of this name is overwritten. */
  replace: boolean;
  signal: AbortSignal;
  onProgress: (sentBytes: number) => void;
}

export function objectUrl(storageId: StorageId, key: string, preview = false): string {
  return `/api/storages/${storageId}/objects?key=${encodeURIComponent(key)}${preview ? '&preview=1' : ''}`;
}

export async function sendFile(job: SendJob, tools: SendTools): Promise<SendResult> {
  const { storageId, key, file, replace, signal, onProgress } = job;
  const request = {
    url: objectUrl(storageId, key),
    headers: {
      'content-type': file.type || 'application/octet-stream',
      ...(replace ? {} : { 'if-none-match': '*' }),
    },
    // Storing all of a large file may take long after its last byte.
    silenceMs: null,
  };
  try {
    await untilTaken(
      () => tools.slots.run(signal, () => tools.put(request, file, { signal, onProgress })),
      {
        bytes: file,
        signal,
        otherWay: async (_, status) => {
          onProgress(0);
          // A refusal of a large body may arrive as a cut connection: ask whether the name is taken.
          if (status === 0 && !replace && (await isTaken(job, tools))) throw new Unsent({ kind: 'noAnswer' }, 409);
          return false;
        },
      },
      tools,
    );
    return { kind: 'done' };
  } catch (error) {
    if (error instanceof Unsent && error.status === 409 && !replace) return { kind: 'conflict' };
    return resultOf(error, signal);
  }
}

async function isTaken({ storageId, key }: SendJob, { api }: SendTools): Promise<boolean> {
  try {
    return (await api.sizeOf(storageId, key)) !== null;
  } catch {
    return false;
  }
}
