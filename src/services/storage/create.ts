/** A new storage: the record now, the bucket by the reconciler once the record is durable. */
import { AppError } from '../../domain/errors.ts';
import { newStorageId, type StorageId, type UserId } from '../../domain/ids.ts';
import { bucketName } from '../../domain/storage.ts';
import type { Actor } from '../../domain/user.ts';
import { record } from '../audit.ts';
import type { Deps } from '../deps.ts';
import { type StorageView, storageView } from './view.ts';

const MAX_STORAGES = 20;

/** Inside `db.write`. */
export function insertStorage(deps: Deps, ownerId: UserId, displayName: string): StorageId {
  const id = newStorageId();
  deps.storages.insert({
    id,
    ownerId,
    provider: deps.placement.storage,
    bucket: bucketName(deps.deployment.prefix, id),
    displayName,
    status: 'creating',
    failure: null,
    sizeBytes: null,
    objects: null,
    measuredAt: null,
    createdAt: deps.now(),
  });
  deps.feed.publish(ownerId, 'storage', id);
  deps.db.afterCommit(() => deps.wake({ storageId: id }));
  return id;
}

/** Inside `db.write`, for storages that a person asks for. @throws resource_exhausted when the person has too many */
export function insertOwnStorage(deps: Deps, actor: Pick<Actor, 'userId'>, displayName: string): StorageId {
  if (deps.storages.countOwned(actor.userId) >= MAX_STORAGES) {
    throw new AppError(
      'resource_exhausted',
      `You have ${MAX_STORAGES} storages, which is the most. Delete one that you no longer need.`,
    );
  }
  return insertStorage(deps, actor.userId, displayName);
}

/** @throws resource_exhausted when the person has too many */
export function createStorage(deps: Deps, actor: Actor, input: { displayName: string }): StorageView {
  return deps.db.write(() => {
    const id = insertOwnStorage(deps, actor, input.displayName);
    record(deps, actor, {
      action: 'storage.create',
      ownerId: actor.userId,
      targetId: id,
      targetName: input.displayName,
    });
    return storageView(deps, ownedStorage(deps, actor, id));
  });
}

/** @throws not_found for unknown ids and for those of others alike */
export function ownedStorage(deps: Deps, actor: Actor, id: StorageId) {
  const row = deps.storages.findOwned(actor.userId, id);
  if (!row) throw new AppError('not_found', 'This storage does not exist or is not yours.');
  return row;
}
