/** What holds for one person: the tier's limits and the person's own, read from the row, so that a change bites at the next call. */
import type { UserId } from '../domain/ids.ts';
import { type Limits, limitsWith } from '../domain/quota.ts';
import type { Deps } from './deps.ts';

/** Inside the transaction that depends on it, where there is one. */
export function limitsOf(deps: Pick<Deps, 'people' | 'tiers'>, userId: UserId): Limits {
  const user = deps.people.findUser(userId);
  return limitsWith(deps.tiers.limits(user?.tier ?? 'free'), user?.limitOverrides ?? null);
}
