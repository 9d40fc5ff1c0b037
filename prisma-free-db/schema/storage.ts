/** A person's storages: records of buckets that a storage provider holds, what they grew to, and the work on their files. */
import { index, integer, primaryKey, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core';
import type { FileJobId, StorageId, UploadId, UserId } from '../../src/domain/ids.ts';
import type {
  FileJobItem,
  FileJobKind,
  FileJobStatus,
  FileProblem,
  FolderSize,
  SagaStep,
  SettingReport,
  StorageStatus,
} from '../../src/domain/storage.ts';
import { users } from './people.ts';

export const storages = sqliteTable(
  'storages',
  {
    id: text('id').$type<StorageId>().primaryKey(),
    ownerId: text('owner_id')
      .$type<UserId>()
      .notNull()
      .references(() => users.id),
    provider: text('provider').notNull(),
    bucket: text('bucket').notNull(),
    displayName: text('display_name').notNull(),
    status: text('status').$type<StorageStatus>().notNull(),
    /** Human sentence when status is failed. */
    failure: text('failure'),
    sizeBytes: integer('size_bytes'),
    objects: integer('objects'),
    /** When size and objects were measured. */
    measuredAt: integer('measured_at'),
    createdAt: integer('created_at').notNull(),
    /** As asked for until the bucket exists, then as the store says. */
    storageClass: text('storage_class'),
    location: text('location'),
    keepVersionsDays: integer('keep_versions_days').notNull().default(30),
    /** Steps of the making or removing under way that are done, in their order. */
    steps: text('steps', { mode: 'json' }).$type<SagaStep[]>().notNull().default([]),
    /** When the making or removing under way began. */
    workSince: integer('work_since'),
    /** Why the step under way is repeated; a sentence for people. */
    waiting: text('waiting'),
    /** What the removal has taken out of the bucket so far. */
    removed: integer('removed').notNull().default(0),
    /** How access is given; a sentence of the provider. */
    access: text('access'),
    /** Settings of the bucket as they were last made or seen. */
    settings: text('settings', { mode: 'json' }).$type<SettingReport[]>().notNull().default([]),
    settingsAt: integer('settings_at'),
    /** Largest folders at the top. */
    folders: text('folders', { mode: 'json' }).$type<FolderSize[]>().notNull().default([]),
    foldersAt: integer('folders_at'),
    /** The walk ended before it had seen all. */
    foldersPartial: integer('folders_partial', { mode: 'boolean' }).notNull().default(false),
  },
  (t) => [
    uniqueIndex('storages_bucket').on(t.provider, t.bucket),
    index('storages_owner').on(t.ownerId, t.createdAt, t.id),
    index('storages_status').on(t.status),
  ],
);

/** One row a day: what the last measurement of that day saw. */
export const storageUsageSamples = sqliteTable(
  'storage_usage_samples',
  {
    storageId: text('storage_id')
      .$type<StorageId>()
      .notNull()
      .references(() => storages.id, { onDelete: 'cascade' }),
    /** UTC, `2026-11-24`. */
    day: text('day').notNull(),
    sizeBytes: integer('size_bytes').notNull(),
    objects: integer('objects').notNull(),
  },
  (t) => [primaryKey({ columns: [t.storageId, t.day] })],
);

/** Changes to many files at once. The order is a row before anything happens, so that a crash only interrupts it. */
export const fileJobs = sqliteTable(
  'file_jobs',
  {
    id: text('id').$type<FileJobId>().primaryKey(),
    storageId: text('storage_id')
      .$type<StorageId>()
      .notNull()
      .references(() => storages.id, { onDelete: 'cascade' }),
    ownerId: text('owner_id').$type<UserId>().notNull(),
    /** Idempotency key of the order, unique per owner. */
    clientKey: text('client_key').notNull(),
    kind: text('kind').$type<FileJobKind>().notNull(),
    status: text('status').$type<FileJobStatus>().notNull(),
    items: text('items', { mode: 'json' }).$type<FileJobItem[]>().notNull(),
    /** Item under way. */
    position: integer('position').notNull(),
    /** Last key below the item that is done; null = none yet. */
    cursor: text('cursor'),
    /** Times it was begun or taken up again. */
    attempt: integer('attempt').notNull(),
    done: integer('done').notNull(),
    total: integer('total'),
    failures: text('failures', { mode: 'json' }).$type<FileProblem[]>().notNull(),
    failedCount: integer('failed_count').notNull(),
    message: text('message'),
    undo: integer('undo', { mode: 'boolean' }).notNull(),
    createdAt: integer('created_at').notNull(),
    updatedAt: integer('updated_at').notNull(),
    finishedAt: integer('finished_at'),
  },
  (t) => [
    uniqueIndex('file_jobs_client_key').on(t.ownerId, t.clientKey),
    index('file_jobs_storage').on(t.storageId, t.createdAt),
    index('file_jobs_status').on(t.status, t.finishedAt),
  ],
);

/** What a deletion removed, exactly: what its undo brings back. */
export const fileJobUndo = sqliteTable(
  'file_job_undo',
  {
    jobId: text('job_id')
      .$type<FileJobId>()
      .notNull()
      .references(() => fileJobs.id, { onDelete: 'cascade' }),
    key: text('key').notNull(),
    versionId: text('version_id').notNull(),
  },
  (t) => [primaryKey({ columns: [t.jobId, t.key] })],
);

/** Uploads in parts that are neither completed nor aborted. */
export const uploads = sqliteTable(
  'uploads',
  {
    id: text('id').$type<UploadId>().primaryKey(),
    storageId: text('storage_id')
      .$type<StorageId>()
      .notNull()
      .references(() => storages.id, { onDelete: 'cascade' }),
    ownerId: text('owner_id').$type<UserId>().notNull(),
    key: text('key').notNull(),
    /** The store's own name of it. */
    handle: text('handle').notNull(),
    sizeBytes: integer('size_bytes').notNull(),
    partSizeBytes: integer('part_size_bytes').notNull(),
    replace: integer('replace', { mode: 'boolean' }).notNull(),
    ifVersion: text('if_version'),
    createdAt: integer('created_at').notNull(),
    /** Moves on with each part; far behind, it is abandoned. */
    usedAt: integer('used_at').notNull(),
  },
  (t) => [index('uploads_owner').on(t.ownerId, t.storageId), index('uploads_used').on(t.usedAt)],
);
