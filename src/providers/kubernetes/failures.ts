/**
 * From a pod, its containers and events to what its owner is told: which steps of the launch are done, what it waits for, and, when
 * waiting has no end, what failed, what to do and whether another try helps. Pure; called by the spawner at every change and when a
 * patience runs out.
 */
import { type Failure, LAUNCH_STEPS, type LaunchStep, type StepTime } from '../../domain/environment.ts';
import { describeEnding, describeTaken, type EndingContext, syncFault } from './endings.ts';
import { IMAGE_REASONS, imageProblem } from './image-problems.ts';
import { placementProblem } from './placement-problems.ts';
import { APPLICATION, FILES, SYNC } from './pod.ts';
import type { EventFacts, PodFacts } from './pod-facts.ts';
import { PATIENCE, type Problem } from './problem.ts';
import { volumeProblem } from './volume-problems.ts';

export type PodReading =
  /** `notice`: what it waits for, as a sentence. `lookAgainAt`: when that becomes a failure if nothing changes. */
  | { state: 'starting'; steps: StepTime[]; notice: string; lookAgainAt: number | null }
  | { state: 'running'; steps: StepTime[] }
  /** On its way out; `failure` when the cluster took it rather than we. */
  | { state: 'stopping'; failure: Failure | null }
  /** It still exists and will never be ready: whoever reads this deletes it. */
  | { state: 'hopeless'; steps: StepTime[]; failure: Failure }
  | { state: 'exited'; steps: StepTime[]; failure: Failure | null };

export type ReadingContext = EndingContext;

/** @param context.events those about the pod and its claims, in any order; older ones than the pod are left out here */
export function readPod(pod: PodFacts, context: ReadingContext): PodReading {
  // A namesake before it may have left events behind. Their clock has whole seconds.
  const events = context.events.filter(({ lastAt }) => lastAt >= pod.createdAt - 1_000);
  const fresh = { ...context, events };
  const ready = pod.conditions.Ready?.status === 'True';
  const steps = stepsOf(pod, events, ready || context.wasReady);
  const over = pod.phase === 'Succeeded' || pod.phase === 'Failed';
  if (over) return { state: 'exited', steps, failure: describeEnding(pod, fresh) };
  if (pod.deletedAt !== null) return { state: 'stopping', failure: describeTaken(pod, fresh) };
  if (ready || context.wasReady) return { state: 'running', steps };
  const notice = noticeOf(pod, events);
  const problem = problemOf(pod, events, context.now);
  const hindrance =
    problem ?? (pod.containers.every(({ state }) => state.kind === 'waiting') ? notBegun(pod, context.now) : null);
  if (!hindrance) return { state: 'starting', steps, notice, lookAgainAt: null };
  const { since, patienceMs, ...facts } = hindrance;
  const until = since + patienceMs;
  if (context.now < until)
    return { state: 'starting', steps, notice: problem ? facts.message : notice, lookAgainAt: until };
  const failure = { ...facts, exitCode: null, signal: null, at: Math.max(until, pod.createdAt) };
  return { state: 'hopeless', steps, failure };
}

function notBegun(pod: PodFacts, now: number): Problem {
  return {
    reason: 'start_failed',
    message:
      'It did not begin within an hour, and the cluster does not say why. The events may show more; start it again.',
    step: pod.conditions.PodScheduled?.status === 'True' ? 'started' : 'placed',
    retryHelps: true,
    since: pod.createdAt || now,
    patienceMs: PATIENCE.begin,
  };
}

/** What stands in the way, the latest stage first. */
function problemOf(pod: PodFacts, events: readonly EventFacts[], now: number): Problem | null {
  for (const container of pod.containers) {
    const { state } = container;
    if (state.kind !== 'waiting') continue;
    const since = pod.conditions.PodScheduled?.at || pod.createdAt;
    if (IMAGE_REASONS.has(state.reason)) return ofImage(container.name, { state, events, since });
    if (syncFault(container)) {
      return {
        reason: 'storage_unavailable',
        message: 'The program that fetches the files of its storage ends again and again. Look at the storage page.',
        step: 'mounted',
        retryHelps: true,
        since: container.last?.finishedAt || since,
        patienceMs: container.restarts >= 3 ? PATIENCE.none : PATIENCE.outage,
      };
    }
    const stuck = containerProblem(state, since);
    if (stuck) return stuck;
  }
  if (pod.conditions.PodScheduled?.status === 'True') {
    const begun = pod.containers.some(({ state }) => state.kind !== 'waiting');
    if (begun || pod.conditions.PodReadyToStartContainers?.status === 'True') return null;
    return volumeProblem(events) ?? sandboxProblem(events);
  }
  const unbound = volumeProblem(events.filter(({ kind }) => kind === 'PersistentVolumeClaim'));
  return unbound ?? placementProblem(pod, events, now);
}

interface Waiting {
  reason: string;
  message: string;
}

/** The state says little on its second try; the event of the first says it all. */
function ofImage(
  container: string,
  { state, events, since }: { state: Waiting; events: readonly EventFacts[]; since: number },
): Problem {
  const failed = events.filter(({ reason, message }) => reason === 'Failed' && /pull/i.test(message));
  const said = failed.sort((a, b) => b.lastAt - a.lastAt).map(({ message }) => message);
  const first = Math.min(...failed.map(({ firstAt }) => firstAt));
  const text = [state.reason, state.message, ...said].join('\n');
  // The image's own name may hold any word that a pattern looks for.
  const problem = imageProblem(withoutNames(text), Number.isFinite(first) ? first : since);
  if (container === APPLICATION) return problem;
  return {
    ...problem,
    message: problem.message
      .replace('Its image', 'The image of the platform’s own tools')
      .replace('its image', 'the image of the platform’s own tools'),
  };
}

function withoutNames(text: string): string {
  return text.replace(/(image|reference) "[^"]*"/gi, '$1').replace(/"?https?:\/\/\S+/g, '');
}

function containerProblem({ reason, message }: Waiting, since: number): Problem | null {
  const start = { reason: 'start_failed', step: 'started', since } as const;
  switch (reason) {
    case 'CreateContainerConfigError':
      return /runAsNonRoot|non-root/i.test(message)
        ? {
            ...start,
            message:
              'Its image wants to run as root, which no environment may. An administrator must choose another image.',
            retryHelps: false,
            patienceMs: PATIENCE.none,
          }
        : {
            ...start,
            message: 'A part of its settings is missing in the cluster. Start it again.',
            retryHelps: true,
            patienceMs: PATIENCE.moment,
          };
    case 'CreateContainerError':
    case 'PreCreateHookError':
    case 'PreStartHookError':
    case 'PostStartHookError':
    case 'RunContainerError':
      return {
        ...start,
        message: 'Its machine could not start the container. The events show what it said.',
        retryHelps: true,
        patienceMs: PATIENCE.moment,
      };
    case 'CrashLoopBackOff':
      return {
        ...start,
        reason: 'exited_early',
        message: 'It ends again and again before it is ready. The log shows what it said.',
        retryHelps: false,
        patienceMs: PATIENCE.none,
      };
    default:
      return null;
  }
}

function sandboxProblem(events: readonly EventFacts[]): Problem | null {
  const event = events.find(({ reason }) => reason === 'FailedCreatePodSandBox' || reason === 'NetworkNotReady');
  if (!event) return null;
  return {
    reason: 'start_failed',
    message: 'The network of its machine is not ready yet. The cluster keeps trying.',
    step: 'mounted',
    retryHelps: true,
    since: event.firstAt,
    patienceMs: PATIENCE.outage,
  };
}

/** Nothing is wrong: what happens at the moment. */
function noticeOf(pod: PodFacts, events: readonly EventFacts[]): string {
  const named = (wanted: string) => pod.containers.find(({ name }) => name === wanted);
  if (pod.conditions.PodScheduled?.status !== 'True') return 'A machine is looked for.';
  if (named(APPLICATION)?.state.kind === 'running') return 'It has started and is not ready yet.';
  const sync = named(SYNC);
  if (sync?.state.kind === 'running' && !sync.started) return 'The files of its storage are being fetched.';
  if (named(FILES)?.state.kind === 'running') return 'The files of your settings are put into its home.';
  const at = (reason: string) =>
    Math.max(0, ...events.filter((each) => each.reason === reason).map(({ lastAt }) => lastAt));
  if (at('Pulling') > at('Pulled')) return 'Its image is being fetched.';
  return 'Its disks are being connected.';
}

/** `Successfully pulled image "x" in 2.1s (…). Image size: 123 bytes.`; null for what was there already. */
export function pullOf(event: EventFacts): { ms: number; bytes: number | null } | null {
  const [, spent = '', size] =
    /pulled image .* in ([\d.hmsµu]+)(?: .*Image size: (\d+) bytes)?/.exec(event.message) ?? [];
  if (event.reason !== 'Pulled' || spent === '') return null;
  const units: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1_000, ms: 1, µs: 0.001, us: 0.001 };
  const ms = [...spent.matchAll(/([\d.]+)(ms|µs|us|h|m|s)/g)].reduce(
    (sum, [, amount, unit = '']) => sum + Number(amount) * (units[unit] ?? 0),
    0,
  );
  return { ms: Math.round(ms), bytes: size === undefined ? null : Number(size) };
}

/** In the order of the timeline. The cluster mounts before it pulls, and its clock has seconds: no step is told before an earlier one. */
function stepsOf(pod: PodFacts, events: readonly EventFacts[], ready: boolean): StepTime[] {
  const application = pod.containers.find(({ name }) => name === APPLICATION);
  const { state } = application ?? {};
  const startedAt = state && state.kind !== 'waiting' ? state.startedAt : 0;
  const pulled = events.filter(
    ({ reason, message }) => reason === 'Pulled' && message.includes(`"${application?.image ?? ''}"`),
  );
  const holds = (type: string) => (pod.conditions[type]?.status === 'True' ? pod.conditions[type].at : 0);
  const at: Partial<Record<LaunchStep, number>> = {
    placed: holds('PodScheduled'),
    image: Math.max(0, ...pulled.map(({ lastAt }) => lastAt)) || startedAt,
    mounted: holds('PodReadyToStartContainers') || startedAt,
    started: startedAt,
    ready: ready ? holds('Ready') : 0,
  };
  let latest = 0;
  return LAUNCH_STEPS.flatMap((step) => {
    const time = at[step] ?? 0;
    if (time === 0) return [];
    latest = Math.max(latest, time);
    return [{ step, at: latest }];
  });
}
