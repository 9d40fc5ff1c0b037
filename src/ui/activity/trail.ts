/** What the activity page and the audit trail have in common: entries, filters of the address, and what an entry leads to. */
import { AUDIT_ACTIONS, AUDIT_RESULTS, type AuditAction, type AuditResult } from '../../domain/audit.ts';
import type { Outputs } from '../trpc-client.tsx';

export type Entry = Outputs['activity']['list']['entries'][number];

const HOUR_MS = 3_600_000;
export const RANGES = { hour: HOUR_MS, day: 24 * HOUR_MS, week: 168 * HOUR_MS, month: 720 * HOUR_MS } as const;
export type Range = keyof typeof RANGES;

export type ActionGroup = AuditAction extends `${infer Noun}.${string}` ? `${Noun}.` : never;

/** `user.` of `user.role`. */
export function groupOf(action: AuditAction): ActionGroup {
  return action.slice(0, action.indexOf('.') + 1) as ActionGroup;
}

export const ACTION_GROUPS: readonly ActionGroup[] = [...new Set(AUDIT_ACTIONS.map(groupOf))];

export function isAction(action: string): action is AuditAction {
  return (AUDIT_ACTIONS as readonly string[]).includes(action);
}

type Get = (name: string) => string | null;

export function readResult(get: Get): AuditResult | undefined {
  return AUDIT_RESULTS.find((result) => result === get('result'));
}

export function readRange(get: Get): Range | undefined {
  const value = get('range') ?? '';
  return Object.hasOwn(RANGES, value) ? (value as Range) : undefined;
}

/** A whole action or a group; anything else in the address is no filter. */
export function readAction(get: Get): AuditAction | ActionGroup | undefined {
  const value = get('action') ?? '';
  return isAction(value) ? value : ACTION_GROUPS.find((group) => group === value);
}

/** @param now what “last” counts from; held for as long as the page is open, so that pages follow on one another */
export function sinceOf(range: Range | undefined, now: number): number | undefined {
  return range && Math.max(0, now - RANGES[range]);
}

/** Actions after which the thing is no more. */
const GONE: readonly string[] = ['environment.delete', 'storage.removed', 'invitation.revoke'];

/** Where the thing of an entry is found, for its owner. */
export function hrefOf({ action, target, ownerId }: Entry, viewer: string | undefined): string | null {
  if (!target.id || ownerId !== viewer || GONE.includes(action)) return null;
  if (target.kind === 'environment') return `/environments/${target.id}`;
  if (target.kind === 'storage') return `/storage/${target.id}`;
  if (target.kind === 'session') return '/settings?tab=sessions';
  return null;
}

/** Address of the export of exactly what the filters leave. */
export function exportHref(path: string, filter: Readonly<Record<string, string | number | undefined>>): string {
  const set = Object.entries(filter).filter(([, value]) => value !== undefined && value !== '');
  return `${path}?${new URLSearchParams(set.map(([name, value]) => [name, String(value)]))}`;
}

export interface Day {
  /** `2026-11-24` in the viewer's zone. */
  day: string;
  entries: Entry[];
}

/** Neighbours of one day together, in the order they come. */
export function byDay(entries: readonly Entry[], dayOf: (at: number) => string): Day[] {
  const days: Day[] = [];
  for (const entry of entries) {
    const day = dayOf(entry.at);
    const last = days.at(-1);
    if (last?.day === day) last.entries.push(entry);
    else days.push({ day, entries: [entry] });
  }
  return days;
}

export interface Change {
  field: string;
  before: string | null;
  after: string | null;
}

/** What differs between before and after, by field; null stands for “not set”. */
export function changesOf({ before, after }: Pick<Entry, 'before' | 'after'>): Change[] {
  const fields = [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])];
  return fields
    .map((field) => ({ field, before: textOf(before?.[field]), after: textOf(after?.[field]) }))
    .filter((change) => change.before !== change.after);
}

function textOf(value: unknown): string | null {
  if (value === undefined || value === null) return null;
  return typeof value === 'string' ? value : JSON.stringify(value);
}
