/** Users, identities, sessions and sign-in links. */
import { and, asc, count, eq, lt, sql } from 'drizzle-orm';
import type { SessionId, UserId } from '../../src/domain/ids.ts';
import type { Identity, Preferences, User } from '../../src/domain/user.ts';
import type { Drizzle } from '../database.ts';
import { identities, sessions, signInLinks, users } from '../schema/people.ts';

export type UserRow = typeof users.$inferSelect;
export type SessionRow = typeof sessions.$inferSelect;

export function createPeopleRepository(db: Drizzle) {
  const sessionWithUser = db
    .select({ session: sessions, user: users })
    .from(sessions)
    .innerJoin(users, eq(users.id, sessions.userId))
    .where(eq(sessions.id, sql.placeholder('id')))
    .prepare();
  /** What every call asks: nothing that has to be parsed, since each column costs time in all of them. */
  const sessionActor = db
    .select({
      userId: users.id,
      role: users.role,
      email: users.email,
      name: users.name,
      tier: users.tier,
      active: users.active,
      expiresAt: sessions.expiresAt,
      lastSeenAt: sessions.lastSeenAt,
    })
    .from(sessions)
    .innerJoin(users, eq(users.id, sessions.userId))
    .where(eq(sessions.id, sql.placeholder('id')))
    .prepare();
  const touchSession = db
    .update(sessions)
    .set({ lastSeenAt: sql`${sql.placeholder('now')}` })
    .where(eq(sessions.id, sql.placeholder('id')))
    .prepare();

  const firstUsers = db
    .select()
    .from(users)
    .orderBy(asc(users.email), asc(users.id))
    .limit(sql.placeholder('limit'))
    .prepare();
  /** Row values, because SQLite seeks with them and would scan with an `or`. */
  const nextUsers = db
    .select()
    .from(users)
    .where(sql`(${users.email}, ${users.id}) > (${sql.placeholder('email')}, ${sql.placeholder('id')})`)
    .orderBy(asc(users.email), asc(users.id))
    .limit(sql.placeholder('limit'))
    .prepare();

  return {
    findUser: (id: UserId): UserRow | undefined => db.select().from(users).where(eq(users.id, id)).get(),
    findByIdentity(issuer: string, subject: string): UserRow | undefined {
      return db
        .select({ user: users })
        .from(identities)
        .innerJoin(users, eq(users.id, identities.userId))
        .where(and(eq(identities.issuer, issuer), eq(identities.subject, subject)))
        .get()?.user;
    },
    countUsers: (): number => db.select({ n: count() }).from(users).get()?.n ?? 0,
    /** Page of users in e-mail order by keyset; `after` is the last row of the page before. */
    pageUsers(options: { after: { email: string; id: UserId } | null; limit: number }): UserRow[] {
      const { after, limit } = options;
      return after ? nextUsers.all({ ...after, limit }) : firstUsers.all({ limit });
    },
    /** How many could still administer if nothing else changed. */
    countActiveAdmins: (): number =>
      db
        .select({ n: count() })
        .from(users)
        .where(and(eq(users.role, 'admin'), eq(users.active, true)))
        .get()?.n ?? 0,
    /** For administrators: what a person may not change about oneself. */
    updateUser(
      userId: UserId,
      change: Partial<
        Pick<UserRow, 'role' | 'tier' | 'active' | 'limitOverrides' | 'notes' | 'admission' | 'awaitsApprovalSince'>
      >,
    ): void {
      db.update(users).set(change).where(eq(users.id, userId)).run();
    },
    insertUser(user: Omit<User, 'lastSeenAt'> & Partial<Pick<UserRow, 'admission' | 'awaitsApprovalSince'>>): void {
      db.insert(users)
        .values({ ...user, preferences: {}, lastSeenAt: null })
        .run();
    },
    /** Of somebody who never came in: one who owns anything cannot be removed. */
    deleteUser: (userId: UserId): void => void db.delete(users).where(eq(users.id, userId)).run(),
    insertIdentity(identity: Identity, userId: UserId, now: number): void {
      db.insert(identities)
        .values({
          issuer: identity.issuer,
          subject: identity.subject,
          userId,
          email: identity.email,
          createdAt: now,
          lastUsedAt: now,
        })
        .run();
    },
    touchIdentity(identity: Identity, now: number): void {
      db.update(identities)
        .set({ lastUsedAt: now, email: identity.email })
        .where(and(eq(identities.issuer, identity.issuer), eq(identities.subject, identity.subject)))
        .run();
    },
    /** The owner is required: nobody takes away another person's. */
    deleteIdentity(userId: UserId, { issuer, subject }: Pick<Identity, 'issuer' | 'subject'>): void {
      db.delete(identities)
        .where(and(eq(identities.userId, userId), eq(identities.issuer, issuer), eq(identities.subject, subject)))
        .run();
    },
    identitiesOf: (userId: UserId) => db.select().from(identities).where(eq(identities.userId, userId)).all(),
    updateProfile(userId: UserId, change: { name?: string; email?: string; lastSeenAt?: number }): void {
      db.update(users).set(change).where(eq(users.id, userId)).run();
    },
    updatePreferences(userId: UserId, preferences: Partial<Preferences>): void {
      db.update(users).set({ preferences }).where(eq(users.id, userId)).run();
    },

    insertSession: (row: typeof sessions.$inferInsert): void => void db.insert(sessions).values(row).run(),
    findSession: (id: SessionId): { session: SessionRow; user: UserRow } | undefined => sessionWithUser.get({ id }),
    /** Whose session it is, for the check of every call. */
    findSessionActor: (id: SessionId) => sessionActor.get({ id }),
    sessionsOf: (userId: UserId): SessionRow[] =>
      db.select().from(sessions).where(eq(sessions.userId, userId)).orderBy(asc(sessions.createdAt)).all(),
    touchSession: (id: SessionId, now: number): void => void touchSession.run({ id, now }),
    /** The owner is required: nobody ends another person's session by its id. */
    deleteSession: (userId: UserId, id: SessionId): boolean =>
      db
        .delete(sessions)
        .where(and(eq(sessions.id, id), eq(sessions.userId, userId)))
        .run().changes > 0,
    deleteSessionsOf: (userId: UserId): number => db.delete(sessions).where(eq(sessions.userId, userId)).run().changes,
    /** The ids of those that ended. */
    deleteSessionsProvenBy: (userId: UserId, { issuer, subject }: Pick<Identity, 'issuer' | 'subject'>): SessionId[] =>
      db
        .delete(sessions)
        .where(and(eq(sessions.userId, userId), eq(sessions.issuer, issuer), eq(sessions.subject, subject)))
        .returning({ id: sessions.id })
        .all()
        .map(({ id }) => id),
    /** Those that came from one session at an issuer, or all that a person of that issuer has; the ones that ended. */
    deleteSessionsOfIssuer(of: {
      issuer: string;
      subject: string | null;
      issuerSession: string | null;
    }): { id: SessionId; userId: UserId }[] {
      // `and` of nothing but the issuer would end everybody's.
      if (of.subject === null && of.issuerSession === null) return [];
      return db
        .delete(sessions)
        .where(
          and(
            eq(sessions.issuer, of.issuer),
            of.subject === null ? undefined : eq(sessions.subject, of.subject),
            of.issuerSession === null ? undefined : eq(sessions.issuerSession, of.issuerSession),
          ),
        )
        .returning({ id: sessions.id, userId: sessions.userId })
        .all();
    },
    deleteExpiredSessions: (now: number): number =>
      db.delete(sessions).where(lt(sessions.expiresAt, now)).run().changes,

    insertLink: (row: typeof signInLinks.$inferInsert): void => void db.insert(signInLinks).values(row).run(),
    takeLink: (hash: string): typeof signInLinks.$inferSelect | undefined =>
      db.delete(signInLinks).where(eq(signInLinks.hash, hash)).returning().get(),
    deleteExpiredLinks: (now: number): number =>
      db.delete(signInLinks).where(lt(signInLinks.expiresAt, now)).run().changes,
  };
}

export type PeopleRepository = ReturnType<typeof createPeopleRepository>;
