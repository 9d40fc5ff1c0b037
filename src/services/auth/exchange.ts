/**
 * Where every way in ends: a verified identity becomes a user (found by issuer and subject, never by e-mail), a session row and
 * the token for the one cookie. Whoever is not let in leaves an entry in the trail and gets the reason.
 */
import type { UserRow } from '../../../prisma-free-db/repositories/people.ts';
import { admitNewcomer, type Decision, isAdminEmail, type Refusal, refuseKnown } from '../../domain/admission.ts';
import { AppError } from '../../domain/errors.ts';
import { newUserId, randomText, type SessionId, type UserId } from '../../domain/ids.ts';
import type { Identity, Origin } from '../../domain/user.ts';
import { tellAdmins } from '../admin/administrators.ts';
import { record } from '../audit.ts';
import type { Deps } from '../deps.ts';
import { hashSecret } from '../keys.ts';
import { insertStorage } from '../storage/create.ts';
import { insertSession, sessionToken } from './session.ts';

export interface Client {
  address: string;
  userAgent: string;
}

export interface SignIn {
  identity: Identity;
  client: Client;
  /** Let in by a link that the owner of the machine made. */
  byLink?: boolean;
  /** The secret of an invitation that this browser showed. */
  invitation?: string | null;
  /** The session that this browser had until now: it ends. */
  replaces?: SessionId | null;
}

/** What a person is told; the reason in `details` lets the pages say it in the person's language. */
const REFUSED: Readonly<Record<Refusal, string>> = {
  deactivated: 'This account is deactivated. An administrator can activate it again.',
  awaiting: 'This account waits for an administrator to let it in.',
  not_listed: 'This deployment lets in certain people only, and this e-mail address is not among them.',
  unverified: 'The e-mail address of this account is not verified. Verify it there, then sign in again.',
  uninvited: 'This deployment lets in new people by invitation only.',
  wrong_invitation: 'This invitation is for another e-mail address, was used, or has expired.',
};

type Outcome = { sessionId: SessionId; userId: UserId; ended: SessionId | null } | { refused: Refusal };

/** @throws permission_denied with `details {reason: Refusal}` */
export async function exchange(
  deps: Deps,
  signIn: SignIn,
): Promise<{ token: string; userId: UserId; sessionId: SessionId }> {
  const origin: Origin = {
    address: signIn.client.address,
    agent: signIn.client.userAgent.slice(0, 256),
    correlationId: randomText(10),
  };
  const outcome = deps.db.write(() => comeIn(deps, signIn, origin));
  if ('refused' in outcome)
    throw new AppError('permission_denied', REFUSED[outcome.refused], { details: { reason: outcome.refused } });
  const { sessionId, userId, ended } = outcome;
  if (ended) deps.revocations.announce({ sessionId: ended });
  return { token: await sessionToken(deps, sessionId), userId, sessionId };
}

/** Inside the transaction: a refusal returns, so that what is kept of it is committed. */
function comeIn(deps: Deps, signIn: SignIn, origin: Origin): Outcome {
  const { identity, client } = signIn;
  const known = deps.people.findByIdentity(identity.issuer, identity.subject);
  const admitted = known ? welcomeBack(deps, known, identity, origin) : welcome(deps, signIn, origin);
  if ('refused' in admitted) {
    record(
      deps,
      { userId: known?.id ?? null, name: known?.name ?? identity.name, ...origin },
      {
        action: 'session.refused',
        ownerId: known?.id ?? null,
        targetId: known?.id ?? null,
        targetName: identity.email || identity.subject.slice(0, 120),
        result: 'denied',
        details: { reason: admitted.refused, issuer: identity.issuer },
      },
    );
    return admitted;
  }
  const { userId, name } = admitted;
  const now = deps.now();
  deps.people.touchIdentity(identity, now);
  deps.people.updateProfile(userId, { lastSeenAt: now });
  const sessionId = insertSession(deps, userId, { identity, client });
  record(
    deps,
    { userId, name, ...origin },
    {
      action: 'session.sign_in',
      ownerId: userId,
      targetId: sessionId,
      targetName: client.userAgent.slice(0, 120),
      details: { issuer: identity.issuer },
    },
  );
  return { sessionId, userId, ended: endReplaced(deps, signIn.replaces ?? null) };
}

/** A browser holds one session: what it signed in as before must not live on without a cookie. */
function endReplaced(deps: Deps, sessionId: SessionId | null): SessionId | null {
  const found = sessionId === null ? undefined : deps.people.findSession(sessionId);
  return found && deps.people.deleteSession(found.user.id, found.session.id) ? found.session.id : null;
}

type Admitted = { userId: UserId; name: string } | { refused: Refusal };

function welcomeBack(deps: Deps, known: UserRow, identity: Identity, origin: Origin): Admitted {
  const { door } = deps.deployment;
  const refused = refuseKnown(known, identity, door);
  if (refused) return { refused };
  const actor = { userId: known.id, name: known.name, ...origin };
  if (isAdminEmail(identity, door) && known.role !== 'admin') {
    deps.people.updateUser(known.id, { role: 'admin' });
    record(deps, actor, {
      action: 'user.role',
      ownerId: known.id,
      targetId: known.id,
      targetName: known.name,
      details: { reason: 'ADMIN_EMAILS' },
      before: { role: known.role },
      after: { role: 'admin' },
    });
  }
  followEmail(deps, known, identity, actor);
  return { userId: known.id, name: known.name };
}

/** The address that the issuer tells now, when the one that we knew came from this identity, too. */
function followEmail(deps: Deps, known: UserRow, identity: Identity, actor: Parameters<typeof record>[1]): void {
  if (identity.email === '' || identity.email === known.email) return;
  const before = deps.people
    .identitiesOf(known.id)
    .find(({ issuer, subject }) => issuer === identity.issuer && subject === identity.subject);
  if (before?.email !== known.email) return;
  deps.people.updateProfile(known.id, { email: identity.email });
  record(deps, actor, {
    action: 'user.email',
    ownerId: known.id,
    targetId: known.id,
    targetName: known.name,
    before: { email: known.email },
    after: { email: identity.email },
  });
}

/** The first user claims the admin role while no user exists. Each user who comes in gets a storage. */
function welcome(deps: Deps, { identity, byLink = false, invitation }: SignIn, origin: Origin): Admitted {
  const { door, embedded } = deps.deployment;
  const first = deps.people.countUsers() === 0;
  const shown = invitation ? deps.invitations.findUsable(hashSecret(invitation), deps.now()) : null;
  const decision = admitNewcomer(
    { identity, first, invitation: shown ?? null, byLink },
    { ...door, defaultTier: deps.tiers.newcomers() },
  );
  if (decision.kind === 'refuse') return { refused: invitation && !shown ? 'wrong_invitation' : decision.reason };
  const id = newUserId();
  insertNewcomer(deps, { id, identity, decision, tier: embedded && first ? 'enterprise' : decision.tier });
  const actor = { userId: id, name: identity.name, ...origin };
  record(deps, actor, {
    action: 'user.create',
    ownerId: id,
    targetId: id,
    targetName: identity.email,
    details:
      decision.kind === 'wait'
        ? { issuer: identity.issuer, awaits: 'approval' }
        : { issuer: identity.issuer, role: decision.role, admission: decision.admission },
  });
  if (decision.kind === 'wait') {
    tellAdmins(deps, id);
    return { refused: 'awaiting' };
  }
  if (shown && decision.admission === 'invitation') {
    deps.invitations.markUsed(shown.id, id, deps.now());
    tellAdmins(deps, shown.id);
    record(deps, actor, { action: 'invitation.use', ownerId: id, targetId: shown.id, targetName: shown.email });
  }
  insertStorage(deps, id, { displayName: 'My files' });
  return { userId: id, name: identity.name };
}

function insertNewcomer(
  deps: Deps,
  newcomer: { id: UserId; identity: Identity; decision: Exclude<Decision, { kind: 'refuse' }>; tier: UserRow['tier'] },
): void {
  const { id, identity, decision, tier } = newcomer;
  const now = deps.now();
  const waits = decision.kind === 'wait';
  deps.people.insertUser({
    id,
    email: identity.email,
    name: identity.name,
    role: waits ? 'user' : decision.role,
    tier,
    active: !waits,
    admission: waits ? 'open' : decision.admission,
    awaitsApprovalSince: waits ? now : null,
    createdAt: now,
  });
  deps.people.insertIdentity(identity, id, now);
}
