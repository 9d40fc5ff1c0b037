/**
 * What a provider must do to run environments. Called by services/environments (reconciler, logs) only.
 * Implementations are level-triggered and idempotent: every call may be repeated after a crash at any point.
 */
import type { Listen } from '../../domain/application.ts';
import type { Observed, Size } from '../../domain/environment.ts';
import type { Endpoint } from '../../domain/gateway.ts';
import type { EnvironmentId, UserId } from '../../domain/ids.ts';
import type { WorkspaceSync } from '../../domain/workspace-sync.ts';
import type { MountSpec } from '../storage/storage.ts';

/** A file that an environment finds in its home folder: readable by it alone (0600, folders that were missing 0700). */
export interface HomeFile {
  /** Below the home folder, checked by domain/secrets; forward slashes. */
  path: string;
  content: Uint8Array;
}

export interface EnvironmentSpec {
  id: EnvironmentId;
  /** A start is idempotent by (id, generation). */
  generation: number;
  ownerId: UserId;
  slug: string;
  name: string;
  size: Size;
  /** Validated names; the spawner adds its own CMBCLUSTER_* variables on top. */
  env: Record<string, string>;
  /**
   * All of a person's files, at each start: one that is not named any more is gone from then on. What the person made or changed
   * by hand at such a path is theirs and stays as it is. Contents, like the values above, get into no log, record or command line.
   */
  files: readonly HomeFile[];
  /** Bucket at the workspace path; null = an empty workspace of its own. */
  workspace: MountSpec | null;
  /** Own origin as the browser sees it, no slash at the end, e.g. http://lab-x1.localhost:3000 */
  url: string;
  readyTimeoutMs: number;
  /** What to run: argv (with the placeholders of domain/application LocalCommand) for process spawners, image and port for container spawners. */
  run: {
    argv: string[] | null;
    listen: Listen;
    readyPath: string | null;
    secretHeader: { name: string; value: string } | null;
    image: string | null;
    port: number | null;
  };
}

export interface Snapshot {
  id: EnvironmentId;
  observed: Observed;
  /** Set exactly when observed.state is running. */
  endpoint: Endpoint | null;
  /** How far a synced workspace is kept; null where the workspace is not synced. After a stop: what it ended with. */
  sync: WorkspaceSync | null;
}

export interface SpawnerCapabilities {
  /** CPU and memory limits really hold. */
  enforcesLimits: boolean;
  /** Environments of different users cannot reach one another's files and processes. */
  isolatesUsers: boolean;
  metrics: boolean;
  events: boolean;
  gpus: boolean;
}

/** A piece of captured output. Offsets are bytes since the start of the log of this generation and never move; the oldest bytes may be dropped. */
export interface LogChunk {
  /** Offset of the first byte of `text`. Greater than asked when older bytes were dropped. */
  from: number;
  /** Offset to ask for next. */
  to: number;
  /** UTF-8, invalid bytes replaced. */
  text: string;
  /** Current end of the log. */
  end: number;
  /** First byte still kept. */
  start: number;
  generation: number;
}

export interface Capacity {
  cpuMillicores: number;
  memoryMiB: number;
  gpus: number;
}

export interface Spawner {
  readonly capabilities: SpawnerCapabilities;
  /** What happens to environments when the control plane shuts down in good order. */
  readonly onShutdown: 'stop' | 'leave';
  /** Whether this application can run here; `install` = the one line that makes it so. */
  check(run: EnvironmentSpec['run']): Promise<{ available: true } | { available: false; reason: string }>;
  /** Returns once the start is recorded so that a kill -9 of the control plane loses nothing; readiness comes by watch. @throws AppError by code */
  start(spec: EnvironmentSpec): Promise<void>;
  /** Asks to end, then kills after graceSeconds. Resolves when the stop is under way or nothing is left; unknown ids are fine. */
  stop(id: EnvironmentId, options: { graceSeconds: number }): Promise<void>;
  /** Stops at once and removes all traces; keeps the person's home when asked. Unknown ids are fine. */
  remove(id: EnvironmentId, options: { keepHome: boolean }): Promise<void>;
  poll(id: EnvironmentId): Promise<Snapshot>;
  /** Everything this spawner knows, for recovery and orphan detection. */
  list(): Promise<Snapshot[]>;
  /** Every change from now on, at least once each; ends when the signal aborts. `logEnd` moves are reported at most every 100 ms. */
  watch(
    signal: AbortSignal,
  ): AsyncIterable<{ kind: 'changed'; snapshot: Snapshot } | { kind: 'log'; id: EnvironmentId; end: number }>;
  /** Reads captured output from a byte offset (negative = that many bytes before the end). At most maxBytes, cut at a character boundary. */
  logs(id: EnvironmentId, options: { from: number; maxBytes: number; generation?: number }): Promise<LogChunk>;
  capacity(): Promise<Capacity>;
  /** Releases handles; environments live on. */
  close(): Promise<void>;
}
