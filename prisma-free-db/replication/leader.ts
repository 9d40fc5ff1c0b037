/** The leader of the log: signatures first. */
import type { LeaderTerms, LogStatus } from './leader-terms.ts';

/**
 * Keeps the commits of one SQLite database by storing them as slots of the log; made right after a takeover, before anything is
 * written. Fits the `Durability` seam of the database.
 */
export interface Leader {
  /** Whether answers may leave: this process still leads as far as it can know. Cheap, asked for every response. */
  readonly current: boolean;
  /** Highest ticket that is durable. */
  readonly position: number;
  /** Before a write touches SQLite. @throws Unavailable, Fenced, NotLeader */
  admit(): void;
  /** In the tick of the commit. */
  committed(ticket: number, level: 'sync' | 'relaxed'): void;
  /** Resolves when the commit of `ticket` is stored. @throws Fenced, Unavailable (both: not kept), OutcomeUnknown, TransactionTooLarge */
  durable(ticket: number): Promise<void>;
  /** Resolves when the lease names this process: from then on it may serve. */
  ready(): Promise<void>;
  /** Resolves when all that was committed, relaxed too, is stored. */
  flush(): Promise<void>;
  /** Takes a snapshot of the present, unless there is one; resolves when it is stored and older objects are collected. */
  snapshotNow(): Promise<void>;
  /** Refuses changes, stores what was committed, and tells that a successor may seal at once. */
  handover(): Promise<void>;
  status(): LogStatus;
  /** Ends without draining; after a handover, or when nothing matters any more. */
  close(): Promise<void>;
}

export type AttachLeader = (terms: LeaderTerms) => Leader;
