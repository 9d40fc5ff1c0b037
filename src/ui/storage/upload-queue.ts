/**
 * The upload queue as a pure state machine: what waits, runs, rests, conflicts or failed, and what may start next. The engine
 * feeds it what the transfers report; late reports of a transfer that was stopped change nothing.
 */
import type { StorageId, UploadId } from '../../domain/ids.ts';

export type UploadState =
  | 'waiting'
  | 'sending'
  /** All bytes are there and the server puts them together: nothing stops it any more. */
  | 'finishing'
  | 'paused'
  /** Begun before this page was loaded; the file must be chosen again. */
  | 'unfinished'
  | 'done'
  | 'failed'
  | 'conflict'
  | 'cancelled';

/** An upload in parts as the server knows it. */
export interface UploadSession {
  uploadId: UploadId;
  partSizeBytes: number;
  /** Whether the parts may go straight to the store. */
  direct: boolean;
}

export type UploadProblem =
  /** In the server's words. */
  | { kind: 'said'; message: string }
  | { kind: 'noAnswer' }
  /** Since it was chosen. */
  | { kind: 'fileChanged' }
  /** Another one was chosen than the one whose parts are there. */
  | { kind: 'otherFile' };

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
  /** Null while it is not known or not sending. */
  bytesPerSecond: number | null;
  state: UploadState;
  /** Null until it has begun in parts, and for what goes in one request. */
  session: UploadSession | null;
  /** Unix ms, of what was begun before this page. */
  begunAt: number | null;
  /** Whether an existing file of this name is overwritten. */
  replace: boolean;
  /** 0 = ask on conflict; otherwise the number of the last free name that was tried. */
  keepBoth: number;
  /** Why it failed, or why a chosen file does not fit. */
  problem: UploadProblem | null;
}

export type Resolution = 'replace' | 'keep' | 'skip';

export interface UploadProgress {
  sentBytes: number;
  bytesPerSecond: number | null;
}

export type QueueEvent =
  | { type: 'add'; uploads: readonly Upload[] }
  | { type: 'started'; id: string }
  | { type: 'session'; id: string; session: UploadSession }
  | { type: 'progress'; uploads: ReadonlyMap<string, UploadProgress> }
  | { type: 'finishing'; id: string }
  | { type: 'done'; id: string }
  | { type: 'conflict'; id: string }
  | { type: 'failed'; id: string; problem: UploadProblem }
  /** The connection is gone: what was sending waits. */
  | { type: 'interrupted' }
  | { type: 'cancel'; id: string }
  /** `id: null` means all of them. */
  | { type: 'pause'; id: string | null }
  | { type: 'resume'; id: string | null }
  | { type: 'retry'; id: string }
  /** `id: null` answers for every conflict at once. */
  | { type: 'resolve'; id: string | null; how: Resolution }
  /** The file of an unfinished one is there again. */
  | { type: 'chosen'; id: string }
  | { type: 'wrongFile'; id: string }
  | { type: 'discard'; id: string }
  | { type: 'clear' };

const ENDED: ReadonlySet<UploadState> = new Set(['done', 'failed', 'cancelled']);
const RUNNING: ReadonlySet<UploadState> = new Set(['sending', 'finishing']);
const RESTING: ReadonlySet<UploadState> = new Set(['waiting', 'paused']);

export function isEnded({ state }: Upload): boolean {
  return ENDED.has(state);
}

export function isRunning({ state }: Upload): boolean {
  return RUNNING.has(state);
}

/** Whether leaving the page would break it off. */
export function needsPage({ state }: Upload): boolean {
  return RESTING.has(state) || RUNNING.has(state);
}

export function queueReducer(queue: readonly Upload[], event: QueueEvent): readonly Upload[] {
  switch (event.type) {
    case 'add':
      return [...queue, ...event.uploads];
    case 'clear':
      return queue.filter((upload) => !isEnded(upload) && upload.state !== 'unfinished');
    case 'discard':
      return queue.filter((upload) => upload.id !== event.id || upload.state !== 'unfinished');
    case 'resolve':
      return queue.map((upload) =>
        upload.state === 'conflict' && (event.id === null || event.id === upload.id)
          ? resolved(upload, event.how)
          : upload,
      );
    case 'progress':
      return queue.map((upload) => {
        const progress = event.uploads.get(upload.id);
        // A paused one learns late how much of it is really stored.
        const takes = upload.state === 'sending' || (upload.session !== null && RESTING.has(upload.state));
        if (!progress || !takes) return upload;
        const { sentBytes, bytesPerSecond } = progress;
        return { ...upload, bytesPerSecond, sentBytes: Math.min(sentBytes, upload.sizeBytes) };
      });
    case 'interrupted':
      return queue.map((upload) => (upload.state === 'sending' ? rest(upload, 'waiting') : upload));
    case 'pause':
    case 'resume':
      return queue.map((upload) => (event.id === null || event.id === upload.id ? next(upload, event) : upload));
    default:
      return queue.map((upload) => (upload.id === event.id ? next(upload, event) : upload));
  }
}

type OneEvent = Exclude<QueueEvent, { type: 'add' | 'clear' | 'resolve' | 'progress' | 'interrupted' | 'discard' }>;

function next(upload: Upload, event: OneEvent): Upload {
  const { state } = upload;
  switch (event.type) {
    case 'started':
      return state === 'waiting' ? { ...rest(upload, 'sending'), problem: null } : upload;
    case 'session':
      return isEnded(upload) ? upload : { ...upload, session: event.session };
    case 'finishing':
      return state === 'sending' ? { ...rest(upload, 'finishing'), sentBytes: upload.sizeBytes } : upload;
    case 'done':
      return isRunning(upload) ? { ...rest(upload, 'done'), sentBytes: upload.sizeBytes } : upload;
    case 'conflict':
      if (!isRunning(upload)) return upload;
      return upload.keepBoth > 0 ? resolved(upload, 'keep') : { ...rest(upload, 'conflict'), problem: null };
    case 'failed':
      return isRunning(upload) ? { ...rest(upload, 'failed'), problem: event.problem } : upload;
    case 'cancel':
      return isEnded(upload) || state === 'finishing' || state === 'unfinished' ? upload : cancelled(upload);
    case 'pause':
      return state === 'waiting' || state === 'sending' ? rest(upload, 'paused') : upload;
    case 'resume':
      return state === 'paused' ? rest(upload, 'waiting') : upload;
    case 'retry':
      return state === 'failed' || state === 'cancelled' ? { ...rest(upload, 'waiting'), problem: null } : upload;
    case 'chosen':
      return state === 'unfinished' ? { ...rest(upload, 'waiting'), problem: null } : upload;
    case 'wrongFile':
      return state === 'unfinished' ? { ...upload, problem: { kind: 'otherFile' } } : upload;
  }
}

/** In another state; what is stored already counts on, of a file in one request nothing is. */
function rest(upload: Upload, state: UploadState): Upload {
  return { ...upload, state, bytesPerSecond: null, sentBytes: upload.session ? upload.sentBytes : 0 };
}

function cancelled(upload: Upload): Upload {
  return { ...upload, state: 'cancelled', sentBytes: 0, bytesPerSecond: null, session: null };
}

function resolved(upload: Upload, how: Resolution): Upload {
  if (how === 'skip') return cancelled(upload);
  // The parts that are there serve the file that is replaced.
  if (how === 'replace') return { ...rest(upload, 'waiting'), replace: true };
  const keepBoth = Math.max(2, upload.keepBoth + 1);
  return {
    ...cancelled(upload),
    state: 'waiting',
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
  const running = queue.filter(isRunning).length;
  return queue.filter((upload) => upload.state === 'waiting').slice(0, Math.max(0, parallel - running));
}

export interface UploadTotals {
  active: number;
  paused: number;
  unfinished: number;
  done: number;
  failed: number;
  conflicts: number;
  sentBytes: number;
  sizeBytes: number;
}

/** Bytes are of what is under way or done. */
export function totals(queue: readonly Upload[]): UploadTotals {
  const sum = { active: 0, paused: 0, unfinished: 0, done: 0, failed: 0, conflicts: 0, sentBytes: 0, sizeBytes: 0 };
  for (const { state, sentBytes, sizeBytes } of queue) {
    if (state === 'waiting' || RUNNING.has(state)) sum.active += 1;
    if (state === 'paused') sum.paused += 1;
    if (state === 'unfinished') sum.unfinished += 1;
    if (state === 'done') sum.done += 1;
    if (state === 'failed') sum.failed += 1;
    if (state === 'conflict') sum.conflicts += 1;
    if (state === 'cancelled' || state === 'failed' || state === 'unfinished') continue;
    sum.sentBytes += sentBytes;
    sum.sizeBytes += sizeBytes;
  }
  return sum;
}
