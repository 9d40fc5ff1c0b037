/** Stop, start, restart, rename, delete: each changes what is wanted; the reconciler makes it true. All are idempotent. */
import type { EnvironmentRow } from '../../../prisma-free-db/repositories/environments.ts';
import { isEnvironmentName } from '../../domain/environment.ts';
import { AppError } from '../../domain/errors.ts';
import type { EnvironmentId } from '../../domain/ids.ts';
import type { Actor } from '../../domain/user.ts';
import { type AuditAction, record } from '../audit.ts';
import type { Deps } from '../deps.ts';
import { limitsOf } from '../limits.ts';
import { refuseOverQuota } from './launch.ts';
import { type EnvironmentView, environmentView, ownedEnvironment } from './view.ts';

/** Also cancels a launch that is under way. */
export function stopEnvironment(deps: Deps, actor: Actor, id: EnvironmentId): EnvironmentView {
  return change(deps, actor, id, 'environment.stop', (row) => {
    if (row.desired === 'stopped' && !row.resume) return null;
    const atRest = row.phase === 'stopped' || row.phase === 'failed';
    return { desired: 'stopped', resume: false, ...(atRest ? {} : { phase: 'stopping', phaseAt: deps.now() }) };
  });
}

/** @throws resource_exhausted when it does not fit any more */
export async function startEnvironment(deps: Deps, actor: Actor, id: EnvironmentId): Promise<EnvironmentView> {
  const capacity = await deps.capacity();
  return change(deps, actor, id, 'environment.start', (row) => {
    if (row.desired === 'running' && row.phase !== 'failed' && row.phase !== 'stopped') return null;
    const size = { cpuMillicores: row.cpuMillicores, memoryMiB: row.memoryMiB, gpus: row.gpus };
    // A row that is still stopping counts in the usage already.
    if (row.phase !== 'stopping') refuseOverQuota(deps, actor, capacity, size);
    return freshStart(deps, row);
  });
}

/** Keeps application, storage, size and variables. */
export function restartEnvironment(deps: Deps, actor: Actor, id: EnvironmentId): EnvironmentView {
  return change(deps, actor, id, 'environment.restart', (row) => {
    if (row.phase !== 'running' && row.phase !== 'starting')
      throw new AppError('failed_precondition', 'Only a running environment can be restarted. Start it instead.');
    return freshStart(deps, row);
  });
}

/** What a new start of a row looks like; a live older generation is stopped first by the reconciler. */
export function freshStart(deps: Pick<Deps, 'now'>, row: EnvironmentRow): Partial<EnvironmentRow> {
  const now = deps.now();
  const live = row.phase === 'running' || row.phase === 'starting' || row.phase === 'stopping';
  return {
    desired: 'running',
    resume: false,
    generation: row.generation + 1,
    phase: live ? 'stopping' : 'pending',
    phaseAt: now,
    steps: [{ step: 'accepted', at: now }],
    failure: null,
    readyAt: null,
    deadlineAt: null,
  };
}

export function renameEnvironment(
  deps: Deps,
  actor: Actor,
  input: { id: EnvironmentId; name: string },
): EnvironmentView {
  if (!isEnvironmentName(input.name))
    throw new AppError('invalid_argument', 'The name must have 1 to 64 characters, without spaces at its ends.');
  return change(deps, actor, input.id, 'environment.rename', (row) =>
    row.name === input.name ? null : { name: input.name },
  );
}

/** Ends it and forgets it; its storage stays. */
export function deleteEnvironment(deps: Deps, actor: Actor, id: EnvironmentId): void {
  change(deps, actor, id, 'environment.delete', () => ({ desired: 'deleted', resume: false }));
}

/** Moves the uptime deadline to the full limit from now. @throws failed_precondition when there is none */
export function extendEnvironment(deps: Deps, actor: Actor, id: EnvironmentId): EnvironmentView {
  return change(deps, actor, id, 'environment.extend', (row) => {
    const limit = limitsOf(deps, row.ownerId).uptimeMs;
    if (row.deadlineAt === null || limit === null)
      throw new AppError('failed_precondition', 'This environment has no uptime limit.');
    return { deadlineAt: deps.now() + limit };
  });
}

function change(
  deps: Deps,
  actor: Actor,
  id: EnvironmentId,
  action: AuditAction,
  decide: (row: EnvironmentRow) => Partial<EnvironmentRow> | null,
): EnvironmentView {
  const { view, ended } = deps.db.write(() => {
    const row = ownedEnvironment(deps, actor, id);
    const update = decide(row);
    if (!update) return { view: environmentView(deps, row), ended: false };
    deps.environments.update(id, update);
    record(deps, actor, { action, ownerId: row.ownerId, targetId: id, targetName: update.name ?? row.name });
    deps.feed.publish(row.ownerId, 'environment', id);
    deps.db.afterCommit(() => deps.wake({ environmentId: id }));
    return { view: environmentView(deps, { ...row, ...update }), ended: update.desired !== undefined };
  });
  if (ended) deps.revocations.announce({ environmentId: id });
  return view;
}
