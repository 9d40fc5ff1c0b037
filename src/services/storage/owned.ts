/** One's own storage by its id: the check that everything about a storage begins with. */
import type { StorageRow } from '../../../prisma-free-db/repositories/storages.ts';
import { AppError } from '../../domain/errors.ts';
import type { StorageId } from '../../domain/ids.ts';
import type { Actor } from '../../domain/user.ts';
import type { Deps } from '../deps.ts';

/** @throws not_found for unknown ids and for those of others alike */
export function ownedStorage(deps: Deps, actor: Actor, id: StorageId): StorageRow {
  const row = deps.storages.findOwned(actor.userId, id);
  if (!row) throw new AppError('not_found', 'This storage does not exist or is not yours.');
  return row;
}
