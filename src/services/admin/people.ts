/** What administrators see of people: the list, and one person with everything that belongs to them. Nothing here writes. */

import type { UserRow } from '../../../prisma-free-db/repositories/people.ts';
import type { UserFilter, UserOrder } from '../../../prisma-free-db/repositories/user-directory.ts';
import { AppError } from '../../domain/errors.ts';
import type { SessionId, UserId } from '../../domain/ids.ts';
import type { LimitOverrides, Limits, Usage } from '../../domain/quota.ts';
import type { Admission, User } from '../../domain/user.ts';
import { type AuditView, auditView } from '../activity/list.ts';
import { holds } from '../auth/session.ts';
import type { Deps } from '../deps.ts';
import { limitsOf } from '../limits.ts';
import { type Invitable, invitable } from './invitations.ts';

export const USER_ORDERS = ['name', 'email', 'role', 'tier', 'lastSeen', 'created'] as const satisfies UserOrder[];

export interface PeopleRequest extends UserFilter {
  order: UserOrder;
  descending: boolean;
  cursor?: string;
  limit: number;
}

export interface PersonRow extends User {
  hasOverrides: boolean;
  /** By what this person came in. */
  admission: Admission;
  /** Since when an administrator is asked to let this person in; null for everybody else. */
  awaitsApprovalSince: number | null;
}

/**
 * By keyset; `next` is the cursor of the following page and good for the same order only. A page may hold fewer people than asked
 * for, even none, and still have a next one.
 * @throws invalid_argument for a wrong cursor
 */
export function listPeople(
  deps: Deps,
  { cursor, limit, ...request }: PeopleRequest,
): { people: PersonRow[]; next: string | null } {
  const after = cursor === undefined ? null : readCursor(cursor);
  const { rows, next } = deps.directory.page({ ...request, after, limit });
  return { people: rows.map(personRow), next: next && writeCursor(next) };
}

/** What asks for an administrator's attention, and whether people can be invited. */
export function countPeople(deps: Deps): { awaiting: number; openInvitations: number; invitable: Invitable } {
  return {
    awaiting: deps.directory.countAwaiting(),
    openInvitations: deps.invitations.countOpen(deps.now()),
    invitable: invitable(deps),
  };
}

export interface PersonDetail extends PersonRow {
  notes: string;
  limits: Limits;
  tierLimits: Limits;
  overrides: LimitOverrides;
  usage: Usage;
  identities: { issuer: string; subject: string; email: string; createdAt: number; lastUsedAt: number }[];
  sessions: {
    id: SessionId;
    createdAt: number;
    lastSeenAt: number;
    expiresAt: number;
    userAgent: string;
    address: string;
  }[];
  environments: { live: number; kept: number };
  storage: { storages: number; sizeBytes: number; objects: number };
  history: AuditView[];
  /** The one person who is left to administer: neither role nor account can be taken away. */
  lastAdmin: boolean;
}

const HISTORY = 20;

/** @throws not_found */
export function getPerson(deps: Deps, id: UserId): PersonDetail {
  const row = existingPerson(deps, id);
  return {
    ...personRow(row),
    notes: row.notes,
    limits: limitsOf(deps, id),
    tierLimits: deps.tiers.limits(row.tier),
    overrides: row.limitOverrides ?? {},
    usage: deps.environments.usage(id),
    identities: deps.people.identitiesOf(id).map(({ userId: _user, ...identity }) => identity),
    sessions: deps.people
      .sessionsOf(id)
      .filter((session) => holds(deps, session))
      .map(({ userId: _user, ...session }) => session),
    environments: deps.environments.countOf(id),
    storage: deps.storages.totalsOf(id),
    history: deps.audit.page({ concerning: id }, { before: null, limit: HISTORY }).rows.map(auditView),
    lastAdmin: isLastAdmin(deps, row),
  };
}

/** @throws not_found */
export function existingPerson(deps: Deps, id: UserId): UserRow {
  const row = deps.people.findUser(id);
  if (!row) throw new AppError('not_found', 'There is no such person.');
  return row;
}

export function isLastAdmin(deps: Deps, row: Pick<UserRow, 'role' | 'active'>): boolean {
  return row.role === 'admin' && row.active && deps.people.countActiveAdmins() <= 1;
}

function personRow(row: UserRow): PersonRow {
  const { id, email, name, role, tier, active, createdAt, lastSeenAt, admission, awaitsApprovalSince } = row;
  const hasOverrides = Object.keys(row.limitOverrides ?? {}).length > 0;
  return { id, email, name, role, tier, active, createdAt, lastSeenAt, admission, awaitsApprovalSince, hasOverrides };
}

function writeCursor({ value, id }: { value: string | number; id: UserId }): string {
  return JSON.stringify([value, id]);
}

function readCursor(cursor: string): { value: string | number; id: UserId } {
  const [value, id] = parsed(cursor);
  if ((typeof value !== 'string' && typeof value !== 'number') || typeof id !== 'string' || !/^usr-\w{20}$/.test(id))
    throw new AppError('invalid_argument', 'This page marker is not valid. Start again from the first page.');
  return { value, id: id as UserId };
}

function parsed(cursor: string): unknown[] {
  try {
    const value: unknown = JSON.parse(cursor);
    return Array.isArray(value) ? value : [];
  } catch {
    return [];
  }
}
