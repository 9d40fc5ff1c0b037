/** The catalog. */
import { asc, eq, sql } from 'drizzle-orm';
import type { ApplicationId } from '../../src/domain/ids.ts';
import type { Drizzle } from '../database.ts';
import { applications } from '../schema/environments.ts';

export type ApplicationRow = typeof applications.$inferSelect;

export function createApplicationRepository(db: Drizzle) {
  const byId = db
    .select()
    .from(applications)
    .where(eq(applications.id, sql.placeholder('id')))
    .prepare();
  return {
    list: (): ApplicationRow[] =>
      db.select().from(applications).orderBy(asc(applications.sortOrder), asc(applications.name)).all(),
    find: (id: ApplicationId): ApplicationRow | undefined => byId.get({ id }),
    findBySlug: (slug: string): ApplicationRow | undefined =>
      db.select().from(applications).where(eq(applications.slug, slug)).get(),
    insert: (row: ApplicationRow): void => void db.insert(applications).values(row).run(),
    update: (id: ApplicationId, change: Partial<ApplicationRow>): void =>
      void db.update(applications).set(change).where(eq(applications.id, id)).run(),
  };
}

export type ApplicationRepository = ReturnType<typeof createApplicationRepository>;
