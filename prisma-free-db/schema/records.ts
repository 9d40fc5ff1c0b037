/** Append-only records: the audit log and the feed that live streams replay. */
import { index, integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import type { UserId } from '../../src/domain/ids.ts';

export const audit = sqliteTable(
  'audit',
  {
    id: integer('id').primaryKey({ autoIncrement: true }),
    at: integer('at').notNull(),
    actorId: text('actor_id').$type<UserId>(),
    actorName: text('actor_name').notNull(),
    address: text('address').notNull(),
    /** `noun.verb`, e.g. environment.launch */
    action: text('action').notNull(),
    /** Whose thing it is: what a person's own activity shows. */
    ownerId: text('owner_id').$type<UserId>(),
    targetId: text('target_id'),
    targetName: text('target_name'),
    result: text('result').$type<'success' | 'refused' | 'failed'>().notNull(),
    details: text('details', { mode: 'json' }).$type<Record<string, unknown>>(),
  },
  (t) => [index('audit_owner').on(t.ownerId, t.id), index('audit_target').on(t.targetId, t.id)],
);

export const liveEvents = sqliteTable(
  'live_events',
  {
    id: integer('id').primaryKey({ autoIncrement: true }),
    ownerId: text('owner_id').$type<UserId>().notNull(),
    at: integer('at').notNull(),
    kind: text('kind').notNull(),
    targetId: text('target_id').notNull(),
  },
  (t) => [index('live_events_owner').on(t.ownerId, t.id), index('live_events_at').on(t.at)],
);

export const settings = sqliteTable('settings', {
  key: text('key').primaryKey(),
  value: text('value', { mode: 'json' }).$type<unknown>().notNull(),
});
