/**
 * How much storages hold: totals at the pace their store bears, one sample a day for the trend, and the largest folders.
 * A background job; requests read what it wrote.
 */
import type { StorageRow } from '../../../prisma-free-db/repositories/storages.ts';
import type { StorageId } from '../../domain/ids.ts';
import type { FolderSize } from '../../domain/storage.ts';
import type { Actor } from '../../domain/user.ts';
import type { Bucket } from '../../ports/storage/storage.ts';
import type { Deps } from '../deps.ts';
import { ownedStorage } from './owned.ts';

const DAY_MS = 24 * 3_600_000;
/** A bucket that nobody seems to change is looked at once a day all the same. */
const IDLE_EVERY_MS = DAY_MS;
/** Folders are summed from whole lists: much rarer than totals, and never beyond so many pages. */
const FOLDERS_EVERY = 10;
const FOLDER_PAGES = 200;
const FOLDERS_KEPT = 20;
/** Names met on the way to the largest ones; a bucket with more folders at its top has its sums cut. */
const FOLDERS_MET = 10_000;
const KEEP_SAMPLES_DAYS = 400;

/** Measures every storage whose turn it is, one after the other. */
export async function measureStorages(deps: Deps, signal: AbortSignal): Promise<void> {
  for (const row of deps.storages.active()) {
    if (signal.aborted) return;
    try {
      if (isDue(deps, row)) await measure(deps, row, signal);
    } catch (error) {
      if (!signal.aborted) deps.log.warn('storage could not be measured', { storageId: row.id, cause: String(error) });
    }
  }
  deps.db.write(() => deps.storages.pruneSamples(dayOf(deps.now() - KEEP_SAMPLES_DAYS * DAY_MS)), {
    durability: 'relaxed',
  });
}

function isDue(deps: Deps, row: StorageRow): boolean {
  if (row.measuredAt === null) return true;
  const age = deps.now() - row.measuredAt;
  const { measureEveryMs } = deps.storageFacts(row.provider);
  if (age < measureEveryMs) return false;
  const changed =
    deps.environments.usingStorage(row.id).length > 0 || deps.records.touchedSince(row.id, row.measuredAt);
  return changed || age >= Math.max(IDLE_EVERY_MS, measureEveryMs) || measureEveryMs <= 60_000;
}

async function measure(deps: Deps, row: StorageRow, signal: AbortSignal): Promise<void> {
  const provider = deps.storageOf(row.provider);
  // Before the walk: what changes during it counts as changed afterwards.
  const measuredAt = deps.now();
  const { sizeBytes, objects } = await provider.usage(row.bucket, signal);
  const foldersDue =
    row.foldersAt === null ||
    measuredAt - row.foldersAt >= FOLDERS_EVERY * deps.storageFacts(row.provider).measureEveryMs;
  const folders = foldersDue ? await sumFolders(provider.bucket(row.bucket), signal) : null;
  const same = sizeBytes === row.sizeBytes && objects === row.objects && folders === null;
  deps.db.write(
    () => {
      if (!deps.storages.find(row.id)) return;
      deps.storages.update(row.id, {
        ...{ sizeBytes, objects, measuredAt },
        ...(folders && { folders: folders.largest, foldersAt: measuredAt, foldersPartial: folders.partial }),
      });
      deps.storages.putSample({ storageId: row.id, day: dayOf(measuredAt), sizeBytes, objects });
      if (!same) deps.feed.publish(row.ownerId, 'storage', row.id);
    },
    { durability: 'relaxed' },
  );
}

/** The largest folders at the top of a bucket, files outside of any under the empty name. */
export async function sumFolders(
  bucket: Bucket,
  signal: AbortSignal,
): Promise<{ largest: FolderSize[]; partial: boolean }> {
  const sums = new Map<string, FolderSize>();
  let startAfter: string | undefined;
  let partial = false;
  for (let pages = 0; ; pages += 1) {
    const page = await bucket.list({ startAfter, signal });
    for (const { key, sizeBytes } of page.objects) {
      const slash = key.indexOf('/');
      const name = slash < 0 ? '' : key.slice(0, slash);
      const sum = sums.get(name) ?? { name, sizeBytes: 0, objects: 0 };
      sums.set(name, { name, sizeBytes: sum.sizeBytes + sizeBytes, objects: sum.objects + 1 });
    }
    if (page.next === null) break;
    if (pages + 1 >= FOLDER_PAGES || sums.size > FOLDERS_MET) {
      partial = true;
      break;
    }
    startAfter = page.next;
  }
  const largest = [...sums.values()].sort((a, b) => b.sizeBytes - a.sizeBytes).slice(0, FOLDERS_KEPT);
  return { largest, partial };
}

export interface StorageUsage {
  sizeBytes: number | null;
  objects: number | null;
  measuredAt: number | null;
  storageClass: string | null;
  /** Oldest first; days without a measurement are left out. */
  samples: { day: string; sizeBytes: number; objects: number }[];
  folders: FolderSize[];
  foldersAt: number | null;
  foldersPartial: boolean;
}

/** @throws not_found */
export function storageUsage(deps: Deps, actor: Actor, input: { id: StorageId; days: number }): StorageUsage {
  const { sizeBytes, objects, measuredAt, storageClass, folders, foldersAt, foldersPartial } = ownedStorage(
    deps,
    actor,
    input.id,
  );
  const samples = deps.storages
    .samplesSince(input.id, dayOf(deps.now() - (input.days - 1) * DAY_MS))
    .map((row) => ({ day: row.day, sizeBytes: row.sizeBytes, objects: row.objects }));
  return { sizeBytes, objects, measuredAt, storageClass, samples, folders, foldersAt, foldersPartial };
}

/** The day in UTC, `2026-11-24`. */
export function dayOf(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}
