/** Environments and the tickets that open them. The owner is a required parameter of everything a person can reach. */
import { and, count, desc, eq, inArray, isNotNull, like, lt, min, ne, notInArray, or, sql, sum } from 'drizzle-orm';
import type { Phase } from '../../src/domain/environment.ts';
import type { ApplicationId, EnvironmentId, StorageId, UserId } from '../../src/domain/ids.ts';
import type { Usage } from '../../src/domain/quota.ts';
import type { Drizzle } from '../database.ts';
import { environments, tickets } from '../schema/environments.ts';

export type EnvironmentRow = typeof environments.$inferSelect;
export type TicketRow = typeof tickets.$inferSelect;
export interface EnvironmentFilter {
  phases?: Phase[];
  applicationId?: ApplicationId;
  storageId?: StorageId;
  search?: string;
}

const LIVE: Phase[] = ['pending', 'starting', 'running', 'stopping'];

export function createEnvironmentRepository(db: Drizzle) {
  const byId = db
    .select()
    .from(environments)
    .where(eq(environments.id, sql.placeholder('id')))
    .prepare();
  const bySlug = db
    .select()
    .from(environments)
    .where(eq(environments.slug, sql.placeholder('slug')))
    .prepare();
  const owned = db
    .select()
    .from(environments)
    .where(
      and(
        eq(environments.id, sql.placeholder('id')),
        eq(environments.ownerId, sql.placeholder('ownerId')),
        ne(environments.desired, 'deleted'),
      ),
    )
    .prepare();
  /** Row values, because SQLite seeks with them and would scan with an `or`. */
  const before = (createdAt: unknown, id: unknown) =>
    sql`(${environments.createdAt}, ${environments.id}) < (${createdAt}, ${id})`;
  const firstPage = db
    .select()
    .from(environments)
    .where(and(eq(environments.ownerId, sql.placeholder('ownerId')), ne(environments.desired, 'deleted')))
    .orderBy(desc(environments.createdAt), desc(environments.id))
    .limit(sql.placeholder('limit'))
    .prepare();
  const nextPage = db
    .select()
    .from(environments)
    .where(
      and(
        eq(environments.ownerId, sql.placeholder('ownerId')),
        ne(environments.desired, 'deleted'),
        before(sql.placeholder('createdAt'), sql.placeholder('id')),
      ),
    )
    .orderBy(desc(environments.createdAt), desc(environments.id))
    .limit(sql.placeholder('limit'))
    .prepare();

  return {
    insert: (row: EnvironmentRow): void => void db.insert(environments).values(row).run(),
    /** For the system's own loops; people go through findOwned. */
    find: (id: EnvironmentId): EnvironmentRow | undefined => byId.get({ id }),
    findBySlug: (slug: string): EnvironmentRow | undefined => bySlug.get({ slug }),
    findOwned: (ownerId: UserId, id: EnvironmentId): EnvironmentRow | undefined => owned.get({ id, ownerId }),
    findByClientKey: (ownerId: UserId, clientKey: string): EnvironmentRow | undefined =>
      db
        .select()
        .from(environments)
        .where(and(eq(environments.ownerId, ownerId), eq(environments.clientKey, clientKey)))
        .get(),
    /** Newest first, by keyset (createdAt, id). */
    page(
      ownerId: UserId,
      options: EnvironmentFilter & { after: { createdAt: number; id: EnvironmentId } | null; limit: number },
    ): EnvironmentRow[] {
      const { after, phases, applicationId, storageId, search } = options;
      if (!phases && !applicationId && !storageId && !search) {
        const { limit } = options;
        return after ? nextPage.all({ ownerId, ...after, limit }) : firstPage.all({ ownerId, limit });
      }
      return db
        .select()
        .from(environments)
        .where(
          and(
            eq(environments.ownerId, ownerId),
            ne(environments.desired, 'deleted'),
            phases ? inArray(environments.phase, phases) : undefined,
            applicationId ? eq(environments.applicationId, applicationId) : undefined,
            storageId ? eq(environments.storageId, storageId) : undefined,
            search ? like(environments.name, `%${search.replace(/[%_]/g, '')}%`) : undefined,
            after ? before(after.createdAt, after.id) : undefined,
          ),
        )
        .orderBy(desc(environments.createdAt), desc(environments.id))
        .limit(options.limit)
        .all();
    },
    /** What the owner's live environments use together: neither stopped, failed nor deleted (whose end nothing can delay any more). */
    usage(ownerId: UserId): Usage {
      const row = db
        .select({
          n: count(),
          cpu: sum(environments.cpuMillicores),
          memory: sum(environments.memoryMiB),
          gpus: sum(environments.gpus),
        })
        .from(environments)
        .where(
          and(
            eq(environments.ownerId, ownerId),
            inArray(environments.phase, LIVE),
            ne(environments.desired, 'deleted'),
          ),
        )
        .get();
      return {
        environments: row?.n ?? 0,
        cpuMillicores: Number(row?.cpu ?? 0),
        memoryMiB: Number(row?.memory ?? 0),
        gpus: Number(row?.gpus ?? 0),
      };
    },
    /** How many stopped and failed ones the owner keeps, and the name of the one that has rested the longest. */
    atRest(ownerId: UserId): { kept: number; oldest: string | null } {
      const row = db
        .select({ kept: count(), oldest: environments.name, since: min(environments.phaseAt) })
        .from(environments)
        .where(
          and(
            eq(environments.ownerId, ownerId),
            notInArray(environments.phase, LIVE),
            ne(environments.desired, 'deleted'),
          ),
        )
        .get();
      return { kept: row?.kept ?? 0, oldest: row?.oldest ?? null };
    },
    /** The owner's that are wanted to run. */
    wantedOf: (ownerId: UserId): EnvironmentRow[] =>
      db
        .select()
        .from(environments)
        .where(and(eq(environments.ownerId, ownerId), eq(environments.desired, 'running')))
        .all(),
    countOf(ownerId: UserId): { live: number; kept: number } {
      const row = db
        .select({ all: count(), live: sum(sql<number>`${inArray(environments.phase, LIVE)}`) })
        .from(environments)
        .where(and(eq(environments.ownerId, ownerId), ne(environments.desired, 'deleted')))
        .get();
      const live = Number(row?.live ?? 0);
      return { live, kept: (row?.all ?? 0) - live };
    },
    update: (id: EnvironmentId, change: Partial<EnvironmentRow>): void =>
      void db.update(environments).set(change).where(eq(environments.id, id)).run(),
    delete: (id: EnvironmentId): void => void db.delete(environments).where(eq(environments.id, id)).run(),
    /** Everything the reconciler has to look at: not at rest, or wanted otherwise than it is. */
    unsettled: (): EnvironmentRow[] =>
      db
        .select()
        .from(environments)
        .where(or(inArray(environments.phase, LIVE), eq(environments.desired, 'deleted')))
        .all(),
    ids: (): EnvironmentId[] =>
      db
        .select({ id: environments.id })
        .from(environments)
        .all()
        .map((row) => row.id),
    toResume: (): EnvironmentRow[] =>
      db
        .select()
        .from(environments)
        .where(and(eq(environments.resume, true), eq(environments.desired, 'stopped')))
        .all(),
    pastDeadline: (now: number): EnvironmentRow[] =>
      db
        .select()
        .from(environments)
        .where(
          and(
            isNotNull(environments.deadlineAt),
            lt(environments.deadlineAt, now),
            eq(environments.desired, 'running'),
            eq(environments.phase, 'running'),
          ),
        )
        .all(),
    usingStorage: (storageId: StorageId): { id: EnvironmentId; name: string; phase: Phase }[] =>
      db
        .select({ id: environments.id, name: environments.name, phase: environments.phase })
        .from(environments)
        .where(and(eq(environments.storageId, storageId), ne(environments.desired, 'deleted')))
        .all(),
    /** Deleted ones that are still ending count too. */
    countOnStorage: (storageId: StorageId): number =>
      db.select({ n: count() }).from(environments).where(eq(environments.storageId, storageId)).get()?.n ?? 0,
    /** Launch-to-ready times of the latest starts of an application, in milliseconds, newest first. */
    readyTimes: (applicationId: ApplicationId, limit: number): number[] =>
      db
        .select({ steps: environments.steps })
        .from(environments)
        .where(and(eq(environments.applicationId, applicationId), isNotNull(environments.readyAt)))
        .orderBy(desc(environments.readyAt))
        .limit(limit)
        .all()
        .flatMap(({ steps }) => {
          const first = steps.find((s) => s.step === 'accepted');
          const last = steps.find((s) => s.step === 'ready');
          return first && last ? [last.at - first.at] : [];
        }),

    insertTicket: (row: TicketRow): void => void db.insert(tickets).values(row).run(),
    takeTicket: (hash: string): TicketRow | undefined =>
      db.delete(tickets).where(eq(tickets.hash, hash)).returning().get(),
    deleteExpiredTickets: (now: number): number => db.delete(tickets).where(lt(tickets.expiresAt, now)).run().changes,
  };
}

export type EnvironmentRepository = ReturnType<typeof createEnvironmentRepository>;
