/** Who administers: asked inside the transactions of this folder, and told when something changes on the pages of all of them. */
import { AppError } from '../../domain/errors.ts';
import type { InvitationId, UserId } from '../../domain/ids.ts';
import type { Tier } from '../../domain/quota.ts';
import type { Actor } from '../../domain/user.ts';
import type { Deps } from '../deps.ts';

/** More administrators than this learn of a change when they look again. */
const MOST_TOLD = 100;

/** In the transaction: of two administrators who take the role from each other at once, one comes too late. */
export function stillAdmin(deps: Deps, actor: Actor): void {
  const row = deps.people.findUser(actor.userId);
  if (row?.role !== 'admin' || !row.active) throw new AppError('permission_denied', 'Only administrators may do this.');
}

/** Inside `db.write`: this person or invitation changed; the open pages of administrators read it again. */
export function tellAdmins(deps: Pick<Deps, 'directory' | 'feed'>, id: UserId | InvitationId): void {
  publish(deps, 'people', id);
}

/** Inside `db.write`: so did what this tier allows, or the tier of newcomers. */
export function tellAdminsOfTier(deps: Pick<Deps, 'directory' | 'feed'>, tier: Tier): void {
  publish(deps, 'tiers', tier);
}

function publish(deps: Pick<Deps, 'directory' | 'feed'>, kind: 'people' | 'tiers', id: string): void {
  const admins = deps.directory.page({
    role: 'admin',
    active: true,
    order: 'name',
    descending: false,
    after: null,
    limit: MOST_TOLD,
  });
  for (const admin of admins.rows) deps.feed.publish(admin.id, kind, id);
}
