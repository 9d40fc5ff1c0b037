/**
 * The log behind the database, as its leader knows it and as people should understand it: plain data, and the rules of what to
 * worry about. Pure.
 */

/** A change that waits for longer asks for somebody's attention; a store that fails for longer counts as away. */
export const LATE_MS = 5_000;

export const LOG_ROLES = ['leader', 'handing-over', 'released', 'ended'] as const;
export type LogRole = (typeof LOG_ROLES)[number];

/** Another replica, which forwards to this one. */
export interface FollowerSeen {
  readonly address: string;
  /** Unix milliseconds. */
  readonly since: number;
}

/** The log as its leader knows it: plain data. Times are Unix milliseconds. */
export interface DatabaseLogView {
  readonly role: LogRole;
  /** This process, as the others know it. */
  readonly owner: string;
  /** Where the others reach it. */
  readonly url: string;
  /** Counts leaders. */
  readonly epoch: number;
  /** Milliseconds until another one may take over unless the lease is renewed; null where nobody else can. */
  readonly leaseLeftMs: number | null;
  readonly followers: readonly FollowerSeen[];
  /** Where the log lies, in words. */
  readonly place: string;
  readonly encrypted: boolean;
  /** How far back the database can be restored; 0: its present only. */
  readonly retentionMs: number;
  /** The last slot that is stored. */
  readonly slot: number;
  /** When this leader stored its last slot; null before its first. */
  readonly storedAt: number | null;
  /** How long the oldest change waits to be stored; 0 when none does. */
  readonly undurableAgeMs: number;
  /** From this age on changes are refused. */
  readonly refusesAfterMs: number;
  readonly pendingBytes: number;
  readonly databaseBytes: number;
  /** Slots that this leader wrote, and the changes in them. */
  readonly batches: number;
  readonly commits: number;
  /** The last one of this leader. */
  readonly snapshot: {
    readonly kind: 'base' | 'diff';
    readonly slot: number;
    readonly at: number;
    readonly bytes: number;
    readonly ms: number;
  } | null;
  readonly sinceSnapshot: { readonly slots: number; readonly bytes: number };
  readonly store: {
    readonly puts: number;
    readonly retries: number;
    /** Milliseconds of the latest slots. */
    readonly p50Ms: number | null;
    readonly p99Ms: number | null;
    readonly lastError: string | null;
    readonly lastErrorAt: number | null;
    /** The first failure since the last answer; null while the store answers. */
    readonly failingSince: number | null;
  };
  readonly checkpoint: { readonly lastMs: number; readonly longestMs: number };
  /** Objects that were no longer needed. */
  readonly collected: number;
  /** What this process restored at its start. */
  readonly restore: { readonly ms: number; readonly bytes: number; readonly slots: number } | null;
}

/** What a glance should see, the worst first. */
export const LOG_CONDITIONS = ['ended', 'handing-over', 'unreachable', 'late', 'stored'] as const;
export type LogCondition = (typeof LOG_CONDITIONS)[number];

/** @param now Unix milliseconds */
export function conditionOf({ role, store, undurableAgeMs }: DatabaseLogView, now: number): LogCondition {
  if (role === 'ended') return 'ended';
  if (role !== 'leader') return 'handing-over';
  if (store.failingSince !== null && now - store.failingSince > LATE_MS) return 'unreachable';
  return undurableAgeMs > LATE_MS ? 'late' : 'stored';
}

/** Changes are refused until the store catches up. */
export const isBehind = ({ undurableAgeMs, refusesAfterMs }: DatabaseLogView): boolean =>
  undurableAgeMs > refusesAfterMs;

/** What keeps the log from taking changes, by name; for readiness. */
export function logNotReady(log: DatabaseLogView | null): string[] {
  if (log && log.role !== 'leader') return ['database log (not leading)'];
  return log && isBehind(log) ? ['database log (changes are not stored)'] : [];
}
