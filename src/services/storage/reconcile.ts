/** Makes one storage record true: creates its bucket, or removes the bucket and then the record. Safe to repeat after a crash. */
import { toAppError } from '../../domain/errors.ts';
import type { StorageId } from '../../domain/ids.ts';
import { record, SYSTEM } from '../audit.ts';
import type { Deps } from '../deps.ts';

/** @throws retryable provider errors; the caller backs off */
export async function reconcileStorage(deps: Deps, id: StorageId): Promise<void> {
  const row = deps.storages.find(id);
  if (!row) return;
  const provider = deps.storageOf(row.provider);
  const entry = { ownerId: row.ownerId, targetId: id, targetName: row.displayName };
  if (row.status === 'creating') {
    try {
      await deps.db.effect(() => provider.createBucket(row.bucket, { labels: { owner: row.ownerId, storage: id } }));
      await deps.db.effect(() => provider.ensureBucketAccess(row.bucket, null));
    } catch (error) {
      const known = toAppError(error);
      if (known.retryable) throw error;
      deps.log.error('bucket cannot be made', { storageId: id, code: known.code, cause: String(known.cause ?? '') });
      deps.db.write(() => {
        deps.storages.update(id, { status: 'failed', failure: known.message });
        record(deps, SYSTEM, {
          ...entry,
          action: 'storage.failed',
          result: 'failed',
          details: { message: known.message },
        });
        deps.feed.publish(row.ownerId, 'storage', id);
      });
      wakeUsers(deps, id);
      return;
    }
    deps.db.write(() => {
      if (deps.storages.find(id)?.status !== 'creating') return;
      deps.storages.update(id, { status: 'active', failure: null });
      record(deps, SYSTEM, { ...entry, action: 'storage.ready' });
      deps.feed.publish(row.ownerId, 'storage', id);
    });
    wakeUsers(deps, id);
  } else if (row.status === 'deleting') {
    // A deleted environment may still be ending in it; the end of its record wakes this one again.
    if (deps.environments.countOnStorage(id) > 0) return;
    await deps.db.effect(() => provider.deleteBucket(row.bucket, { force: true }));
    deps.db.write(() => {
      deps.storages.delete(id);
      deps.feed.publish(row.ownerId, 'storage', id);
    });
  }
}

/** Environments that wait for this storage. */
function wakeUsers(deps: Deps, id: StorageId): void {
  for (const environment of deps.environments.usingStorage(id)) deps.wake({ environmentId: environment.id });
}

/** Refreshes size and object count of every active storage; a background job, never in a request. */
export async function measureStorages(deps: Deps, signal: AbortSignal): Promise<void> {
  for (const row of deps.storages.active()) {
    if (signal.aborted) return;
    try {
      const usage = await deps.storageOf(row.provider).usage(row.bucket, signal);
      const same = usage.sizeBytes === row.sizeBytes && usage.objects === row.objects;
      deps.db.write(
        () => {
          deps.storages.update(row.id, { sizeBytes: usage.sizeBytes, objects: usage.objects, measuredAt: deps.now() });
          if (!same) deps.feed.publish(row.ownerId, 'storage', row.id);
        },
        { durability: 'relaxed' },
      );
    } catch (error) {
      if (!signal.aborted) deps.log.warn('storage could not be measured', { storageId: row.id, cause: String(error) });
    }
  }
}
