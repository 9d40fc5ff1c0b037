/** Forgets one file; it leaves the home folder when an environment of its owner starts next. */
import type { SecretFileId } from '../../domain/ids.ts';
import type { Actor } from '../../domain/user.ts';
import { record } from '../audit.ts';
import type { Deps } from '../deps.ts';
import { noteChange } from './changed.ts';

/** One that is not there, or is not the actor's, is as good as gone. */
export function deleteFile(deps: Deps, actor: Actor, id: SecretFileId): void {
  const { userId } = actor;
  deps.db.write(() => {
    const row = deps.secrets.findFile(userId, id);
    if (!row) return;
    deps.secrets.deleteFile(userId, id);
    record(deps, actor, { action: 'secret.delete', ownerId: userId, targetId: id, targetName: row.path });
    noteChange(deps, userId);
  });
}
