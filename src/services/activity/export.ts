/**
 * The trail as a file, written while it is read: a page at a time, and the next one only when the reader has taken the last, so
 * that a million entries need no more memory than two hundred. Who may read on is asked again before each page.
 */
import type { AuditFilter } from '../../../prisma-free-db/repositories/audit.ts';
import { AppError } from '../../domain/errors.ts';
import type { Actor } from '../../domain/user.ts';
import { record } from '../audit.ts';
import { actorOf } from '../auth/session.ts';
import type { Deps } from '../deps.ts';
import {
  type ActivityFilter,
  type AuditView,
  asAuditFilter,
  auditView,
  isMineToRead,
  type TrailFilter,
  withoutStrangersTraces,
} from './list.ts';

export const EXPORT_FORMATS = ['csv', 'jsonl'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

const PAGE = 200;

/** Newest first, as text to be sent as it comes. @throws permission_denied when the actor is no administrator, or is none any more */
export function exportTrail(
  deps: Deps,
  actor: Actor,
  { format, ...filter }: TrailFilter & { format: ExportFormat },
): AsyncIterable<string> {
  if (actor.role !== 'admin') throw new AppError('permission_denied', 'Only administrators may do this.');
  deps.db.write(() =>
    record(deps, actor, {
      action: 'audit.export',
      ownerId: null,
      targetId: null,
      targetName: null,
      details: { format, ...filter },
    }),
  );
  const entries = entriesOf(deps, asAuditFilter(filter), () => actorOf(deps, actor.sessionId, actor)?.role === 'admin');
  return asText(entries, format);
}

/** One's own activity. */
export function exportActivity(
  deps: Deps,
  actor: Actor,
  { format, ...filter }: ActivityFilter & { format: ExportFormat },
): AsyncIterable<string> {
  const mayRead = () => actorOf(deps, actor.sessionId, actor) !== null;
  return asText(entriesOf(deps, { ...filter, concerning: actor.userId }, mayRead), format, (entry) =>
    isMineToRead(entry, actor.userId) ? withoutStrangersTraces(entry, actor.userId) : null,
  );
}

async function* entriesOf(deps: Deps, filter: AuditFilter, mayRead: () => boolean): AsyncGenerator<AuditView[]> {
  let before: number | null = null;
  do {
    if (!mayRead()) throw new AppError('permission_denied', 'You may not read this any more.');
    const { rows, next } = deps.audit.page(filter, { before, limit: PAGE });
    await deps.db.gate();
    if (rows.length > 0) yield rows.map(auditView);
    // Pages without a find follow one another without a wait in between; everybody else gets their turn.
    else await new Promise((resolve) => setImmediate(resolve));
    before = next;
  } while (before !== null);
}

async function* asText(
  pages: AsyncIterable<AuditView[]>,
  format: ExportFormat,
  shown: (entry: AuditView) => AuditView | null = (entry) => entry,
): AsyncGenerator<string> {
  // The mark tells spreadsheets that this is UTF-8.
  if (format === 'csv') yield `\uFEFF${csvLine(COLUMNS.map(([name]) => name))}`;
  for await (const page of pages) {
    const entries = page.flatMap((entry) => shown(entry) ?? []);
    yield entries.map(format === 'csv' ? asCsv : (entry) => `${JSON.stringify(entry)}\n`).join('');
  }
}

const COLUMNS: readonly (readonly [string, (entry: AuditView) => string | number | null])[] = [
  ['id', ({ id }) => id],
  ['time', ({ at }) => new Date(at).toISOString()],
  ['actor_id', ({ actor }) => actor.id],
  ['actor_name', ({ actor }) => actor.name],
  ['address', ({ address }) => address],
  ['agent', ({ agent }) => agent],
  ['action', ({ action }) => action],
  ['target_kind', ({ target }) => target.kind],
  ['target_id', ({ target }) => target.id],
  ['target_name', ({ target }) => target.name],
  ['owner_id', ({ ownerId }) => ownerId],
  ['result', ({ result }) => result],
  ['details', ({ details }) => details && JSON.stringify(details)],
  ['before', ({ before }) => before && JSON.stringify(before)],
  ['after', ({ after }) => after && JSON.stringify(after)],
  ['correlation_id', ({ correlationId }) => correlationId],
];

function asCsv(entry: AuditView): string {
  return csvLine(COLUMNS.map(([, value]) => value(entry)));
}

/** RFC 4180. */
function csvLine(values: readonly (string | number | null)[]): string {
  return `${values.map(csvField).join(',')}\r\n`;
}

/**
 * Always quoted. What a spreadsheet would take for a formula gets an apostrophe before it (OWASP, CSV injection): names of files
 * and people are chosen by anybody, and an administrator opens them.
 */
export function csvField(value: string | number | null): string {
  if (value === null) return '';
  if (typeof value === 'number') return String(value);
  const inert = /^[\s\p{Cc}]*[=+\-@|\uFF1D\uFF0B\uFF0D\uFF20]|^[\t\r\n]/u.test(value) ? `'${value}` : value;
  return `"${inert.replaceAll('"', '""')}"`;
}
