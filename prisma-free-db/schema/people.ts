/** People, how they prove who they are, and their sessions. Times are Unix milliseconds. */
import { sql } from 'drizzle-orm';
import { index, integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import type { SessionId, UserId } from '../../src/domain/ids.ts';
import type { LimitOverrides, Tier } from '../../src/domain/quota.ts';
import type { Preferences, Role } from '../../src/domain/user.ts';

export const users = sqliteTable(
  'users',
  {
    id: text('id').$type<UserId>().primaryKey(),
    email: text('email').notNull(),
    name: text('name').notNull(),
    role: text('role').$type<Role>().notNull(),
    tier: text('tier').$type<Tier>().notNull(),
    active: integer('active', { mode: 'boolean' }).notNull(),
    /** Limits of this person alone, in place of the tier's. */
    limitOverrides: text('limit_overrides', { mode: 'json' }).$type<LimitOverrides>(),
    /** What administrators keep in mind about this person; the person never sees it. */
    notes: text('notes').notNull().default(''),
    preferences: text('preferences', { mode: 'json' }).$type<Partial<Preferences>>().notNull(),
    createdAt: integer('created_at').notNull(),
    lastSeenAt: integer('last_seen_at'),
  },
  (t) => [
    index('users_email').on(t.email, t.id),
    index('users_name').on(sql`${t.name} collate nocase`, t.id),
    index('users_created').on(t.createdAt, t.id),
    index('users_last_seen').on(sql`coalesce(${t.lastSeenAt}, 0)`, t.id),
    index('users_role').on(t.role, t.id),
    index('users_tier').on(t.tier, t.id),
    index('users_active').on(t.active, t.id),
  ],
);

/** Name and e-mail of each person as triggers keep them, for the index of their parts (`user_search_text`, FTS5). */
export const userSearch = sqliteTable('user_search', {
  seq: integer('seq').primaryKey(),
  userId: text('user_id')
    .$type<UserId>()
    .notNull()
    .unique()
    .references(() => users.id, { onDelete: 'cascade' }),
  text: text('text').notNull(),
});

/** One person may have several; a person is found by (issuer, subject), never by e-mail. */
export const identities = sqliteTable(
  'identities',
  {
    issuer: text('issuer').notNull(),
    subject: text('subject').notNull(),
    userId: text('user_id')
      .$type<UserId>()
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    email: text('email').notNull(),
    createdAt: integer('created_at').notNull(),
    lastUsedAt: integer('last_used_at').notNull(),
  },
  (t) => [primaryKey({ columns: [t.issuer, t.subject] }), index('identities_user').on(t.userId)],
);

export const sessions = sqliteTable(
  'sessions',
  {
    id: text('id').$type<SessionId>().primaryKey(),
    userId: text('user_id')
      .$type<UserId>()
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    createdAt: integer('created_at').notNull(),
    lastSeenAt: integer('last_seen_at').notNull(),
    expiresAt: integer('expires_at').notNull(),
    userAgent: text('user_agent').notNull(),
    address: text('address').notNull(),
  },
  (t) => [index('sessions_user').on(t.userId), index('sessions_expiry').on(t.expiresAt)],
);

/** Hashes of one-time sign-in links that were minted and not yet redeemed. */
export const signInLinks = sqliteTable('sign_in_links', {
  hash: text('hash').primaryKey(),
  issuer: text('issuer').notNull(),
  subject: text('subject').notNull(),
  email: text('email').notNull(),
  name: text('name').notNull(),
  expiresAt: integer('expires_at').notNull(),
});
