/**
 * Makes one environment what its owner wants: reads the row, looks at the spawner, asks the state machine for the next step,
 * stores it, then runs at most one outside effect. Level-triggered: every call starts from what is true now, so a crash between
 * any two lines is mended by the next call. services/reconciler decides when to call; nothing here waits or retries.
 */
import type { EnvironmentRow } from '../../../prisma-free-db/repositories/environments.ts';
import type { StorageRow } from '../../../prisma-free-db/repositories/storages.ts';
import { canMove, type Decision, decide, type Failure, mergeSteps, type Observed } from '../../domain/environment.ts';
import { AppError, toAppError } from '../../domain/errors.ts';
import type { EnvironmentId } from '../../domain/ids.ts';
import type { EnvironmentSpec, Spawner } from '../../ports/spawner/spawner.ts';
import type { MountSpec } from '../../ports/storage/storage.ts';
import { runOf } from '../applications/list.ts';
import { type AuditAction, record, SYSTEM } from '../audit.ts';
import { within } from '../deadline.ts';
import { type Deps, environmentUrl } from '../deps.ts';
import { limitsOf } from '../limits.ts';
import { openForStart } from '../secrets/open-for-start.ts';
import { launchContext } from '../secrets/sealing.ts';
import { noteSync } from './note-sync.ts';

const STOP_GRACE_SECONDS = 10;
const WORKSPACE_PATH = '/workspace';

/** @returns `again` when the caller should look once more soon. @throws whatever the provider throws; the caller backs off */
export async function reconcileEnvironment(deps: Deps, id: EnvironmentId): Promise<'settled' | 'again'> {
  const row = deps.environments.find(id);
  if (!row) return 'settled';
  const spawner = deps.spawnerOf(row.provider);
  const snapshot = await within(deps.effectMs, spawner.poll(id));
  noteSync(deps, row, snapshot.sync);
  let decision = decide(row, snapshot.observed);
  if (decision.action === 'start') {
    const ready = storageReadiness(deps, row);
    if (ready === 'waiting') return 'settled';
    // One commit for storage and start: each costs a launch its wait for the disk.
    const steps = mergeSteps(decision.steps, [{ step: 'storage', at: deps.now() }]);
    decision =
      ready === 'ready'
        ? { ...decision, steps }
        : { phase: 'failed', failure: ready, steps: row.steps, action: 'none' };
  }
  if (!store(deps, row, decision, snapshot.observed)) return 'again';
  return run(deps, { ...row, phase: decision.phase, steps: decision.steps }, decision, spawner);
}

/** One effect; ordered by a durable row, safe to repeat. */
async function run(
  deps: Deps,
  row: EnvironmentRow,
  decision: Decision,
  spawner: Spawner,
): Promise<'settled' | 'again'> {
  switch (decision.action) {
    case 'none':
      return 'settled';
    case 'start': {
      try {
        const spec = await environmentSpec(deps, row);
        await within(
          deps.effectMs,
          deps.db.effect(() => spawner.start(spec)),
        );
      } catch (error) {
        const known = toAppError(error);
        if (known.retryable) throw error;
        deps.log.warn('environment cannot start', {
          environmentId: row.id,
          code: known.code,
          cause: String(known.cause ?? ''),
        });
        store(deps, row, { phase: 'failed', failure: startFailure(deps, known), steps: row.steps, action: 'none' });
      }
      return 'settled';
    }
    case 'stop':
      await within(
        deps.effectMs,
        deps.db.effect(() => spawner.stop(row.id, { graceSeconds: STOP_GRACE_SECONDS })),
      );
      return 'settled';
    case 'remove':
      await within(
        deps.effectMs,
        deps.db.effect(() => spawner.remove(row.id, { keepHome: true })),
      );
      deps.db.write(() => {
        deps.environments.delete(row.id);
        deps.syncs.delete(row.id);
        deps.feed.publish(row.ownerId, 'environment', row.id);
        const { storageId } = row;
        if (storageId) deps.db.afterCommit(() => deps.wake({ storageId }));
      });
      deps.revocations.announce({ environmentId: row.id });
      return 'settled';
  }
}

/** Writes the decision unless the row moved on meanwhile. @returns false when it did: decide again */
function store(deps: Deps, row: EnvironmentRow, decision: Decision, observed?: Observed): boolean {
  const changed =
    decision.phase !== row.phase ||
    decision.steps.length !== row.steps.length ||
    (decision.failure?.at ?? 0) !== (row.failure?.at ?? 0);
  const selfEnded = decision.phase === 'stopped' && row.desired === 'running';
  if (!changed && !selfEnded) return true;
  const stored = deps.db.write(() => {
    const now = deps.environments.find(row.id);
    if (!now || now.desired !== row.desired || now.generation !== row.generation || now.phase !== row.phase)
      return false;
    if (!canMove(row.phase, decision.phase))
      throw new AppError('internal', `illegal move ${row.phase} → ${decision.phase}`);
    const becameReady = decision.phase === 'running' && row.phase !== 'running';
    const readyAt = becameReady
      ? (decision.steps.find((step) => step.step === 'ready')?.at ?? deps.now())
      : row.readyAt;
    const limit = limitsOf(deps, row.ownerId).uptimeMs;
    deps.environments.update(row.id, {
      phase: decision.phase,
      phaseAt: decision.phase === row.phase ? row.phaseAt : deps.now(),
      steps: decision.steps,
      failure: decision.failure,
      readyAt,
      deadlineAt: becameReady ? (limit === null ? null : (readyAt ?? deps.now()) + limit) : row.deadlineAt,
      ...(selfEnded ? { desired: 'stopped' as const } : {}),
    });
    const action = phaseAudit(row.phase, decision.phase);
    if (action) {
      record(deps, SYSTEM, {
        action,
        ownerId: row.ownerId,
        targetId: row.id,
        targetName: row.name,
        result: action === 'environment.failed' ? 'failed' : 'done',
        details: decision.failure
          ? { reason: decision.failure.reason, message: decision.failure.message, exitCode: decision.failure.exitCode }
          : undefined,
      });
    }
    deps.feed.publish(row.ownerId, 'environment', row.id);
    return true;
  });
  if (stored && decision.phase !== row.phase && row.phase === 'running')
    deps.revocations.announce({ environmentId: row.id });
  if (stored && observed)
    deps.log.info('environment', {
      environmentId: row.id,
      phase: decision.phase,
      seen: observed.state,
      generation: row.generation,
    });
  return stored;
}

function phaseAudit(from: string, to: string): AuditAction | null {
  if (from === to) return null;
  if (to === 'running') return 'environment.ready';
  if (to === 'stopped') return 'environment.stopped';
  if (to === 'failed') return 'environment.failed';
  return null;
}

function storageReadiness(deps: Deps, row: EnvironmentRow): 'ready' | 'waiting' | Failure {
  if (!row.storageId) return 'ready';
  const storage = deps.storages.find(row.storageId);
  if (storage?.status === 'active') return 'ready';
  if (storage?.status === 'creating') return 'waiting';
  return {
    reason: 'storage_unavailable',
    message: storage?.failure ?? 'Its storage is not available any more. Launch again with another storage.',
    step: 'storage',
    exitCode: null,
    signal: null,
    retryHelps: false,
    at: deps.now(),
  };
}

function startFailure(deps: Deps, error: AppError): Failure {
  const reason =
    error.code === 'not_found' ? 'command_not_found' : error.code === 'resource_exhausted' ? 'quota' : 'start_failed';
  return {
    reason,
    message: error.message,
    step: 'started',
    exitCode: null,
    signal: null,
    retryHelps: error.code === 'resource_exhausted',
    at: deps.now(),
  };
}

async function environmentSpec(deps: Deps, row: EnvironmentRow): Promise<EnvironmentSpec> {
  const application = deps.applications.find(row.applicationId);
  if (!application) throw new AppError('failed_precondition', 'Its application was removed from the catalog.');
  const storage = row.storageId ? deps.storages.find(row.storageId) : undefined;
  const workspace = storage ? await within(deps.effectMs, workspaceOf(deps, row, storage)) : null;
  const kept = openForStart(deps, row.ownerId);
  return {
    id: row.id,
    generation: row.generation,
    ownerId: row.ownerId,
    slug: row.slug,
    name: row.name,
    size: { cpuMillicores: row.cpuMillicores, memoryMiB: row.memoryMiB, gpus: row.gpus },
    // What was given for this one environment goes before what holds for all.
    env: { ...kept.variables, ...openEnv(deps, row) },
    files: kept.files,
    workspace,
    url: environmentUrl(deps.deployment, row.slug),
    readyTimeoutMs: application.readyTimeoutMs,
    run: runOf(application, row.argv),
  };
}

/** What any file system can do, since a synced workspace is one. */
const DISK = { rename: true, append: true, overwrite: true, symlink: true, locks: true };

async function workspaceOf(deps: Deps, row: EnvironmentRow, storage: StorageRow): Promise<MountSpec> {
  const provider = deps.storageOf(storage.provider);
  const identity = deps.workloadIdentityOf(row.ownerId);
  if (!deps.deployment.syncedWorkspaces) return provider.mount(storage.bucket, WORKSPACE_PATH, identity);
  const access = await provider.syncAccess(storage.bucket, identity);
  return { kind: 'sync', access, mountPath: WORKSPACE_PATH, capabilities: DISK };
}

function openEnv(deps: Deps, row: EnvironmentRow): Record<string, string> {
  if (!row.sealedEnv) return {};
  const parsed: unknown = JSON.parse(deps.keys.open(row.sealedEnv, launchContext(row.id)));
  if (typeof parsed !== 'object' || parsed === null) throw new AppError('internal', 'Its variables could not be read.');
  return Object.fromEntries(Object.entries(parsed).map(([name, value]) => [name, String(value)]));
}
