/**
 * The private folder for unix sockets. Their paths may be 107 bytes long at most (unix(7)), so they cannot live in a data folder
 * of any depth; they live under /tmp, which also survives the end of a login session, unlike XDG_RUNTIME_DIR.
 */
import { createHash } from 'node:crypto';
import { chmodSync, lstatSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '../../domain/errors.ts';

export const MAX_SOCKET_PATH_BYTES = 107;
/** `/`, an environment's id and the longest ending. */
const NAME_BYTES = 32;

/** Ours alone: a real folder (no link that somebody else could turn), owned by this account, closed to all others. */
function makePrivate(path: string, uid: number): boolean {
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') return false;
  }
  const info = lstatSync(path);
  if (!info.isDirectory() || info.uid !== uid) return false;
  if ((info.mode & 0o077) !== 0) chmodSync(path, 0o700);
  return true;
}

/** The same path for the same data folder and account, whoever asks. @throws failed_precondition when every place is taken by others */
export function openRunFolder(dataDir: string, temporary = '/tmp'): string {
  const uid = process.getuid?.() ?? 0;
  const hash = createHash('sha256').update(dataDir).digest('hex').slice(0, 12);
  const candidates = [join(temporary, `cmbcluster-${uid}-${hash}`), join(dataDir, 'run')];
  const folder = candidates.find(
    (path) => Buffer.byteLength(path) + NAME_BYTES <= MAX_SOCKET_PATH_BYTES && makePrivate(path, uid),
  );
  if (folder) return folder;
  throw new AppError(
    'failed_precondition',
    `No private folder for sockets: ${candidates[0]} belongs to somebody else and the path of the data folder is too long. Choose a shorter data folder.`,
  );
}
