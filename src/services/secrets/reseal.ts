/**
 * Seals anew, with the newest key, whatever was sealed with an older one: after that an old entry of SECRET_KEY can go. Runs once
 * after each start, in small transactions with room for others between them; to run it again changes nothing.
 */
import type { SealedPlace } from '../../../prisma-free-db/repositories/secrets.ts';
import { isAppError } from '../../domain/errors.ts';
import type { Deps } from '../deps.ts';
import { fileContext, keyOf, launchContext, variableContext } from './sealing.ts';

const PAGE = 200;

export interface ResealReport {
  resealed: number;
  /** Their key is not in SECRET_KEY any more, or they were altered: they stay as they are. */
  unreadable: number;
}

export async function resealSecrets(deps: Deps, signal: AbortSignal, page = PAGE): Promise<ResealReport> {
  const report: ResealReport = { resealed: 0, unreadable: 0 };
  const { secrets } = deps;
  const walk = { deps, signal, page, report };
  await each(
    walk,
    secrets.variablePlaces,
    (key) => {
      const row = secrets.variableAt(key);
      return row && { sealed: row.sealed, context: variableContext(row.userId, row.name) };
    },
    secrets.resealVariable,
  );
  await each(
    walk,
    secrets.filePlaces,
    (key) => {
      const row = secrets.fileAt(key);
      return row && { sealed: row.sealed, context: fileContext(row.userId, row.path) };
    },
    secrets.resealFile,
  );
  await each(
    walk,
    secrets.launchPlaces,
    (key) => {
      const sealed = secrets.launchAt(key);
      return sealed === null ? undefined : { sealed, context: launchContext(key) };
    },
    secrets.resealLaunch,
  );
  if (report.resealed > 0) deps.log.info('stored secrets were sealed with the newest key', { count: report.resealed });
  if (report.unreadable > 0)
    deps.log.error('stored secrets cannot be read: put their key back at the end of SECRET_KEY', {
      count: report.unreadable,
    });
  return report;
}

async function each<Key>(
  { deps, signal, page, report }: { deps: Deps; signal: AbortSignal; page: number; report: ResealReport },
  places: (after: Key | null, limit: number) => SealedPlace<Key>[],
  find: (key: Key) => { sealed: string; context: string } | undefined,
  put: (key: Key, sealed: string) => void,
): Promise<void> {
  const newest = deps.keys.signing('secrets').kid;
  for (let after: Key | null = null; !signal.aborted; ) {
    const found: SealedPlace<Key>[] = places(after, page);
    const old = found.filter(({ start }) => keyOf(start) !== newest);
    if (old.length > 0)
      deps.db.write(() => {
        for (const { key } of old) {
          const row = find(key);
          if (!row || keyOf(row.sealed) === newest) continue;
          try {
            put(key, deps.keys.seal(deps.keys.open(row.sealed, row.context), row.context));
            report.resealed += 1;
          } catch (error) {
            if (!isAppError(error)) throw error;
            report.unreadable += 1;
          }
        }
      });
    const last = found.at(-1);
    if (!last || found.length < page) return;
    after = last.key;
    await new Promise((resolve) => setImmediate(resolve));
  }
}
