/** The catalog, environments and the one-time tickets that open them. Times are Unix milliseconds. */
import { index, integer, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core';
import type { LocalCommand } from '../../src/domain/application.ts';
import type { Desired, Failure, Phase, Size, StepTime } from '../../src/domain/environment.ts';
import type { ApplicationId, EnvironmentId, SessionId, StorageId, UserId } from '../../src/domain/ids.ts';
import { users } from './people.ts';
import { storages } from './storage.ts';

export const applications = sqliteTable(
  'applications',
  {
    id: text('id').$type<ApplicationId>().primaryKey(),
    slug: text('slug').notNull(),
    name: text('name').notNull(),
    summary: text('summary').notNull(),
    tags: text('tags', { mode: 'json' }).$type<string[]>().notNull(),
    icon: text('icon').notNull(),
    image: text('image'),
    port: integer('port'),
    local: text('local', { mode: 'json' }).$type<LocalCommand>(),
    asksCommand: integer('asks_command', { mode: 'boolean' }).notNull(),
    defaultSize: text('default_size', { mode: 'json' }).$type<Size>().notNull(),
    readyTimeoutMs: integer('ready_timeout_ms').notNull(),
    sortOrder: integer('sort_order').notNull(),
    active: integer('active', { mode: 'boolean' }).notNull(),
  },
  (t) => [uniqueIndex('applications_slug').on(t.slug)],
);

export const environments = sqliteTable(
  'environments',
  {
    id: text('id').$type<EnvironmentId>().primaryKey(),
    ownerId: text('owner_id')
      .$type<UserId>()
      .notNull()
      .references(() => users.id),
    provider: text('provider').notNull(),
    name: text('name').notNull(),
    slug: text('slug').notNull(),
    applicationId: text('application_id')
      .$type<ApplicationId>()
      .notNull()
      .references(() => applications.id),
    storageId: text('storage_id')
      .$type<StorageId>()
      .references(() => storages.id),
    cpuMillicores: integer('cpu_millicores').notNull(),
    memoryMiB: integer('memory_mib').notNull(),
    gpus: integer('gpus').notNull(),
    /** Names of the extra env vars; their values are in `sealedEnv`. */
    envNames: text('env_names', { mode: 'json' }).$type<string[]>().notNull(),
    /** AES-256-GCM of the JSON object of values, key by SECRET_KEY; null when there are none. */
    sealedEnv: text('sealed_env'),
    /** Command given at launch, for applications that ask for one. */
    argv: text('argv', { mode: 'json' }).$type<string[]>(),
    phase: text('phase').$type<Phase>().notNull(),
    desired: text('desired').$type<Desired>().notNull(),
    generation: integer('generation').notNull(),
    steps: text('steps', { mode: 'json' }).$type<StepTime[]>().notNull(),
    failure: text('failure', { mode: 'json' }).$type<Failure>(),
    /** Brought back at the next start of the control plane (it was stopped by a shutdown, not by its owner). */
    resume: integer('resume', { mode: 'boolean' }).notNull(),
    /** Idempotency key of the launch, unique per owner. */
    clientKey: text('client_key').notNull(),
    createdAt: integer('created_at').notNull(),
    phaseAt: integer('phase_at').notNull(),
    readyAt: integer('ready_at'),
    deadlineAt: integer('deadline_at'),
    lastActivityAt: integer('last_activity_at'),
  },
  (t) => [
    uniqueIndex('environments_slug').on(t.slug),
    uniqueIndex('environments_client_key').on(t.ownerId, t.clientKey),
    index('environments_owner').on(t.ownerId, t.createdAt, t.id),
    index('environments_phase').on(t.phase),
    index('environments_storage').on(t.storageId),
    index('environments_application').on(t.applicationId, t.readyAt),
  ],
);

/** One-time tickets by hash: redeemed by deleting the row. */
export const tickets = sqliteTable('tickets', {
  hash: text('hash').primaryKey(),
  environmentId: text('environment_id')
    .$type<EnvironmentId>()
    .notNull()
    .references(() => environments.id, { onDelete: 'cascade' }),
  sessionId: text('session_id').$type<SessionId>().notNull(),
  userId: text('user_id').$type<UserId>().notNull(),
  expiresAt: integer('expires_at').notNull(),
});
