/** Bringing back what a store keeps: one content, all that is deleted below a folder, or what one job deleted. */
import type { UndoEntry } from '../../../prisma-free-db/repositories/file-work.ts';
import { AppError, isAppError } from '../../domain/errors.ts';
import type { FileJobId } from '../../domain/ids.ts';
import type { FileJobItem } from '../../domain/storage.ts';
import type { Bucket, VersionSummary } from '../../ports/storage/storage.ts';
import type { JobTools } from './job-record.ts';
import { eachAtOnce, inBatches } from './walk.ts';

const BATCH = 100;
const WIDTH = 8;

export async function restoreItem(tools: JobTools, item: FileJobItem): Promise<void> {
  const { deps, bucket, job } = tools;
  try {
    if (item.undoOf !== undefined) await restoreAll(tools, deleted(tools, item.undoOf as FileJobId));
    else if (item.key.endsWith('/')) await restoreAll(tools, deletedBelow(bucket, { prefix: item.key }, tools.signal));
    else if (item.versionId !== undefined) {
      const { key, versionId } = item;
      await deps.db.effect(() => bucket.restore(key, versionId));
      job.fileDone();
    } else {
      const before = job.row.done + job.row.failedCount;
      await restoreAll(tools, deletedBelow(bucket, { key: item.key }, tools.signal));
      if (job.row.done + job.row.failedCount === before && !job.resumed)
        throw new AppError('not_found', 'Nothing is kept of this file, or it is not deleted.');
    }
  } catch (error) {
    job.fileFailed(item.key, error);
  }
}

/** Where a file of that name is again, it stays: restoring brings back, it never replaces. */
async function restoreAll(tools: JobTools, entries: AsyncIterable<UndoEntry>): Promise<void> {
  const { deps, bucket, job, signal } = tools;
  for await (const batch of inBatches(entries, BATCH)) {
    await eachAtOnce(batch, WIDTH, async ({ key, versionId }) => {
      try {
        await deps.db.effect(() => bucket.restore(key, versionId, { condition: { ifAbsent: true }, signal }));
        job.fileDone();
      } catch (error) {
        if (await isBack(bucket, { key, versionId }, error)) job.fileDone();
        else job.fileFailed(key, error);
      }
    });
    signal.throwIfAborted();
    job.reached(batch.at(-1)?.key ?? null);
  }
}

/** The very content is there: an earlier run brought it back, or it never went. */
async function isBack(bucket: Bucket, { key, versionId }: UndoEntry, error: unknown): Promise<boolean> {
  if (!isAppError(error) || error.code !== 'conflict') return false;
  const [now, kept] = await Promise.all([bucket.head(key), bucket.head(key, { versionId })]);
  return (
    now.versionId === versionId ||
    (now.crc32c !== null && now.crc32c === kept.crc32c && now.sizeBytes === kept.sizeBytes)
  );
}

async function* deleted({ deps, job }: JobTools, source: FileJobId): AsyncGenerator<UndoEntry, void> {
  for (let after = job.row.cursor; ; ) {
    const page = deps.fileWork.undoOf(source, after, BATCH);
    yield* page;
    const last = page.at(-1);
    if (!last) return;
    after = last.key;
  }
}

/** Of each key that has no content now: the newest one that is kept. */
export async function* deletedBelow(
  bucket: Bucket,
  where: { key: string } | { prefix: string },
  signal: AbortSignal,
): AsyncGenerator<VersionSummary, void> {
  let group: VersionSummary[] = [];
  for (let page: string | undefined; ; ) {
    const { versions, next } = await bucket.listVersions({ ...where, page, signal });
    for (const version of versions) {
      if (group[0] && group[0].key !== version.key) {
        yield* newestDeleted(group);
        group = [];
      }
      group.push(version);
    }
    if (next === null) break;
    page = next;
  }
  yield* newestDeleted(group);
}

/** @param group all contents of one key, in any order: pages may part them */
export function newestDeleted(group: readonly VersionSummary[]): VersionSummary[] {
  if (group.some(({ replacedAt }) => replacedAt === null)) return [];
  const newest = [...group].sort((a, b) => (b.replacedAt ?? 0) - (a.replacedAt ?? 0) || b.modifiedAt - a.modifiedAt)[0];
  return newest && !newest.key.endsWith('/') ? [newest] : [];
}
