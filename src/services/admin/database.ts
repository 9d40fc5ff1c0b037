/**
 * The log behind the database, for administrators: is what was acknowledged stored, how far behind is the store, who leads. Called
 * by the router `admin.database` and by readiness. It reads what the process knows and asks the store nothing, so that it answers
 * while the store does not.
 */
import { conditionOf, type DatabaseLogView, isBehind, type LogCondition } from '../../domain/database-log.ts';
import { AppError, isAppError } from '../../domain/errors.ts';
import type { Actor } from '../../domain/user.ts';
import { record } from '../audit.ts';
import { within } from '../deadline.ts';
import type { Deps } from '../deps.ts';
import { stillAdmin } from './administrators.ts';

/** Less than a browser waits for an answer. */
const SNAPSHOT_WAIT_MS = 20_000;

export interface DatabaseStatus {
  /** Null: commits stay on this machine's disk. */
  readonly log: (DatabaseLogView & Verdict) | null;
}

interface Verdict {
  readonly condition: LogCondition;
  /** Changes are refused until the store catches up. */
  readonly refuses: boolean;
}

export function databaseStatus(deps: Pick<Deps, 'databaseLog' | 'now'>): DatabaseStatus {
  const log = deps.databaseLog();
  return { log: log && { ...log, condition: conditionOf(log, deps.now()), refuses: isBehind(log) } };
}

/**
 * Orders a snapshot and waits a while for it.
 * @returns under_way: it was not through in that time, and goes on
 * @throws failed_precondition without a log; permission_denied; unavailable when it could not be stored
 */
export async function takeSnapshot(deps: Deps, actor: Actor): Promise<'stored' | 'under_way'> {
  const log = deps.databaseLog();
  if (!log) throw new AppError('failed_precondition', 'This server keeps its database on local disk only.');
  const about = { action: 'database.snapshot', ownerId: null, targetId: null, targetName: log.place } as const;
  const refused = deps.db.write((): AppError | null => {
    try {
      stillAdmin(deps, actor);
    } catch (error) {
      if (!isAppError(error)) throw error;
      record(deps, actor, { ...about, result: 'denied', details: { why: error.message } });
      return error;
    }
    record(deps, actor, { ...about, details: { slot: log.slot } });
    return null;
  });
  if (refused) throw refused;
  const taken = deps.db.effect(() => deps.snapshotDatabase());
  try {
    await within(SNAPSHOT_WAIT_MS, taken);
    return 'stored';
  } catch (error) {
    if (isAppError(error) && error.code === 'deadline_exceeded') {
      taken.catch((late: unknown) => deps.log.error('the snapshot was not stored', { error: String(late) }));
      return 'under_way';
    }
    throw new AppError('unavailable', 'The snapshot was not stored. Nothing is lost: the log holds every change.', {
      cause: error,
    });
  }
}
