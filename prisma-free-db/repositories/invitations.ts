/** Ways in that administrators gave out by link. Kept by the hash of their secret; one is used once, by whoever comes first. */
import { and, count, desc, eq, gt, isNull, lt, sql } from 'drizzle-orm';
import { alias } from 'drizzle-orm/sqlite-core';
import type { InvitationId, UserId } from '../../src/domain/ids.ts';
import type { Drizzle } from '../database.ts';
import { invitations, users } from '../schema/people.ts';

export type InvitationRow = typeof invitations.$inferSelect;

/** Where a page ended. */
export interface InvitationMark {
  createdAt: number;
  id: InvitationId;
}

export interface InvitationWithPeople {
  invitation: InvitationRow;
  createdBy: { id: UserId; name: string };
  usedBy: { id: UserId; name: string } | null;
}

export function createInvitationRepository(db: Drizzle) {
  const creator = alias(users, 'creator');
  const user = alias(users, 'user');
  const isOpen = (now: number) => and(isNull(invitations.usedAt), gt(invitations.expiresAt, now));

  return {
    insert: (row: typeof invitations.$inferInsert): void => void db.insert(invitations).values(row).run(),
    find: (id: InvitationId): InvitationRow | undefined =>
      db.select().from(invitations).where(eq(invitations.id, id)).get(),
    /** Newest first by keyset; `after` is the last row of the page before. */
    page({ after, limit }: { after: InvitationMark | null; limit: number }): InvitationWithPeople[] {
      return db
        .select({
          invitation: invitations,
          createdBy: { id: creator.id, name: creator.name },
          usedBy: { id: user.id, name: user.name },
        })
        .from(invitations)
        .innerJoin(creator, eq(creator.id, invitations.createdBy))
        .leftJoin(user, eq(user.id, invitations.usedBy))
        .where(
          after ? sql`(${invitations.createdAt}, ${invitations.id}) < (${after.createdAt}, ${after.id})` : undefined,
        )
        .orderBy(desc(invitations.createdAt), desc(invitations.id))
        .limit(limit)
        .all();
    },
    /** Neither used nor expired. */
    findUsable: (hash: string, now: number): InvitationRow | undefined =>
      db
        .select()
        .from(invitations)
        .where(and(eq(invitations.hash, hash), isOpen(now)))
        .get(),
    countOpen: (now: number): number => db.select({ n: count() }).from(invitations).where(isOpen(now)).get()?.n ?? 0,
    /** Whether it was still free: of two who come with the same link, one is told false. */
    markUsed: (id: InvitationId, userId: UserId, now: number): boolean =>
      db
        .update(invitations)
        .set({ usedBy: userId, usedAt: now })
        .where(and(eq(invitations.id, id), isOpen(now)))
        .run().changes > 0,
    delete: (id: InvitationId): boolean => db.delete(invitations).where(eq(invitations.id, id)).run().changes > 0,
    /** What this person gave out and nobody has used. */
    deleteOpenOf: (createdBy: UserId, now: number): number =>
      db
        .delete(invitations)
        .where(and(eq(invitations.createdBy, createdBy), isOpen(now)))
        .run().changes,
    /** Those that ran out unused before then. Used ones stay: they say how somebody came in. */
    deleteExpired: (before: number): number =>
      db
        .delete(invitations)
        .where(and(isNull(invitations.usedAt), lt(invitations.expiresAt, before)))
        .run().changes,
  };
}

export type InvitationRepository = ReturnType<typeof createInvitationRepository>;
