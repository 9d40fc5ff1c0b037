/**
 * What the outside may know, kept true at every moment: a path leaves the pending ones only after the bucket has confirmed it.
 * Written as one JSON line per change to standard output for whoever started the program, and as a file for everybody else.
 */
import { renameSync, writeFileSync } from 'node:fs';
import {
  emptyWorkspaceSync,
  MAX_LISTED,
  type SkippedPath,
  type SyncConflict,
  type SyncPhase,
  type WorkspaceSync,
} from '../domain/workspace-sync.ts';
import type { ChangedFile, Tree } from './scan.ts';

export interface Report {
  phase(phase: SyncPhase): void;
  restoring(files: number, of: number): void;
  /** A look at everything has ended: from now on its pending paths are the ones that count. */
  looked(tree: Tree): void;
  /** In the bucket, or gone again. */
  done(path: string): void;
  removed(count: number): void;
  conflict(conflict: SyncConflict): void;
  /** Objects that the workspace cannot hold; replaces those of the listing before. */
  unreachable(skipped: SkippedPath[]): void;
  problem(message: string | null): void;
  pendingFiles(): number;
  current(): WorkspaceSync;
  /** Writes what has not been written yet. */
  flush(): void;
}

const WRITE_EVERY_MS = 250;

/** @param publish gets each new state, at most four a second and the last one always */
export function createReport(publish: (state: WorkspaceSync) => void): Report {
  const state = emptyWorkspaceSync();
  let pending = new Map<string, number>();
  let ofWorkspace: SkippedPath[] = [];
  let ofBucket: SkippedPath[] = [];
  let written = Number.NEGATIVE_INFINITY;
  let timer: NodeJS.Timeout | null = null;

  function write(): void {
    if (timer) clearTimeout(timer);
    timer = null;
    written = performance.now();
    publish(current());
  }

  function current(): WorkspaceSync {
    const skipped = [...ofWorkspace, ...ofBucket];
    return {
      ...state,
      pendingPaths: [...pending.keys()].slice(0, MAX_LISTED),
      skipped: skipped.length,
      skippedList: skipped.slice(0, MAX_LISTED),
    };
  }

  function changed(): void {
    if (timer) return;
    const wait = written + WRITE_EVERY_MS - performance.now();
    if (wait <= 0) write();
    else timer = setTimeout(write, wait);
  }

  return {
    phase(phase) {
      state.phase = phase;
      changed();
    },
    restoring(files, of) {
      state.restored = { files, of };
      changed();
    },
    looked(tree) {
      pending = new Map(tree.changed.map(({ path, stat }: ChangedFile) => [path, stat.sizeBytes]));
      ofWorkspace = tree.skipped;
      Object.assign(state, {
        checkedAt: tree.startedAt,
        files: tree.files,
        sizeBytes: tree.sizeBytes,
        cacheBytes: tree.cacheBytes,
        pendingFiles: pending.size,
        pendingBytes: tree.changed.reduce((sum, { stat }) => sum + stat.sizeBytes, 0),
        pendingRemovals: tree.missing.length,
      });
      if (pending.size === 0) state.safeAt = tree.startedAt;
      changed();
    },
    done(path) {
      const bytes = pending.get(path);
      if (bytes === undefined) return;
      pending.delete(path);
      state.pendingFiles = pending.size;
      state.pendingBytes -= bytes;
      if (pending.size === 0) state.safeAt = state.checkedAt;
      changed();
    },
    removed(count) {
      state.pendingRemovals = Math.max(0, state.pendingRemovals - count);
      changed();
    },
    conflict(conflict) {
      state.conflicts += 1;
      state.conflictList = [...state.conflictList, conflict].slice(-MAX_LISTED);
      changed();
    },
    unreachable(skipped) {
      ofBucket = skipped;
      changed();
    },
    problem(message) {
      if (state.problem === message) return;
      state.problem = message;
      changed();
    },
    pendingFiles: () => pending.size,
    current,
    flush: write,
  };
}

/** Atomic: a reader sees the old report or the new one. */
export function writeReport(file: string, state: WorkspaceSync): void {
  writeFileSync(`${file}.next`, JSON.stringify(state), { mode: 0o600 });
  renameSync(`${file}.next`, file);
}
