/** Bytes on their way, again and again until they are taken: what every sender of uploads shares. */
import type { StorageId } from '../../domain/ids.ts';
import type { Put } from './put-bytes.ts';
import type { RequestSlots } from './request-slots.ts';
import { type UploadApi, UploadFault } from './upload-api.ts';
import type { UploadProblem } from './upload-queue.ts';
import { ATTEMPTS, judge, type PutAnswer, type Verdict, waitBefore } from './upload-retry.ts';

export interface SendTools {
  api: UploadApi;
  put: Put;
  slots: RequestSlots;
  /** Rejects with the signal's reason. */
  wait: (ms: number, signal: AbortSignal) => Promise<void>;
  /** 0 ≤ random() < 1 */
  random: () => number;
  now: () => number;
  /** Storages whose own address could not be reached from here: their parts go through the server. Grows. */
  indirect: Set<StorageId>;
}

export type SendResult =
  | { kind: 'done' }
  | { kind: 'conflict' }
  /** The signal ended it. */
  | { kind: 'stopped' }
  /** This storage takes files in one piece only. */
  | { kind: 'whole' }
  | { kind: 'failed'; problem: UploadProblem };

/** Why bytes were given up. */
export class Unsent extends Error {
  readonly problem: UploadProblem;
  /** Of the last answer; 0 = none came. */
  readonly status: number;

  constructor(problem: UploadProblem, status: number) {
    super(problem.kind);
    this.name = 'Unsent';
    this.problem = problem;
    this.status = status;
  }
}

interface Attempts {
  /** What is sent; read once more when no answer came. */
  bytes: Blob;
  signal: AbortSignal;
  /** Called after a failure: true = another way was found, try it at once and count from the beginning. May throw to give up. */
  otherWay?: (verdict: Verdict, status: number, failures: number) => boolean | Promise<boolean>;
}

/** @throws Unsent; the signal's reason */
export async function untilTaken(
  once: () => Promise<PutAnswer>,
  { bytes, signal, otherWay }: Attempts,
  { wait, random, now }: SendTools,
): Promise<void> {
  for (let failures = 0; ; ) {
    const answer = await once();
    if (answer.status === 0) signal.throwIfAborted();
    const verdict = judge(answer, now());
    if (verdict.kind === 'taken') return;
    if (answer.status === 0 && !(await isReadable(bytes))) throw new Unsent({ kind: 'fileChanged' }, 0);
    failures += 1;
    if (await otherWay?.(verdict, answer.status, failures)) {
      failures = 0;
      continue;
    }
    if (verdict.kind === 'refused') throw new Unsent(said(verdict.message), answer.status);
    if (failures >= ATTEMPTS) throw new Unsent({ kind: 'noAnswer' }, answer.status);
    await wait(waitBefore(failures, verdict.waitMs, random()), signal);
  }
}

function said(message: string | null): UploadProblem {
  return message === null ? { kind: 'noAnswer' } : { kind: 'said', message };
}

/** The browser refuses to read a file that changed since it was chosen, and tells a request only that it failed. */
async function isReadable(bytes: Blob): Promise<boolean> {
  try {
    await bytes.slice(0, 1).arrayBuffer();
    return true;
  } catch {
    return false;
  }
}

/** A call to the server, repeated while it may succeed. @throws UploadFault; the signal's reason */
export async function untilAnswered<T>(
  call: () => Promise<T>,
  signal: AbortSignal,
  { wait, random }: SendTools,
): Promise<T> {
  for (let failures = 0; ; ) {
    signal.throwIfAborted();
    try {
      return await call();
    } catch (error) {
      signal.throwIfAborted();
      failures += 1;
      if (!(error instanceof UploadFault && error.retryable) || failures >= ATTEMPTS) throw error;
      await wait(waitBefore(failures, null, random()), signal);
    }
  }
}

/** What a sender threw, as its result. Anything unforeseen is thrown on. */
export function resultOf(error: unknown, signal: AbortSignal): SendResult {
  if (signal.aborted) return { kind: 'stopped' };
  if (error instanceof Unsent) return { kind: 'failed', problem: error.problem };
  if (!(error instanceof UploadFault)) throw error;
  if (error.code === 'conflict') return { kind: 'conflict' };
  if (error.code === 'unimplemented') return { kind: 'whole' };
  return { kind: 'failed', problem: error.code === 'offline' ? { kind: 'noAnswer' } : said(error.message) };
}
