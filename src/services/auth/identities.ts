/**
 * Several accounts of one person: added only by fresh proof of both (a new sign-in with the old one, then one with the new one),
 * never by an e-mail that happens to be the same.
 */
import { AppError } from '../../domain/errors.ts';
import type { Actor, Identity } from '../../domain/user.ts';
import { record } from '../audit.ts';
import type { Deps } from '../deps.ts';

/** How long ago somebody may have signed in to change how they sign in. */
export const FRESH_MS = 10 * 60_000;
const MOST = 10;

export interface IdentityView {
  issuer: string;
  subject: string;
  /** Of the provider that vouches for the issuer; the issuer itself where none does any more. */
  label: string;
  email: string;
  createdAt: number;
  lastUsedAt: number;
  /** This session was proven by it. */
  current: boolean;
}

export interface IdentitiesView {
  identities: IdentityView[];
  /** Whether this sign-in is young enough to change them. */
  fresh: boolean;
  /** The provider that this session came by; null where it was a link. */
  current: string | null;
  /** Whose accounts can be added. */
  providers: { name: string; label: string; mark: string | null }[];
}

export function listIdentities(deps: Deps, actor: Actor): IdentitiesView {
  const session = deps.people.findSession(actor.sessionId)?.session;
  const identities = deps.people.identitiesOf(actor.userId).map(({ userId: _, ...identity }) => ({
    ...identity,
    label: labelOf(deps, identity.issuer),
    current: session?.issuer === identity.issuer && session.subject === identity.subject,
  }));
  const issuers = deps.identityProviders.filter(({ client }) => client !== undefined);
  return {
    identities,
    fresh: isFresh(deps, actor),
    current:
      issuers.find((provider) => session !== undefined && provider.issuers.includes(session.issuer))?.name ?? null,
    providers: issuers.map(({ name, label, mark = null }) => ({ name, label, mark })),
  };
}

export function labelOf(deps: Deps, issuer: string): string {
  return deps.identityProviders.find(({ issuers }) => issuers.includes(issuer))?.label ?? issuer;
}

function isFresh(deps: Deps, actor: Actor): boolean {
  const session = deps.people.findSession(actor.sessionId)?.session;
  return session !== undefined && session.createdAt + FRESH_MS > deps.now();
}

/** @throws failed_precondition with `details {reason: 'stale'}` when this session was signed in too long ago */
export function requireFresh(deps: Deps, actor: Actor): void {
  if (isFresh(deps, actor)) return;
  throw new AppError('failed_precondition', 'Sign in again first: this needs a sign-in of the last ten minutes.', {
    details: { reason: 'stale' },
  });
}

/**
 * Adds a verified identity to the actor's own; one that is there already stays as it is.
 * @throws failed_precondition `{reason: 'stale'}`; already_exists `{reason: 'taken'}` when it is another person's;
 * resource_exhausted `{reason: 'too_many_accounts'}`
 */
export function linkIdentity(deps: Deps, actor: Actor, identity: Identity): void {
  requireFresh(deps, actor);
  const taken = deps.db.write(() => {
    const owner = deps.people.findByIdentity(identity.issuer, identity.subject);
    if (owner?.id === actor.userId) return false;
    const entry = {
      action: 'identity.link',
      ownerId: actor.userId,
      targetId: actor.userId,
      targetName: identity.email || identity.subject.slice(0, 120),
      details: { issuer: identity.issuer },
    } as const;
    if (owner) {
      record(deps, actor, { ...entry, result: 'denied' });
      return true;
    }
    if (deps.people.identitiesOf(actor.userId).length >= MOST)
      throw new AppError('resource_exhausted', `${MOST} accounts are the most. Remove one that you no longer use.`, {
        details: { reason: 'too_many_accounts' },
      });
    deps.people.insertIdentity(identity, actor.userId, deps.now());
    record(deps, actor, entry);
    deps.feed.publish(actor.userId, 'profile', actor.userId);
    return false;
  });
  if (taken)
    throw new AppError('already_exists', 'This account signs in somebody else here. It was not added.', {
      details: { reason: 'taken' },
    });
}

/**
 * Takes an identity away; the sessions that it proved end.
 * @throws failed_precondition when it is the last one or the sign-in is not fresh; not_found
 */
export function unlinkIdentity(
  deps: Deps,
  actor: Actor,
  { issuer, subject }: { issuer: string; subject: string },
): void {
  requireFresh(deps, actor);
  const ended = deps.db.write(() => {
    const own = deps.people.identitiesOf(actor.userId);
    const gone = own.find((identity) => identity.issuer === issuer && identity.subject === subject);
    if (!gone) throw new AppError('not_found', 'This account is not one of yours any more.');
    if (own.length === 1)
      throw new AppError(
        'failed_precondition',
        'This is the only account that you sign in with. Add another one first.',
      );
    deps.people.deleteIdentity(actor.userId, { issuer, subject });
    record(deps, actor, {
      action: 'identity.unlink',
      ownerId: actor.userId,
      targetId: actor.userId,
      targetName: gone.email || subject.slice(0, 120),
      details: { issuer },
    });
    deps.feed.publish(actor.userId, 'profile', actor.userId);
    return deps.people.deleteSessionsProvenBy(actor.userId, { issuer, subject });
  });
  for (const sessionId of ended) deps.revocations.announce({ sessionId });
}
