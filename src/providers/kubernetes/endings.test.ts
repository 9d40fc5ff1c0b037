import { describe, expect, test } from 'vitest';
import type { Failure } from '../../domain/environment.ts';
import { at, ended, failureOf, type Given, read, SCHEDULED, START, waiting } from './test-pods.ts';

describe('how it ended', () => {
  const failed: Given = { phase: 'Failed', conditions: SCHEDULED };
  test.each<[string, Given, Partial<Failure> | null, RegExp]>([
    ['in good order', { phase: 'Succeeded', wasReady: true, state: ended(0) }, null, /^/],
    [
      'before it was ready, in good order',
      { phase: 'Succeeded', state: ended(0) },
      { reason: 'exited_early', exitCode: 0, step: 'started' },
      /before it was ready/,
    ],
    [
      'early',
      { ...failed, state: ended(3) },
      { reason: 'exited_early', exitCode: 3, step: 'started', retryHelps: false },
      /exit code 3/,
    ],
    [
      'by a crash',
      { ...failed, wasReady: true, state: ended(4) },
      { reason: 'crashed', exitCode: 4, step: 'ready', retryHelps: true },
      /unexpectedly/,
    ],
    [
      'by a signal',
      { ...failed, wasReady: true, state: ended(137) },
      { reason: 'killed_by_signal', signal: 'SIGKILL', step: 'ready', retryHelps: true },
      /SIGKILL/,
    ],
    [
      'by its own fault',
      { ...failed, wasReady: true, state: ended(139) },
      { reason: 'killed_by_signal', signal: 'SIGSEGV' },
      /SIGSEGV/,
    ],
    [
      'for lack of memory',
      { ...failed, wasReady: true, state: ended(137, { reason: 'OOMKilled' }) },
      { reason: 'out_of_memory', retryHelps: true },
      /1024 MiB/,
    ],
    [
      'for lack of memory on a machine in need',
      {
        ...failed,
        reason: 'Evicted',
        message: 'The node was low on resource: memory.',
        state: ended(137, { reason: 'OOMKilled' }),
      },
      { reason: 'out_of_memory' },
      /larger size/,
    ],
    [
      'without the command',
      {
        ...failed,
        state: ended(128, { reason: 'StartError', message: 'exec: "/nope": stat /nope: no such file or directory' }),
      },
      { reason: 'command_not_found', retryHelps: false },
      /not in its image/,
    ],
    [
      'without the right',
      { ...failed, state: ended(128, { reason: 'StartError', message: 'exec: "/x": permission denied' }) },
      { reason: 'start_failed' },
      /cannot be executed/,
    ],
    [
      'by a shell that did not find it',
      { ...failed, state: ended(127) },
      { reason: 'command_not_found' },
      /not in its image/,
    ],
    ['by a shell that may not', { ...failed, state: ended(126) }, { reason: 'start_failed' }, /cannot be executed/],
    [
      'too slow, as the event says',
      { ...failed, state: ended(137), events: [['Killing', 'Container application failed startup probe', 8]] },
      { reason: 'not_ready_in_time', step: 'ready', retryHelps: true },
      /within 30 s/,
    ],
    [
      'too slow, as the clock says',
      { ...failed, state: ended(143, { finishedAt: at(36) }) },
      { reason: 'not_ready_in_time' },
      /within 30 s/,
    ],
    [
      'evicted from a machine in need',
      {
        ...failed,
        reason: 'Evicted',
        message: 'The node was low on resource: memory. Threshold quantity: 100Mi',
        state: ended(137),
      },
      { reason: 'lost', retryHelps: true },
      /ran low on memory/,
    ],
    [
      'evicted from a full disk',
      { ...failed, reason: 'Evicted', message: 'The node was low on resource: ephemeral-storage.' },
      { reason: 'lost' },
      /ran low on disk space/,
    ],
    [
      'by filling the disk',
      { ...failed, reason: 'Evicted', message: 'Usage of EmptyDir volume "tmp" exceeds the limit "4Gi". ' },
      { reason: 'lost' },
      /temporary files/,
    ],
    [
      'by filling the disk with layers',
      {
        ...failed,
        reason: 'Evicted',
        message: 'Pod ephemeral local storage usage exceeds the total limit of containers 4Gi. ',
      },
      { reason: 'lost' },
      /temporary files/,
    ],
    [
      'preempted',
      { ...failed, conditions: [['DisruptionTarget', 'True', 9, 'PreemptionByScheduler']], state: ended(143) },
      { reason: 'lost' },
      /more important/,
    ],
    [
      'with its machine',
      { ...failed, conditions: [['DisruptionTarget', 'True', 9, 'DeletionByTaintManager']] },
      { reason: 'lost' },
      /stopped answering/,
    ],
    [
      'with a machine that went',
      { ...failed, conditions: [['DisruptionTarget', 'True', 9, 'DeletionByPodGC']] },
      { reason: 'lost' },
      /gone from the cluster/,
    ],
    [
      'with a shutdown',
      { ...failed, reason: 'NodeShutdown', message: 'Pod was terminated in response to imminent node shutdown.' },
      { reason: 'lost' },
      /shut down/,
    ],
    [
      'refused by the machine',
      { ...failed, reason: 'OutOfcpu', message: "Node didn't have enough resource: cpu" },
      { reason: 'unschedulable', step: 'placed', retryHelps: true },
      /no room/,
    ],
    ['by a deadline', { ...failed, reason: 'DeadlineExceeded' }, { reason: 'lost' }, /time limit/],
    [
      'before it began',
      { ...failed, files: ended(1), state: waiting('PodInitializing') },
      { reason: 'start_failed', step: 'mounted', exitCode: 1 },
      /files of your settings/,
    ],
    ['nobody knows how', { ...failed, reason: 'Odd' }, { reason: 'lost', retryHelps: true }, /\(Odd\)/],
  ])('%s', (_, given, expected, words) => {
    const reading = read(given);
    expect(reading.state).toBe('exited');
    if (expected === null) expect(reading).toMatchObject({ failure: null });
    else {
      expect(reading).toMatchObject({ failure: { ...expected, message: expect.stringMatching(words) } });
      expect(failureOf(given).message).toMatch(/^\S.*\.$/);
      expect(failureOf(given).at).toBeGreaterThanOrEqual(START);
    }
  });
});
