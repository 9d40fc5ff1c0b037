/** Ends sessions: this one, another of one's own, or all of them. Open streams and sockets are cut by the revocation. */

import { AppError } from '../../domain/errors.ts';
import type { SessionId } from '../../domain/ids.ts';
import type { Actor } from '../../domain/user.ts';
import { record } from '../audit.ts';
import { within } from '../deadline.ts';
import type { Deps } from '../deps.ts';

const ISSUER_ANSWER_MS = 1_500;

/** The provider at which this session's person is still signed in and can end that, too; null where that cannot be. */
export async function issuerToLeave(deps: Deps, actor: Actor): Promise<{ name: string; label: string } | null> {
  const issuer = deps.people.findSession(actor.sessionId)?.session.issuer;
  const provider = deps.identityProviders.find(({ issuers }) => issuer !== undefined && issuers.includes(issuer));
  if (!provider?.client) return null;
  // A slow issuer keeps nobody from leaving.
  const url = await within(ISSUER_ANSWER_MS, provider.client.signOutUrl(`${deps.deployment.appOrigin}/sign-in`)).catch(
    () => null,
  );
  return url === null ? null : { name: provider.name, label: provider.label };
}

export function signOut(deps: Deps, actor: Actor): void {
  end(deps, actor, actor.sessionId, 'session.sign_out');
}

/** @throws not_found when it is not a session of the actor's own */
export function revokeSession(deps: Deps, actor: Actor, sessionId: SessionId): void {
  if (!end(deps, actor, sessionId, 'session.revoke'))
    throw new AppError('not_found', 'This session has already ended.');
}

export function signOutEverywhere(deps: Deps, actor: Actor): { ended: number } {
  const ended = deps.db.write(() => {
    const count = deps.people.deleteSessionsOf(actor.userId);
    record(deps, actor, {
      action: 'session.revoke',
      ownerId: actor.userId,
      targetId: actor.userId,
      targetName: 'all sessions',
      details: { count },
    });
    return count;
  });
  deps.revocations.announce({ userId: actor.userId });
  return { ended };
}

function end(deps: Deps, actor: Actor, sessionId: SessionId, action: 'session.sign_out' | 'session.revoke'): boolean {
  const ended = deps.db.write(() => {
    if (!deps.people.deleteSession(actor.userId, sessionId)) return false;
    record(deps, actor, { action, ownerId: actor.userId, targetId: sessionId, targetName: null });
    return true;
  });
  // Only what was one's own: an id alone must not cut somebody else's streams.
  if (ended) deps.revocations.announce({ sessionId });
  return ended;
}
