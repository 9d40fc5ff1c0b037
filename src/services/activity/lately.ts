/** What was noted in the trail lately: so that what can be repeated without end, refusals and reads by parts, leaves one entry. */
import type { Deps } from '../deps.ts';

const MOST_REMEMBERED = 1_000;
const noted = new WeakMap<Deps, Map<string, number>>();

/**
 * Whether this is the first of its kind since `withinMs`; remembered for a bounded number of kinds, the oldest forgotten first.
 * @param sliding each repetition counts from anew, as the parts of one long download do
 */
export function isFirstLately(
  deps: Deps,
  kind: string,
  { withinMs, sliding = false }: { withinMs: number; sliding?: boolean },
): boolean {
  const seen = noted.get(deps) ?? new Map<string, number>();
  noted.set(deps, seen);
  const now = deps.now();
  const before = seen.get(kind);
  // By distance, so that a clock that was put back keeps nothing quiet.
  const first = before === undefined || Math.abs(now - before) >= withinMs;
  if (!first && !sliding) return false;
  const [oldest] = seen.keys();
  if (oldest !== undefined && before === undefined && seen.size >= MOST_REMEMBERED) seen.delete(oldest);
  seen.delete(kind);
  seen.set(kind, now);
  return first;
}
