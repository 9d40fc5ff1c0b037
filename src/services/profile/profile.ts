/** One's own account: who one is, what one may use, where one is signed in, what one prefers. */
import type { SessionId } from '../../domain/ids.ts';
import type { Limits, Tier, Usage } from '../../domain/quota.ts';
import { type Actor, DEFAULT_PREFERENCES, type Preferences, type Role } from '../../domain/user.ts';
import type { Capacity } from '../../ports/spawner/spawner.ts';
import { record } from '../audit.ts';
import { holds } from '../auth/session.ts';
import type { Deps } from '../deps.ts';
import { limitsOf } from '../limits.ts';

export interface Viewer {
  id: string;
  name: string;
  email: string;
  role: Role;
  tier: Tier;
  preferences: Preferences;
}

export function viewer(deps: Deps, actor: Actor): Viewer {
  const row = deps.people.findUser(actor.userId);
  return {
    id: actor.userId,
    name: actor.name,
    email: actor.email,
    role: actor.role,
    tier: actor.tier,
    preferences: { ...DEFAULT_PREFERENCES, ...row?.preferences },
  };
}

export interface LimitsView {
  tier: Tier;
  limits: Limits;
  usage: Usage;
  /** Largest single environment that fits on this deployment's machines. */
  ceiling: Capacity;
  /** Whether CPU and memory limits really hold here. */
  enforced: boolean;
  /** False where environments of different people share one account of the machine. */
  isolated: boolean;
}

export async function myLimits(deps: Deps, actor: Actor): Promise<LimitsView> {
  const { capabilities } = deps.spawnerOf(deps.placement.spawner);
  return {
    tier: actor.tier,
    limits: limitsOf(deps, actor.userId),
    usage: deps.environments.usage(actor.userId),
    ceiling: await deps.capacity(),
    enforced: capabilities.enforcesLimits,
    isolated: capabilities.isolatesUsers,
  };
}

export function updateProfile(
  deps: Deps,
  actor: Actor,
  input: { name?: string; preferences?: Partial<Preferences> },
): Viewer {
  return deps.db.write(() => {
    if (input.name !== undefined && input.name !== actor.name) {
      deps.people.updateProfile(actor.userId, { name: input.name });
      record(deps, actor, {
        action: 'profile.update',
        ownerId: actor.userId,
        targetId: actor.userId,
        targetName: input.name,
        details: { from: actor.name },
      });
    }
    if (input.preferences) {
      const stored = deps.people.findUser(actor.userId)?.preferences ?? {};
      deps.people.updatePreferences(actor.userId, { ...stored, ...input.preferences });
    }
    deps.feed.publish(actor.userId, 'profile', actor.userId);
    return viewer(deps, { ...actor, name: input.name ?? actor.name });
  });
}

export interface SessionView {
  id: SessionId;
  current: boolean;
  createdAt: number;
  lastSeenAt: number;
  expiresAt: number;
  userAgent: string;
  address: string;
}

export function listSessions(deps: Deps, actor: Actor): SessionView[] {
  return deps.people
    .sessionsOf(actor.userId)
    .filter((row) => holds(deps, row))
    .map(({ userId: _user, ...row }) => ({ ...row, current: row.id === actor.sessionId }));
}
