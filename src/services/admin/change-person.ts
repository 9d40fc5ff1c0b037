/**
 * What administrators change about people. Each change, its guards and its audit entry are one transaction; a refused attempt
 * leaves an entry too. Called by the router `admin.users`, which has checked the role; the guards here are about whom it hits.
 */
import type { UserRow } from '../../../prisma-free-db/repositories/people.ts';
import { AppError, isAppError } from '../../domain/errors.ts';
import type { EnvironmentId, SessionId, UserId } from '../../domain/ids.ts';
import type { LimitOverrides, Tier } from '../../domain/quota.ts';
import type { Actor, Role } from '../../domain/user.ts';
import { type AuditAction, record } from '../audit.ts';
import type { Deps } from '../deps.ts';
import type { Revoked } from '../revocations.ts';
import { stillAdmin, tellAdmins } from './administrators.ts';
import { existingPerson, isLastAdmin } from './people.ts';

interface Whom {
  id: UserId;
  /** Needed to act on oneself. */
  confirmSelf?: boolean;
}

/** What a change does once its guards let it: null when all is so already. */
interface Deed {
  before: Record<string, unknown>;
  after: Record<string, unknown>;
  details?: Record<string, unknown>;
  /** Whoever holds a permission or a connection by it is told after the commit. */
  revoked?: Revoked[];
}

/** Bites at the person's next call; ways in that a former administrator gave out are closed. @throws not_found; failed_precondition for the last administrator, or oneself unconfirmed */
export function setRole(deps: Deps, actor: Actor, input: Whom & { role: Role; reason: string }): void {
  change(deps, actor, { ...input, action: 'user.role' }, (row) => {
    if (row.role === input.role) return null;
    if (isLastAdmin(deps, row)) throw lastAdmin('lose the role');
    deps.people.updateUser(row.id, { role: input.role });
    const revokedInvitations = input.role === 'admin' ? 0 : deps.invitations.deleteOpenOf(row.id, deps.now());
    return {
      before: { role: row.role },
      after: { role: input.role },
      details: { reason: input.reason, ...(revokedInvitations > 0 ? { revokedInvitations } : {}) },
    };
  });
}

/**
 * Deactivating ends all sessions, and with them open streams and sockets, at once, and closes the ways in that the person gave out.
 * @throws not_found; failed_precondition for the last administrator, or oneself unconfirmed
 */
export function setActive(
  deps: Deps,
  actor: Actor,
  input: Whom & { active: boolean; reason: string; stopEnvironments: boolean },
): void {
  const action = input.active ? 'user.activate' : 'user.deactivate';
  change(deps, actor, { ...input, action }, (row) => {
    if (row.awaitsApprovalSince !== null)
      throw new AppError('failed_precondition', 'This person waits for approval: approve or refuse them instead.', {
        details: { reason: 'awaiting' },
      });
    if (row.active === input.active) return null;
    if (!input.active && isLastAdmin(deps, row)) throw lastAdmin('be deactivated');
    deps.people.updateUser(row.id, { active: input.active });
    const revokedInvitations = input.active ? 0 : deps.invitations.deleteOpenOf(row.id, deps.now());
    const sessions = input.active ? 0 : deps.people.deleteSessionsOf(row.id);
    const stopped = !input.active && input.stopEnvironments ? stopEnvironmentsOf(deps, actor, row.id) : [];
    return {
      before: { active: row.active },
      after: { active: input.active },
      details: {
        reason: input.reason,
        ...(input.active ? {} : { sessions, stoppedEnvironments: stopped.length }),
        ...(revokedInvitations > 0 ? { revokedInvitations } : {}),
      },
      revoked: input.active ? [] : [{ userId: row.id }, ...stopped.map((environmentId) => ({ environmentId }))],
    };
  });
}

/** Tier and own limits together; what `overrides` leaves out is as the tier has it. Running environments keep what they have. */
export function setLimits(
  deps: Deps,
  actor: Actor,
  input: Whom & { tier: Tier; overrides: LimitOverrides; reason: string },
): void {
  change(deps, actor, { ...input, action: 'user.limits' }, (row) => {
    const before = { tier: row.tier, overrides: row.limitOverrides ?? {} };
    const after = { tier: input.tier, overrides: input.overrides };
    if (JSON.stringify(before) === JSON.stringify(after)) return null;
    const own = Object.keys(input.overrides).length > 0 ? input.overrides : null;
    deps.people.updateUser(row.id, { tier: input.tier, limitOverrides: own });
    return { before, after, details: { reason: input.reason } };
  });
}

export function setNotes(deps: Deps, actor: Actor, input: Whom & { notes: string }): void {
  change(deps, actor, { ...input, action: 'user.notes' }, (row) => {
    if (row.notes === input.notes) return null;
    deps.people.updateUser(row.id, { notes: input.notes });
    return { before: { notes: row.notes }, after: { notes: input.notes } };
  });
}

/** One session, or all of them. @throws not_found when the one has ended already */
export function endSessions(
  deps: Deps,
  actor: Actor,
  input: Whom & { sessionId: SessionId | null },
): { ended: number } {
  let ended = 0;
  change(deps, actor, { ...input, action: 'user.sessions' }, (row) => {
    const { sessionId } = input;
    const sessions = deps.people.sessionsOf(row.id).length;
    if (sessionId && !deps.people.deleteSession(row.id, sessionId))
      throw new AppError('not_found', 'This session has already ended.');
    ended = sessionId ? 1 : deps.people.deleteSessionsOf(row.id);
    if (ended === 0) return null;
    return {
      before: { sessions },
      after: { sessions: sessions - ended },
      details: sessionId ? { sessionId } : {},
      revoked: [sessionId ? { sessionId } : { userId: row.id }],
    };
  });
  return { ended };
}

/** One change to a person with guards, audit entry and word to whoever looks at it. */
export function change(
  deps: Deps,
  actor: Actor,
  asked: Whom & { action: AuditAction },
  decide: (row: UserRow) => Deed | null,
): void {
  const outcome = deps.db.write((): { refused: AppError } | { revoked: Revoked[] } => {
    const row = existingPerson(deps, asked.id);
    // What administrators note about a person is no part of that person's own activity.
    const ownerId = asked.action === 'user.notes' ? null : row.id;
    const about = { action: asked.action, ownerId, targetId: row.id, targetName: row.email };
    try {
      stillAdmin(deps, actor);
      refuseSelf(actor, asked);
      const deed = decide(row);
      if (!deed) return { revoked: [] };
      const { before, after, details } = deed;
      record(deps, actor, { ...about, before, after, ...(details ? { details } : {}) });
      deps.feed.publish(row.id, 'profile', row.id);
      tellAdmins(deps, row.id);
      return { revoked: deed.revoked ?? [] };
    } catch (error) {
      // Thrown before anything was written, so that this entry is all that the attempt leaves.
      if (!isRefusal(error)) throw error;
      record(deps, actor, { ...about, result: 'denied', details: { why: error.message } });
      return { refused: error };
    }
  });
  if ('refused' in outcome) throw outcome.refused;
  for (const revoked of outcome.revoked) deps.revocations.announce(revoked);
}

function isRefusal(error: unknown): error is AppError {
  return isAppError(error) && (error.code === 'failed_precondition' || error.code === 'permission_denied');
}

function refuseSelf(actor: Actor, { id, confirmSelf }: Whom): void {
  if (id === actor.userId && confirmSelf !== true)
    throw new AppError('failed_precondition', 'This is your own account. Confirm that you mean it.', {
      details: { confirm: 'self' },
    });
}

function lastAdmin(what: string): AppError {
  return new AppError(
    'failed_precondition',
    `The last active administrator cannot ${what}. Make somebody else an administrator first.`,
    { details: { reason: 'last_admin' } },
  );
}

/** Inside the transaction. */
function stopEnvironmentsOf(deps: Deps, actor: Actor, ownerId: UserId): EnvironmentId[] {
  return deps.environments.wantedOf(ownerId).map(({ id, name, phase }) => {
    const atRest = phase === 'stopped' || phase === 'failed';
    deps.environments.update(id, {
      desired: 'stopped',
      resume: false,
      ...(atRest ? {} : { phase: 'stopping', phaseAt: deps.now() }),
    });
    record(deps, actor, { action: 'environment.stop', ownerId, targetId: id, targetName: name });
    deps.feed.publish(ownerId, 'environment', id);
    deps.db.afterCommit(() => deps.wake({ environmentId: id }));
    return id;
  });
}
