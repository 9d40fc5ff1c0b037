/** Keeps a file for a person's environments, or gives the one at that path another content. */
import type { SecretFileFacts } from '../../../prisma-free-db/repositories/secrets.ts';
import { newSecretFileId } from '../../domain/ids.ts';
import { homePath, MAX_FILE_BYTES, MAX_FILES, MAX_FILES_BYTES, pathConflict } from '../../domain/secrets.ts';
import type { Actor } from '../../domain/user.ts';
import { record } from '../audit.ts';
import type { Deps } from '../deps.ts';
import { noteChange } from './changed.ts';
import {
  filesTooLarge,
  fileTooLarge,
  notBase64,
  pathInTheWay,
  pathTaken,
  refusedPath,
  tooManyFiles,
} from './refusals.ts';
import { fileContext } from './sealing.ts';

export interface FileInput {
  /** Below the home folder, with `~/` before it or without. */
  path: string;
  /** Base64: a key may be any bytes. */
  content: string;
  /** false: a file that is there already is not to lose its content. */
  replace: boolean;
}

/** @throws invalid_argument; already_exists; resource_exhausted with the limit that it breaks */
export function setFile(deps: Deps, actor: Actor, input: FileInput): SecretFileFacts {
  const place = homePath(input.path);
  if ('fault' in place) throw refusedPath(place.fault);
  const { path } = place;
  const content = Buffer.from(input.content, 'base64');
  // Node's decoder skips what it does not know.
  if (content.toString('base64') !== input.content) throw notBase64();
  if (content.length > MAX_FILE_BYTES) throw fileTooLarge();
  const { userId } = actor;
  return deps.db.write(() => {
    const files = deps.secrets.listFiles(userId);
    const before = files.find((file) => file.path === path);
    if (before && !input.replace) throw pathTaken(path);
    const others = files.filter((file) => file !== before);
    const conflict = pathConflict(
      path,
      others.map((file) => file.path),
    );
    if (conflict !== null) throw pathInTheWay(conflict);
    if (others.length >= MAX_FILES) throw tooManyFiles();
    if (others.reduce((sum, { sizeBytes }) => sum + sizeBytes, content.length) > MAX_FILES_BYTES) throw filesTooLarge();
    const now = deps.now();
    const facts = { path, sizeBytes: content.length, updatedAt: now };
    const sealed = deps.keys.seal(input.content, fileContext(userId, path));
    const id = before?.id ?? newSecretFileId();
    const createdAt = before?.createdAt ?? now;
    if (before) deps.secrets.updateFile(userId, id, { ...facts, sealed });
    else deps.secrets.insertFile({ ...facts, id, userId, sealed, createdAt });
    record(deps, actor, { action: 'secret.set', ownerId: userId, targetId: id, targetName: path });
    noteChange(deps, userId);
    return { ...facts, id, createdAt };
  });
}
