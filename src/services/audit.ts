/** One audit row, written in the same transaction as the change it tells of. Secrets never go into `details`. */
import { type AuditAction, type AuditResult, targetKindOf } from '../domain/audit.ts';
import type { UserId } from '../domain/ids.ts';
import type { Actor } from '../domain/user.ts';
import type { Deps } from './deps.ts';

export type { AuditAction };

export interface AuditEntry {
  action: AuditAction;
  ownerId: UserId | null;
  targetId: string | null;
  targetName: string | null;
  result?: AuditResult;
  details?: Record<string, unknown>;
  /** What changed, as it was and as it is; the same keys in both. */
  before?: Record<string, unknown>;
  after?: Record<string, unknown>;
}

/** Who acts when nobody asked: the reconciler, deadlines, shutdown. */
export const SYSTEM = { userId: null, name: 'CMBCluster', address: '', agent: '', correlationId: '' } as const;

/** Call inside `db.write`. */
export function record(
  deps: Deps,
  actor: { userId: UserId | null } & Pick<Actor, 'name' | 'address'> & Partial<Pick<Actor, 'agent' | 'correlationId'>>,
  entry: AuditEntry,
): void {
  deps.audit.append({
    at: deps.now(),
    actorId: actor.userId,
    actorName: actor.name,
    address: actor.address,
    agent: actor.agent ?? '',
    correlationId: actor.correlationId ?? '',
    action: entry.action,
    ownerId: entry.ownerId,
    targetKind: targetKindOf(entry.targetId),
    targetId: entry.targetId,
    targetName: entry.targetName,
    result: entry.result ?? 'done',
    details: entry.details ?? null,
    before: entry.before ?? null,
    after: entry.after ?? null,
  });
}
