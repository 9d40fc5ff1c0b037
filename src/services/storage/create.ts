/** A new storage: the record now, the bucket by the reconciler once the record is durable. */
import { AppError } from '../../domain/errors.ts';
import { newStorageId, type StorageId, type UserId } from '../../domain/ids.ts';
import { bucketName } from '../../domain/storage.ts';
import type { Actor } from '../../domain/user.ts';
import { record } from '../audit.ts';
import type { Deps } from '../deps.ts';
import { ownedStorage } from './owned.ts';
import { type StorageView, storageView } from './view.ts';

const MAX_STORAGES = 20;

export interface NewStorage {
  displayName: string;
  /** One of the store's; left out: its default. */
  storageClass?: string;
  /** 1..365; left out: the deployment's. */
  keepVersionsDays?: number;
}

/** Inside `db.write`. */
export function insertStorage(deps: Deps, ownerId: UserId, wanted: NewStorage): StorageId {
  const id = newStorageId();
  deps.storages.insert({
    id,
    ownerId,
    provider: deps.placement.storage,
    bucket: bucketName(deps.deployment.prefix, id),
    displayName: wanted.displayName,
    status: 'creating',
    createdAt: deps.now(),
    workSince: deps.now(),
    storageClass: wanted.storageClass ?? null,
    keepVersionsDays: wanted.keepVersionsDays ?? deps.deployment.keepVersionsDays,
  });
  deps.feed.publish(ownerId, 'storage', id);
  deps.db.afterCommit(() => deps.wake({ storageId: id }));
  return id;
}

/** Inside `db.write`, for storages that a person asks for. @throws resource_exhausted when the person has too many */
export function insertOwnStorage(deps: Deps, actor: Pick<Actor, 'userId'>, wanted: NewStorage): StorageId {
  if (deps.storages.countOwned(actor.userId) >= MAX_STORAGES) {
    throw new AppError(
      'resource_exhausted',
      `You have ${MAX_STORAGES} storages, which is the most. Delete one that you no longer need.`,
    );
  }
  const classes = deps.storageFacts(deps.placement.storage).storageClasses;
  if (wanted.storageClass !== undefined && !classes.some(({ name }) => name === wanted.storageClass))
    throw new AppError('invalid_argument', 'This deployment does not offer that storage class.');
  return insertStorage(deps, actor.userId, wanted);
}

/** @throws resource_exhausted when the person has too many; invalid_argument for an unknown class */
export function createStorage(deps: Deps, actor: Actor, input: NewStorage): StorageView {
  return deps.db.write(() => {
    const id = insertOwnStorage(deps, actor, input);
    record(deps, actor, {
      action: 'storage.create',
      ownerId: actor.userId,
      targetId: id,
      targetName: input.displayName,
    });
    return storageView(deps, ownedStorage(deps, actor, id));
  });
}

/** What a person may choose when asking for a storage. */
export function storageOptions(deps: Deps): {
  provider: string;
  storageClasses: { name: string; label: string }[];
  keepVersionsDays: number;
} {
  const provider = deps.placement.storage;
  return {
    provider,
    storageClasses: [...deps.storageFacts(provider).storageClasses],
    keepVersionsDays: deps.deployment.keepVersionsDays,
  };
}
