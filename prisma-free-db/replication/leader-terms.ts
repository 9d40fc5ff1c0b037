/**
 * What a leader is given and what it tells: the types between the leader (leader.ts), who makes it (the replica), and who watches it
 * (health, metrics, the administration). No behaviour here.
 */
import type { LogBucket } from './bucket.ts';
import type { EncryptionKey } from './codec.ts';
import type { CrashPoint } from './crash-points.ts';
import type { Chain } from './log-reader.ts';
import type { LogKeys } from './names.ts';
import type { Pacing } from './pacing.ts';
import type { SqliteConnection } from './wal.ts';

/** The one connection to the database; nobody else has the file open. */
export interface LeaderConnection extends SqliteConnection {
  readonly inTransaction: boolean;
}

/** Lines for the operator. */
export interface LogLines {
  info(message: string, fields?: Record<string, unknown>): void;
  warn(message: string, fields?: Record<string, unknown>): void;
  error(message: string, fields?: Record<string, unknown>): void;
}

/** How far back the database can still be restored: by age, or by slots. */
export type Retention = { readonly ms: number } | { readonly slots: number };

export interface Limits {
  /** Bytes of commits that no batch has taken yet; beyond it changes are refused. */
  readonly pendingBytes: number;
  /** Milliseconds that the oldest commit may wait to become durable; beyond it changes are refused. */
  readonly undurableMs: number;
  /** Milliseconds that one answer waits for its commit; then its outcome is unknown. */
  readonly waitMs: number;
  /** Milliseconds after which relaxed commits are stored, if no other batch took them along. */
  readonly relaxedMs: number;
  /** Milliseconds that a batch waits for company: fewer, larger objects for a slower answer. 0: none. */
  readonly lingerMs: number;
  /** Bytes of the largest batch before compression. */
  readonly batchBytes: number;
  /** Pages in the write-ahead log from which on it is emptied into the main file. */
  readonly checkpointPages: number;
  /** Slots, and bytes of log, after which a snapshot is due. */
  readonly snapshotSlots: number;
  readonly snapshotBytes: number;
  /** Milliseconds that a handover may take. */
  readonly drainMs: number;
}

export const DEFAULT_LIMITS: Limits = {
  pendingBytes: 64 * 1_048_576,
  undurableMs: 10_000,
  waitMs: 20_000,
  relaxedMs: 2_000,
  lingerMs: 0,
  batchBytes: 256_000_000,
  checkpointPages: 1_000,
  snapshotSlots: 256,
  snapshotBytes: 4 * 1_048_576,
  drainMs: 20_000,
};

/** What the restore cost with which this process began. */
export interface RestoreFigures {
  readonly ms: number;
  readonly bytes: number;
  readonly slots: number;
}

export interface LeaderTerms {
  readonly bucket: LogBucket;
  readonly keys: LogKeys;
  /** Ends in this leader's own seal; its sink is closed, and nothing moves it any more. */
  readonly chain: Chain;
  /** Opened on `mainFile` with the pragmas of the format document, section 7, and not written to yet. */
  readonly sqlite: LeaderConnection;
  readonly mainFile: string;
  readonly owner: string;
  /** Where followers reach this process. */
  readonly url: string;
  readonly ttlMs: number;
  /** Nobody else can reach the bucket (the data folder's lock is held): a lease that ran out ends nothing. */
  readonly soleWriter?: boolean;
  /** What new objects are encrypted with; absent: they are not. */
  readonly encryption?: EncryptionKey;
  /** Opens older objects; `encryption` need not be in it. */
  readonly ring?: readonly EncryptionKey[];
  /** Its signal ends the leader as a failure would. */
  readonly pacing: Pacing;
  readonly limits?: Partial<Limits>;
  /** Absent: only the present is kept. */
  readonly retain?: Retention;
  /** Slot of the newest snapshot in the bucket, 0 for none: how much log there is without one. */
  readonly snapshotAt?: number;
  /** For `status` alone. */
  readonly restore?: RestoreFigures;
  /** Wall time in ISO 8601, for people and for retention; decides nothing else. */
  readonly at: () => string;
  readonly crashPoint?: (point: CrashPoint) => void;
  /** This process must never acknowledge again: end it. Called once, and not after a handover or `close`. */
  readonly onEnd: (reason: Error) => void;
  /** A newer instance asks for a handover. */
  readonly onWant: (owner: string) => void;
  readonly log: LogLines;
}

export interface SnapshotFigures {
  readonly kind: 'base' | 'diff';
  /** The slot whose state it is. */
  readonly to: number;
  /** Wall time when it was durable. */
  readonly at: string;
  readonly bytes: number;
  readonly ms: number;
}

export interface StoreFigures {
  /** Objects sent, attempts of one object counted each. */
  readonly puts: number;
  /** Attempts beyond the first of an object. */
  readonly retries: number;
  readonly lastError: string | null;
  /** Wall time. */
  readonly lastErrorAt: string | null;
  /** Wall time of the first failure since the last answer; null while the store answers. */
  readonly failingSince: string | null;
  /** Milliseconds of the latest slots, from the first attempt to the answer; null before the first. */
  readonly putMsP50: number | null;
  readonly putMsP99: number | null;
}

export interface LogStatus {
  readonly role: 'leader' | 'handing-over' | 'released' | 'ended';
  readonly owner: string;
  readonly epoch: number;
  /** The last slot that is stored. */
  readonly durableSeq: number;
  /** Wall time when this leader stored its last slot; null before its first. */
  readonly storedAt: string | null;
  /** Milliseconds that the oldest commit has waited; 0 when all are durable. */
  readonly undurableAgeMs: number;
  /** At most, as pages that several commits changed count more than once. */
  readonly pendingPages: number;
  readonly pendingBytes: number;
  readonly dbPages: number;
  readonly pageSize: number;
  /** Slots written, and commits that they hold. */
  readonly batches: number;
  readonly commits: number;
  readonly slotsSinceSnapshot: number;
  readonly bytesSinceSnapshot: number;
  readonly lastSnapshot: SnapshotFigures | null;
  /** On the clock of this process; null until it was written first. */
  readonly leaseDeadlineMs: number | null;
  readonly store: StoreFigures;
  /** The longest and the latest checkpoint, milliseconds. */
  readonly checkpointMs: { readonly last: number; readonly longest: number };
  readonly gcDeleted: number;
  readonly restore: RestoreFigures | null;
}
