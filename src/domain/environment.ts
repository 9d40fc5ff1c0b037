/**
 * What an environment is and how it may change. Pure: the reconciler in services/environments feeds it observations and
 * stores what it answers. No clock, no I/O.
 */
import type { ApplicationId, EnvironmentId, StorageId, UserId } from './ids.ts';

export const PHASES = ['pending', 'starting', 'running', 'stopping', 'stopped', 'failed'] as const;
export type Phase = (typeof PHASES)[number];

/** What the owner wants; the reconciler makes it true. `deleted` rows disappear once nothing of them is left. */
export type Desired = 'running' | 'stopped' | 'deleted';

/** The named steps of a launch, in the order the timeline shows them. A provider reports those that it has. */
export const LAUNCH_STEPS = ['accepted', 'storage', 'placed', 'image', 'mounted', 'started', 'ready'] as const;
export type LaunchStep = (typeof LAUNCH_STEPS)[number];

/** `at` is Unix milliseconds. */
export interface StepTime {
  step: LaunchStep;
  at: number;
}

export interface Size {
  /** 1000 = one core. 1..1_024_000 */
  cpuMillicores: number;
  memoryMiB: number;
  gpus: number;
}

export const FAILURE_REASONS = [
  'command_not_found',
  'start_failed',
  'exited_early',
  'crashed',
  'killed_by_signal',
  'out_of_memory',
  'not_ready_in_time',
  'storage_unavailable',
  'image_pull',
  'unschedulable',
  'quota',
  'mount',
  'lost',
  'internal',
] as const;
export type FailureReason = (typeof FAILURE_REASONS)[number];

export interface Failure {
  reason: FailureReason;
  /** Human sentence: what happened and what to do. */
  message: string;
  /** The step that turned red. */
  step: LaunchStep;
  exitCode: number | null;
  signal: string | null;
  /** Whether launching the same thing again may help. */
  retryHelps: boolean;
  at: number;
}

export interface Environment {
  id: EnvironmentId;
  ownerId: UserId;
  /** Provider that runs it: the value of CLOUD_PROVIDER when it was launched. */
  provider: string;
  name: string;
  /** First label of its own origin, unique in the deployment. */
  slug: string;
  applicationId: ApplicationId;
  storageId: StorageId | null;
  size: Size;
  /** Names of the extra env vars; values are never read back. */
  envNames: string[];
  phase: Phase;
  desired: Desired;
  /** Counts starts; a start is idempotent by (id, generation). */
  generation: number;
  steps: StepTime[];
  failure: Failure | null;
  createdAt: number;
  /** Last time the phase changed. */
  phaseAt: number;
  readyAt: number | null;
  /** Uptime limit: stopped automatically at this time; null = unlimited. */
  deadlineAt: number | null;
  lastActivityAt: number | null;
}

/** What a spawner sees of one start. `absent` = it knows nothing of this id. */
export type Observed =
  | { state: 'absent' }
  | { state: 'starting'; generation: number; steps: StepTime[] }
  | { state: 'running'; generation: number; steps: StepTime[] }
  | { state: 'stopping'; generation: number }
  | { state: 'exited'; generation: number; steps: StepTime[]; failure: Failure | null };

/** The legal moves. Every change of phase in the product goes through `canMove`. */
const MOVES: Readonly<Record<Phase, readonly Phase[]>> = {
  pending: ['starting', 'running', 'stopping', 'stopped', 'failed'],
  starting: ['running', 'stopping', 'stopped', 'failed'],
  running: ['stopping', 'stopped', 'failed', 'starting'],
  stopping: ['stopped', 'failed', 'pending', 'starting', 'running'],
  stopped: ['pending', 'starting'],
  failed: ['pending', 'starting', 'stopped', 'stopping'],
};

export function canMove(from: Phase, to: Phase): boolean {
  return from === to || MOVES[from].includes(to);
}

export type Action = 'none' | 'start' | 'stop' | 'remove';

export interface Decision {
  phase: Phase;
  failure: Failure | null;
  steps: StepTime[];
  /** The outside effect that brings reality nearer to what is wanted. */
  action: Action;
}

/**
 * Level-triggered decision: from what is stored and what is seen to the next phase and the one effect to run.
 * Calling it again with the same input gives the same answer; after the action and a new observation it converges.
 */
export function decide(
  env: Pick<Environment, 'phase' | 'desired' | 'generation' | 'failure' | 'steps'>,
  seen: Observed,
): Decision {
  const keep: Decision = { phase: env.phase, failure: env.failure, steps: env.steps, action: 'none' };
  const live = seen.state === 'starting' || seen.state === 'running' || seen.state === 'stopping';

  // A stop that is under way is not asked for again: that would start its grace anew.
  const stop: Action = seen.state === 'stopping' ? 'none' : 'stop';

  if (env.desired === 'deleted') return { ...keep, action: 'remove' };

  if (env.desired === 'stopped') {
    if (live) return { ...keep, phase: env.phase === 'stopped' ? 'stopped' : 'stopping', action: stop };
    if (env.phase === 'failed') return keep;
    return { ...keep, phase: 'stopped', failure: null };
  }

  // desired === 'running'
  if (env.phase === 'failed') return live ? { ...keep, action: stop } : keep;
  const current = seen.state !== 'absent' && seen.generation === env.generation;
  if (live && !current) return { ...keep, action: stop };
  switch (seen.state) {
    case 'absent':
      if (env.phase === 'running') {
        return { ...keep, phase: 'failed', failure: lost(env.steps) };
      }
      return { ...keep, phase: 'starting', failure: null, action: 'start' };
    case 'starting':
      return { phase: 'starting', failure: null, steps: mergeSteps(env.steps, seen.steps), action: 'none' };
    case 'running':
      return { phase: 'running', failure: null, steps: mergeSteps(env.steps, seen.steps), action: 'none' };
    case 'stopping':
      return keep;
    case 'exited':
      if (!current) return { ...keep, phase: 'starting', failure: null, action: 'start' };
      if (seen.failure)
        return { phase: 'failed', failure: seen.failure, steps: mergeSteps(env.steps, seen.steps), action: 'none' };
      return { ...keep, phase: 'stopped' };
  }
}

function lost(steps: StepTime[]): Failure {
  return {
    reason: 'lost',
    message:
      'The environment disappeared: its machine was restarted or its process was ended from outside. Your files are safe; start it again.',
    step: 'ready',
    exitCode: null,
    signal: null,
    retryHelps: true,
    at: steps.at(-1)?.at ?? 0,
  };
}

/** First time of each step wins, in timeline order. */
export function mergeSteps(stored: StepTime[], seen: StepTime[]): StepTime[] {
  const times = new Map<LaunchStep, number>();
  for (const { step, at } of [...stored, ...seen]) if (!times.has(step)) times.set(step, at);
  return LAUNCH_STEPS.flatMap((step) => {
    const at = times.get(step);
    return at === undefined ? [] : [{ step, at }];
  });
}

/** Letters, digits, spaces and common punctuation; 1..64 characters, no control characters. */
export function isEnvironmentName(name: string): boolean {
  return name.length >= 1 && name.length <= 64 && name.trim() === name && !/\p{C}/u.test(name);
}

/** `slugify("My Lab!") → "my-lab"`: at most 24 characters of [a-z0-9-], never empty. */
export function slugify(name: string): string {
  const text = name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 24)
    .replace(/^-+|-+$/g, '');
  return text || 'environment';
}
