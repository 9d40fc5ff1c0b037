/** A stored feed event as the current state of what it names. */
import type { LiveEventRow } from '../../../prisma-free-db/repositories/records.ts';
import type { EnvironmentId, StorageId } from '../../domain/ids.ts';
import type { Actor } from '../../domain/user.ts';
import type { Deps } from '../deps.ts';
import { type EnvironmentView, environmentView } from '../environments/view.ts';
import { type StorageView, storageView } from '../storage/view.ts';

export type LiveMessage =
  /** First message: what queries answer now is what holds. `reset`: too much was missed; read everything again. */
  | { kind: 'hello'; reset: boolean }
  | { kind: 'environment'; id: EnvironmentId; environment: EnvironmentView | null }
  | { kind: 'storage'; id: StorageId; storage: StorageView | null }
  | { kind: 'profile' }
  /** Output of an environment reached this byte offset; read it from where you are. */
  | { kind: 'log'; id: EnvironmentId; end: number };

export function liveMessage(deps: Deps, actor: Actor, row: LiveEventRow): LiveMessage {
  if (row.kind === 'environment') {
    const id = row.targetId as EnvironmentId;
    const found = deps.environments.findOwned(actor.userId, id);
    return { kind: 'environment', id, environment: found ? environmentView(deps, found) : null };
  }
  if (row.kind === 'storage') {
    const id = row.targetId as StorageId;
    const found = deps.storages.findOwned(actor.userId, id);
    return { kind: 'storage', id, storage: found ? storageView(deps, found) : null };
  }
  return { kind: 'profile' };
}
