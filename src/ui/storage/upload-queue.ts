/**
 * The upload queue as a pure state machine: what waits, runs, conflicts or failed, and what may start next. The provider feeds
 * it what the transfers report; late reports of a transfer that was cancelled change nothing.
 */
import type { StorageId } from '../../domain/ids.ts';

export type UploadState = 'waiting' | 'sending' | 'done' | 'failed' | 'conflict' | 'cancelled';

export interface Upload {
  id: string;
  storageId: StorageId;
  storageName: string;
  /** Folder prefix: empty or ending in a slash. */
  folder: string;
  /** Path below the folder as the person dropped it. */
  path: string;
  /** What it will be called; differs from folder + path when both are kept. */
  key: string;
  sizeBytes: number;
  sentBytes: number;
  state: UploadState;
  /** Whether an existing file of this name is overwritten. */
  replace: boolean;
  /** 0 = ask on conflict; otherwise the number of the last free name that was tried. */
  keepBoth: number;
  /** Why it failed, for people. */
  message: string | null;
}

export type Resolution = 'replace' | 'keep' | 'skip';

export type QueueEvent =
  | { type: 'add'; uploads: readonly Upload[] }
  | { type: 'started'; id: string }
  | { type: 'progress'; id: string; sentBytes: number }
  | { type: 'done'; id: string }
  | { type: 'conflict'; id: string }
  | { type: 'failed'; id: string; message: string }
  | { type: 'cancel'; id: string }
  | { type: 'retry'; id: string }
  /** `id: null` answers for every conflict at once. */
  | { type: 'resolve'; id: string | null; how: Resolution }
  | { type: 'clear' };

const ENDED: ReadonlySet<UploadState> = new Set(['done', 'failed', 'cancelled']);

export function isEnded(upload: Upload): boolean {
  return ENDED.has(upload.state);
}

export function queueReducer(queue: readonly Upload[], event: QueueEvent): readonly Upload[] {
  switch (event.type) {
    case 'add':
      return [...queue, ...event.uploads];
    case 'clear':
      return queue.filter((upload) => !isEnded(upload));
    case 'resolve':
      return queue.map((upload) =>
        upload.state === 'conflict' && (event.id === null || event.id === upload.id)
          ? resolved(upload, event.how)
          : upload,
      );
    default:
      return queue.map((upload) => (upload.id === event.id ? next(upload, event) : upload));
  }
}

type OneEvent = Exclude<QueueEvent, { type: 'add' | 'clear' | 'resolve' }>;

function next(upload: Upload, event: OneEvent): Upload {
  const { state } = upload;
  switch (event.type) {
    case 'started':
      return state === 'waiting' ? { ...upload, state: 'sending', sentBytes: 0, message: null } : upload;
    case 'progress':
      return state === 'sending' ? { ...upload, sentBytes: Math.min(event.sentBytes, upload.sizeBytes) } : upload;
    case 'done':
      return state === 'sending' ? { ...upload, state: 'done', sentBytes: upload.sizeBytes } : upload;
    case 'conflict':
      if (state !== 'sending') return upload;
      return upload.keepBoth > 0
        ? resolved(upload, 'keep')
        : { ...upload, state: 'conflict', sentBytes: 0, message: null };
    case 'failed':
      return state === 'sending' ? { ...upload, state: 'failed', sentBytes: 0, message: event.message } : upload;
    case 'cancel':
      return isEnded(upload) ? upload : { ...upload, state: 'cancelled', sentBytes: 0 };
    case 'retry':
      return state === 'failed' || state === 'cancelled'
        ? { ...upload, state: 'waiting', sentBytes: 0, message: null }
        : upload;
  }
}

function resolved(upload: Upload, how: Resolution): Upload {
  if (how === 'skip') return { ...upload, state: 'cancelled', sentBytes: 0 };
  if (how === 'replace') return { ...upload, state: 'waiting', sentBytes: 0, replace: true };
  const keepBoth = Math.max(2, upload.keepBoth + 1);
  return {
    ...upload,
    state: 'waiting',
    sentBytes: 0,
    keepBoth,
    key: upload.folder + numberedName(upload.path, keepBoth),
  };
}

/** `numberedName("a/plot.png", 2) → "a/plot (2).png"`; names without an extension, or that begin with their only dot, get it at the end. */
export function numberedName(path: string, number: number): string {
  const from = path.lastIndexOf('/') + 1;
  const dot = path.lastIndexOf('.');
  const at = dot > from ? dot : path.length;
  return `${path.slice(0, at)} (${number})${path.slice(at)}`;
}

/** What may start now, oldest first. */
export function startable(queue: readonly Upload[], parallel: number): Upload[] {
  const running = queue.filter((upload) => upload.state === 'sending').length;
  return queue.filter((upload) => upload.state === 'waiting').slice(0, Math.max(0, parallel - running));
}

export interface UploadTotals {
  active: number;
  done: number;
  failed: number;
  conflicts: number;
  sentBytes: number;
  sizeBytes: number;
}

/** Of everything but the cancelled. */
export function totals(queue: readonly Upload[]): UploadTotals {
  const sum: UploadTotals = { active: 0, done: 0, failed: 0, conflicts: 0, sentBytes: 0, sizeBytes: 0 };
  for (const { state, sentBytes, sizeBytes } of queue) {
    if (state === 'cancelled') continue;
    if (state === 'waiting' || state === 'sending') sum.active += 1;
    if (state === 'done') sum.done += 1;
    if (state === 'failed') sum.failed += 1;
    if (state === 'conflict') sum.conflicts += 1;
    sum.sentBytes += sentBytes;
    sum.sizeBytes += sizeBytes;
  }
  return sum;
}
