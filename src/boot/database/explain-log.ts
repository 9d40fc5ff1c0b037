/** What went wrong with the database's log, for a person at a terminal: what it means and what to do. Called by explain.ts. */
import {
  Ambiguous,
  CorruptLog,
  CorruptObject,
  Fenced,
  IncompletePages,
  Moved,
  NoDatabase,
  NotLeader,
  StaleTakeover,
  Unfinished,
  UnsafeStore,
  WrongKey,
} from '../../../prisma-free-db/replication/errors.ts';

const RUNBOOKS = 'docs/OPERATIONS.md';

/** Null for what is none of the log's errors. */
export function explainLog(error: unknown): string | null {
  if (isDamagedLog(error))
    return `The database's log is damaged, so nothing was begun with it and nothing was changed. ${error.message}\nWhat to do is in ${RUNBOOKS}, “A damaged object of the database”.`;
  if (error instanceof WrongKey)
    return `${error.message} Put the key that was used before back at the end of SECRET_KEY (or DATABASE_ENCRYPTION_KEYS); what is written from now on uses the first one.`;
  if (error instanceof UnsafeStore)
    return `${error.message} Choose another bucket or storage; nothing was written there.`;
  if (error instanceof Moved)
    return `${error.message} Set DATABASE_BUCKET, DATABASE_PREFIX and what else names the place accordingly. The old log stays readable: cmbcluster db verify, db restore.`;
  if (error instanceof StaleTakeover || error instanceof Fenced || error instanceof NotLeader)
    return `Another server has taken the database over. ${error.message} If that should not be, see ${RUNBOOKS}, “Two leaders suspected”.`;
  if (error instanceof Ambiguous) return `The storage of the database's log does not answer. ${error.message}`;
  return error instanceof NoDatabase || error instanceof Unfinished ? error.message : null;
}

/** Exit code of a command: 3 where the log or its storage is not to be trusted, 1 for everything else that went wrong. */
export const exitCodeOf = (error: unknown): number => (isDamagedLog(error) || error instanceof UnsafeStore ? 3 : 1);

function isDamagedLog(error: unknown): error is CorruptLog | CorruptObject | IncompletePages {
  return error instanceof CorruptLog || error instanceof CorruptObject || error instanceof IncompletePages;
}
