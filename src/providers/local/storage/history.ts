/** The kept versions of a bucket as the contract shows them: what is current and what is kept (kept.ts), together. */
import type { BigIntStats } from 'node:fs';
import { dirname } from 'node:path';
import { isAppError } from '../../../domain/errors.ts';
import { compareUtf8 } from '../../../domain/storage.ts';
import type { DriverVersions, HistoryDriver } from '../../../ports/storage/driver.ts';
import type { ObjectInfo, PutCondition, VersionPage, VersionSummary } from '../../../ports/storage/storage.ts';
import { obstructed, openFileAt } from './anchored.ts';
import { syncFolder } from './durable.ts';
import { afterChange, refused, unless } from './errors.ts';
import { dropFacts } from './facts.ts';
import type { FolderNames } from './folder-names.ts';
import type { Kept, KeptEntry } from './kept.ts';
import type { BucketPaths } from './layout.ts';
import { listPage } from './listing.ts';
import { holdKeys } from './locks.ts';
import type { LocalObjects } from './objects.ts';
import { changed } from './places.ts';
import { contentIdOf, contentIdOfVersion, modifiedAtOf, versionOf } from './version.ts';

interface Tools {
  paths: BucketPaths;
  names: FolderNames;
  objects: LocalObjects;
  kept: Kept;
  /** Removes what killed processes left; they may have been about to keep it. */
  tidy: () => Promise<void>;
}

export interface LocalHistory extends HistoryDriver {
  look(key: string, versionId: string): Promise<BigIntStats>;
  open(key: string, versionId: string): ReturnType<LocalObjects['open']>;
}

type Current = Pick<VersionSummary, 'key' | 'versionId' | 'sizeBytes' | 'modifiedAt'>;

/** A content may move between its key and the kept ones while we look. */
const LOOKS = 3;

export function localHistory({ paths, names, objects, kept, tidy }: Tools): LocalHistory {
  async function look(key: string, versionId: string): Promise<BigIntStats> {
    for (let n = 1; ; n += 1) {
      const current = await absentAsNull(objects.look(key));
      if (current && contentIdOf(current) === versionId) return current;
      const entry = await kept.find(key, versionId);
      if (entry) return entry.stat;
      if (n >= LOOKS) throw obstructed('missing');
    }
  }

  async function open(key: string, versionId: string): ReturnType<LocalObjects['open']> {
    for (let n = 1; ; n += 1) {
      const current = await absentAsNull(objects.open(key));
      if (current && contentIdOf(current.stat) === versionId) return current;
      await current?.handle.close();
      const entry = await kept.find(key, versionId);
      const handle = entry && (await unless(['ENOENT'], openFileAt(entry.path)));
      if (handle) return { handle, stat: await handle.stat({ bigint: true }) };
      if (n >= LOOKS) throw obstructed('missing');
    }
  }

  async function currentOf(key: string): Promise<Current[]> {
    const stat = await absentAsNull(objects.look(key));
    if (!stat) return [];
    return [{ key, versionId: contentIdOf(stat), sizeBytes: Number(stat.size), modifiedAt: modifiedAtOf(stat) }];
  }

  async function* currentBelow({ prefix, pageSize, signal }: DriverVersions, after: string): AsyncGenerator<Current> {
    for (let startAfter: string | null = after; startAfter !== null; ) {
      const page = await listPage(paths.files, names, { prefix, delimiter: undefined, startAfter, pageSize, signal });
      for (const { key, sizeBytes, modifiedAt, version } of page.objects)
        yield { key, versionId: contentIdOfVersion(version), sizeBytes, modifiedAt };
      startAfter = page.next;
    }
  }

  /** Of one key, the newest first. @param before name of the kept entry that was shown last */
  async function versionsOf(key: string, current: Current | null, before: string | null): Promise<Shown[]> {
    const older = (await kept.entries(key)).filter(({ name }) => before === null || before === '' || name < before);
    return [
      ...(current ? [{ mark: '', summary: { ...current, replacedAt: null } }] : []),
      // A process that died while it replaced a content left it in both places.
      ...older.filter(({ versionId }) => versionId !== current?.versionId).map((entry) => shown(key, entry)),
    ];
  }

  async function* below(options: DriverVersions, [lastKey, lastMark]: Mark): AsyncGenerator<Shown> {
    const present = currentBelow(options, lastKey);
    const past = kept.keys({ prefix: options.prefix, from: lastKey });
    let current = (await present.next()).value ?? null;
    let old = (await past.next()).value ?? null;
    while (current || old !== null) {
      options.signal.throwIfAborted();
      const order = !current ? 1 : old === null ? -1 : compareUtf8(current.key, old);
      const key: string = order <= 0 ? (current?.key ?? '') : (old ?? '');
      yield* await versionsOf(key, order <= 0 ? current : null, key === lastKey ? lastMark : null);
      if (order <= 0) current = (await present.next()).value ?? null;
      if (order >= 0) old = (await past.next()).value ?? null;
    }
  }

  async function* ofKey(key: string, [lastKey, lastMark]: Mark): AsyncGenerator<Shown> {
    const [current = null] = lastKey === key ? [] : await currentOf(key);
    yield* await versionsOf(key, current, lastKey === key ? lastMark : null);
  }

  async function list(options: DriverVersions): Promise<VersionPage> {
    const mark = options.page === undefined ? NO_MARK : markOf(options.page);
    await objects.checkBucket();
    await tidy();
    const versions: VersionSummary[] = [];
    let last: Mark = mark;
    const all = options.key === undefined ? below(options, mark) : ofKey(options.key, mark);
    for await (const each of all) {
      if (versions.length >= options.pageSize) return { versions, next: JSON.stringify(last) };
      versions.push(each.summary);
      last = [each.summary.key, each.mark];
    }
    return { versions, next: null };
  }

  async function restore(
    key: string,
    versionId: string,
    { condition, signal }: { condition: PutCondition | undefined; signal: AbortSignal },
  ): Promise<ObjectInfo> {
    await tidy();
    const done = await holdKeys(paths.locks, [key], async () => {
      signal.throwIfAborted();
      const current = await absentAsNull(objects.look(key));
      const holds = !condition || ('ifVersion' in condition && !!current && versionOf(current) === condition.ifVersion);
      if (current && contentIdOf(current) === versionId) {
        if (!holds) throw changed();
        return { replaced: null, stat: current };
      }
      const entry = await kept.find(key, versionId);
      if (!entry) throw obstructed('missing');
      // The very file comes back, so restoring takes no time and no space, however large it is.
      const placed = await objects.putInPlace(entry.path, key, { condition, inheritMode: false });
      await afterChange(async () => {
        await syncFolder(dirname(entry.path));
        await kept.tidy(key);
      });
      return placed;
    });
    return afterChange(async () => {
      if (done.replaced) await dropFacts(paths.facts, done.replaced);
      return objects.describe(key, done.stat);
    });
  }

  async function purge(key: string, versionId: string): Promise<void> {
    await objects.checkBucket();
    await tidy();
    await holdKeys(paths.locks, [key], async () => {
      const removed = await absentAsNull(objects.takeAway(key, { ifContent: versionId, keep: false }));
      await afterChange(async () => {
        if (removed) await dropFacts(paths.facts, removed);
        await kept.purge(key, versionId);
      });
    });
  }

  return { look, open, list, restore, purge };
}

interface Shown {
  /** Name of the kept entry; empty for the current content. */
  mark: string;
  summary: VersionSummary;
}

/** What a page ended with: a key, and which of its contents. */
type Mark = [key: string, mark: string];

const NO_MARK: Mark = ['', ''];

function shown(key: string, { name, versionId, stat, replacedAt }: KeptEntry): Shown {
  const summary = { key, versionId, sizeBytes: Number(stat.size), modifiedAt: modifiedAtOf(stat), replacedAt };
  return { mark: name, summary };
}

function markOf(page: string): Mark {
  try {
    const parsed: unknown = JSON.parse(page);
    if (Array.isArray(parsed)) {
      const [key, mark, ...more]: unknown[] = parsed;
      if (typeof key === 'string' && typeof mark === 'string' && more.length === 0) return [key, mark];
    }
  } catch {
    // Not one of ours; told below.
  }
  throw refused('invalid_argument', 'The page mark is not valid.', { field: 'page' });
}

/** A key that holds nothing now, or cannot, may still have had something. */
async function absentAsNull<T>(asked: Promise<T>): Promise<T | null> {
  return asked.catch((error: unknown) => {
    if (isAppError(error) && (error.code === 'not_found' || error.code === 'failed_precondition')) return null;
    throw error;
  });
}
