/**
 * Where every way in ends: a verified identity becomes a user (found by issuer and subject, never by e-mail), a session row and
 * the token for the one cookie.
 */
import { AppError } from '../../domain/errors.ts';
import { newUserId, type UserId } from '../../domain/ids.ts';
import type { Identity, Role } from '../../domain/user.ts';
import { record } from '../audit.ts';
import type { Deps } from '../deps.ts';
import { insertStorage } from '../storage/create.ts';
import { insertSession, sessionToken } from './session.ts';

export interface Client {
  address: string;
  userAgent: string;
}

/** @throws permission_denied when the account is deactivated */
export async function exchange(
  deps: Deps,
  identity: Identity,
  client: Client,
): Promise<{ token: string; userId: UserId }> {
  const { sessionId, userId } = deps.db.write(() => {
    const now = deps.now();
    const known = deps.people.findByIdentity(identity.issuer, identity.subject);
    const userId = known?.id ?? createUser(deps, identity, client);
    if (known && !known.active) {
      throw new AppError(
        'permission_denied',
        'This account is deactivated. Ask an administrator of this deployment to activate it again.',
      );
    }
    deps.people.touchIdentity(identity, now);
    deps.people.updateProfile(userId, { lastSeenAt: now });
    const sessionId = insertSession(deps, userId, client);
    record(
      deps,
      { userId, name: known?.name ?? identity.name, address: client.address, agent: client.userAgent },
      {
        action: 'session.sign_in',
        ownerId: userId,
        targetId: sessionId,
        targetName: client.userAgent.slice(0, 120),
      },
    );
    return { sessionId, userId };
  });
  return { token: await sessionToken(deps, sessionId), userId };
}

/** Inside the transaction: the first user claims the admin role while no user exists. Each user gets a storage at onboarding. */
function createUser(deps: Deps, identity: Identity, client: Client): UserId {
  const { deployment } = deps;
  const first = deps.people.countUsers() === 0;
  const listed = identity.emailVerified && deployment.adminEmails.includes(identity.email.toLowerCase());
  const role: Role = listed || (first && deployment.firstUserIsAdmin) ? 'admin' : 'user';
  const id = newUserId();
  deps.people.insertUser({
    id,
    email: identity.email,
    name: identity.name,
    role,
    tier: deployment.embedded && first ? 'enterprise' : deployment.defaultTier,
    active: true,
    createdAt: deps.now(),
  });
  deps.people.insertIdentity(identity, id, deps.now());
  record(
    deps,
    { userId: id, name: identity.name, address: client.address, agent: client.userAgent },
    {
      action: 'user.create',
      ownerId: id,
      targetId: id,
      targetName: identity.email,
      details: { role, issuer: identity.issuer },
    },
  );
  insertStorage(deps, id, { displayName: 'My files' });
  return id;
}
