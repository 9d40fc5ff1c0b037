/**
 * What clouds and database disagree about: buckets that carry our name but have no record, and records whose bucket is gone.
 * A report for administrators; it changes nothing, because a bucket without a record may be another deployment's.
 */
import { isAppError, toAppError } from '../../domain/errors.ts';
import type { StorageId, UserId } from '../../domain/ids.ts';
import type { StorageStatus } from '../../domain/storage.ts';
import { within } from '../deadline.ts';
import type { Deps } from '../deps.ts';

export interface OrphanReport {
  /** Buckets of this deployment's prefix without a record. */
  buckets: {
    provider: string;
    bucket: string;
    createdAt: number;
    /** As its labels say. */
    owner: string | null;
    storage: string | null;
  }[];
  /** Records of buckets that should exist and do not. */
  records: {
    id: StorageId;
    provider: string;
    bucket: string;
    displayName: string;
    ownerId: UserId;
    status: StorageStatus;
  }[];
  /** Stores that could not be asked: nothing is known about them. */
  unreachable: { provider: string; message: string }[];
}

/** Lists the buckets of every store that this deployment uses or has records of. */
export async function findOrphans(deps: Deps): Promise<OrphanReport> {
  const report: OrphanReport = { buckets: [], records: [], unreachable: [] };
  const providers = new Set([deps.placement.storage, ...deps.storages.all().map(({ provider }) => provider)]);
  for (const provider of [...providers].sort()) {
    try {
      await compare(deps, provider, report);
    } catch (error) {
      const known = toAppError(error);
      if (!isAppError(error)) deps.log.error('buckets cannot be listed', { provider, error: String(error) });
      report.unreachable.push({ provider, message: known.message });
    }
  }
  return report;
}

async function compare(deps: Deps, provider: string, report: OrphanReport): Promise<void> {
  const prefix = `${deps.deployment.prefix}-sto-`;
  const found = await within(deps.effectMs, deps.storageOf(provider).listBuckets({ prefix }));
  // Read after the list: a storage that was made or removed meanwhile is in neither half.
  const rows = deps.storages.all().filter((row) => row.provider === provider);
  const known = new Set(rows.map(({ bucket }) => bucket));
  for (const { name, createdAt, labels } of found)
    if (!known.has(name))
      report.buckets.push({
        provider,
        bucket: name,
        createdAt,
        owner: labels.owner ?? null,
        storage: labels.storage ?? null,
      });
  const listed = new Set(found.map(({ name }) => name));
  for (const { id, bucket, displayName, ownerId, status } of rows) {
    if (listed.has(bucket) || status === 'creating' || status === 'deleting') continue;
    if (await exists(deps, { provider, bucket })) continue;
    report.records.push({ id, provider, bucket, displayName, ownerId, status });
  }
}

/** Asked one by one: the record may carry another prefix, or be younger than the list. */
async function exists(deps: Deps, { provider, bucket }: { provider: string; bucket: string }): Promise<boolean> {
  try {
    await within(deps.effectMs, deps.storageOf(provider).getBucketMetadata(bucket));
    return true;
  } catch (error) {
    if (isAppError(error) && error.code === 'not_found') return false;
    throw error;
  }
}
