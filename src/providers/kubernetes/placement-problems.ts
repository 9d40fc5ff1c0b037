/** Why a pod has no machine: what the scheduler misses, and whether somebody is adding a machine for it. */
import type { EventFacts, PodFacts } from './pod-facts.ts';
import { PATIENCE, type Problem } from './problem.ts';

const place = { reason: 'unschedulable', step: 'placed' } as const;

/** Said by the Cluster Autoscaler and by Karpenter when a machine is on its way. */
const COMING = new Set(['TriggeredScaleUp', 'Nominated']);
const NOT_COMING = new Set(['NotTriggerScaleUp']);

const MISSING: readonly { test: RegExp; what: string }[] = [
  { test: /Insufficient cpu/, what: 'processor time' },
  { test: /Insufficient memory/, what: 'memory' },
  { test: /Insufficient \S*gpu/i, what: 'graphics processors' },
  { test: /Insufficient ephemeral-storage/, what: 'disk space' },
  { test: /Too many pods|Insufficient pods/, what: 'places for environments' },
  { test: /exceed max volume count|max node volume/i, what: 'places for disks' },
];

/** null = it has a machine, or nobody has looked for one yet. */
export function placementProblem(pod: PodFacts, events: readonly EventFacts[], now: number): Problem | null {
  const scheduled = pod.conditions.PodScheduled;
  if (scheduled?.status !== 'False') return null;
  const since = scheduled.at || pod.createdAt;
  const { message } = scheduled;
  if (scheduled.reason === 'SchedulingGated') {
    return { ...place, message: 'It waits for its turn.', retryHelps: true, since, patienceMs: PATIENCE.machine };
  }
  const disk = diskProblem(message, since);
  if (disk) return disk;
  const latest = (reasons: ReadonlySet<string>) =>
    Math.max(0, ...events.filter(({ reason }) => reasons.has(reason)).map(({ lastAt }) => lastAt));
  const coming = latest(COMING);
  if (coming > 0 && coming >= latest(NOT_COMING)) {
    return now - coming < PATIENCE.machine
      ? {
          ...place,
          message: 'No machine has room for it, so one is being added. That usually takes one to four minutes.',
          retryHelps: true,
          since: coming,
          patienceMs: PATIENCE.machine,
        }
      : {
          ...place,
          message:
            'A machine was ordered for it and did not come. Try again later, or choose a smaller size or another kind of machine.',
          retryHelps: true,
          since,
          patienceMs: PATIENCE.none,
        };
  }
  return { ...place, ...sentenceFor(message), retryHelps: true, since, patienceMs: PATIENCE.room };
}

function sentenceFor(message: string): { message: string } {
  const missing = MISSING.filter(({ test }) => test.test(message)).map(({ what }) => what);
  const [last, ...others] = missing.reverse();
  if (last !== undefined) {
    const what = others.length === 0 ? last : `${others.reverse().join(', ')} and ${last}`;
    return {
      message: `No machine of the cluster has enough ${what} left for it. Choose a smaller size, or try again later.`,
    };
  }
  if (/node affinity|node selector|NodeSelector/i.test(message))
    return { message: 'The cluster has no machine of the kind that it asks for. An administrator must add one.' };
  if (/untolerated taint/i.test(message))
    return { message: 'All machines of the cluster are kept for something else, or are not ready. Try again later.' };
  return { message: 'The cluster finds no machine for it. The events show what the scheduler said.' };
}

function diskProblem(message: string, since: number): Problem | null {
  if (/volume node affinity conflict/i.test(message)) {
    return {
      ...place,
      message:
        'Its home lies in a zone in which no machine has room for it. Try again later, or choose a smaller size.',
      retryHelps: true,
      since,
      patienceMs: PATIENCE.outage,
    };
  }
  if (/persistentvolumeclaim "[\w.-]+" (?:not found|is being deleted)/i.test(message)) {
    return {
      ...place,
      reason: 'mount',
      message: 'The disk of its home is missing in the cluster. Start it again.',
      retryHelps: true,
      since,
      patienceMs: PATIENCE.moment,
    };
  }
  if (/unbound immediate PersistentVolumeClaims|didn't find available persistent volumes to bind/i.test(message)) {
    return {
      ...place,
      reason: 'mount',
      message: 'The disk of its home is not there yet. The events show what the storage of the cluster said.',
      retryHelps: true,
      since,
      patienceMs: PATIENCE.outage,
    };
  }
  return null;
}
