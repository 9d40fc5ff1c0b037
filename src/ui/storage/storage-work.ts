/** From what a storage reports of its making or removing to the few steps that people see. Pure. */
import type { StepState } from '../primitives/timeline.tsx';
import type { Storage } from './storage.ts';

export type StorageWork = NonNullable<Storage['work']>;

export interface WorkStep {
  /** `bucket`, `settings` and `access` of a making; `access`, `content` and `bucket` of a removal. */
  id: string;
  state: StepState;
  /** done: how long it took. null: it was done before this try. */
  tookMs: number | null;
  /** current: Unix milliseconds at which it began. */
  since: number | null;
  /** How many of its parts are done. */
  done: number;
  of: number;
}

const OWN_STEPS: ReadonlySet<string> = new Set(['bucket', 'access', 'content']);

/** The settings of a bucket count as one step: what each is stands on its page. */
export function workSteps({ steps, since }: StorageWork, failed: boolean): WorkStep[] {
  const groups = new Map<string, (number | null)[]>();
  for (const { step, at } of steps) {
    const id = OWN_STEPS.has(step) ? step : 'settings';
    groups.set(id, [...(groups.get(id) ?? []), at]);
  }
  let before = since;
  let reached = true;
  return [...groups].map(([id, times]): WorkStep => {
    const doneAt = times.filter((at) => at !== null);
    const parts = { id, done: doneAt.length, of: times.length };
    if (reached && doneAt.length === times.length) {
      const end = Math.max(...doneAt);
      const tookMs = end < since ? null : Math.max(0, end - before);
      before = Math.max(before, end);
      return { ...parts, state: 'done', tookMs, since: null };
    }
    const first = reached;
    reached = false;
    if (first && failed) return { ...parts, state: 'failed', tookMs: null, since: null };
    return { ...parts, state: first ? 'current' : 'waiting', tookMs: null, since: first ? before : null };
  });
}

/** How far it is, in steps. */
export function workDone({ steps }: StorageWork): { done: number; of: number } {
  return { done: steps.filter(({ at }) => at !== null).length, of: steps.length };
}
