/**
 * The little that we keep of a pod and of an event: what the reflector remembers, and all that the launch steps and failures are
 * told from. Whatever a field holds in the cluster, here it has its type.
 */
import { ANNOTATIONS, LABELS } from './names.ts';

export interface Termination {
  reason: string;
  message: string;
  exitCode: number;
  /** Unix milliseconds; 0 = not told. */
  startedAt: number;
  finishedAt: number;
}

export type ContainerState =
  | { kind: 'waiting'; reason: string; message: string }
  | { kind: 'running'; startedAt: number }
  | ({ kind: 'terminated' } & Termination);

export interface ContainerFacts {
  name: string;
  image: string;
  ready: boolean;
  /** Its startup probe has succeeded. */
  started: boolean;
  restarts: number;
  state: ContainerState;
  last: Termination | null;
}

export interface Condition {
  status: string;
  reason: string;
  message: string;
  at: number;
}

export interface PodFacts {
  uid: string;
  name: string;
  namespace: string;
  environmentId: string;
  /** 0 = the pod does not say. */
  generation: number;
  createdAt: number;
  /** When somebody asked for its end; null = nobody. */
  deletedAt: number | null;
  phase: string;
  reason: string;
  message: string;
  ip: string | null;
  node: string | null;
  conditions: Record<string, Condition>;
  /** Those before the application as well. */
  containers: ContainerFacts[];
}

export interface EventFacts {
  kind: string;
  name: string;
  reason: string;
  message: string;
  firstAt: number;
  lastAt: number;
}

/** Long messages repeat themselves; the beginning says it. */
const MAX_TEXT = 1024;

type Raw = Readonly<Record<string, unknown>>;

const objectOf = (value: unknown): Raw => (typeof value === 'object' && value !== null ? (value as Raw) : {});
const listOf = (value: unknown): Raw[] => (Array.isArray(value) ? value.map(objectOf) : []);
const textOf = (value: unknown): string => (typeof value === 'string' ? value.slice(0, MAX_TEXT) : '');
const numberOf = (value: unknown): number => (typeof value === 'number' && Number.isFinite(value) ? value : 0);

function timeOf(value: unknown): number {
  const time = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return Number.isNaN(time) ? 0 : time;
}

export function podFacts(pod: unknown): PodFacts {
  const { metadata, spec, status } = objectOf(pod);
  const meta = objectOf(metadata);
  const { initContainerStatuses, containerStatuses, conditions, ...now } = objectOf(status);
  const generation = Number(textOf(objectOf(meta.annotations)[ANNOTATIONS.generation]));
  return {
    uid: textOf(meta.uid),
    name: textOf(meta.name),
    namespace: textOf(meta.namespace),
    environmentId: textOf(objectOf(meta.labels)[LABELS.environment]),
    generation: Number.isSafeInteger(generation) && generation > 0 ? generation : 0,
    createdAt: timeOf(meta.creationTimestamp),
    deletedAt: meta.deletionTimestamp === undefined ? null : timeOf(meta.deletionTimestamp),
    phase: textOf(now.phase),
    reason: textOf(now.reason),
    message: textOf(now.message),
    ip: textOf(now.podIP) || null,
    node: textOf(objectOf(spec).nodeName) || null,
    conditions: Object.fromEntries(
      listOf(conditions).map((each) => [
        textOf(each.type),
        {
          status: textOf(each.status),
          reason: textOf(each.reason),
          message: textOf(each.message),
          at: timeOf(each.lastTransitionTime),
        },
      ]),
    ),
    containers: [...listOf(initContainerStatuses), ...listOf(containerStatuses)].map(containerFacts),
  };
}

function containerFacts(status: Raw): ContainerFacts {
  const { terminated } = objectOf(status.lastState);
  return {
    name: textOf(status.name),
    image: textOf(status.image),
    ready: status.ready === true,
    started: status.started === true,
    restarts: numberOf(status.restartCount),
    state: stateOf(objectOf(status.state)),
    last: terminated === undefined ? null : terminationOf(objectOf(terminated)),
  };
}

function stateOf({ terminated, running, waiting }: Raw): ContainerState {
  if (terminated !== undefined) return { kind: 'terminated', ...terminationOf(objectOf(terminated)) };
  if (running !== undefined) return { kind: 'running', startedAt: timeOf(objectOf(running).startedAt) };
  const { reason, message } = objectOf(waiting);
  return { kind: 'waiting', reason: textOf(reason), message: textOf(message) };
}

function terminationOf(terminated: Raw): Termination {
  return {
    reason: textOf(terminated.reason),
    message: textOf(terminated.message),
    exitCode: numberOf(terminated.exitCode),
    startedAt: timeOf(terminated.startedAt),
    finishedAt: timeOf(terminated.finishedAt),
  };
}

/** Of either form that the API has: the older counts repeats by itself, the newer in a series. */
export function eventFacts(event: unknown): EventFacts {
  const raw = objectOf(event);
  const about = objectOf(raw.involvedObject ?? raw.regarding);
  const created = timeOf(objectOf(raw.metadata).creationTimestamp);
  const first = timeOf(raw.firstTimestamp) || timeOf(raw.deprecatedFirstTimestamp) || timeOf(raw.eventTime) || created;
  const last =
    timeOf(objectOf(raw.series).lastObservedTime) ||
    timeOf(raw.lastTimestamp) ||
    timeOf(raw.deprecatedLastTimestamp) ||
    timeOf(raw.eventTime) ||
    created;
  return {
    kind: textOf(about.kind),
    name: textOf(about.name),
    reason: textOf(raw.reason),
    message: textOf(raw.message ?? raw.note),
    firstAt: first,
    lastAt: Math.max(first, last),
  };
}
