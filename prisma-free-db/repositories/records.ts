/** The live feed, settings, and what single things remember of the audit trail. Nothing here changes that trail; the feed is pruned. */
import { and, asc, desc, eq, gt, lt, max, min, sql } from 'drizzle-orm';
import type { UserId } from '../../src/domain/ids.ts';
import type { Drizzle } from '../database.ts';
import { audit, liveEvents, settings } from '../schema/records.ts';
import type { AuditRow } from './audit.ts';

export type LiveEventRow = typeof liveEvents.$inferSelect;

export function createRecordRepository(db: Drizzle) {
  const append = db
    .insert(liveEvents)
    .values({
      ownerId: sql.placeholder('ownerId'),
      at: sql.placeholder('at'),
      kind: sql.placeholder('kind'),
      targetId: sql.placeholder('targetId'),
    })
    .returning()
    .prepare();
  const setting = db
    .select({ value: settings.value })
    .from(settings)
    .where(eq(settings.key, sql.placeholder('key')))
    .prepare();
  return {
    auditOfTarget: (targetId: string, options: { ownerId: UserId; before: number | null; limit: number }): AuditRow[] =>
      db
        .select()
        .from(audit)
        .where(
          and(
            eq(audit.targetId, targetId),
            eq(audit.ownerId, options.ownerId),
            options.before === null ? undefined : lt(audit.id, options.before),
          ),
        )
        .orderBy(desc(audit.id))
        .limit(options.limit)
        .all(),

    /** Whether anything was done to it at that time or later. */
    touchedSince: (targetId: string, at: number): boolean =>
      (db
        .select({ at: audit.at })
        .from(audit)
        .where(eq(audit.targetId, targetId))
        .orderBy(desc(audit.id))
        .limit(1)
        .get()?.at ?? -1) >= at,

    appendLive: (row: { ownerId: UserId; at: number; kind: string; targetId: string }): LiveEventRow => append.get(row),
    /** The owner's events after `id`, oldest first. */
    liveAfter: (ownerId: UserId, id: number, limit: number): LiveEventRow[] =>
      db
        .select()
        .from(liveEvents)
        .where(and(eq(liveEvents.ownerId, ownerId), gt(liveEvents.id, id)))
        .orderBy(asc(liveEvents.id))
        .limit(limit)
        .all(),
    /** First and last id kept, for telling whether a replay is complete. */
    liveBounds(): { first: number; last: number } {
      const row = db
        .select({ first: min(liveEvents.id), last: max(liveEvents.id) })
        .from(liveEvents)
        .get();
      return { first: row?.first ?? 0, last: row?.last ?? 0 };
    },
    pruneLive: (before: number): number => db.delete(liveEvents).where(lt(liveEvents.at, before)).run().changes,

    getSetting: (key: string): unknown => setting.get({ key })?.value,
    setSetting: (key: string, value: unknown): void =>
      void db
        .insert(settings)
        .values({ key, value })
        .onConflictDoUpdate({ target: settings.key, set: { value } })
        .run(),
  };
}

export type RecordRepository = ReturnType<typeof createRecordRepository>;
