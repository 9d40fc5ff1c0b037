/** Another path for a file that is kept. Its content is sealed to its path, so it is sealed anew. */
import type { SecretFileFacts } from '../../../prisma-free-db/repositories/secrets.ts';
import { AppError } from '../../domain/errors.ts';
import type { SecretFileId } from '../../domain/ids.ts';
import { homePath, pathConflict } from '../../domain/secrets.ts';
import type { Actor } from '../../domain/user.ts';
import { record } from '../audit.ts';
import type { Deps } from '../deps.ts';
import { noteChange } from './changed.ts';
import { pathInTheWay, pathTaken, refusedPath } from './refusals.ts';
import { fileContext } from './sealing.ts';

/** @throws not_found for unknown ids and for those of others alike; invalid_argument; already_exists */
export function renameFile(deps: Deps, actor: Actor, input: { id: SecretFileId; path: string }): SecretFileFacts {
  const place = homePath(input.path);
  if ('fault' in place) throw refusedPath(place.fault);
  const { path } = place;
  const { userId } = actor;
  return deps.db.write(() => {
    const row = deps.secrets.findFile(userId, input.id);
    if (!row) throw new AppError('not_found', 'This file is not kept any more. Load the page again.');
    const { id, createdAt, sizeBytes } = row;
    if (path === row.path) return { id, path, sizeBytes, createdAt, updatedAt: row.updatedAt };
    const others = deps.secrets
      .listFiles(userId)
      .filter((file) => file.id !== id)
      .map((file) => file.path);
    if (others.includes(path)) throw pathTaken(path);
    const conflict = pathConflict(path, others);
    if (conflict !== null) throw pathInTheWay(conflict);
    const updatedAt = deps.now();
    const sealed = deps.keys.seal(deps.keys.open(row.sealed, fileContext(userId, row.path)), fileContext(userId, path));
    deps.secrets.updateFile(userId, id, { path, sealed, sizeBytes, updatedAt });
    record(deps, actor, {
      action: 'secret.set',
      ownerId: userId,
      targetId: id,
      targetName: path,
      before: { path: row.path },
      after: { path },
    });
    noteChange(deps, userId);
    return { id, path, sizeBytes, createdAt, updatedAt };
  });
}
