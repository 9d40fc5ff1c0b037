/** A person's storages: records of buckets that a storage provider holds. */
import { index, integer, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core';
import type { StorageId, UserId } from '../../src/domain/ids.ts';
import { users } from './people.ts';

export type StorageStatus = 'creating' | 'active' | 'deleting' | 'failed';

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
  },
  (t) => [
    uniqueIndex('storages_bucket').on(t.provider, t.bucket),
    index('storages_owner').on(t.ownerId, t.createdAt, t.id),
    index('storages_status').on(t.status),
  ],
);
