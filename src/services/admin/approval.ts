/**
 * People who signed in where an administrator has to let them in first: who waits, and the two answers. Whoever waits has an
 * account without sessions and without a storage.
 */
import { AppError } from '../../domain/errors.ts';
import type { UserId } from '../../domain/ids.ts';
import type { Tier } from '../../domain/quota.ts';
import type { Actor, Role } from '../../domain/user.ts';
import type { Deps } from '../deps.ts';
import { insertStorage } from '../storage/create.ts';
import { change } from './change-person.ts';

/** The person gets a storage as everybody who comes in does. @throws not_found; failed_precondition when they do not wait (any more) */
export function approve(deps: Deps, actor: Actor, input: { id: UserId; role: Role; tier: Tier }): void {
  const { role, tier } = input;
  change(deps, actor, { ...input, action: 'user.approve' }, (row) => {
    if (row.awaitsApprovalSince === null) throw notAwaiting();
    deps.people.updateUser(row.id, {
      active: true,
      awaitsApprovalSince: null,
      admission: 'approval',
      role,
      tier,
    });
    insertStorage(deps, row.id, { displayName: 'My files' });
    return {
      before: { active: row.active, role: row.role, tier: row.tier },
      after: { active: true, role, tier },
      details: { waitedMs: Math.max(0, deps.now() - row.awaitsApprovalSince) },
    };
  });
}

/** Removes the account, of which nothing but the request is there. Who signs in again asks again. @throws as `approve` */
export function refuse(deps: Deps, actor: Actor, input: { id: UserId }): void {
  change(deps, actor, { ...input, action: 'user.refuse' }, (row) => {
    if (row.awaitsApprovalSince === null) throw notAwaiting();
    deps.people.deleteUser(row.id);
    return {
      before: { email: row.email, awaitsApprovalSince: row.awaitsApprovalSince },
      after: {},
      // A session that should not be there ends all the same.
      revoked: [{ userId: row.id }],
    };
  });
}

function notAwaiting(): AppError {
  return new AppError('failed_precondition', 'This person does not wait for approval any more.', {
    details: { reason: 'not_awaiting' },
  });
}
