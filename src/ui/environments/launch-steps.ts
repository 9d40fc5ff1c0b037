/** From what an environment reports to the timeline of its launch. Pure. */
import { type Failure, LAUNCH_STEPS, type LaunchStep, type StepTime } from '../../domain/environment.ts';
import type { StepState } from '../primitives/timeline.tsx';

/** Steps that every provider has; the others appear once an environment reports them. */
const ALWAYS: ReadonlySet<LaunchStep> = new Set(['accepted', 'storage', 'started', 'ready']);

export interface LaunchStepView {
  step: LaunchStep;
  state: StepState;
  /** done: how long it took after the step before. */
  tookMs: number | null;
  /** current: Unix milliseconds at which the step before ended. */
  since: number | null;
}

export function launchSteps(steps: readonly StepTime[], failure: Pick<Failure, 'step'> | null): LaunchStepView[] {
  const times = new Map(steps.map(({ step, at }) => [step, at]));
  const shown = LAUNCH_STEPS.filter((step) => ALWAYS.has(step) || times.has(step) || failure?.step === step);
  let before: number | null = null;
  let reached = true;
  return shown.map((step): LaunchStepView => {
    const at = times.get(step);
    if (failure?.step === step) {
      reached = false;
      return { step, state: 'failed', tookMs: null, since: null };
    }
    if (at !== undefined && reached) {
      const tookMs = before === null ? null : Math.max(0, at - before);
      before = at;
      return { step, state: 'done', tookMs, since: null };
    }
    const current = reached && !failure;
    reached = false;
    return { step, state: current ? 'current' : 'waiting', tookMs: null, since: current ? before : null };
  });
}

/** Unix milliseconds of the beginning of this launch. */
export function launchStart(steps: readonly StepTime[], fallback: number): number {
  return steps[0]?.at ?? fallback;
}
