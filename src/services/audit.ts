/** One audit row, written in the same transaction as the change it tells of. Secrets never go into `details`. */
import type { UserId } from '../domain/ids.ts';
import type { Actor } from '../domain/user.ts';
import type { Deps } from './deps.ts';

export type AuditAction =
  | 'session.sign_in'
  | 'session.sign_out'
  | 'session.revoke'
  | 'user.create'
  | 'profile.update'
  | 'environment.launch'
  | 'environment.start'
  | 'environment.stop'
  | 'environment.restart'
  | 'environment.rename'
  | 'environment.delete'
  | 'environment.open'
  | 'environment.extend'
  | 'environment.ready'
  | 'environment.stopped'
  | 'environment.failed'
  | 'environment.deadline'
  | 'environment.resume'
  | 'storage.create'
  | 'storage.rename'
  | 'storage.delete'
  | 'storage.keep'
  | 'storage.retry'
  | 'storage.repair'
  | 'storage.drift'
  | 'storage.removed'
  | 'storage.ready'
  | 'storage.failed'
  | 'object.upload'
  | 'object.download'
  | 'object.delete'
  | 'object.move'
  | 'object.copy'
  | 'object.restore'
  | 'object.purge'
  | 'folder.create';

export interface AuditEntry {
  action: AuditAction;
  ownerId: UserId | null;
  targetId: string | null;
  targetName: string | null;
  result?: 'success' | 'refused' | 'failed';
  details?: Record<string, unknown>;
}

/** Who acts when nobody asked: the reconciler, deadlines, shutdown. */
export const SYSTEM = { userId: null, name: 'CMBCluster', address: '' } as const;

/** Call inside `db.write`. */
export function record(
  deps: Deps,
  actor: Pick<Actor, 'userId' | 'name' | 'address'> | typeof SYSTEM,
  entry: AuditEntry,
): void {
  deps.records.appendAudit({
    at: deps.now(),
    actorId: actor.userId,
    actorName: actor.name,
    address: actor.address,
    action: entry.action,
    ownerId: entry.ownerId,
    targetId: entry.targetId,
    targetName: entry.targetName,
    result: entry.result ?? 'success',
    details: entry.details ?? null,
  });
}
