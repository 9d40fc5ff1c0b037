/** Rename and guarded deletion of a storage. */
import { AppError } from '../../domain/errors.ts';
import type { StorageId } from '../../domain/ids.ts';
import type { Actor } from '../../domain/user.ts';
import { record } from '../audit.ts';
import type { Deps } from '../deps.ts';
import { ownedStorage } from './create.ts';
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
    const users = deps.environments.usingStorage(row.id);
    const first = users[0];
    if (first) {
      const rest = users.length > 1 ? ` and ${users.length - 1} more` : '';
      throw new AppError(
        'failed_precondition',
        `"${row.displayName}" belongs to the environment "${first.name}"${rest}. Delete that first.`,
        {
          details: { usedBy: users.map((user) => user.id) },
        },
      );
    }
    if (row.status === 'deleting') return;
    deps.storages.update(row.id, { status: 'deleting', failure: null });
    record(deps, actor, {
      action: 'storage.delete',
      ownerId: actor.userId,
      targetId: row.id,
      targetName: row.displayName,
    });
    deps.feed.publish(actor.userId, 'storage', row.id);
    deps.db.afterCommit(() => deps.wake({ storageId: row.id }));
  });
}
