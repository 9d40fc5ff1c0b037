/**
 * The settings of buckets after they were made: looked at from time to time, because somebody may have changed one by hand, and
 * put right by one press of their owner.
 */
import type { StorageRow } from '../../../prisma-free-db/repositories/storages.ts';
import { AppError, isAppError } from '../../domain/errors.ts';
import type { StorageId } from '../../domain/ids.ts';
import type { SettingReport } from '../../domain/storage.ts';
import type { Actor } from '../../domain/user.ts';
import type { BucketSetting } from '../../ports/storage/storage.ts';
import { record, SYSTEM } from '../audit.ts';
import type { Deps } from '../deps.ts';
import { ownedStorage } from './owned.ts';
import { withDeadline } from './saga.ts';
import { driftOf, wantedSettings, withSetting } from './setting-reports.ts';
import { type StorageView, storageView } from './view.ts';

const LOOK_EVERY_MS = 6 * 3_600_000;

/** Looks at the buckets whose last look is long ago, one after the other. A background job. */
export async function inspectStorages(deps: Deps, signal: AbortSignal): Promise<void> {
  for (const row of deps.storages.active()) {
    if (signal.aborted) return;
    if (row.settingsAt !== null && deps.now() - row.settingsAt < LOOK_EVERY_MS) continue;
    try {
      await inspect(deps, row);
    } catch (error) {
      if (signal.aborted) return;
      if (isAppError(error) && error.code === 'not_found') lost(deps, row);
      else deps.log.warn('settings of a bucket cannot be read', { storageId: row.id, error: String(error) });
    }
  }
}

async function inspect(deps: Deps, row: StorageRow): Promise<void> {
  const provider = deps.storageOf(row.provider);
  const wanted = wantedSettings(deps, row);
  let settings: SettingReport[] = await withDeadline(deps, () => provider.inspectBucket(row.bucket, wanted));
  // The app's own address may have changed since: that is nobody's hand, and nothing to ask about.
  if (settings.some(({ setting, state }) => setting === 'cors' && state === 'off'))
    settings = withSetting(
      settings,
      await withDeadline(deps, () => provider.configureBucket(row.bucket, 'cors', wanted)),
    );
  store(deps, row, settings, (drifted) =>
    record(deps, SYSTEM, {
      action: 'storage.drift',
      ownerId: row.ownerId,
      targetId: row.id,
      targetName: row.displayName,
      details: { settings: drifted },
    }),
  );
}

function store(deps: Deps, row: StorageRow, settings: SettingReport[], onDrift: (settings: string[]) => void): void {
  const before = driftOf(row.settings);
  const drifted = driftOf(settings);
  deps.db.write(() => {
    if (deps.storages.find(row.id)?.status !== 'active') return;
    deps.storages.update(row.id, { settings, settingsAt: deps.now() });
    if (drifted.some((setting) => !before.includes(setting))) onDrift(drifted);
    if (JSON.stringify(settings) !== JSON.stringify(row.settings)) deps.feed.publish(row.ownerId, 'storage', row.id);
  });
}

function lost(deps: Deps, row: StorageRow): void {
  deps.log.error('a bucket is gone', { storageId: row.id, bucket: row.bucket });
  const failure = `The bucket ${row.bucket} does not exist any more: somebody removed it outside CMBCluster. Try again makes an empty one.`;
  deps.db.write(() => {
    if (deps.storages.find(row.id)?.status !== 'active') return;
    deps.storages.update(row.id, {
      status: 'failed',
      failure,
      steps: [],
      settings: [],
      settingsAt: null,
      access: null,
    });
    record(deps, SYSTEM, {
      action: 'storage.failed',
      ownerId: row.ownerId,
      targetId: row.id,
      targetName: row.displayName,
      result: 'failed',
      details: { message: failure },
    });
    deps.feed.publish(row.ownerId, 'storage', row.id);
  });
}

/** Puts every setting that is off right, and looks at all of them again. @throws not_found; failed_precondition unless it is ready */
export async function repairStorage(deps: Deps, actor: Actor, id: StorageId): Promise<StorageView> {
  const row = deps.db.write(() => {
    const found = ownedStorage(deps, actor, id);
    if (found.status !== 'active')
      throw new AppError('failed_precondition', 'This storage is not ready: there is nothing to repair yet.');
    record(deps, actor, {
      action: 'storage.repair',
      ownerId: found.ownerId,
      targetId: id,
      targetName: found.displayName,
      details: { settings: driftOf(found.settings) },
    });
    return found;
  });
  const provider = deps.storageOf(row.provider);
  const wanted = wantedSettings(deps, row);
  const seen = await withDeadline(deps, () => provider.inspectBucket(row.bucket, wanted));
  for (const setting of seen.filter(({ state }) => state === 'off').map((state): BucketSetting => state.setting))
    await withDeadline(deps, () => provider.configureBucket(row.bucket, setting, wanted));
  store(deps, row, await withDeadline(deps, () => provider.inspectBucket(row.bucket, wanted)), () => {});
  return storageView(deps, ownedStorage(deps, actor, id));
}
