/**
 * How far a synced workspace is kept, from its spawner to the pages. Kept in memory only: after a restart the spawner tells it
 * again. Pages hear of it when it says something else than before, and not more often than they need.
 */
import type { EnvironmentRow } from '../../../prisma-free-db/repositories/environments.ts';
import type { WorkspaceSync } from '../../domain/workspace-sync.ts';
import type { Deps } from '../deps.ts';

/** Each word to the pages is a row in the database. */
const TELL_EVERY_MS = 5_000;

const told = new WeakMap<Deps['syncs'], Map<string, { at: number; summary: string }>>();

export function noteSync(deps: Deps, row: EnvironmentRow, sync: WorkspaceSync | null): void {
  const known = told.get(deps.syncs) ?? new Map<string, { at: number; summary: string }>();
  told.set(deps.syncs, known);
  if (!sync) {
    deps.syncs.delete(row.id);
    known.delete(row.id);
    return;
  }
  deps.syncs.set(row.id, sync);
  const last = known.get(row.id);
  const summary = [sync.phase, sync.pendingFiles, sync.conflicts, sync.skipped, sync.problem].join(' ');
  const now = deps.now();
  if (last && (last.summary === summary || (now - last.at < TELL_EVERY_MS && sync.phase !== 'ended'))) return;
  known.set(row.id, { at: now, summary });
  deps.db.write(() => deps.feed.publish(row.ownerId, 'environment', row.id));
}
