/**
 * What the gateway asks of the database: which environment a host is, and whether a browser may use it. Both are cached for a few
 * seconds at most and dropped at once when something is revoked or changes; every answer waits at the gate.
 */
import type { EnvironmentRow } from '../../../prisma-free-db/repositories/environments.ts';
import type { ActivitySink, Authorizer, Endpoint, Grant, Route, RouteResolver } from '../../domain/gateway.ts';
import type { EnvironmentId, SessionId, UserId } from '../../domain/ids.ts';
import { actorOf, NOWHERE } from '../auth/session.ts';
import type { Deps } from '../deps.ts';
import { hashSecret } from '../keys.ts';

const CACHE_MS = 3_000;
const CACHE_ENTRIES = 10_000;

interface Cached<T> {
  value: T;
  at: number;
}

/** By distance, so that a clock that was put back keeps nothing alive. */
function isFresh(entry: Cached<unknown> | undefined, now: number): boolean {
  return entry !== undefined && Math.abs(now - entry.at) < CACHE_MS;
}

export function createRouteResolver(deps: Deps): RouteResolver {
  const cache = new Map<string, Cached<Route | null>>();
  let changes = 0;
  deps.revocations.subscribe(({ environmentId }) => {
    if (!environmentId) return;
    changes += 1;
    for (const [slug, { value }] of cache) if (value?.environmentId === environmentId) cache.delete(slug);
  });

  async function load(slug: string): Promise<Route | null> {
    const row = deps.environments.findBySlug(slug);
    if (!row || row.desired === 'deleted') return null;
    const endpoint = row.phase === 'running' ? await endpointOf(deps, row) : null;
    await deps.db.gate();
    return {
      environmentId: row.id,
      ownerId: row.ownerId,
      slug,
      name: row.name,
      applicationName: deps.applications.find(row.applicationId)?.name ?? '',
      phase: row.phase === 'running' && !endpoint ? 'starting' : row.phase,
      failureMessage: row.failure?.message ?? null,
      steps: row.steps,
      endpoint,
    };
  }

  return {
    resolve(slug) {
      const hit = cache.get(slug);
      if (hit && isFresh(hit, deps.now())) return hit.value;
      const before = changes;
      return load(slug).then((route) => {
        // Only a running environment's route is worth keeping: every other phase is about to change. One that was being read
        // while something changed may be the old one already.
        if (route?.phase === 'running' && changes === before) remember(cache, slug, { value: route, at: deps.now() });
        else cache.delete(slug);
        return route;
      });
    },
  };
}

async function endpointOf(deps: Deps, row: EnvironmentRow): Promise<Endpoint | null> {
  const { observed, endpoint } = await deps.spawnerOf(row.provider).poll(row.id);
  return observed.state === 'running' && observed.generation === row.generation ? endpoint : null;
}

function remember<T>(cache: Map<string, Cached<T>>, key: string, entry: Cached<T>): void {
  if (cache.size >= CACHE_ENTRIES) {
    const oldest = cache.keys().next();
    if (!oldest.done) cache.delete(oldest.value);
  }
  cache.set(key, entry);
}

/** The cookie is signed and names session and environment; the session's row and the environment's owner decide. */
export function createAuthorizer(deps: Deps): Authorizer {
  const cache = new Map<string, Cached<Grant>>();
  deps.revocations.subscribe((revoked) => {
    for (const [cookie, { value }] of cache) if (concerns(revoked, value)) cache.delete(cookie);
  });

  function allowed(userId: UserId, sessionId: SessionId, environmentId: EnvironmentId): Grant | null {
    const actor = actorOf(deps, sessionId, NOWHERE);
    const row = deps.environments.find(environmentId);
    if (actor?.userId !== userId || row?.ownerId !== userId || row.desired === 'deleted') return null;
    return { environmentId, userId, sessionId };
  }

  return {
    async redeem(ticket, environmentId) {
      const row = deps.db.write(() => deps.environments.takeTicket(hashSecret(ticket)));
      await deps.db.gate();
      if (!row || row.expiresAt <= deps.now() || row.environmentId !== environmentId) return null;
      const grant = allowed(row.userId, row.sessionId, environmentId);
      return (
        grant && { grant, cookie: deps.keys.sign('gateway', `${grant.sessionId} ${grant.userId} ${environmentId}`) }
      );
    },
    check(cookie, environmentId) {
      const hit = cache.get(cookie);
      if (hit && isFresh(hit, deps.now())) return hit.value.environmentId === environmentId ? hit.value : null;
      const payload = cookie.length < 512 ? deps.keys.verify('gateway', cookie) : null;
      const [sessionId, userId, named] = payload?.split(' ') ?? [];
      if (!sessionId || !userId || named !== environmentId) return null;
      const grant = allowed(userId as UserId, sessionId as SessionId, environmentId);
      if (grant) remember(cache, cookie, { value: grant, at: deps.now() });
      else cache.delete(cookie);
      return deps.db.settled ? grant : deps.db.gate().then(() => grant);
    },
    onRevoked: (listener) => deps.revocations.subscribe(listener),
  };
}

function concerns(
  revoked: { sessionId?: SessionId; userId?: UserId; environmentId?: EnvironmentId },
  grant: Grant,
): boolean {
  return (
    revoked.sessionId === grant.sessionId ||
    revoked.userId === grant.userId ||
    revoked.environmentId === grant.environmentId
  );
}

/** Last use, at most every ten seconds per environment; may be lost. */
export function createActivitySink(deps: Deps): ActivitySink {
  const stored = new Map<EnvironmentId, number>();
  return {
    report({ environmentId, lastUseAt }) {
      if (Math.abs(lastUseAt - (stored.get(environmentId) ?? 0)) < 10_000) return;
      stored.set(environmentId, lastUseAt);
      if (stored.size > CACHE_ENTRIES) stored.clear();
      try {
        deps.db.write(() => deps.environments.update(environmentId, { lastActivityAt: lastUseAt }), {
          durability: 'relaxed',
        });
      } catch (error) {
        // Called by the gateway's clock: a full disk must not end the process.
        deps.log.warn('last use of an environment not stored', { environmentId, error: String(error) });
      }
    },
  };
}
