/**
 * Ways in that administrators give out by link. The link is shown once; what is kept is the hash of its secret. Who uses one comes
 * in by services/auth/exchange, with the role and tier that were settled here.
 */

import { randomBytes } from 'node:crypto';
import type { InvitationMark, InvitationWithPeople } from '../../../prisma-free-db/repositories/invitations.ts';
import { AppError } from '../../domain/errors.ts';
import { type InvitationId, newInvitationId, type UserId } from '../../domain/ids.ts';
import type { Tier } from '../../domain/quota.ts';
import type { Actor, Role } from '../../domain/user.ts';
import { record } from '../audit.ts';
import type { Deps } from '../deps.ts';
import { hashSecret } from '../keys.ts';
import { stillAdmin, tellAdmins } from './administrators.ts';

const MAX_OPEN = 200;
const DAY_MS = 24 * 3_600_000;

export interface NewInvitation {
  /** Lower case; null: whoever has the link. */
  email: string | null;
  role: Role;
  tier: Tier;
  /** How long the link works. */
  days: number;
}

/**
 * The secret travels in the fragment, which no server and no log ever sees.
 * @throws failed_precondition when nobody else may come in here; invalid_argument without an e-mail where the invitation itself
 * is the account; resource_exhausted at 200 open ones
 */
export function createInvitation(
  deps: Deps,
  actor: Actor,
  { email, role, tier, days }: NewInvitation,
): { id: InvitationId; url: string; expiresAt: number } {
  const id = newInvitationId();
  const secret = randomBytes(32).toString('base64url');
  const now = deps.now();
  const expiresAt = now + days * DAY_MS;
  deps.db.write(() => {
    stillAdmin(deps, actor);
    const whom = invitable(deps);
    if (whom === 'nobody')
      throw new AppError(
        'failed_precondition',
        'Everybody would share one account of this machine, which others can reach. Set ALLOW_SHARED_ACCOUNT=yes if you trust everybody that you invite.',
      );
    if (whom === 'named' && email === null)
      throw new AppError('invalid_argument', 'Say whose e-mail address it is for: people sign in by this link alone.');
    if (deps.invitations.countOpen(now) >= MAX_OPEN)
      throw new AppError(
        'resource_exhausted',
        `${MAX_OPEN} invitations are open, which is the most. Revoke some that nobody will use.`,
      );
    deps.invitations.insert({
      id,
      hash: hashSecret(secret),
      email,
      role,
      tier,
      createdBy: actor.userId,
      createdAt: now,
      expiresAt,
    });
    record(deps, actor, {
      action: 'invitation.create',
      ownerId: actor.userId,
      targetId: id,
      targetName: email,
      details: { role, tier, expiresAt },
    });
    tellAdmins(deps, id);
  });
  return { id, url: `${deps.deployment.appOrigin}/sign-in#invitation=${secret}`, expiresAt };
}

/** `anyone`: who has the link shows it at an issuer; `named`: the link itself signs in the person that it names. */
export const INVITABLE = ['anyone', 'named', 'nobody'] as const;
export type Invitable = (typeof INVITABLE)[number];

export function invitable(deps: Pick<Deps, 'identityProviders' | 'deployment'>): Invitable {
  if (deps.identityProviders.some(({ kind }) => kind !== 'link')) return 'anyone';
  return deps.deployment.severalUsers ? 'named' : 'nobody';
}

export type InvitationState = 'open' | 'used' | 'expired';

export interface InvitationView {
  id: InvitationId;
  state: InvitationState;
  email: string | null;
  role: Role;
  tier: Tier;
  createdAt: number;
  expiresAt: number;
  createdBy: { id: UserId; name: string };
  usedAt: number | null;
  /** null also when whoever used it is no longer here. */
  usedBy: { id: UserId; name: string } | null;
}

/** Newest first. */
export function listInvitations(
  deps: Deps,
  { cursor, limit }: { cursor?: InvitationMark; limit: number },
): { invitations: InvitationView[]; next: InvitationMark | null } {
  const now = deps.now();
  const rows = deps.invitations.page({ after: cursor ?? null, limit: limit + 1 });
  const last = rows.length > limit ? rows[limit - 1]?.invitation : undefined;
  return {
    invitations: rows.slice(0, limit).map((row) => invitationView(row, now)),
    next: last ? { createdAt: last.createdAt, id: last.id } : null,
  };
}

function invitationView({ invitation, createdBy, usedBy }: InvitationWithPeople, now: number): InvitationView {
  const { id, email, role, tier, createdAt, expiresAt, usedAt } = invitation;
  const state = usedAt !== null ? 'used' : expiresAt <= now ? 'expired' : 'open';
  return { id, state, email, role, tier, createdAt, expiresAt, createdBy, usedAt, usedBy };
}

/** Its link works no more; one that has expired is taken off the list. @throws not_found; failed_precondition when it was used */
export function revokeInvitation(deps: Deps, actor: Actor, id: InvitationId): void {
  deps.db.write(() => {
    stillAdmin(deps, actor);
    const found = deps.invitations.find(id);
    if (!found) throw new AppError('not_found', 'There is no such invitation. Somebody else may have revoked it.');
    if (found.usedAt !== null)
      throw new AppError(
        'failed_precondition',
        'This invitation was used. Deactivate the person who came in by it, if they should not be here.',
      );
    deps.invitations.delete(id);
    record(deps, actor, {
      action: 'invitation.revoke',
      ownerId: found.createdBy,
      targetId: id,
      targetName: found.email,
      details: { role: found.role, tier: found.tier },
    });
    tellAdmins(deps, id);
  });
}
