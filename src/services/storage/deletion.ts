/**
 * From a record to nothing: access goes first, then what the bucket holds, then the bucket, then the record. Each step may be
 * repeated. A bucket that does not carry this record's labels is somebody else's, whatever its name: only the record goes then.
 */
import type { StorageRow } from '../../../prisma-free-db/repositories/storages.ts';
import { AppError, isAppError } from '../../domain/errors.ts';
import type { StorageProvider } from '../../ports/storage/storage.ts';
import { record as audit, SYSTEM } from '../audit.ts';
import type { Deps } from '../deps.ts';
import { bucketLabels, openSagaRecord, type SagaRecord, type SagaTools, waitFor, withDeadline } from './saga.ts';

export const DELETION_STEPS = ['access', 'content', 'bucket'] as const;

const PROGRESS_MS = 500;

/** @throws any fault of the provider: the caller backs off and calls again, however long that takes */
export async function removeStorage(deps: Deps, row: StorageRow, tools: SagaTools): Promise<'settled' | 'again'> {
  // A deleted environment may still be ending in it; the end of its record wakes this one again.
  if (deps.environments.countOnStorage(row.id) > 0) return 'settled';
  const provider = deps.storageOf(row.provider);
  const saga = openSagaRecord(deps, row);
  try {
    if ((await isOurs(deps, provider, row)) && !(await takeDown(deps, { provider, saga }, tools))) return 'again';
  } catch (error) {
    waitFor(saga, error, tools.signal);
  }
  deps.db.write(() => {
    if (deps.storages.find(row.id)?.status !== 'deleting') return;
    deps.storages.delete(row.id);
    audit(deps, SYSTEM, {
      action: 'storage.removed',
      ownerId: row.ownerId,
      targetId: row.id,
      targetName: row.displayName,
      details: { bucket: row.bucket, removed: saga.row.removed },
    });
    deps.feed.publish(row.ownerId, 'storage', row.id);
  });
  return 'settled';
}

/** @returns false when somebody called it off in time, or when the bucket filled again */
async function takeDown(
  deps: Deps,
  { provider, saga }: { provider: StorageProvider; saga: SagaRecord },
  { pace, signal }: SagaTools,
): Promise<boolean> {
  const { bucket, ownerId, provider: name } = saga.row;
  if (!saga.isDone('access')) {
    await withDeadline(deps, () => provider.revokeBucketAccess(bucket, deps.workloadIdentityOf(ownerId)));
    // In the database before the first file goes: from here on there is no way back.
    if (!saga.done('access') || !saga.write()) return false;
  }
  if (!saga.isDone('content')) {
    await empty(deps, { provider, saga }, signal);
    if (!saga.done('content')) return false;
  }
  await pace.turn(name, signal);
  try {
    await withDeadline(deps, () => provider.deleteBucket(bucket, { force: false }));
  } catch (error) {
    if (!isAppError(error) || error.code !== 'failed_precondition') throw error;
    // Something was written after the last look: once more.
    saga.write({ steps: saga.row.steps.filter(({ step }) => step !== 'content') });
    return false;
  }
  return true;
}

/** Takes as long as it takes, but not without progress. */
async function empty(
  deps: Deps,
  { provider, saga }: { provider: StorageProvider; saga: SagaRecord },
  signal: AbortSignal,
): Promise<void> {
  const stalled = new AbortController();
  // A store that does not hear its signal either is left behind; what it still removes was to go anyway.
  const left = new Promise<never>((_resolve, reject) => {
    stalled.signal.addEventListener('abort', () => reject(stalled.signal.reason), { once: true });
  });
  const before = saga.row.removed;
  let seen = 0;
  let writtenAt = performance.now();
  const stall = () =>
    setTimeout(
      () => stalled.abort(new AppError('deadline_exceeded', 'The store does not answer. It is asked again.')),
      deps.effectMs,
    );
  let timer = stall();
  try {
    const emptied = deps.db.effect(() =>
      provider.emptyBucket(saga.row.bucket, {
        signal: AbortSignal.any([signal, stalled.signal]),
        onProgress({ removed }) {
          if (stalled.signal.aborted) return;
          seen = Math.max(seen, removed);
          clearTimeout(timer);
          timer = stall();
          if (performance.now() - writtenAt < PROGRESS_MS) return;
          writtenAt = performance.now();
          saga.write({ removed: before + seen, waiting: null });
        },
      }),
    );
    await Promise.race([emptied, left]);
  } catch (error) {
    saga.write({ removed: before + seen });
    throw stalled.signal.aborted ? stalled.signal.reason : error;
  } finally {
    clearTimeout(timer);
  }
  saga.write({ removed: before + seen });
}

async function isOurs(deps: Deps, provider: StorageProvider, row: StorageRow): Promise<boolean> {
  try {
    const { labels } = await withDeadline(deps, () => provider.getBucketMetadata(row.bucket));
    const ours = Object.entries(bucketLabels(row)).every(([name, value]) => labels[name] === value);
    if (!ours) deps.log.warn('a bucket of this name is not ours and stays', { storageId: row.id, bucket: row.bucket });
    return ours;
  } catch (error) {
    if (!isAppError(error)) throw error;
    if (error.code === 'not_found') return false;
    throw error;
  }
}
