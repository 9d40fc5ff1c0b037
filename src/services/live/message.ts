/** A stored feed event as the current state of what it names. */
import type { LiveEventRow } from '../../../prisma-free-db/repositories/records.ts';
import type { EnvironmentId, FileJobId, InvitationId, StorageId, UserId } from '../../domain/ids.ts';
import type { Actor } from '../../domain/user.ts';
import type { Deps } from '../deps.ts';
import { type EnvironmentView, environmentView } from '../environments/view.ts';
import { type FileJobView, fileJobView } from '../files/jobs.ts';
import { type StorageView, storageView } from '../storage/view.ts';

export type LiveMessage =
  /** First message: what queries answer now is what holds. `reset`: too much was missed; read everything again. */
  | { kind: 'hello'; reset: boolean }
  | { kind: 'environment'; id: EnvironmentId; environment: EnvironmentView | null }
  | { kind: 'storage'; id: StorageId; storage: StorageView | null }
  /** A change to many files moved on; null = it is not on record any more. */
  | { kind: 'fileJob'; id: FileJobId; job: FileJobView | null }
  | { kind: 'profile' }
  /** For administrators: this person or invitation changed. */
  | { kind: 'people'; id: UserId | InvitationId }
  /** For administrators: what a tier allows, or the tier of newcomers, changed. */
  | { kind: 'tiers' }
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
  if (row.kind === 'fileJob') {
    const id = row.targetId as FileJobId;
    const found = deps.fileWork.findOwnedJob(actor.userId, id);
    return { kind: 'fileJob', id, job: found ? fileJobView(found) : null };
  }
  if (row.kind === 'people' && actor.role === 'admin')
    return { kind: 'people', id: row.targetId as UserId | InvitationId };
  if (row.kind === 'tiers' && actor.role === 'admin') return { kind: 'tiers' };
  return { kind: 'profile' };
}
