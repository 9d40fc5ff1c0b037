/**
 * Variables and files that people keep for their environments, sealed. The owner is a required parameter of everything a person can
 * reach; what walks over all owners is for the re-sealing after a change of keys alone.
 */
import { and, asc, eq, gt, isNotNull, sql } from 'drizzle-orm';
import type { EnvironmentId, SecretFileId, UserId } from '../../src/domain/ids.ts';
import type { Drizzle } from '../database.ts';
import { environments } from '../schema/environments.ts';
import { secretFiles, userVariables } from '../schema/people.ts';

export type VariableRow = typeof userVariables.$inferSelect;
export type SecretFileRow = typeof secretFiles.$inferSelect;
export type VariableFacts = Omit<VariableRow, 'userId' | 'sealed'>;
export type SecretFileFacts = Omit<SecretFileRow, 'userId' | 'sealed'>;

/** `start` of a sealed text names its key; the whole is read only where it must be sealed anew. */
export interface SealedPlace<Key> {
  key: Key;
  start: string;
}

const START_LENGTH = 16;

export function createSecretRepository(db: Drizzle) {
  const variableFacts = {
    name: userVariables.name,
    sizeBytes: userVariables.sizeBytes,
    createdAt: userVariables.createdAt,
    updatedAt: userVariables.updatedAt,
  };
  const fileFacts = {
    id: secretFiles.id,
    path: secretFiles.path,
    sizeBytes: secretFiles.sizeBytes,
    createdAt: secretFiles.createdAt,
    updatedAt: secretFiles.updatedAt,
  };
  const ownVariable = (userId: UserId, name: string) =>
    and(eq(userVariables.userId, userId), eq(userVariables.name, name));
  const ownFile = (userId: UserId, id: SecretFileId) => and(eq(secretFiles.userId, userId), eq(secretFiles.id, id));
  const start = (sealed: typeof userVariables.sealed | typeof secretFiles.sealed | typeof environments.sealedEnv) =>
    sql<string>`substr(${sealed}, 1, ${START_LENGTH})`;

  return {
    listVariables: (userId: UserId): VariableFacts[] =>
      db
        .select(variableFacts)
        .from(userVariables)
        .where(eq(userVariables.userId, userId))
        .orderBy(asc(userVariables.name))
        .all(),
    sealedVariables: (userId: UserId): Pick<VariableRow, 'name' | 'sealed'>[] =>
      db
        .select({ name: userVariables.name, sealed: userVariables.sealed })
        .from(userVariables)
        .where(eq(userVariables.userId, userId))
        .all(),
    /** Keeps the time at which a known one was made. */
    putVariable: (row: VariableRow): void =>
      void db
        .insert(userVariables)
        .values(row)
        .onConflictDoUpdate({
          target: [userVariables.userId, userVariables.name],
          set: { sealed: row.sealed, sizeBytes: row.sizeBytes, updatedAt: row.updatedAt },
        })
        .run(),
    deleteVariable: (userId: UserId, name: string): boolean =>
      db.delete(userVariables).where(ownVariable(userId, name)).run().changes > 0,

    listFiles: (userId: UserId): SecretFileFacts[] =>
      db.select(fileFacts).from(secretFiles).where(eq(secretFiles.userId, userId)).orderBy(asc(secretFiles.path)).all(),
    sealedFiles: (userId: UserId): Pick<SecretFileRow, 'path' | 'sealed'>[] =>
      db
        .select({ path: secretFiles.path, sealed: secretFiles.sealed })
        .from(secretFiles)
        .where(eq(secretFiles.userId, userId))
        .all(),
    findFile: (userId: UserId, id: SecretFileId): SecretFileRow | undefined =>
      db.select().from(secretFiles).where(ownFile(userId, id)).get(),
    insertFile: (row: SecretFileRow): void => void db.insert(secretFiles).values(row).run(),
    updateFile: (
      userId: UserId,
      id: SecretFileId,
      change: Pick<SecretFileRow, 'path' | 'sealed' | 'sizeBytes' | 'updatedAt'>,
    ): void => void db.update(secretFiles).set(change).where(ownFile(userId, id)).run(),
    deleteFile: (userId: UserId, id: SecretFileId): void =>
      void db.delete(secretFiles).where(ownFile(userId, id)).run(),

    /** Everybody's, in the order of their keys, after `after`; by pages, so that a walk never holds the database for long. */
    variablePlaces: (
      after: { userId: UserId; name: string } | null,
      limit: number,
    ): SealedPlace<{ userId: UserId; name: string }>[] =>
      db
        .select({ userId: userVariables.userId, name: userVariables.name, start: start(userVariables.sealed) })
        .from(userVariables)
        .where(
          after ? sql`(${userVariables.userId}, ${userVariables.name}) > (${after.userId}, ${after.name})` : undefined,
        )
        .orderBy(asc(userVariables.userId), asc(userVariables.name))
        .limit(limit)
        .all()
        .map(({ start, ...key }) => ({ key, start })),
    variableAt: ({ userId, name }: { userId: UserId; name: string }): VariableRow | undefined =>
      db.select().from(userVariables).where(ownVariable(userId, name)).get(),
    resealVariable: ({ userId, name }: { userId: UserId; name: string }, sealed: string): void =>
      void db.update(userVariables).set({ sealed }).where(ownVariable(userId, name)).run(),

    filePlaces: (after: SecretFileId | null, limit: number): SealedPlace<SecretFileId>[] =>
      db
        .select({ key: secretFiles.id, start: start(secretFiles.sealed) })
        .from(secretFiles)
        .where(after ? gt(secretFiles.id, after) : undefined)
        .orderBy(asc(secretFiles.id))
        .limit(limit)
        .all(),
    fileAt: (id: SecretFileId): SecretFileRow | undefined =>
      db.select().from(secretFiles).where(eq(secretFiles.id, id)).get(),
    resealFile: (id: SecretFileId, sealed: string): void =>
      void db.update(secretFiles).set({ sealed }).where(eq(secretFiles.id, id)).run(),

    /** What was given at launches and is kept with the environments. */
    launchPlaces: (after: EnvironmentId | null, limit: number): SealedPlace<EnvironmentId>[] =>
      db
        .select({ key: environments.id, start: start(environments.sealedEnv) })
        .from(environments)
        .where(and(isNotNull(environments.sealedEnv), after ? gt(environments.id, after) : undefined))
        .orderBy(asc(environments.id))
        .limit(limit)
        .all(),
    launchAt: (id: EnvironmentId): string | null =>
      db.select({ sealed: environments.sealedEnv }).from(environments).where(eq(environments.id, id)).get()?.sealed ??
      null,
    resealLaunch: (id: EnvironmentId, sealed: string): void =>
      void db.update(environments).set({ sealedEnv: sealed }).where(eq(environments.id, id)).run(),
  };
}

export type SecretRepository = ReturnType<typeof createSecretRepository>;
