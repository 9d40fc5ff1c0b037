/** Jobs on many files and uploads in parts. The owner is a required parameter of everything a person can reach. */
import { and, asc, count, desc, eq, gt, gte, inArray, isNotNull, lt, or } from 'drizzle-orm';
import type { FileJobId, StorageId, UploadId, UserId } from '../../src/domain/ids.ts';
import type { Drizzle } from '../database.ts';
import { fileJobs, fileJobUndo, uploads } from '../schema/storage.ts';

export type FileJobRow = typeof fileJobs.$inferSelect;
export type UploadRow = typeof uploads.$inferSelect;
export interface UndoEntry {
  key: string;
  versionId: string;
}

/** Rows of one statement: SQLite takes 32,766 parameters. */
const ROWS_AT_ONCE = 1_000;

export function createFileWorkRepository(db: Drizzle) {
  return {
    insertJob: (row: FileJobRow): void => void db.insert(fileJobs).values(row).run(),
    /** For the system's own loops; people go through findOwnedJob. */
    findJob: (id: FileJobId): FileJobRow | undefined => db.select().from(fileJobs).where(eq(fileJobs.id, id)).get(),
    findOwnedJob: (ownerId: UserId, id: FileJobId): FileJobRow | undefined =>
      db
        .select()
        .from(fileJobs)
        .where(and(eq(fileJobs.id, id), eq(fileJobs.ownerId, ownerId)))
        .get(),
    findJobByClientKey: (ownerId: UserId, clientKey: string): FileJobRow | undefined =>
      db
        .select()
        .from(fileJobs)
        .where(and(eq(fileJobs.ownerId, ownerId), eq(fileJobs.clientKey, clientKey)))
        .get(),
    updateJob: (id: FileJobId, change: Partial<FileJobRow>): void =>
      void db.update(fileJobs).set(change).where(eq(fileJobs.id, id)).run(),
    /** Running ones and those that ended after `since`, newest first. */
    recentJobs: (ownerId: UserId, storageId: StorageId, since: number): FileJobRow[] =>
      db
        .select()
        .from(fileJobs)
        .where(
          and(
            eq(fileJobs.ownerId, ownerId),
            eq(fileJobs.storageId, storageId),
            or(eq(fileJobs.status, 'running'), gte(fileJobs.createdAt, since)),
          ),
        )
        .orderBy(desc(fileJobs.createdAt), desc(fileJobs.id))
        .limit(50)
        .all(),
    runningJobs: (): FileJobRow[] => db.select().from(fileJobs).where(eq(fileJobs.status, 'running')).all(),
    countRunningJobs: (ownerId: UserId): number =>
      db
        .select({ n: count() })
        .from(fileJobs)
        .where(and(eq(fileJobs.ownerId, ownerId), eq(fileJobs.status, 'running')))
        .get()?.n ?? 0,
    pruneJobs: (finishedBefore: number): number =>
      db
        .delete(fileJobs)
        .where(and(isNotNull(fileJobs.finishedAt), lt(fileJobs.finishedAt, finishedBefore)))
        .run().changes,

    addUndo(jobId: FileJobId, entries: readonly UndoEntry[]): void {
      for (let at = 0; at < entries.length; at += ROWS_AT_ONCE)
        db.insert(fileJobUndo)
          .values(entries.slice(at, at + ROWS_AT_ONCE).map((entry) => ({ jobId, ...entry })))
          .onConflictDoNothing()
          .run();
    },
    /** By key, after `after`. */
    undoOf: (jobId: FileJobId, after: string | null, limit: number): UndoEntry[] =>
      db
        .select({ key: fileJobUndo.key, versionId: fileJobUndo.versionId })
        .from(fileJobUndo)
        .where(and(eq(fileJobUndo.jobId, jobId), after === null ? undefined : gt(fileJobUndo.key, after)))
        .orderBy(asc(fileJobUndo.key))
        .limit(limit)
        .all(),
    countUndo: (jobId: FileJobId): number =>
      db.select({ n: count() }).from(fileJobUndo).where(eq(fileJobUndo.jobId, jobId)).get()?.n ?? 0,
    dropUndo: (jobId: FileJobId): void => void db.delete(fileJobUndo).where(eq(fileJobUndo.jobId, jobId)).run(),

    insertUpload: (row: UploadRow): void => void db.insert(uploads).values(row).run(),
    findOwnedUpload: (ownerId: UserId, storageId: StorageId, id: UploadId): UploadRow | undefined =>
      db
        .select()
        .from(uploads)
        .where(and(eq(uploads.id, id), eq(uploads.ownerId, ownerId), eq(uploads.storageId, storageId)))
        .get(),
    listUploads: (ownerId: UserId, storageId: StorageId): UploadRow[] =>
      db
        .select()
        .from(uploads)
        .where(and(eq(uploads.ownerId, ownerId), eq(uploads.storageId, storageId)))
        .orderBy(desc(uploads.createdAt))
        .limit(500)
        .all(),
    countUploads: (ownerId: UserId): number =>
      db.select({ n: count() }).from(uploads).where(eq(uploads.ownerId, ownerId)).get()?.n ?? 0,
    updateUpload: (id: UploadId, change: Partial<UploadRow>): void =>
      void db.update(uploads).set(change).where(eq(uploads.id, id)).run(),
    deleteUploads: (ids: readonly UploadId[]): void =>
      void db
        .delete(uploads)
        .where(inArray(uploads.id, [...ids]))
        .run(),
    /** Not touched since then. */
    abandonedUploads: (usedBefore: number): UploadRow[] =>
      db.select().from(uploads).where(lt(uploads.usedAt, usedBefore)).limit(100).all(),
  };
}

export type FileWorkRepository = ReturnType<typeof createFileWorkRepository>;
