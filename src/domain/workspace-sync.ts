/**
 * How far a synced workspace is kept: what the sync program beside an environment reports, spawners hand on and pages show.
 * One promise stands behind every field: what is called safe is in the bucket.
 */

/** restoring: the bucket is fetched, the application waits. ended: the program has stopped; what is pending then is not in the bucket. */
export const SYNC_PHASES = ['restoring', 'syncing', 'flushing', 'ended'] as const;
export type SyncPhase = (typeof SYNC_PHASES)[number];

/** Lists in a report are cut here; their counts are not. */
export const MAX_LISTED = 100;

export interface SyncConflict {
  path: string;
  /** Where the other content is kept. */
  copy: string;
  /** Unix milliseconds. */
  at: number;
}

/** Something in the workspace that the bucket cannot hold. */
export interface SkippedPath {
  path: string;
  /** Sentence for people. */
  reason: string;
}

export interface WorkspaceSync {
  phase: SyncPhase;
  /** Start of the last look at the whole workspace; null before the first. All figures below are of that moment. */
  checkedAt: number | null;
  /** The latest moment of which everything is in the bucket; null before the first. */
  safeAt: number | null;
  files: number;
  sizeBytes: number;
  /** Files of `checkedAt` whose content is not in the bucket yet. */
  pendingFiles: number;
  pendingBytes: number;
  pendingPaths: string[];
  /** Removed here, still in the bucket. */
  pendingRemovals: number;
  conflicts: number;
  /** Latest last. */
  conflictList: SyncConflict[];
  skipped: number;
  skippedList: SkippedPath[];
  /** In folders that programs can fill again by themselves, as a hint for the ignore list. */
  cacheBytes: number;
  /** While restoring: files fetched and to be fetched. */
  restored: { files: number; of: number };
  /** Why the bucket is not reached at the moment, for people; null while all is well. */
  problem: string | null;
}

export function emptyWorkspaceSync(): WorkspaceSync {
  return {
    phase: 'restoring',
    checkedAt: null,
    safeAt: null,
    files: 0,
    sizeBytes: 0,
    pendingFiles: 0,
    pendingBytes: 0,
    pendingPaths: [],
    pendingRemovals: 0,
    conflicts: 0,
    conflictList: [],
    skipped: 0,
    skippedList: [],
    cacheBytes: 0,
    restored: { files: 0, of: 0 },
    problem: null,
  };
}
