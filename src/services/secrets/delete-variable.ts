/** Forgets one variable; environments that run keep it until their next start. */
import type { Actor } from '../../domain/user.ts';
import { record } from '../audit.ts';
import type { Deps } from '../deps.ts';
import { noteChange } from './changed.ts';

/** One that is not there is gone already. */
export function deleteVariable(deps: Deps, actor: Actor, name: string): void {
  const { userId } = actor;
  deps.db.write(() => {
    if (!deps.secrets.deleteVariable(userId, name)) return;
    record(deps, actor, { action: 'variable.delete', ownerId: userId, targetId: null, targetName: name });
    noteChange(deps, userId);
  });
}
