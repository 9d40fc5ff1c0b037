/** Pods and events as the API server tells them, in few words, for tests of what is read from them. */
import type { Failure } from '../../domain/environment.ts';
import { type PodReading, type ReadingContext, readPod } from './failures.ts';
import { eventFacts, podFacts } from './pod-facts.ts';

export const START = Date.parse('2026-03-01T10:00:00Z');
export const at = (seconds: number) => new Date(START + seconds * 1000).toISOString();
export const IMAGE = 'registry.example/lab/tool:404';

export interface Given {
  phase?: string;
  reason?: string;
  message?: string;
  deleted?: boolean;
  conditions?: [type: string, status: string, seconds: number, reason?: string, message?: string][];
  /** State of the application's container. */
  state?: object;
  sync?: object;
  files?: object;
  events?: [reason: string, message: string, seconds?: number, kind?: string][];
  /** Seconds since the pod was made. */
  now?: number;
  wasReady?: boolean;
}

export const SCHEDULED: NonNullable<Given['conditions']> = [['PodScheduled', 'True', 1]];
export const waiting = (reason: string, message = '') => ({ state: { waiting: { reason, message } } });
export const ended = (exitCode: number, more: object = {}) => ({
  state: {
    terminated: {
      exitCode,
      reason: exitCode === 0 ? 'Completed' : 'Error',
      startedAt: at(5),
      finishedAt: at(9),
      ...more,
    },
  },
});

export function read(given: Given): PodReading {
  const init = [
    ...(given.files ? [{ name: 'files', image: 'tools', ...given.files }] : []),
    ...(given.sync ? [{ name: 'sync', image: 'tools', ...given.sync }] : []),
  ];
  const pod = podFacts({
    metadata: {
      uid: 'u',
      name: 'env-0000000000000000000b',
      namespace: 'n',
      creationTimestamp: at(0),
      ...(given.deleted ? { deletionTimestamp: at(60) } : {}),
      annotations: { 'cmbcluster/generation': '2' },
    },
    status: {
      phase: given.phase ?? 'Pending',
      reason: given.reason,
      message: given.message,
      conditions: (given.conditions ?? []).map(([type, status, seconds, reason, message]) => ({
        type,
        status,
        lastTransitionTime: at(seconds),
        reason,
        message,
      })),
      initContainerStatuses: init,
      containerStatuses: given.state ? [{ name: 'application', image: IMAGE, ...given.state }] : [],
    },
  });
  const events = (given.events ?? []).map(([reason, message, seconds = 3, kind = 'Pod']) =>
    eventFacts({
      reason,
      message,
      firstTimestamp: at(seconds),
      lastTimestamp: at(seconds),
      involvedObject: { kind, name: 'x' },
    }),
  );
  const context: ReadingContext = {
    wasReady: given.wasReady ?? false,
    memoryMiB: 1024,
    readyTimeoutMs: 30_000,
    events,
    now: START + (given.now ?? 30) * 1000,
  };
  return readPod(pod, context);
}

export function failureOf(given: Given): Failure {
  const reading = read(given);
  if ('failure' in reading && reading.failure) return reading.failure;
  throw new Error(`no failure: ${JSON.stringify(reading)}`);
}
