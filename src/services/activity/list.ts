/**
 * Reading the audit trail: all of it for administrators, and for everybody what concerns oneself. Called by the routers `admin.audit`
 * and `activity` and by the export. Nothing here writes.
 */
import type { AuditFilter, AuditRow } from '../../../prisma-free-db/repositories/audit.ts';
import type { AuditResult, TargetKind } from '../../domain/audit.ts';
import type { UserId } from '../../domain/ids.ts';
import type { Actor } from '../../domain/user.ts';
import type { Deps } from '../deps.ts';

export interface ActivityFilter {
  /** A whole action, `user.role`, or all on one noun, `user.`. */
  action?: string;
  targetId?: string;
  targetKind?: TargetKind;
  result?: AuditResult;
  /** Milliseconds, both inclusive. */
  since?: number;
  until?: number;
  /** Whole words of actor, target and address; all of them must be there. */
  text?: string;
}

export interface TrailFilter extends ActivityFilter {
  /** `system` for what nobody asked for. */
  actor?: UserId | 'system';
  owner?: UserId;
}

export interface AuditView {
  id: number;
  at: number;
  actor: { id: UserId | null; name: string };
  address: string;
  agent: string;
  action: string;
  target: { kind: TargetKind | null; id: string | null; name: string | null };
  ownerId: UserId | null;
  result: AuditResult;
  details: Record<string, unknown> | null;
  before: Record<string, unknown> | null;
  after: Record<string, unknown> | null;
  correlationId: string;
}

export interface AuditPage {
  entries: AuditView[];
  /** Where to look on, null at the end. A page may hold fewer entries than asked for, even none, and still have a next one. */
  next: number | null;
}

export interface PageRequest {
  /** `next` of the page before. */
  cursor?: number;
  limit: number;
}

/** For administrators only; the caller has checked that. */
export function listTrail(deps: Deps, filter: TrailFilter, { cursor, limit }: PageRequest): AuditPage {
  return pageOf(deps, asAuditFilter(filter), { cursor, limit });
}

/** What one did, and what others did to what is one's own. */
export function listActivity(
  deps: Deps,
  actor: Pick<Actor, 'userId'>,
  { cursor, limit, ...filter }: ActivityFilter & PageRequest,
): AuditPage {
  const page = pageOf(deps, { ...filter, concerning: actor.userId }, { cursor, limit });
  const entries = page.entries.filter((entry) => isMineToRead(entry, actor.userId));
  return { ...page, entries: entries.map((entry) => withoutStrangersTraces(entry, actor.userId)) };
}

/** That somebody else's thing exists, and its name, is told to its owner and to administrators, not to who asked for it. */
export function isMineToRead({ action, ownerId }: AuditView, userId: UserId): boolean {
  return !action.endsWith('.access') || ownerId === userId;
}

/** Where somebody else was and with what is nobody's business, and why administrators did something is theirs to tell. */
export function withoutStrangersTraces(entry: AuditView, userId: UserId): AuditView {
  if (entry.actor.id === userId) return entry;
  const details = entry.action.startsWith('user.') ? null : entry.details;
  return { ...entry, address: '', agent: '', details };
}

export function asAuditFilter({ actor, owner, ...filter }: TrailFilter): AuditFilter {
  return {
    ...filter,
    ...(actor === undefined ? {} : { actorId: actor === 'system' ? null : actor }),
    ...(owner === undefined ? {} : { ownerId: owner }),
  };
}

function pageOf(deps: Deps, filter: AuditFilter, { cursor, limit }: PageRequest): AuditPage {
  const { rows, next } = deps.audit.page(filter, { before: cursor ?? null, limit });
  return { entries: rows.map(auditView), next };
}

export function auditView(row: AuditRow): AuditView {
  const { actorId, actorName, targetKind, targetId, targetName, ...rest } = row;
  return {
    ...rest,
    actor: { id: actorId, name: actorName },
    target: { kind: targetKind, id: targetId, name: targetName },
  };
}
