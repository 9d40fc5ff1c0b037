/**
 * Lists of people for administrators, by keyset. Two ways, so that a page costs about the same in any order and at any size: where
 * a filter leaves few people they are found by it and sorted; where it leaves many, the index of the order is walked, and much of
 * what it passes fits. The walk is bounded all the same: a page may come short, with a mark to go on from.
 */
import { and, inArray, type SQL, sql } from 'drizzle-orm';
import type { UserId } from '../../src/domain/ids.ts';
import type { Tier } from '../../src/domain/quota.ts';
import type { Role } from '../../src/domain/user.ts';
import type { Drizzle } from '../database.ts';
import { users } from '../schema/people.ts';
import type { UserRow } from './people.ts';

export type UserOrder = 'name' | 'email' | 'role' | 'tier' | 'lastSeen' | 'created';

export interface UserFilter {
  role?: Role;
  tier?: Tier;
  active?: boolean;
  /** Who waits for approval; false: everybody else. */
  awaiting?: boolean;
  /** Parts of name or e-mail, apart by spaces; all of them must be there. */
  search?: string;
}

/** Where a page ended: the value of its order and the id. */
export interface UserMark {
  value: string | number;
  id: UserId;
}

export interface UserPage extends UserFilter {
  order: UserOrder;
  descending: boolean;
  after: UserMark | null;
  limit: number;
}

/** Up to so many people are found first and sorted then. */
const FEW = 500;
/** People that one look may pass over. */
const MOST_PASSED = 1_000;
/** A search that finds more than FEW / 5 among so many people finds many: the rest need not be counted. */
const SAMPLE = 20_000;

/** What an order compares, and the index that holds it. */
const ORDERS: Readonly<Record<UserOrder, { value: SQL; index: SQL; of: (row: UserRow) => string | number }>> = {
  name: { value: sql`u.name collate nocase`, index: sql`users_name`, of: (row) => row.name },
  email: { value: sql`u.email`, index: sql`users_email`, of: (row) => row.email },
  role: { value: sql`u.role`, index: sql`users_role`, of: (row) => row.role },
  tier: { value: sql`u.tier`, index: sql`users_tier`, of: (row) => row.tier },
  lastSeen: {
    value: sql`coalesce(u.last_seen_at, 0)`,
    index: sql`users_last_seen`,
    of: (row) => row.lastSeenAt ?? 0,
  },
  created: { value: sql`u.created_at`, index: sql`users_created`, of: (row) => row.createdAt },
};

export function createUserDirectory(db: Drizzle) {
  /** Whether that leaves few people. */
  const isFew = ({ ids, sample }: Narrowing): boolean => {
    const most = (counted: SQL, limit: number) =>
      (db.get<{ n: number }>(sql`select count(*) as n from (${counted} limit ${limit + 1})`)?.n ?? 0) <= limit;
    return (!sample || most(sample, FEW / 5)) && most(ids, FEW);
  };

  function idsOf(walk: { from: SQL; where: SQL | undefined; order: SQL; limit: number }): UserId[] {
    const where = walk.where ? sql`where ${walk.where}` : sql``;
    return db
      .all<{ id: UserId }>(sql`select u.id as id from ${walk.from} ${where} order by ${walk.order} limit ${walk.limit}`)
      .map(({ id }) => id);
  }

  /** In the order of the ids. */
  function rowsOf(ids: readonly UserId[]): UserRow[] {
    if (ids.length === 0) return [];
    const rows = new Map(
      db
        .select()
        .from(users)
        .where(inArray(users.id, [...ids]))
        .all()
        .map((row) => [row.id, row]),
    );
    return ids.flatMap((id) => rows.get(id) ?? []);
  }

  return {
    /** `next` is where the page after this one begins, null at the end: a page may be short, even empty, and still have a next one. */
    page({ order, descending, after, limit, ...filter }: UserPage): { rows: UserRow[]; next: UserMark | null } {
      const terms = termsOf(filter.search);
      const { value, index, of } = ORDERS[order];
      const direction = descending ? sql`desc` : sql`asc`;
      const sorted = sql`${value} ${direction}, u.id ${direction}`;
      const few = sources(filter, terms).find(isFew);
      const asked = and(
        filter.role && sql`u.role = ${filter.role}`,
        filter.tier && sql`u.tier = ${filter.tier}`,
        filter.active === undefined ? undefined : sql`u.active = ${Number(filter.active)}`,
        filter.awaiting === undefined
          ? undefined
          : sql`u.awaits_approval_since is ${filter.awaiting ? sql`not null` : sql`null`}`,
        ...terms
          .filter((term) => !few?.terms.includes(term))
          .map((term) => sql`(u.name like ${like(term)} escape '\\' or u.email like ${like(term)} escape '\\')`),
      );
      const start = after ? beyond(value, after, descending) : undefined;
      const from = few ? sql`(${few.ids}) c cross join users u on u.id = c.id` : sql`users u indexed by ${index}`;
      const [lastPassed] =
        few || !asked
          ? []
          : db.all<UserMark>(
              sql`select ${value} as value, u.id as id from ${from} ${start ? sql`where ${start}` : sql``}
                order by ${sorted} limit 1 offset ${MOST_PASSED - 1}`,
            );
      const end = lastPassed && upTo(value, lastPassed, descending);
      const ids = idsOf({ from, where: and(start, end, asked), order: sorted, limit: limit + 1 });
      const rows = rowsOf(ids.slice(0, limit));
      const last = rows.at(-1);
      if (ids.length > limit && last) return { rows, next: { value: of(last), id: last.id } };
      return { rows, next: lastPassed ?? null };
    },
    /** Everybody who has an account, by tier; a tier without anybody is left out. */
    countByTier: (): { tier: Tier; people: number }[] =>
      db.all<{ tier: Tier; people: number }>(
        sql`select tier, count(*) as people from users indexed by users_tier group by tier`,
      ),
    countAwaiting: (): number =>
      db.get<{ n: number }>(sql`select count(*) as n from users where awaits_approval_since is not null`)?.n ?? 0,
  };
}

export type UserDirectory = ReturnType<typeof createUserDirectory>;

/** Written so that every kind of index seeks to it; row values would not do for computed ones. */
function beyond(value: SQL, after: UserMark, descending: boolean): SQL {
  if (descending) return sql`${value} <= ${after.value} and (${value} < ${after.value} or u.id < ${after.id})`;
  return sql`${value} >= ${after.value} and (${value} > ${after.value} or u.id > ${after.id})`;
}

/** The other side of `beyond`, in a form that ends a walk of the index; its plain negation would be asked of everybody after it. */
function upTo(value: SQL, last: UserMark, descending: boolean): SQL {
  if (descending) return sql`${value} >= ${last.value} and (${value} > ${last.value} or u.id >= ${last.id})`;
  return sql`${value} <= ${last.value} and (${value} < ${last.value} or u.id <= ${last.id})`;
}

/** A condition that an index answers: the ids that it leaves, and the search terms that it has looked for. */
interface Narrowing {
  ids: SQL;
  /** Some of them: enough to see that they are many. */
  sample?: SQL;
  terms: readonly string[];
}

function sources({ role, tier, active, awaiting }: UserFilter, terms: readonly string[]): Narrowing[] {
  const by = (ids: SQL): Narrowing => ({ ids, terms: [] });
  return [
    ...bySearch(terms),
    ...(awaiting ? [by(sql`select id from users where awaits_approval_since is not null`)] : []),
    ...(role ? [by(sql`select id from users where role = ${role}`)] : []),
    ...(tier ? [by(sql`select id from users indexed by users_tier where tier = ${tier}`)] : []),
    ...(active === undefined
      ? []
      : [by(sql`select id from users indexed by users_active where active = ${Number(active)}`)]),
  ];
}

/** The index of parts knows three characters and more (sqlite.org/fts5.html §4.3.4). */
function bySearch(terms: readonly string[]): Narrowing[] {
  const long = terms.filter((term) => [...term].length >= 3);
  if (long.length === 0) return [];
  const match = long.map((term) => `"${term.replaceAll('"', '""')}"`).join(' AND ');
  const from = sql`user_search_text cross join user_search s on s.seq = user_search_text.rowid`;
  const ids = sql`select s.user_id as id from ${from} where user_search_text match ${match}`;
  return [{ ids, sample: sql`${ids} and user_search_text.rowid <= cast(${SAMPLE} as integer)`, terms: long }];
}

function termsOf(search = ''): string[] {
  // SQLite reads text up to a NUL only.
  return search
    .replaceAll('\0', ' ')
    .split(/\s+/)
    .filter((term) => term !== '')
    .slice(0, 8);
}

function like(term: string): string {
  return `%${term.replace(/[\\%_]/g, '\\$&')}%`;
}
