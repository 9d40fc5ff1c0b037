/**
 * The record of a job on files while it runs: counts, the place to go on from, what an undo needs. Written at most a few times
 * a second, always in one transaction, so that a crash repeats a little and forgets nothing.
 */
import type { FileJobRow, UndoEntry } from '../../../prisma-free-db/repositories/file-work.ts';
import { isAppError, toAppError } from '../../domain/errors.ts';
import type { FileJobStatus, FileProblem } from '../../domain/storage.ts';
import type { Bucket } from '../../ports/storage/storage.ts';
import { record as audit, SYSTEM } from '../audit.ts';
import type { Deps } from '../deps.ts';

const WRITE_EVERY_MS = 300;
const FAILURES_KEPT = 20;
/** Beyond this the kept versions are still there, file by file; only the one-press undo is given up. */
const UNDO_KEPT = 100_000;

export interface JobRecord {
  readonly row: FileJobRow;
  /** Whether an earlier run may have done a part of what comes next already. */
  readonly resumed: boolean;
  fileDone(): void;
  /** One file stays as it was. @throws faults that concern the job as a whole, or that pass by themselves */
  fileFailed(key: string, error: unknown): void;
  /** Counted before anything was done; written at once, since a run that dies leaves fewer to count. */
  totalIs(total: number): void;
  /** Before these go: what an undo brings back is on record even if the process dies in the middle. @throws JobStopped */
  willRemove(entries: readonly UndoEntry[]): void;
  /** Everything of this item up to `cursor` is done. @throws JobStopped */
  reached(cursor: string | null): void;
  /** So many items are done. @throws JobStopped */
  nextItem(count?: number): void;
  /** It goes on from the last place reached, later; until then this is why it does not. */
  hold(message: string): void;
  finish(status: FileJobStatus, message: string | null): void;
}

/** What each part of the work on a job gets. */
export interface JobTools {
  deps: Deps;
  bucket: Bucket;
  job: JobRecord;
  signal: AbortSignal;
}

/** Somebody cancelled it, or its storage is going. */
export class JobStopped extends Error {}

export function openJobRecord(deps: Deps, first: FileJobRow): JobRecord {
  let row: FileJobRow = { ...first, attempt: first.attempt + 1, message: null };
  /** As of the last place reached: what came after it is done again, and counted then. */
  let safe = row;
  let undoKept = deps.fileWork.countUndo(first.id);
  let writtenAt = performance.now();

  function write(change: Partial<FileJobRow> = {}, inside: () => void = () => {}): void {
    row = { ...row, ...change, updatedAt: deps.now() };
    const going = deps.db.write(() => {
      if (deps.fileWork.findJob(row.id)?.status !== 'running') return false;
      deps.fileWork.updateJob(row.id, row);
      deps.feed.publish(row.ownerId, 'fileJob', row.id);
      inside();
      return true;
    });
    writtenAt = performance.now();
    safe = row;
    if (!going) throw new JobStopped();
  }
  function step(): void {
    safe = row;
    if (performance.now() - writtenAt >= WRITE_EVERY_MS) write();
  }

  // Taken up: the count of attempts is what tells the next run that a part may be done.
  write();

  return {
    get row() {
      return row;
    },
    resumed: first.attempt > 0,
    fileDone() {
      row = { ...row, done: row.done + 1 };
      if (row.total !== null && row.done > row.total) row = { ...row, total: row.done };
    },
    fileFailed(key, error) {
      if (!isAppError(error)) throw error;
      if (error.retryable || error.code === 'resource_exhausted' || error.details?.aborted === true) throw error;
      row = {
        ...row,
        failedCount: row.failedCount + 1,
        failures: [...row.failures, problemOf(key, error)].slice(0, FAILURES_KEPT),
      };
    },
    totalIs(total) {
      write({ total: Math.max(total, row.done) });
    },
    willRemove(entries) {
      if (!row.undo) return;
      undoKept += entries.length;
      const keep = undoKept <= UNDO_KEPT;
      write({ undo: keep }, () => {
        if (keep) deps.fileWork.addUndo(row.id, entries);
        else deps.fileWork.dropUndo(row.id);
      });
    },
    reached(cursor) {
      row = { ...row, cursor };
      step();
    },
    nextItem(count = 1) {
      row = { ...row, position: row.position + count, cursor: null };
      step();
    },
    hold(message) {
      row = safe;
      write({ message });
    },
    finish(status, message) {
      // What an earlier run took away before it could count it is not there to be met again.
      const all = status === 'done' && first.attempt > 0 && row.failedCount === 0;
      const done = all ? Math.max(row.done, row.total ?? 0) : row.done;
      write({ status, message, done, finishedAt: deps.now() }, () => {
        if (status !== 'failed' && row.failedCount === 0) return;
        audit(deps, SYSTEM, {
          action: `object.${row.kind}`,
          ownerId: row.ownerId,
          targetId: row.storageId,
          targetName: row.items[0]?.key ?? null,
          result: 'failed',
          details: { job: row.id, done: row.done, failed: row.failedCount, message, failures: row.failures },
        });
      });
    },
  };
}

export function problemOf(key: string, error: unknown): FileProblem {
  const { code, message } = toAppError(error);
  return { key, code, message };
}
