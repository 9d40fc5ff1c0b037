/**
 * Notes what somebody asked for and was refused: what only administrators may do, what is somebody else's, what is over a limit.
 * Called by the API's procedure ladder and by the HTTP routes. One entry a minute for each session and thing: refusals cost the
 * caller nothing, and must not fill the trail.
 */
import type { AuditAction } from '../../domain/audit.ts';
import { type AppError, isAppError } from '../../domain/errors.ts';
import type { EnvironmentId, StorageId } from '../../domain/ids.ts';
import type { Actor } from '../../domain/user.ts';
import { isFirstLately } from '../activity/lately.ts';
import { type AuditEntry, record } from '../audit.ts';
import type { Deps } from '../deps.ts';

const AGAIN_MS = 60_000;

export function noteRefusedCall(deps: Deps, actor: Actor, call: string): void {
  note(deps, actor, call, { action: 'admin.call', ownerId: actor.userId, targetId: null, targetName: call });
}

/** Calls that a limit may refuse, and what they would have done. */
const LIMITED: Readonly<Record<string, AuditAction>> = {
  'environments.launch': 'environment.launch',
  'environments.start': 'environment.start',
  'environments.restart': 'environment.restart',
};

/**
 * A call of a signed-in person that failed. Whoever asks for what exists but is another's hears the same as for what does not
 * exist; the trail, and its owner, hear more.
 * @param call the procedure or route
 * @param input what it was asked with
 */
export function noteRefusal(deps: Deps, actor: Actor, { call, input, error }: Refused): void {
  if (!isAppError(error)) return;
  if (error.code === 'not_found') noteForeign(deps, actor, { call, input });
  const action = LIMITED[call];
  if (action && error.code === 'resource_exhausted') noteLimit(deps, actor, { action, input, error });
}

interface Refused {
  call: string;
  input: unknown;
  error: unknown;
}

function noteForeign(deps: Deps, actor: Actor, { call, input }: Omit<Refused, 'error'>): void {
  for (const id of idsIn(input)) {
    const thing = thingOf(deps, id);
    if (!thing || thing.ownerId === actor.userId) continue;
    note(deps, actor, id, { ...thing, targetId: id, details: { call } });
  }
}

function thingOf(deps: Deps, id: string): Pick<AuditEntry, 'action' | 'ownerId' | 'targetName'> | null {
  if (id.startsWith('env-')) {
    const row = deps.environments.find(id as EnvironmentId);
    return row ? { action: 'environment.access', ownerId: row.ownerId, targetName: row.name } : null;
  }
  const row = deps.storages.find(id as StorageId);
  return row ? { action: 'storage.access', ownerId: row.ownerId, targetName: row.displayName } : null;
}

function noteLimit(
  deps: Deps,
  actor: Actor,
  { action, input, error }: { action: AuditAction; input: unknown; error: AppError },
): void {
  const [id] = idsIn(input).filter((one) => one.startsWith('env-'));
  const row = id ? deps.environments.findOwned(actor.userId, id as EnvironmentId) : undefined;
  const asked = typeof input === 'object' && input !== null && 'name' in input ? String(input.name).slice(0, 64) : null;
  note(deps, actor, action, {
    action,
    ownerId: actor.userId,
    targetId: row?.id ?? null,
    targetName: row?.name ?? asked,
    details: { why: error.message },
  });
}

function note(deps: Deps, actor: Actor, about: string, entry: AuditEntry): void {
  if (!isFirstLately(deps, `refused ${actor.sessionId} ${about}`, { withinMs: AGAIN_MS })) return;
  deps.db.write(() => record(deps, actor, { ...entry, result: 'denied' }));
}

const ID = /^(env|sto)-[0-9a-z]{20}$/;

/** Ids of environments and storages that an input names, itself or one level down. */
function idsIn(input: unknown, depth = 2): string[] {
  if (typeof input === 'string') return ID.test(input) ? [input] : [];
  if (typeof input !== 'object' || input === null || Array.isArray(input) || depth === 0) return [];
  return [...new Set(Object.values(input).flatMap((value) => idsIn(value, depth - 1)))];
}
