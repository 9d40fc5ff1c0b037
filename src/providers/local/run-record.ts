/**
 * The run record `<data>/environments/<id>/run.json`: what survives any kill. The supervisor claims it before it starts the
 * application and rewrites it at each change; the spawner reads it to adopt what runs. It holds the environment's secret, hence 0600.
 */
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Failure, Observed, StepTime } from '../../domain/environment.ts';
import type { Endpoint } from '../../domain/gateway.ts';
import type { EnvironmentId, UserId } from '../../domain/ids.ts';
import type { WorkspaceSync } from '../../domain/workspace-sync.ts';
import type { Snapshot } from '../../ports/spawner/spawner.ts';
import type { ProcessIdentity } from './processes.ts';

export interface RunRecord {
  version: 1;
  id: EnvironmentId;
  ownerId: UserId;
  generation: number;
  /** Processes below exist only while the machine's boot id is this one. */
  bootId: string;
  supervisor: ProcessIdentity;
  /** Leader of the application's own process group; null until it is started. */
  application: ProcessIdentity | null;
  /** Unix socket on which the supervisor takes orders and tells changes. */
  controlPath: string;
  state: 'starting' | 'running' | 'stopping' | 'exited';
  steps: StepTime[];
  failure: Failure | null;
  endpoint: Endpoint | null;
  /** Of a synced workspace, as last told; between two records the supervisor's greeting knows better. */
  sync: WorkspaceSync | null;
  /** What a synced workspace gets at the end of a stop, beyond the application's own grace. */
  flushMs: number;
}

const FILE = 'run.json';

function isRunRecord(value: unknown): value is RunRecord {
  if (typeof value !== 'object' || value === null) return false;
  const record = value as Partial<RunRecord>;
  return (
    record.version === 1 &&
    typeof record.id === 'string' &&
    typeof record.ownerId === 'string' &&
    Number.isInteger(record.generation) &&
    typeof record.bootId === 'string' &&
    typeof record.supervisor?.pid === 'number' &&
    typeof record.supervisor.startTime === 'string' &&
    typeof record.controlPath === 'string' &&
    Array.isArray(record.steps)
  );
}

/** null when there is none, or when a power cut left half of one: nothing of that boot runs any more. */
export function readRecord(folder: string): RunRecord | null {
  try {
    const value: unknown = JSON.parse(readFileSync(join(folder, FILE), 'utf8'));
    // Records of releases that knew no synced workspaces.
    return isRunRecord(value) ? { ...value, sync: value.sync ?? null, flushMs: value.flushMs ?? 0 } : null;
  } catch {
    return null;
  }
}

function stage(folder: string, record: RunRecord): string {
  const path = join(folder, `${FILE}.${process.pid}`);
  writeFileSync(path, JSON.stringify(record), { mode: 0o600 });
  return path;
}

/** Atomic: a reader sees the old record or the new one. @throws the system's error, for example ENOSPC */
export function writeRecord(folder: string, record: RunRecord): void {
  const staged = stage(folder, record);
  try {
    renameSync(staged, join(folder, FILE));
  } catch (error) {
    rmSync(staged, { force: true });
    throw error;
  }
}

/** First record of a start. link(2) lets exactly one of several supervisors win. @returns whether it was this one */
export function claimRecord(folder: string, record: RunRecord): boolean {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const staged = stage(folder, record);
  try {
    linkSync(staged, join(folder, FILE));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(staged, { force: true });
  }
}

export function removeRecord(folder: string): void {
  rmSync(join(folder, FILE), { force: true });
}

export function snapshotOf(record: RunRecord): Snapshot {
  return {
    id: record.id,
    observed: observedOf(record),
    endpoint: record.state === 'running' ? record.endpoint : null,
    sync: record.sync,
  };
}

function observedOf({ state, generation, steps, failure }: RunRecord): Observed {
  switch (state) {
    case 'starting':
    case 'running':
      return { state, generation, steps };
    case 'stopping':
      return { state, generation };
    case 'exited':
      return { state, generation, steps, failure };
  }
}
