/** What people see of an environment. Values of env vars are never read back. */
import type { ApplicationRow } from '../../../prisma-free-db/repositories/applications.ts';
import type { EnvironmentRow } from '../../../prisma-free-db/repositories/environments.ts';
import type { StorageRow } from '../../../prisma-free-db/repositories/storages.ts';
import type { Desired, Failure, Phase, Size, StepTime } from '../../domain/environment.ts';
import { AppError } from '../../domain/errors.ts';
import type { ApplicationId, EnvironmentId, StorageId } from '../../domain/ids.ts';
import type { Actor } from '../../domain/user.ts';
import type { WorkspaceSync } from '../../domain/workspace-sync.ts';
import { median } from '../applications/list.ts';
import { type Deps, environmentUrl } from '../deps.ts';

export interface EnvironmentView {
  id: EnvironmentId;
  name: string;
  slug: string;
  /** Its own origin. People go there by `/open/<id>`, which brings the ticket. */
  url: string;
  application: { id: ApplicationId; slug: string; name: string; icon: string };
  storage: { id: StorageId; displayName: string } | null;
  size: Size;
  envNames: string[];
  command: string | null;
  phase: Phase;
  desired: Desired;
  generation: number;
  steps: StepTime[];
  failure: Failure | null;
  createdAt: number;
  phaseAt: number;
  readyAt: number | null;
  deadlineAt: number | null;
  lastActivityAt: number | null;
  /** How far a synced workspace is kept, its lists cut short; null where the workspace is not synced. */
  sync: WorkspaceSync | null;
}

export function environmentView(deps: Deps, row: EnvironmentRow, names: Names = namesOf(deps)): EnvironmentView {
  const application = names.application(row.applicationId);
  const storage = row.storageId && names.storage(row.storageId);
  return {
    id: row.id,
    name: row.name,
    slug: row.slug,
    url: environmentUrl(deps.deployment, row.slug),
    application: {
      id: row.applicationId,
      slug: application?.slug ?? '',
      name: application?.name ?? 'Removed application',
      icon: application?.icon ?? 'box',
    },
    storage: storage ? { id: storage.id, displayName: storage.displayName } : null,
    size: { cpuMillicores: row.cpuMillicores, memoryMiB: row.memoryMiB, gpus: row.gpus },
    envNames: row.envNames,
    command: row.argv?.at(-1) ?? null,
    phase: row.phase,
    desired: row.desired,
    generation: row.generation,
    steps: row.steps,
    failure: row.failure,
    createdAt: row.createdAt,
    phaseAt: row.phaseAt,
    readyAt: row.readyAt,
    deadlineAt: row.deadlineAt,
    lastActivityAt: row.lastActivityAt,
    sync: shortened(deps.syncs.get(row.id)),
  };
}

const SHOWN = 5;

function shortened(sync: WorkspaceSync | undefined): WorkspaceSync | null {
  if (!sync) return null;
  return {
    ...sync,
    pendingPaths: sync.pendingPaths.slice(0, SHOWN),
    conflictList: sync.conflictList.slice(-SHOWN),
    skippedList: sync.skippedList.slice(0, SHOWN),
  };
}

/** What rows name by id, each read once: a page of environments has few applications and storages. */
interface Names {
  application(id: ApplicationId): ApplicationRow | undefined;
  storage(id: StorageId): StorageRow | undefined;
}

function namesOf(deps: Deps): Names {
  return { application: once(deps.applications.find), storage: once(deps.storages.find) };
}

function once<Id, Row>(find: (id: Id) => Row): (id: Id) => Row {
  const known = new Map<Id, Row>();
  return (id) => {
    const row = known.get(id) ?? find(id);
    known.set(id, row);
    return row;
  };
}

/** @throws not_found for unknown ids and for those of others alike */
export function ownedEnvironment(deps: Deps, actor: Actor, id: EnvironmentId): EnvironmentRow {
  const row = deps.environments.findOwned(actor.userId, id);
  if (!row) throw new AppError('not_found', 'This environment does not exist or is not yours.');
  return row;
}

export function getEnvironment(
  deps: Deps,
  actor: Actor,
  id: EnvironmentId,
): EnvironmentView & { usualReadyMs: number | null } {
  const row = ownedEnvironment(deps, actor, id);
  return { ...environmentView(deps, row), usualReadyMs: median(deps.environments.readyTimes(row.applicationId, 9)) };
}

export interface EnvironmentListInput {
  phases?: Phase[];
  applicationId?: ApplicationId;
  storageId?: StorageId;
  search?: string;
  cursor?: string;
  limit: number;
}

/** Newest first; `next` is the cursor of the following page. */
export function listEnvironments(
  deps: Deps,
  actor: Actor,
  input: EnvironmentListInput,
): { environments: EnvironmentView[]; next: string | null } {
  const { cursor, limit, ...filter } = input;
  const rows = deps.environments.page(actor.userId, {
    ...filter,
    after: cursor ? readCursor(cursor) : null,
    limit: limit + 1,
  });
  const names = namesOf(deps);
  const last = rows.length > limit ? rows[limit - 1] : undefined;
  return {
    environments: rows.slice(0, limit).map((row) => environmentView(deps, row, names)),
    next: last ? `${last.createdAt}.${last.id}` : null,
  };
}

function readCursor(cursor: string): { createdAt: number; id: EnvironmentId } {
  const match = /^(\d{1,16})\.(env-[0-9a-z]{20})$/.exec(cursor);
  if (!match) throw new AppError('invalid_argument', 'This page marker is not valid. Start again from the first page.');
  return { createdAt: Number(match[1]), id: match[2] as EnvironmentId };
}
