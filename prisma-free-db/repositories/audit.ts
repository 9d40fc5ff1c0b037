/**
 * The audit trail: appended, read, never changed (triggers refuse it). Every reading walks one index from the newest entry back and
 * looks at a bounded number of entries, so a page costs the same at a thousand entries and at millions; where nothing is found
 * within the bound, the answer says from where to look on.
 */
import { and, desc, eq, gt, gte, inArray, isNull, like, lt, lte, or, type SQL, sql } from 'drizzle-orm';
import type { AuditResult, TargetKind } from '../../src/domain/audit.ts';
import type { UserId } from '../../src/domain/ids.ts';
import type { Drizzle } from '../database.ts';
import { audit } from '../schema/records.ts';

export type AuditRow = typeof audit.$inferSelect;

export interface AuditFilter {
  /** null: what nobody asked for, such as the reconciler's own. */
  actorId?: UserId | null;
  ownerId?: UserId;
  /** Who acted or owned. */
  concerning?: UserId;
  targetId?: string;
  targetKind?: TargetKind;
  /** A whole action, `user.role`, or all on one noun, `user.`. */
  action?: string;
  result?: AuditResult;
  /** Milliseconds, both inclusive. */
  since?: number;
  until?: number;
  /** Whole words of actor, target and address; all of them must be there. */
  text?: string;
}

/** Entries that one look may pass over. */
const MOST_PASSED = 3_000;
/** Entries among which several words are brought together in one look. */
const MOST_SPANNED = 20_000;
/** How far entries may be out of the order of their times, after a clock was set right. */
const CLOCK_SLACK_MS = 3_600_000;

/** One index to walk, newest first. */
interface Walk {
  from: SQL;
  id: SQL;
  where: SQL | undefined;
}

export function createAuditRepository(db: Drizzle) {
  /** Ids of that index, newest first. */
  function idsOf(walk: Walk, bounds: SQL, rest: { filter?: SQL; limit: number; offset?: number }): number[] {
    const where = and(walk.where, bounds, rest.filter);
    return db
      .all<{ id: number }>(
        sql`select ${walk.id} as id from ${walk.from} where ${where} order by ${walk.id} desc limit ${rest.limit} offset ${rest.offset ?? 0}`,
      )
      .map(({ id }) => id);
  }

  const firstId = (where: SQL, order: SQL): number | undefined =>
    db.get<{ id: number } | undefined>(sql`select id from audit where ${where} order by ${order} limit 1`)?.id;

  /** Times are nearly in the order of ids: bounds of ids, both exclusive, that hold a span of time and a little more. */
  function times({ since, until }: AuditFilter): { after: number; before: number } {
    const earlier = since === undefined ? undefined : lt(audit.at, since - CLOCK_SLACK_MS);
    const later = until === undefined ? undefined : gt(audit.at, until + CLOCK_SLACK_MS);
    return {
      after: (earlier && firstId(earlier, sql`at desc, id desc`)) ?? 0,
      before: (later && firstId(later, sql`at, id`)) ?? Number.MAX_SAFE_INTEGER,
    };
  }

  return {
    append: (row: Omit<AuditRow, 'id'>): void => void db.insert(audit).values(row).run(),
    /**
     * Newest first, of the entries before `before`. `next` is where to look on, null at the end: a page may hold fewer entries
     * than asked for, even none, and still have a next one.
     */
    page(
      filter: AuditFilter,
      { before, limit }: { before: number | null; limit: number },
    ): { rows: AuditRow[]; next: number | null } {
      const { walks, rest, several } = plan(filter);
      const bounds = times(filter);
      const least = bounds.after + 1;
      const start = Math.min(bounds.before, before ?? Number.MAX_SAFE_INTEGER);
      // FTS5 seeks to whole numbers only, and numbers are bound as floating ones.
      const within = (walk: Walk, floor: number) =>
        sql`${walk.id} < cast(${start} as integer) and ${walk.id} >= cast(${floor} as integer)`;
      const newest = several ? Math.min(start, (firstId(sql`true`, sql`id desc`) ?? 0) + 1) : 0;
      const span = newest - MOST_SPANNED > least ? [newest - MOST_SPANNED] : [];
      const lowest = Math.max(least, ...span);
      const passed = rest
        ? walks.flatMap((walk) => idsOf(walk, within(walk, lowest), { limit: 1, offset: MOST_PASSED - 1 }))
        : [];
      const floors = [...span, ...passed];
      const floor = Math.max(least, ...floors);
      const found = walks.flatMap((walk) => idsOf(walk, within(walk, floor), { filter: rest, limit: limit + 1 }));
      const ids = [...new Set(found)].sort((a, b) => b - a);
      const shown = ids.slice(0, limit);
      const rows =
        shown.length === 0 ? [] : db.select().from(audit).where(inArray(audit.id, shown)).orderBy(desc(audit.id)).all();
      const last = shown.at(-1);
      if (ids.length > limit && last !== undefined) return { rows, next: last };
      return { rows, next: floors.length > 0 ? floor : null };
    },
  };
}

export type AuditRepository = ReturnType<typeof createAuditRepository>;

/** The narrowest index that the filter names, and what is then left to ask of each entry. */
function plan(filter: AuditFilter): { walks: Walk[]; rest: SQL | undefined; several?: boolean } {
  const { actorId, ownerId, concerning, targetId, action, text } = filter;
  const walk = (where?: SQL): Walk => ({ from: sql`audit`, id: sql`audit.id`, where });
  const isActor = actorId === undefined ? undefined : actorId ? eq(audit.actorId, actorId) : isNull(audit.actorId);
  const isOwner = ownerId && eq(audit.ownerId, ownerId);
  const concerns = concerning && or(eq(audit.actorId, concerning), eq(audit.ownerId, concerning));
  const plain = plainConditions(filter);
  const worded = [action ? hasAction(action) : undefined, ...wordsOf(text).map(hasWord)];

  if (targetId !== undefined)
    return { walks: [walk(eq(audit.targetId, targetId))], rest: and(isActor, isOwner, concerns, ...plain, ...worded) };
  if (isActor) return { walks: [walk(isActor)], rest: and(isOwner, concerns, ...plain, ...worded) };
  if (isOwner) return { walks: [walk(isOwner)], rest: and(concerns, ...plain, ...worded) };
  if (concerning) {
    const walks = [walk(eq(audit.ownerId, concerning)), walk(eq(audit.actorId, concerning))];
    return { walks, rest: and(...plain, ...worded) };
  }
  const match = matchOf(action, text);
  if (!match) return { walks: [walk()], rest: and(...plain) };
  const where = sql`audit_text match ${match}`;
  const from = sql`audit_text cross join audit on audit.id = audit_text.rowid`;
  // `user.role` and `user.role_x` begin with the same words; the row tells which it is.
  const rest = and(...plain, action?.endsWith('.') === false ? hasAction(action) : undefined);
  return {
    walks: [{ from: rest ? from : sql`audit_text`, id: sql`audit_text.rowid`, where }],
    rest,
    several: wordsOf(`${action ?? ''} ${text ?? ''}`).length > 1,
  };
}

function plainConditions({ targetKind, result, since, until }: AuditFilter): (SQL | undefined)[] {
  return [
    targetKind && eq(audit.targetKind, targetKind),
    result && eq(audit.result, result),
    since === undefined ? undefined : gte(audit.at, since),
    until === undefined ? undefined : lte(audit.at, until),
  ];
}

/**
 * FTS5 (sqlite.org/fts5.html §3): every word quoted, so that nothing in it is an operator. Whole words, because their entries are
 * read one by one from the newest back, while those of all words that begin alike would have to be brought together first.
 */
function matchOf(action: string | undefined, text: string | undefined): string {
  const actionWords = wordsOf(action).map((word) => `"${word}"`);
  return [
    ...(actionWords.length > 0 ? [`{action} : ^ ${actionWords.join(' + ')}`] : []),
    ...wordsOf(text).map((word) => `{words} : "${word}"`),
  ].join(' AND ');
}

/** As the index of words cuts them. */
function wordsOf(text = ''): string[] {
  return text
    .split(/[^\p{L}\p{N}\p{M}]+/u)
    .filter((word) => word !== '')
    .slice(0, 8);
}

function hasAction(action: string): SQL {
  if (!action.endsWith('.')) return eq(audit.action, action);
  return sql`substr(${audit.action}, 1, ${action.length}) = ${action}`;
}

function hasWord(word: string): SQL | undefined {
  const pattern = `%${word}%`;
  const columns = [audit.actorName, audit.targetName, audit.targetId, audit.address];
  return or(...columns.map((column) => like(column, pattern)));
}
