/**
 * The bucket's side of a round: what somebody changed there comes into the workspace, unless the same path was changed here; then
 * it is left to the push, whose conditions notice it. Compares versions of one listing with the index and fetches what differs.
 */
import { rm } from 'node:fs/promises';
import { type AppError, isAppError } from '../domain/errors.ts';
import { keyFault } from '../domain/storage.ts';
import type { SkippedPath } from '../domain/workspace-sync.ts';
import type { ObjectSummary } from '../ports/storage/storage.ts';
import { isIgnored } from './ignore.ts';
import { inParallel } from './in-parallel.ts';
import type { Entry } from './index-file.ts';
import { fetchObject, isUntouched, makeFolders, placeNew, replace, takeAway } from './place.ts';
import { keepOther, removeOwn } from './push.ts';
import { look, type Round, type Workspace } from './workspace.ts';

export interface PullResult {
  /** Keys that are in the bucket and here without being in the index: perhaps the same, perhaps not. */
  met: Set<string>;
  /** The bucket holds nothing at all although it should: taken for a fault, it is filled again. */
  emptied: boolean;
}

let listings = 0;

/** @throws AppErrors of the store; what failed for one object only is reported as skipped */
export async function pull(workspace: Workspace, round: Round): Promise<PullResult> {
  const { index, report } = workspace;
  listings += 1;
  const listing = listings;
  const wanted: ObjectSummary[] = [];
  const skipped: SkippedPath[] = [];
  let objects = 0;
  let known = 0;
  for await (const page of listPages(workspace, round.signal)) {
    objects += page.length;
    for (const object of page) {
      const entry = index.get(object.key);
      if (entry && entry.listed !== listing) {
        entry.listed = listing;
        known += 1;
      }
      if (entry?.version === object.version || isIgnored(round.ignores, object.key)) continue;
      const fault = keyFault(object.key);
      if (fault === null) wanted.push(object);
      else skipped.push({ path: object.key, reason: fault });
    }
  }
  if (objects === 0 && index.size > 0) {
    forgetAll(workspace);
    return { met: new Set(), emptied: true };
  }
  const vanished = known === index.size ? [] : [...index.paths()].filter(([, entry]) => entry.listed !== listing);
  const met = new Set<string>();
  let fetched = 0;
  report.restoring(0, wanted.length);
  await inParallel(wanted, workspace.width, async (object) => {
    const reason = await takeIn(workspace, { object, met, signal: round.signal });
    if (reason !== null) skipped.push({ path: object.key, reason });
    fetched += 1;
    report.restoring(fetched, wanted.length);
  });
  // Changed here and removed there: the push brings it back.
  for (const [path, entry] of vanished) await removeHere(workspace, path, entry);
  report.unreachable(skipped);
  return { met, emptied: false };
}

async function* listPages({ bucket }: Workspace, signal: AbortSignal): AsyncGenerator<ObjectSummary[]> {
  let startAfter: string | undefined;
  do {
    const page = await bucket.list({ startAfter, signal });
    yield page.objects;
    startAfter = page.next ?? undefined;
  } while (startAfter !== undefined);
}

/** Empty folders do not show in a listing of objects. Called once at the start, since it asks for every folder. */
export async function pullFolders(workspace: Workspace, round: Round): Promise<void> {
  const { bucket, index } = workspace;
  if (!bucket.capabilities.folders) return;
  let level = [''];
  while (level.length > 0) {
    const below: string[] = [];
    await inParallel(level, workspace.width, async (folder) => {
      const prefix = folder === '' ? '' : `${folder}/`;
      let holdsAnything = false;
      let startAfter: string | undefined;
      do {
        const page = await bucket.list({ prefix, delimiter: '/', startAfter, signal: round.signal });
        holdsAnything ||= page.objects.length + page.prefixes.length > 0;
        below.push(...page.prefixes.map((path) => path.slice(0, -1)));
        startAfter = page.next ?? undefined;
      } while (startAfter !== undefined);
      if (!holdsAnything && folder !== '' && keyFault(folder) === null && !round.ignores(folder, true)) {
        // Known and not here: removed here, the push says so there.
        if (index.hasFolder(folder) && look(workspace, folder) === null) return;
        await makeFolders(workspace, folder);
        index.markFolder(folder, true);
      }
    });
    level = below;
  }
}

/** @returns why the workspace cannot hold it, or null */
async function takeIn(
  workspace: Workspace,
  { object, met, signal }: { object: ObjectSummary; met: Set<string>; signal: AbortSignal },
): Promise<string | null> {
  const { key } = object;
  const entry = workspace.index.get(key);
  const here = look(workspace, key);
  if (entry && here !== null && here !== 'other' && !isUntouched(workspace, key, entry)) return null;
  // Removed here since: the push finds out that it was changed there, and lets it come back.
  if (entry && here === null) return null;
  if (here === 'other') return await besideFolder(workspace, key, signal);
  if (!entry && here !== null) {
    met.add(key);
    return null;
  }
  let temporary: string | null = null;
  try {
    // Ours, and removed here before we heard that it had arrived.
    if (!entry && (await removeOwn(workspace, key, signal))) {
      workspace.index.delete(key);
      return null;
    }
    const fetched = await fetchObject(workspace, key, signal);
    temporary = fetched.temporary;
    if (entry) await replace(workspace, key, { entry, fetched });
    else await placeNew(workspace, key, fetched);
    return null;
  } catch (error) {
    if (isAppError(error)) {
      if (error.code === 'not_found') return null;
      // The bucket as a whole does not answer: the round ends and is tried again.
      if (error.retryable || error.code === 'permission_denied' || error.code === 'unauthenticated') throw error;
      return error.message;
    }
    signal.throwIfAborted();
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOSPC' || code === 'EDQUOT' || code === undefined) throw error;
    return `It cannot be written here (${code}).`;
  } finally {
    if (temporary !== null) await rm(temporary, { force: true });
  }
}

/** The bucket has an object where the workspace has a folder: the object gets another name. */
async function besideFolder(workspace: Workspace, key: string, signal: AbortSignal): Promise<string | null> {
  const { bucket } = workspace;
  try {
    const { version } = await bucket.head(key, { signal });
    await keepOther(workspace, key, signal);
    await bucket.delete(key, { ifVersion: bucket.capabilities.versions ? version : undefined, signal });
    workspace.index.delete(key);
    return null;
  } catch (error) {
    const { code } = error as AppError;
    if (isAppError(error) && (code === 'conflict' || code === 'not_found')) return null;
    throw error;
  }
}

async function removeHere(workspace: Workspace, path: string, entry: Entry): Promise<void> {
  const here = look(workspace, path);
  if (here === null) workspace.index.delete(path);
  else if (here !== 'other') await takeAway(workspace, path, entry);
}

/** What is here counts as new. */
function forgetAll(workspace: Workspace): void {
  const { index, log } = workspace;
  log.warn('The bucket is empty although it was not: what the workspace holds is sent again');
  for (const [path] of [...index.paths()]) index.delete(path);
  for (const [folder] of [...index.folders()]) index.markFolder(folder, false);
}
