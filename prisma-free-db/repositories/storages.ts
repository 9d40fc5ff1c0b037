/** Storage records and what they grew to. The owner is a required parameter of everything a person can reach. */
import { and, asc, count, eq, gte, inArray, lt, ne, sql, sum } from 'drizzle-orm';
import type { StorageId, UserId } from '../../src/domain/ids.ts';
import type { Drizzle } from '../database.ts';
import { storages, storageUsageSamples } from '../schema/storage.ts';

export type StorageRow = typeof storages.$inferSelect;
export type UsageSampleRow = typeof storageUsageSamples.$inferSelect;

export function createStorageRepository(db: Drizzle) {
  const byId = db
    .select()
    .from(storages)
    .where(eq(storages.id, sql.placeholder('id')))
    .prepare();
  const owned = db
    .select()
    .from(storages)
    .where(and(eq(storages.id, sql.placeholder('id')), eq(storages.ownerId, sql.placeholder('ownerId'))))
    .prepare();
  return {
    insert: (row: typeof storages.$inferInsert): void => void db.insert(storages).values(row).run(),
    find: (id: StorageId): StorageRow | undefined => byId.get({ id }),
    findOwned: (ownerId: UserId, id: StorageId): StorageRow | undefined => owned.get({ id, ownerId }),
    listOwned: (ownerId: UserId): StorageRow[] =>
      db
        .select()
        .from(storages)
        .where(eq(storages.ownerId, ownerId))
        .orderBy(asc(storages.createdAt), asc(storages.id))
        .all(),
    countOwned: (ownerId: UserId): number =>
      db
        .select({ n: count() })
        .from(storages)
        .where(and(eq(storages.ownerId, ownerId), ne(storages.status, 'deleting')))
        .get()?.n ?? 0,
    /** All of the owner's, as last measured. */
    totalsOf(ownerId: UserId): { storages: number; sizeBytes: number; objects: number } {
      const row = db
        .select({ n: count(), size: sum(storages.sizeBytes), objects: sum(storages.objects) })
        .from(storages)
        .where(and(eq(storages.ownerId, ownerId), ne(storages.status, 'deleting')))
        .get();
      return { storages: row?.n ?? 0, sizeBytes: Number(row?.size ?? 0), objects: Number(row?.objects ?? 0) };
    },
    update: (id: StorageId, change: Partial<StorageRow>): void =>
      void db.update(storages).set(change).where(eq(storages.id, id)).run(),
    delete: (id: StorageId): void => void db.delete(storages).where(eq(storages.id, id)).run(),
    /** Records whose bucket is still to be made or removed. */
    unsettled: (): StorageRow[] =>
      db
        .select()
        .from(storages)
        .where(inArray(storages.status, ['creating', 'deleting']))
        .all(),
    active: (): StorageRow[] => db.select().from(storages).where(eq(storages.status, 'active')).all(),
    /** Names of the providers that hold any. */
    providers: (): string[] =>
      db
        .selectDistinct({ provider: storages.provider })
        .from(storages)
        .all()
        .map(({ provider }) => provider),
    /** For the comparison with the clouds; all of them. */
    all: (): StorageRow[] => db.select().from(storages).all(),

    /** The last measurement of a day is the day's. */
    putSample: (row: UsageSampleRow): void =>
      void db
        .insert(storageUsageSamples)
        .values(row)
        .onConflictDoUpdate({
          target: [storageUsageSamples.storageId, storageUsageSamples.day],
          set: { sizeBytes: row.sizeBytes, objects: row.objects },
        })
        .run(),
    /** From that day on, oldest first. */
    samplesSince: (storageId: StorageId, day: string): UsageSampleRow[] =>
      db
        .select()
        .from(storageUsageSamples)
        .where(and(eq(storageUsageSamples.storageId, storageId), gte(storageUsageSamples.day, day)))
        .orderBy(asc(storageUsageSamples.day))
        .all(),
    pruneSamples: (day: string): number =>
      db.delete(storageUsageSamples).where(lt(storageUsageSamples.day, day)).run().changes,
  };
}

export type StorageRepository = ReturnType<typeof createStorageRepository>;
