/** How a pod ended, from what the kubelet noted: by the application itself, by its memory, by its machine, by the cluster. */
import { constants } from 'node:os';
import type { Failure, FailureReason } from '../../domain/environment.ts';
import { APPLICATION, FILES, SYNC } from './pod.ts';
import type { ContainerFacts, EventFacts, PodFacts, Termination } from './pod-facts.ts';

export interface EndingContext {
  /** Whether the application had become ready before. */
  wasReady: boolean;
  memoryMiB: number;
  readyTimeoutMs: number;
  events: readonly EventFacts[];
  now: number;
}

const SAFE = 'Your files are safe; start it again.';
const SIGNALS = new Map(Object.entries(constants.signals).map(([name, number]) => [number, name]));

/** Reasons of the condition DisruptionTarget, and of a failed pod, that are not the application's doing. */
const TAKEN: Readonly<Record<string, { reason: FailureReason; message: string }>> = {
  PreemptionByScheduler: { reason: 'lost', message: `Its place was needed for something more important. ${SAFE}` },
  DeletionByTaintManager: { reason: 'lost', message: `Its machine stopped answering or was taken out of use. ${SAFE}` },
  EvictionByEvictionAPI: { reason: 'lost', message: `Its machine was emptied for maintenance. ${SAFE}` },
  DeletionByPodGC: { reason: 'lost', message: `Its machine is gone from the cluster. ${SAFE}` },
  TerminationByKubelet: { reason: 'lost', message: `Its machine was shut down or ran out of room. ${SAFE}` },
  Preempting: { reason: 'lost', message: `Its place was needed for something more important. ${SAFE}` },
  NodeShutdown: { reason: 'lost', message: `Its machine was shut down. ${SAFE}` },
  Terminated: { reason: 'lost', message: `Its machine was shut down. ${SAFE}` },
  Shutdown: { reason: 'lost', message: `Its machine was shut down. ${SAFE}` },
  NodeLost: { reason: 'lost', message: `Its machine stopped answering. ${SAFE}` },
  DeadlineExceeded: { reason: 'lost', message: `It ran into a time limit that the cluster sets. ${SAFE}` },
};

/** The machine looked once more and refused what the scheduler had given it. */
const REFUSED_BY_MACHINE =
  /^(?:OutOf\w+|NodeAffinity|UnexpectedAdmissionError|TopologyAffinityError|NodeName|NodePorts)$/;

/** Of a pod whose containers have all ended; null = it ended in good order. */
export function describeEnding(pod: PodFacts, context: EndingContext): Failure | null {
  const at = endedAt(pod) || context.now;
  const application = pod.containers.find(({ name }) => name === APPLICATION);
  const ending = application?.state.kind === 'terminated' ? application.state : null;
  // Its own memory limit first: a machine in need also ends those that are within theirs.
  if (ending?.reason === 'OOMKilled') return outOfMemory(context, ending, at);
  const taken = describeTaken(pod, context, at);
  if (taken) return taken;
  const before = pod.containers.find(
    ({ name, state }) => name === FILES && state.kind === 'terminated' && state.exitCode !== 0,
  );
  if (before?.state.kind === 'terminated') {
    return failure({
      reason: before.state.reason === 'OOMKilled' ? 'out_of_memory' : 'start_failed',
      message: `The files of your settings could not be put into its home (exit code ${before.state.exitCode}). The log shows why.`,
      step: 'mounted',
      exitCode: before.state.exitCode,
      at,
    });
  }
  if (ending) return describeExit(ending, context, at);
  return failure({
    reason: 'lost',
    message: `It ended and the cluster does not say why${pod.reason === '' ? '' : ` (${pod.reason})`}. ${SAFE}`,
    step: context.wasReady ? 'ready' : 'started',
    retryHelps: true,
    at,
  });
}

/** The cluster took the pod away, or is about to; null = it did not. */
export function describeTaken(pod: PodFacts, context: EndingContext, at = context.now): Failure | null {
  const step = context.wasReady ? 'ready' : 'started';
  const lost = (message: string, reason: FailureReason = 'lost') =>
    failure({ reason, message, step, retryHelps: true, at });
  if (pod.reason === 'Evicted') return lost(evictionMessage(pod.message));
  if (REFUSED_BY_MACHINE.test(pod.reason)) {
    return failure({
      reason: 'unschedulable',
      message: 'The machine that it was given had no room for it after all. Start it again.',
      step: 'placed',
      retryHelps: true,
      at,
    });
  }
  const target = pod.conditions.DisruptionTarget;
  const known = (target?.status === 'True' ? TAKEN[target.reason] : undefined) ?? TAKEN[pod.reason];
  return known ? lost(known.message, known.reason) : null;
}

function evictionMessage(message: string): string {
  if (/ephemeral|EmptyDir|local storage/i.test(message) && !/low on resource/i.test(message)) {
    return 'It filled the room for temporary files on its machine and was ended. Write large files to its home or workspace instead.';
  }
  const [, resource = ''] = /low on resource: ([\w-]+)/i.exec(message) ?? [];
  const what = /memory/.test(resource) ? 'memory' : /storage|disk|inodes/.test(resource) ? 'disk space' : 'room';
  return `Its machine ran low on ${what} and put it out. ${SAFE}`;
}

function outOfMemory({ memoryMiB, wasReady }: EndingContext, { exitCode }: Termination, at: number): Failure {
  return failure({
    reason: 'out_of_memory',
    message: `It needed more than its ${memoryMiB} MiB of memory and was ended. Choose a larger size or work on less data at once.`,
    step: wasReady ? 'ready' : 'started',
    exitCode,
    signal: 'SIGKILL',
    retryHelps: true,
    at,
  });
}

/** By the conventions of shells and of the embedded spawner: 126, 127, 128 + signal. */
function describeExit(ending: Termination, context: EndingContext, at: number): Failure | null {
  const { exitCode, reason, message } = ending;
  const { wasReady } = context;
  const facts = { step: wasReady ? ('ready' as const) : ('started' as const), exitCode, at };
  const neverBegan = reason === 'StartError' || reason === 'ContainerCannotRun';
  if (neverBegan || (!wasReady && (exitCode === 126 || exitCode === 127))) return notStarted(ending, facts);
  if (!wasReady && wasTooSlow(ending, context)) {
    const seconds = Math.max(1, Math.round(context.readyTimeoutMs / 1000));
    return failure({
      ...facts,
      reason: 'not_ready_in_time',
      message: `It did not answer on its port within ${seconds} s and was stopped. The log shows what it said.`,
      step: 'ready',
      retryHelps: true,
    });
  }
  const signal = exitCode > 128 ? SIGNALS.get(exitCode - 128) : undefined;
  if (signal !== undefined) {
    const from = `It was ended from outside by ${signal}. ${SAFE}`;
    return failure({ ...facts, reason: 'killed_by_signal', message: from, signal, retryHelps: true });
  }
  if (!wasReady) {
    const said = `It ended before it was ready (exit code ${exitCode}). The log shows what it said.`;
    return failure({ ...facts, reason: 'exited_early', message: said });
  }
  if (exitCode === 0) return null;
  return failure({
    ...facts,
    reason: 'crashed',
    message: `It ended unexpectedly (exit code ${exitCode}). The log shows what it said${message === '' ? '' : ' last'}; your files are safe.`,
    retryHelps: true,
  });
}

function notStarted({ message, exitCode }: Termination, facts: Pick<Failure, 'step' | 'exitCode' | 'at'>): Failure {
  const missing = exitCode === 127 || /not found|no such file/i.test(message);
  return missing && !/permission denied/i.test(message)
    ? failure({
        ...facts,
        reason: 'command_not_found',
        message: 'The command is not in its image. Check the spelling, or choose another image.',
      })
    : failure({
        ...facts,
        reason: 'start_failed',
        message:
          'The command is in its image but cannot be executed. Check its rights and the kind of processor it is for.',
      });
}

/** The kubelet ends what its startup probe gave up; the event may be gone, the time it ran is not. */
function wasTooSlow(
  { startedAt, finishedAt, exitCode }: Termination,
  { events, readyTimeoutMs }: EndingContext,
): boolean {
  const killed = exitCode === 137 || exitCode === 143;
  const said = events.some(({ reason, message }) => reason === 'Killing' && /failed startup probe/i.test(message));
  return said || (killed && startedAt > 0 && finishedAt - startedAt >= readyTimeoutMs);
}

/** The sync program ends again and again, so the application never begins; null = it does not. */
export function syncFault(container: ContainerFacts | undefined): { exitCode: number } | null {
  if (container?.name !== SYNC || container.state.kind !== 'waiting') return null;
  if (container.state.reason !== 'CrashLoopBackOff' || container.started) return null;
  return { exitCode: container.last?.exitCode ?? 0 };
}

function endedAt({ containers }: PodFacts): number {
  return Math.max(0, ...containers.map(({ state }) => (state.kind === 'terminated' ? state.finishedAt : 0)));
}

function failure(facts: Pick<Failure, 'reason' | 'message' | 'step' | 'at'> & Partial<Failure>): Failure {
  return { exitCode: null, signal: null, retryHelps: false, ...facts };
}
