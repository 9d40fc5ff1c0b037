/** Captured output and history of one's own environment. */
import type { AuditRow } from '../../../prisma-free-db/repositories/audit.ts';
import type { EnvironmentId } from '../../domain/ids.ts';
import type { Actor } from '../../domain/user.ts';
import type { LogChunk } from '../../ports/spawner/spawner.ts';
import type { Deps } from '../deps.ts';
import { ownedEnvironment } from './view.ts';

/** @param input.from byte offset; negative = that many bytes before the end */
export async function readLogs(
  deps: Deps,
  actor: Actor,
  input: { id: EnvironmentId; from: number; maxBytes: number },
): Promise<LogChunk> {
  const row = ownedEnvironment(deps, actor, input.id);
  return deps.spawnerOf(row.provider).logs(row.id, { from: input.from, maxBytes: input.maxBytes });
}

export interface HistoryEntry {
  id: number;
  at: number;
  actorName: string;
  action: string;
  result: AuditRow['result'];
  details: Record<string, unknown> | null;
}

/** Who did what to it, newest first. */
export function listHistory(
  deps: Deps,
  actor: Actor,
  input: { id: EnvironmentId; before: number | null; limit: number },
): { entries: HistoryEntry[]; next: number | null } {
  const row = ownedEnvironment(deps, actor, input.id);
  const rows = deps.records.auditOfTarget(row.id, { ownerId: actor.userId, before: input.before, limit: input.limit });
  const entries = rows.map(({ id, at, actorName, action, result, details }) => ({
    id,
    at,
    actorName,
    action,
    result,
    details,
  }));
  return { entries, next: rows.length === input.limit ? (rows.at(-1)?.id ?? null) : null };
}
