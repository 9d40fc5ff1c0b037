/**
 * What can go wrong in the replicated log (format document, section 17). Every class has a `code` that never changes: callers map
 * it to an answer, operators search for it. A message may be reworded, a code may not.
 */

export type ReplicationErrorCode =
  | 'not_leader'
  | 'fenced'
  | 'outcome_unknown'
  | 'unavailable'
  | 'transaction_too_large'
  | 'stale_takeover'
  | 'moved'
  | 'unfinished'
  | 'no_database'
  | 'corrupt_log'
  | 'corrupt_object'
  | 'wrong_key'
  | 'incomplete_pages'
  | 'capture_mismatch'
  | 'unsafe_store'
  | 'ambiguous';

export abstract class ReplicationError extends Error {
  abstract readonly code: ReplicationErrorCode;

  constructor(message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = new.target.name;
  }
}

/** Nothing lies below the prefix, and nobody said that a database may begin here: the prefix may be mistyped, or emptied. */
export class NoDatabase extends ReplicationError {
  readonly code = 'no_database';

  constructor(where: string) {
    super(
      `There is no database below ${where}. For a new deployment, create one: cmbcluster db init. ` +
        'If there should be one, correct DATABASE_BUCKET and DATABASE_PREFIX, or bring it back: cmbcluster db restore.',
    );
  }
}

/** This process does not lead; `leaderUrl` is where the work belongs, when that is known. */
export class NotLeader extends ReplicationError {
  readonly code = 'not_leader';
  readonly leaderUrl: string | null;

  constructor(leaderUrl: string | null) {
    super(leaderUrl === null ? 'This replica does not lead, and no leader is known.' : 'This replica does not lead.');
    this.leaderUrl = leaderUrl;
  }
}

/**
 * Another writer owns the next slot (section 8): this process never acknowledges again. Given to a commit, it says that the commit
 * was never sent and is not kept; the batch that lost the slot gets `OutcomeUnknown`, because a successor may have carried it on
 * (decide.ts).
 */
export class Fenced extends ReplicationError {
  readonly code = 'fenced';
}

/** The change may or may not become durable: its answer was not awaited to the end. Retry only with an idempotency key. */
export class OutcomeUnknown extends ReplicationError {
  readonly code = 'outcome_unknown';
}

/**
 * Refused before SQLite was touched (backpressure, draining, no bucket), or ended before anything was sent: nothing is kept of it,
 * retry after `retryAfterSeconds`.
 */
export class Unavailable extends ReplicationError {
  readonly code = 'unavailable';
  readonly retryAfterSeconds: number;

  constructor(message: string, retryAfterSeconds: number, cause?: unknown) {
    super(message, cause);
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** One batch holds more raw bytes than an object may (section 8). */
export class TransactionTooLarge extends ReplicationError {
  readonly code = 'transaction_too_large';
}

/** The seal was won, but the log goes on behind it (section 6, invariant I3): restore again. */
export class StaleTakeover extends ReplicationError {
  readonly code = 'stale_takeover';
}

/** The log ends in a seal that says where it goes on (closing.ts): nobody leads here any more. */
export class Moved extends ReplicationError {
  readonly code = 'moved';
  /** The new place, in the words of whoever moved it. */
  readonly to: string;

  constructor(to: string) {
    super(`The database was moved to ${to}.`);
    this.to = to;
  }
}

/** The log holds the beginning of a database whose import has not come to its end (log-reader.ts): nothing that could be served. */
export class Unfinished extends ReplicationError {
  readonly code = 'unfinished';

  constructor() {
    super(
      'The import of the database is not finished: it is under way, or was interrupted. Nothing of it is in use. ' +
        'To go on after an interruption: cmbcluster db import, with the same file.',
    );
  }
}

/** The chain does not hold: a slot is missing, links to another history, or leads to another checksum (section 5). */
export class CorruptLog extends ReplicationError {
  readonly code = 'corrupt_log';
}

/** Which rule of section 4 an object breaks. */
export type CorruptReason =
  | 'length'
  | 'magic'
  | 'version'
  | 'kind'
  | 'codec'
  | 'page_size'
  | 'positions'
  | 'page_count'
  | 'raw_length'
  | 'encryption'
  | 'reserved'
  | 'name'
  | 'digest'
  | 'body'
  | 'meta'
  | 'page_order';

/** The bytes are no object of section 4. */
export class CorruptObject extends ReplicationError {
  readonly code = 'corrupt_object';
  readonly reason: CorruptReason;

  constructor(reason: CorruptReason, detail: string, cause?: unknown) {
    super(`Corrupt object (${reason}): ${detail}`, cause);
    this.reason = reason;
  }
}

/** The object is whole, but the key `keyId` that it needs is not in the ring or is another one. */
export class WrongKey extends ReplicationError {
  readonly code = 'wrong_key';
  readonly keyId: number;

  constructor(keyId: number, message: string, cause?: unknown) {
    super(message, cause);
    this.keyId = keyId;
  }
}

/** The database grew by page `pgno`, and nobody has its content. */
export class IncompletePages extends ReplicationError {
  readonly code = 'incomplete_pages';
  readonly pgno: number;

  constructor(pgno: number) {
    super(`The database has page ${pgno} now, but its content was never given.`);
    this.pgno = pgno;
  }
}

/** SQLite's files are not what the capture left behind: commits may have been missed (section 7). Die and restore. */
export class CaptureMismatch extends ReplicationError {
  readonly code = 'capture_mismatch';
}

/** The bucket does not keep the promises of section 3; nothing may be written there. */
export class UnsafeStore extends ReplicationError {
  readonly code = 'unsafe_store';
}

/** The store gave no definite answer (section 3): the request may or may not have been applied. */
export class Ambiguous extends ReplicationError {
  readonly code = 'ambiguous';
}
