/** Append-only records: the audit log and the feed that live streams replay. */
import { index, integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import type { AuditResult, TargetKind } from '../../src/domain/audit.ts';
import type { UserId } from '../../src/domain/ids.ts';

/** Triggers refuse every update and delete, and keep the index of words (`audit_text`, FTS5) by the same insert. */
export const audit = sqliteTable(
  'audit',
  {
    id: integer('id').primaryKey({ autoIncrement: true }),
    at: integer('at').notNull(),
    actorId: text('actor_id').$type<UserId>(),
    actorName: text('actor_name').notNull(),
    address: text('address').notNull(),
    /** The client's program, as it names itself. */
    agent: text('agent').notNull().default(''),
    /** `noun.verb`, e.g. environment.launch */
    action: text('action').notNull(),
    /** Whose thing it is: what a person's own activity shows. */
    ownerId: text('owner_id').$type<UserId>(),
    targetKind: text('target_kind').$type<TargetKind>(),
    targetId: text('target_id'),
    targetName: text('target_name'),
    result: text('result').$type<AuditResult>().notNull(),
    details: text('details', { mode: 'json' }).$type<Record<string, unknown>>(),
    /** What changed, as it was and as it is. */
    before: text('before', { mode: 'json' }).$type<Record<string, unknown>>(),
    after: text('after', { mode: 'json' }).$type<Record<string, unknown>>(),
    /** The call that did it: the same one that its error message and the log name. */
    correlationId: text('correlation_id').notNull().default(''),
  },
  (t) => [
    index('audit_owner').on(t.ownerId, t.id),
    index('audit_actor').on(t.actorId, t.id),
    index('audit_target').on(t.targetId, t.id),
    index('audit_at').on(t.at),
  ],
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
