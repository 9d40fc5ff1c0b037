/** Rename, guarded deletion and the second thoughts about it, another try at a bucket that could not be made. */
import type { StorageRow } from '../../../prisma-free-db/repositories/storages.ts';
import { AppError } from '../../domain/errors.ts';
import type { StorageId } from '../../domain/ids.ts';
import type { Actor } from '../../domain/user.ts';
import { type AuditAction, record } from '../audit.ts';
import type { Deps } from '../deps.ts';
import { ownedStorage } from './owned.ts';
import type { RowChange } from './saga.ts';
import { type StorageView, storageView } from './view.ts';

export function renameStorage(deps: Deps, actor: Actor, input: { id: StorageId; displayName: string }): StorageView {
  return deps.db.write(() => {
    const row = ownedStorage(deps, actor, input.id);
    deps.storages.update(row.id, { displayName: input.displayName });
    record(deps, actor, {
      action: 'storage.rename',
      ownerId: actor.userId,
      targetId: row.id,
      targetName: input.displayName,
      details: { from: row.displayName },
    });
    deps.feed.publish(actor.userId, 'storage', row.id);
    return storageView(deps, { ...row, displayName: input.displayName });
  });
}

export interface DeletionNotice {
  objects: number | null;
  sizeBytes: number | null;
  usedBy: StorageView['usedBy'];
  /** What is lost, and what can be had back for how long: sentences for the person who is about to confirm. */
  lost: string;
  recoverable: string;
}

/** What a deletion would mean, before it is ordered. @throws not_found */
export function deletionNotice(deps: Deps, actor: Actor, id: StorageId): DeletionNotice {
  const row = ownedStorage(deps, actor, id);
  return {
    objects: row.objects,
    sizeBytes: row.sizeBytes,
    usedBy: deps.environments.usingStorage(id),
    lost: 'All files go for ever, with every older version, everything in the trash and every unfinished upload.',
    recoverable:
      'Nothing can be brought back afterwards: the bucket itself is removed, and kept versions go with it. Download first what you still need.',
  };
}

/**
 * Orders the deletion of the bucket and all that is in it; the reconciler carries it out.
 * @param input.confirm must equal the display name
 * @throws failed_precondition while an environment uses it; invalid_argument when the name does not match
 */
export function deleteStorage(deps: Deps, actor: Actor, input: { id: StorageId; confirm: string }): void {
  deps.db.write(() => {
    const row = ownedStorage(deps, actor, input.id);
    if (input.confirm !== row.displayName) {
      throw new AppError('invalid_argument', `Type the storage's name, "${row.displayName}", to delete it.`);
    }
    refuseInUse(deps, row);
    if (row.status === 'deleting') return;
    turn(deps, actor, row, {
      action: 'storage.delete',
      change: { status: 'deleting', failure: null, steps: [], removed: 0 },
    });
  });
}

function refuseInUse(deps: Deps, row: StorageRow): void {
  const users = deps.environments.usingStorage(row.id);
  const first = users[0];
  if (!first) return;
  const rest = users.length > 1 ? ` and ${users.length - 1} more` : '';
  throw new AppError(
    'failed_precondition',
    `"${row.displayName}" belongs to the environment "${first.name}"${rest}. Delete that first.`,
    { details: { usedBy: users.map((user) => user.id) } },
  );
}

/** Calls a deletion off. @throws failed_precondition once access or files began to go */
export function cancelDeletion(deps: Deps, actor: Actor, id: StorageId): StorageView {
  return deps.db.write(() => {
    const row = ownedStorage(deps, actor, id);
    if (row.status === 'active' || row.status === 'creating') return storageView(deps, row);
    if (row.status !== 'deleting' || row.steps.length > 0)
      throw new AppError('failed_precondition', 'It is too late: the files of this storage are being removed already.');
    // Access may have been taken away in this very moment. Every step of the making finds what is there, and adds what is not.
    return turn(deps, actor, row, { action: 'storage.keep', change: { status: 'creating', steps: [] } });
  });
}

/** Another try at a bucket that could not be made; what was done stays done. @throws failed_precondition unless it failed */
export function retryStorage(deps: Deps, actor: Actor, id: StorageId): StorageView {
  return deps.db.write(() => {
    const row = ownedStorage(deps, actor, id);
    if (row.status === 'creating' || row.status === 'deleting') {
      deps.db.afterCommit(() => deps.wake({ storageId: id }));
      return storageView(deps, row);
    }
    if (row.status !== 'failed')
      throw new AppError('failed_precondition', 'This storage is ready. There is nothing to try again.');
    return turn(deps, actor, row, { action: 'storage.retry', change: { status: 'creating', failure: null } });
  });
}

/** Inside `db.write`: sends the record on its way, under its owner's name. */
function turn(
  deps: Deps,
  actor: Actor,
  row: StorageRow,
  { action, change }: { action: AuditAction; change: RowChange },
): StorageView {
  const next = { ...change, waiting: null, workSince: deps.now() };
  deps.storages.update(row.id, next);
  record(deps, actor, { action, ownerId: actor.userId, targetId: row.id, targetName: row.displayName });
  deps.feed.publish(actor.userId, 'storage', row.id);
  deps.db.afterCommit(() => deps.wake({ storageId: row.id }));
  return storageView(deps, { ...row, ...next });
}
