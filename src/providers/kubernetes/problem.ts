/** Something that stands in the way of a pod, in words for its owner, and how long it may do so before it is called a failure. */
import type { Failure } from '../../domain/environment.ts';

export interface Problem extends Pick<Failure, 'reason' | 'message' | 'step' | 'retryHelps'> {
  /** Since when it is there, Unix milliseconds. */
  since: number;
  /** It may pass by itself within this time; 0 = it never does. */
  patienceMs: number;
}

const MINUTE_MS = 60_000;

/** Machines, disks and rights that are new take their time; so long does the cluster keep trying. */
export const PATIENCE = {
  none: 0,
  /** A thing that is made at the same moment. */
  moment: MINUTE_MS,
  /** Full machines without anybody who adds one. */
  room: 90_000,
  /** Registries and drivers that do not answer, disks that are still held elsewhere. */
  outage: 5 * MINUTE_MS,
  /** New rights reach a cloud's every corner within ten minutes. */
  rights: 10 * MINUTE_MS,
  /** A machine that is being added. */
  machine: 15 * MINUTE_MS,
  /** Nothing has begun and nobody says why. Large images on new machines have taken a quarter of an hour. */
  begin: 60 * MINUTE_MS,
} as const;

export interface Pattern extends Pick<Failure, 'reason' | 'step' | 'retryHelps'> {
  test: RegExp;
  /** `$1`… are what the parentheses of `test` found. */
  message: string;
  patienceMs: number;
}

/** The first pattern that fits; null = none does. */
export function matchProblem(patterns: readonly Pattern[], text: string, since: number): Problem | null {
  for (const { test, message, ...rest } of patterns) {
    const found = test.exec(text);
    if (found) return { ...rest, message: message.replace(/\$(\d)/g, (_, group) => found[Number(group)] ?? ''), since };
  }
  return null;
}
