/**
 * Carries a job on files out, item by item, from wherever an earlier run stopped. Called by the reconciler, which also calls
 * again after faults that pass. Each change of one file may be repeated; what a repetition finds done counts as done.
 */
import type { FileJobRow } from '../../../prisma-free-db/repositories/file-work.ts';
import { AppError, toAppError } from '../../domain/errors.ts';
import type { FileJobId } from '../../domain/ids.ts';
import type { Bucket } from '../../ports/storage/storage.ts';
import type { Deps } from '../deps.ts';
import { removeItems } from './delete.ts';
import { JobStopped, type JobTools, openJobRecord } from './job-record.ts';
import { restoreItem } from './restore.ts';
import { transferItem } from './transfer.ts';

/** With the reconciler's back-off this is about ten minutes of a store that answers nothing. */
const MOST_ATTEMPTS = 25;
/** Folders are counted for the progress bar as far as this goes. */
const COUNT_PAGES = 20;
const COUNT_MS = 1_000;

/** @throws faults that pass by themselves; the caller backs off */
export async function runFileJob(deps: Deps, id: FileJobId, signal: AbortSignal): Promise<void> {
  const row = deps.fileWork.findJob(id);
  if (row?.status !== 'running') return;
  const job = openJobRecord(deps, row);
  try {
    await run({ deps, bucket: bucketOf(deps, row), job, signal });
    job.finish('done', null);
  } catch (error) {
    if (error instanceof JobStopped || signal.aborted) return;
    const known = toAppError(error);
    if (known.retryable && job.row.attempt < MOST_ATTEMPTS) {
      stopped(() => job.hold(known.message));
      throw error;
    }
    if (known.code === 'internal')
      deps.log.error('job on files failed', { job: id, error: String(known.cause ?? known) });
    stopped(() => job.finish('failed', known.message));
  }
}

function bucketOf(deps: Deps, row: FileJobRow): Bucket {
  const storage = deps.storages.find(row.storageId);
  if (storage?.status !== 'active')
    throw new AppError('failed_precondition', 'Its storage is not available any more. What was done until then stays.');
  return deps.storageOf(storage.provider).bucket(storage.bucket);
}

async function run(tools: JobTools): Promise<void> {
  const { job } = tools;
  if (job.row.total === null && job.row.position === 0) await countItems(tools);
  if (job.row.kind === 'delete') return removeItems(tools);
  for (let item = job.row.items[job.row.position]; item; item = job.row.items[job.row.position]) {
    tools.signal.throwIfAborted();
    if (job.row.kind === 'restore') await restoreItem(tools, item);
    else await transferItem(tools, item);
    job.nextItem();
  }
}

/** Known before the start where that is cheap; otherwise the number done has to do. */
async function countItems({ deps, bucket, job, signal }: JobTools): Promise<void> {
  const { items, kind } = job.row;
  if (kind === 'restore') {
    const sources = items.map(({ undoOf }) =>
      undoOf === undefined ? 1 : deps.fileWork.countUndo(undoOf as FileJobId),
    );
    if (!items.some(({ key, undoOf }) => undoOf === undefined && key.endsWith('/')))
      job.totalIs(sources.reduce((sum, n) => sum + n, 0));
    return;
  }
  const inOneStep = kind === 'move' && bucket.capabilities.atomicMove;
  const folders = inOneStep ? [] : items.filter(({ key }) => key.endsWith('/'));
  let total = items.length - folders.length;
  let pages = 0;
  const end = performance.now() + COUNT_MS;
  for (const { key } of folders) {
    for (let startAfter: string | null | undefined; startAfter !== null; ) {
      if (pages >= COUNT_PAGES || performance.now() > end) return;
      const page = await bucket.list({ prefix: key, startAfter, signal });
      total += page.objects.filter((object) => object.key !== key).length;
      startAfter = page.next;
      pages += 1;
    }
  }
  job.totalIs(total);
}

/** A job that was cancelled just now needs no more words. */
function stopped(work: () => void): void {
  try {
    work();
  } catch (error) {
    if (!(error instanceof JobStopped)) throw error;
  }
}
