/** When a person's variables and files changed last, and which of their running environments began before that. */
import type { EnvironmentId, UserId } from '../../domain/ids.ts';
import type { Actor } from '../../domain/user.ts';
import type { Deps } from '../deps.ts';

const MOST_SHOWN = 100;

const key = (userId: UserId) => `secrets-changed:${userId}`;

/** Inside `db.write`. Deletions count too, and leave no row behind that could tell. */
export function noteChange(deps: Deps, userId: UserId): void {
  deps.records.setSetting(key(userId), deps.now());
  deps.feed.publish(userId, 'profile', userId);
}

export interface OutdatedEnvironment {
  id: EnvironmentId;
  name: string;
}

/** Those that run with values from before the last change. */
export function listOutdated(deps: Deps, actor: Actor): OutdatedEnvironment[] {
  const changedAt = Number(deps.records.getSetting(key(actor.userId)) ?? 0);
  return deps.environments
    .page(actor.userId, { phases: ['starting', 'running'], after: null, limit: MOST_SHOWN })
    .filter(({ steps }) => {
      // Values are read right after the storage was found ready.
      const readAt = (steps.find(({ step }) => step === 'storage') ?? steps[0])?.at ?? 0;
      return readAt < changedAt;
    })
    .map(({ id, name }) => ({ id, name }));
}
