/**
 * The one session truth: a signed cookie names a row, and the row decides. Each API call, page, stream and gateway request
 * comes through `authenticate`, so sign-out, deactivation and role changes bite at once.
 */
import { jwtVerify, SignJWT } from 'jose';
import { isId, newSessionId, type SessionId, type UserId } from '../../domain/ids.ts';
import type { Actor, Identity, Origin } from '../../domain/user.ts';
import type { Deps } from '../deps.ts';
import type { KeyRing } from '../keys.ts';
import { cookieName } from './cookies.ts';

const TOUCH_EVERY_MS = 60_000;

export const sessionCookieName = (secure: boolean): string => cookieName('session', secure);

/** Inside `db.write`: a session row. The token is made from it by `sessionToken`. */
export function insertSession(
  deps: Deps,
  userId: UserId,
  { identity, client }: { identity: Identity; client: { address: string; userAgent: string } },
): SessionId {
  const id = newSessionId();
  const now = deps.now();
  deps.people.insertSession({
    id,
    userId,
    createdAt: now,
    lastSeenAt: now,
    expiresAt: now + deps.deployment.sessionTtlMs,
    userAgent: client.userAgent.slice(0, 256),
    address: client.address,
    issuer: identity.issuer,
    subject: identity.subject,
    issuerSession: identity.issuerSession ?? null,
  });
  return id;
}

/** HS256 with `kid`; carries the session's id and nothing that could go stale. */
export async function sessionToken(deps: Deps, sessionId: SessionId): Promise<string> {
  const { kid, key } = deps.keys.signing('sessions');
  return new SignJWT({})
    .setProtectedHeader({ alg: 'HS256', kid, typ: 'session' })
    .setJti(sessionId)
    .setIssuedAt(Math.floor(deps.now() / 1000))
    .sign(key);
}

/** Signatures found good. That a token is ours cannot change while the keys stay; whether its session holds is asked every time. */
const verified = new WeakMap<KeyRing, Map<string, SessionId>>();
const MOST_VERIFIED = 4_096;

/** The session that a token names, by signature alone; null when it is not ours. */
async function sessionIdOf(deps: Deps, token: string): Promise<SessionId | null> {
  const known = verified.get(deps.keys) ?? new Map<string, SessionId>();
  verified.set(deps.keys, known);
  const before = known.get(token);
  if (before) return before;
  const id = await verify(deps, token);
  if (!id) return null;
  const [oldest] = known.keys();
  if (oldest !== undefined && known.size >= MOST_VERIFIED) known.delete(oldest);
  known.set(token, id);
  return id;
}

async function verify(deps: Deps, token: string): Promise<SessionId | null> {
  try {
    const { payload } = await jwtVerify(
      token,
      (header) => {
        const key = deps.keys.verifying('sessions', header.kid ?? '');
        if (!key) throw new Error('unknown key');
        return key;
      },
      { algorithms: ['HS256'], typ: 'session' },
    );
    return payload.jti && isId(payload.jti) ? (payload.jti as SessionId) : null;
  } catch {
    return null;
  }
}

/** Neither over nor idle for too long. */
export function holds(deps: Deps, session: { expiresAt: number; lastSeenAt: number }): boolean {
  const now = deps.now();
  return session.expiresAt > now && session.lastSeenAt + deps.deployment.sessionIdleMs > now;
}

/** For looks that leave no trace: the gateway's and the pages' own. */
export const NOWHERE: Origin = { address: '', agent: '', correlationId: '' };

/** Who acts, read from the row now; null when the session does not exist, expired, idled out, or its user is not active. */
export function actorOf(deps: Deps, sessionId: SessionId, from: Origin): Actor | null {
  const found = deps.people.findSessionActor(sessionId);
  if (!found?.active || !holds(deps, found)) return null;
  if (deps.now() - found.lastSeenAt > TOUCH_EVERY_MS) touch(deps, sessionId, found.userId);
  const { address, agent, correlationId } = from;
  const { userId, role, email, name, tier } = found;
  return { userId, sessionId, role, email, name, tier, address, agent, correlationId };
}

/** Best effort: on a full disk people must still get in, to free some of it. */
function touch(deps: Deps, sessionId: SessionId, userId: UserId): void {
  const now = deps.now();
  try {
    deps.db.write(
      () => {
        deps.people.touchSession(sessionId, now);
        deps.people.updateProfile(userId, { lastSeenAt: now });
      },
      { durability: 'relaxed' },
    );
  } catch (error) {
    deps.log.warn('last use of a session not stored', { error: String(error) });
  }
}

export async function authenticate(deps: Deps, token: string | undefined, from: Origin): Promise<Actor | null> {
  if (!token || token.length > 1024) return null;
  const sessionId = await sessionIdOf(deps, token);
  return sessionId && actorOf(deps, sessionId, from);
}
