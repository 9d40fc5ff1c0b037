/** Why a disk or a bucket does not come, from the events of a pod and of its claims. */
import type { EventFacts } from './pod-facts.ts';
import { matchProblem, PATIENCE, type Pattern, type Problem } from './problem.ts';

const mount = { reason: 'mount', step: 'mounted' } as const;

const PATTERNS: readonly Pattern[] = [
  {
    ...mount,
    test: /storageclass\S* "?([\w.-]+)"? not found/i,
    message:
      'The cluster has no storage class “$1” for its home. An administrator must make it, or set another one for homes.',
    retryHelps: false,
    patienceMs: PATIENCE.none,
  },
  {
    ...mount,
    test: /no persistent volumes available for this claim and no storage class is set/i,
    message: 'The cluster has no default storage class, so its home gets no disk. An administrator must set one.',
    retryHelps: false,
    patienceMs: PATIENCE.none,
  },
  {
    // A machine that is new announces its drivers a little later than itself.
    ...mount,
    test: /driver name ([\w.-]+) not found in the list of registered CSI drivers|CSINode .* does not contain driver ([\w.-]+)/i,
    message: 'The machine has no driver “$1$2” for its storage. An administrator must install it in the cluster.',
    retryHelps: false,
    patienceMs: PATIENCE.outage,
  },
  {
    ...mount,
    test: /Multi-Attach error|already (?:used|attached|exclusively attached)/i,
    message: 'Its disk is still held by another machine. It follows as soon as that one lets go.',
    retryHelps: true,
    patienceMs: PATIENCE.outage,
  },
  {
    ...mount,
    test: /quota.*exceeded|exceeded quota|QUOTA_EXCEEDED|VolumeLimitExceeded|ResourceExhausted/i,
    message: 'The cloud’s quota of disks is used up. An administrator must raise it or remove disks.',
    retryHelps: true,
    patienceMs: PATIENCE.moment,
  },
  {
    ...mount,
    test: /(?:secret|configmap|references non-existent secret key)\S* "?([\w.-]+)"? not found/i,
    message: 'A part of its settings (“$1”) is not in the cluster. Start it again.',
    retryHelps: true,
    patienceMs: PATIENCE.moment,
  },
  {
    ...mount,
    test: /code = (?:Unauthenticated|PermissionDenied)|PermissionDenied|AccessDenied|forbidden|\b403\b/i,
    message: 'Its storage is not open to it yet: new rights take up to ten minutes in the cloud.',
    retryHelps: true,
    patienceMs: PATIENCE.rights,
  },
  {
    ...mount,
    test: /code = NotFound|NoSuchBucket|bucket (?:does not exist|doesn't exist|not found)/i,
    message: 'The bucket of its storage is not there any more. Look at the storage page.',
    retryHelps: false,
    patienceMs: PATIENCE.moment,
  },
  {
    // The webhook that adds the sidecar was down when this pod was made; only another pod can get it.
    ...mount,
    test: /code = FailedPrecondition|sidecar container .*(?:not found|was not injected)/i,
    message: 'The cluster did not add the program that mounts its storage. Start it again.',
    retryHelps: true,
    patienceMs: PATIENCE.moment,
  },
  {
    ...mount,
    test: /code = InvalidArgument/i,
    message:
      'The driver of its storage does not take the options it was given. An administrator must look at the events.',
    retryHelps: false,
    patienceMs: PATIENCE.moment,
  },
  {
    ...mount,
    test: /node affinity conflict|different zone|not in the same zone/i,
    message: 'Its disk lies in another zone than its machine.',
    retryHelps: true,
    patienceMs: PATIENCE.outage,
  },
];

const REASONS = new Set([
  'FailedMount',
  'FailedAttachVolume',
  'FailedMapVolume',
  'ProvisioningFailed',
  'FailedBinding',
  'VolumeResizeFailed',
  'FileSystemResizeFailed',
]);

/** Of the latest event that is about a volume; null = none speaks of one. */
export function volumeProblem(events: readonly EventFacts[]): Problem | null {
  const about = events.filter(({ reason }) => REASONS.has(reason));
  const latest = about.reduce<EventFacts | null>(
    (best, each) => (best && best.lastAt > each.lastAt ? best : each),
    null,
  );
  if (!latest) return null;
  // The latest may be the kubelet's summing up, which says nothing; the ones before it do.
  for (const { message, firstAt } of about.toSorted((a, b) => b.lastAt - a.lastAt)) {
    const known = matchProblem(PATTERNS, message, firstAt);
    if (known) return known;
  }
  return {
    ...mount,
    message: 'Its storage could not be connected yet. The cluster keeps trying; the events show why.',
    retryHelps: true,
    since: latest.firstAt,
    patienceMs: PATIENCE.rights,
  };
}
