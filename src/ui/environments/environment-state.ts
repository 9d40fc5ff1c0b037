/** What an environment shows and offers in each phase. Pure: screens, cards and rows all ask here. */
import type { Desired, Phase } from '../../domain/environment.ts';
import type { Tone } from '../primitives/status-badge.tsx';

export type StatusWord = `environments.phase.${Phase | 'restarting' | 'deleting'}`;

export interface Moment {
  phase: Phase;
  desired: Desired;
}

const TONES: Readonly<Record<Phase, Tone>> = {
  pending: 'pending',
  starting: 'pending',
  running: 'running',
  stopping: 'stopping',
  stopped: 'stopped',
  failed: 'failed',
};

/**
 * Answers and live messages may overtake one another: what the server said of a later moment stays. A change that says nothing
 * of its moment is the person's own, made on this screen just now.
 */
export function latest<Known extends { generation: number; phaseAt: number }>(
  known: Known,
  news: Partial<NoInfer<Known>>,
): Known {
  const { generation = known.generation, phaseAt = known.phaseAt } = news;
  const older = generation < known.generation || (generation === known.generation && phaseAt < known.phaseAt);
  return older ? known : { ...known, ...news };
}

/** The end of an earlier run, on the way to a new one. */
function isRestarting({ phase, desired }: Moment): boolean {
  return phase === 'stopping' && desired === 'running';
}

export function statusOf(moment: Moment): { tone: Tone; word: StatusWord } {
  if (moment.desired === 'deleted') return { tone: 'stopping', word: 'environments.phase.deleting' };
  if (isRestarting(moment)) return { tone: 'pending', word: 'environments.phase.restarting' };
  return { tone: TONES[moment.phase], word: `environments.phase.${moment.phase}` };
}

/** On its way to running: the launch timeline is what one looks at. */
export function isLaunching(moment: Moment): boolean {
  return (
    moment.desired === 'running' && (moment.phase === 'pending' || moment.phase === 'starting' || isRestarting(moment))
  );
}

/** Uses resources of the person's limits. */
export function isLive({ phase }: Pick<Moment, 'phase'>): boolean {
  return phase !== 'stopped' && phase !== 'failed';
}

export const canOpen = (moment: Moment): boolean => moment.phase === 'running' && moment.desired === 'running';
export const canRestart = canOpen;
export const canCancel = isLaunching;
export const canStop = (moment: Moment): boolean => moment.desired === 'running' && moment.phase === 'running';
export const canStart = (moment: Moment): boolean =>
  moment.desired !== 'deleted' && (moment.phase === 'stopped' || moment.phase === 'failed');

/** The status filters, each a group of phases that a person does not tell apart. */
export const STATUS_FILTERS = {
  running: ['running'],
  starting: ['pending', 'starting'],
  stopped: ['stopping', 'stopped'],
  failed: ['failed'],
} as const satisfies Record<string, readonly Phase[]>;

export type StatusFilter = keyof typeof STATUS_FILTERS;

export const LIVE_PHASES: readonly Phase[] = ['pending', 'starting', 'running', 'stopping'];

/** `"running,failed"` from the address; unknown words are left out. */
export function readStatusFilters(text: string | null): StatusFilter[] {
  const asked = new Set((text ?? '').split(','));
  return (Object.keys(STATUS_FILTERS) as StatusFilter[]).filter((filter) => asked.has(filter));
}

/** undefined = no restriction. */
export function phasesOf(filters: readonly StatusFilter[]): Phase[] | undefined {
  return filters.length === 0 ? undefined : filters.flatMap((filter) => [...STATUS_FILTERS[filter]]);
}
