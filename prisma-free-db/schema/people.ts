/** People, how they prove who they are, and their sessions. Times are Unix milliseconds. */
import { sql } from 'drizzle-orm';
import { index, integer, primaryKey, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core';
import type { InvitationId, SecretFileId, SessionId, UserId } from '../../src/domain/ids.ts';
import type { LimitOverrides, Tier } from '../../src/domain/quota.ts';
import type { Admission, Preferences, Role } from '../../src/domain/user.ts';

export const users = sqliteTable(
  'users',
  {
    id: text('id').$type<UserId>().primaryKey(),
    email: text('email').notNull(),
    name: text('name').notNull(),
    role: text('role').$type<Role>().notNull(),
    tier: text('tier').$type<Tier>().notNull(),
    active: integer('active', { mode: 'boolean' }).notNull(),
    /** By what this person came in; whoever came by an open door must be on the lists at every sign-in. */
    admission: text('admission').$type<Admission>().notNull().default('open'),
    /** Since when an administrator is asked to let this person in; null for everybody else. */
    awaitsApprovalSince: integer('awaits_approval_since'),
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
    index('users_awaiting').on(t.awaitsApprovalSince, t.id).where(sql`${t.awaitsApprovalSince} is not null`),
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
    /** The identity that this session was proven by; empty for those made before it was kept. */
    issuer: text('issuer').notNull().default(''),
    subject: text('subject').notNull().default(''),
    /** The issuer's own session (`sid`), by which it may end this one. */
    issuerSession: text('issuer_session'),
  },
  (t) => [
    index('sessions_user').on(t.userId),
    index('sessions_expiry').on(t.expiresAt),
    index('sessions_identity').on(t.issuer, t.subject),
    index('sessions_issuer_session').on(t.issuer, t.issuerSession).where(sql`${t.issuerSession} is not null`),
  ],
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

/** Ways in that administrators gave out by link: single use, kept by the hash of their secret. */
export const invitations = sqliteTable(
  'invitations',
  {
    id: text('id').$type<InvitationId>().primaryKey(),
    hash: text('hash').notNull().unique(),
    /** Whom it is for: only a verified e-mail like this may use it. null: whoever has the link. */
    email: text('email'),
    role: text('role').$type<Role>().notNull(),
    tier: text('tier').$type<Tier>().notNull(),
    createdBy: text('created_by')
      .$type<UserId>()
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    createdAt: integer('created_at').notNull(),
    expiresAt: integer('expires_at').notNull(),
    usedBy: text('used_by')
      .$type<UserId>()
      .references(() => users.id, { onDelete: 'set null' }),
    usedAt: integer('used_at'),
  },
  (t) => [index('invitations_created').on(t.createdAt, t.id)],
);

/** Environment variables that a person's environments get; values are sealed. */
export const userVariables = sqliteTable(
  'user_variables',
  {
    userId: text('user_id')
      .$type<UserId>()
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    name: text('name').notNull(),
    sealed: text('sealed').notNull(),
    sizeBytes: integer('size_bytes').notNull(),
    createdAt: integer('created_at').notNull(),
    updatedAt: integer('updated_at').notNull(),
  },
  (t) => [primaryKey({ columns: [t.userId, t.name] })],
);

/** Files (credentials, settings) that a person's environments get at a path; contents are sealed. */
export const secretFiles = sqliteTable(
  'secret_files',
  {
    id: text('id').$type<SecretFileId>().primaryKey(),
    userId: text('user_id')
      .$type<UserId>()
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    /** Below the home folder; forward slashes. */
    path: text('path').notNull(),
    sealed: text('sealed').notNull(),
    sizeBytes: integer('size_bytes').notNull(),
    createdAt: integer('created_at').notNull(),
    updatedAt: integer('updated_at').notNull(),
  },
  (t) => [uniqueIndex('secret_files_path').on(t.userId, t.path)],
);
