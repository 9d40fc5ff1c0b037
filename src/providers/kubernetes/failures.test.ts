import { describe, expect, test } from 'vitest';
import { pullOf, readPod } from './failures.ts';
import { eventFacts, podFacts } from './pod-facts.ts';
import { at, type Given, IMAGE, read, SCHEDULED, START, waiting } from './test-pods.ts';

describe('on the way', () => {
  const Started = { started: false, ready: false, state: { running: { startedAt: at(8) } } };
  test.each<[string, Given, RegExp]>([
    ['nothing is known yet', {}, /machine is looked for/],
    ['it has a machine', { conditions: SCHEDULED, state: waiting('ContainerCreating') }, /disks are being connected/],
    [
      'the image comes',
      { conditions: SCHEDULED, state: waiting('ContainerCreating'), events: [['Pulling', 'Pulling image "x"', 4]] },
      /image is being fetched/,
    ],
    [
      'the files come',
      { conditions: SCHEDULED, state: waiting('PodInitializing'), sync: { started: false, state: { running: {} } } },
      /files of its storage are being fetched/,
    ],
    [
      'settings are placed',
      { conditions: SCHEDULED, state: waiting('PodInitializing'), files: { state: { running: {} } } },
      /files of your settings are put/,
    ],
    ['it has started', { conditions: SCHEDULED, state: Started }, /not ready yet/],
  ])('%s', (_, given, notice) => {
    expect(read(given)).toMatchObject({ state: 'starting', notice: expect.stringMatching(notice) });
  });

  test('steps come in the order of the timeline, though the cluster mounts before it pulls', () => {
    const reading = read({
      phase: 'Running',
      conditions: [...SCHEDULED, ['PodReadyToStartContainers', 'True', 2], ['Ready', 'True', 9]],
      state: { ready: true, started: true, state: { running: { startedAt: at(8) } } },
      events: [['Pulled', `Successfully pulled image "${IMAGE}" in 3s (3s including waiting)`, 7]],
    });
    expect(reading).toEqual({
      state: 'running',
      steps: [
        ['placed', 1],
        ['image', 7],
        ['mounted', 7],
        ['started', 8],
        ['ready', 9],
      ].map(([step, seconds]) => ({ step, at: START + Number(seconds) * 1000 })),
    });
  });

  test('one that was ready once and is not for a moment stays open', () => {
    const reading = read({ phase: 'Running', wasReady: true, conditions: [['Ready', 'False', 20]], state: Started });
    expect(reading.state).toBe('running');
  });

  test('one that is asked to end is ending; when the cluster took it, it says so', () => {
    expect(read({ deleted: true, conditions: SCHEDULED })).toEqual({ state: 'stopping', failure: null });
    const drained = read({ deleted: true, conditions: [['DisruptionTarget', 'True', 20, 'EvictionByEvictionAPI']] });
    expect(drained).toMatchObject({ state: 'stopping', failure: { reason: 'lost', retryHelps: true } });
  });

  test('an hour in which nothing begins is no launch; once something runs, it has its own time', () => {
    const stuck = { conditions: SCHEDULED, state: waiting('ContainerCreating') };
    expect(read({ ...stuck, now: 3_599 })).toMatchObject({ state: 'starting', lookAgainAt: START + 3_600_000 });
    const failure = { reason: 'start_failed', step: 'started', retryHelps: true };
    expect(read({ ...stuck, now: 3_600 })).toMatchObject({ state: 'hopeless', failure });
    const fetching = { conditions: SCHEDULED, state: waiting('PodInitializing'), sync: { state: { running: {} } } };
    expect(read({ ...fetching, now: 9_999 })).toMatchObject({ state: 'starting', lookAgainAt: null });
  });

  test('events of a namesake before it say nothing', () => {
    const events: Given['events'] = [['FailedMount', 'code = PermissionDenied', -500]];
    expect(read({ conditions: SCHEDULED, events })).toMatchObject({ notice: expect.stringMatching(/disks/) });
  });
});

describe('what the API sends', () => {
  test.each([
    null,
    undefined,
    1,
    'x',
    [],
    {},
    { metadata: null, status: { conditions: 5, containerStatuses: [null, 1] } },
  ])('%j is read without harm', (odd) => {
    const pod = podFacts(odd);
    expect(pod).toMatchObject({ uid: '', generation: 0 });
    const context = { wasReady: false, memoryMiB: 1, readyTimeoutMs: 1, events: [eventFacts(odd)], now: START };
    expect(readPod(pod, context).state).toBe('starting');
  });

  test('an event of the newer API has its times', () => {
    const event = {
      eventTime: at(1),
      series: { lastObservedTime: at(7) },
      regarding: { kind: 'Pod', name: 'a' },
      note: 'n',
    };
    expect(eventFacts(event)).toMatchObject({ kind: 'Pod', message: 'n', firstAt: START + 1000, lastAt: START + 7000 });
  });

  test('a pull has its time and size where the kubelet tells them', () => {
    const pulled = (message: string) => pullOf(eventFacts({ reason: 'Pulled', message }));
    expect(
      pulled('Successfully pulled image "x" in 2.104s (2.104s including waiting). Image size: 134217728 bytes.'),
    ).toEqual({ ms: 2104, bytes: 134_217_728 });
    expect(pulled('Successfully pulled image "x" in 1m2.5s (1m3s including waiting)')).toEqual({
      ms: 62_500,
      bytes: null,
    });
    expect(pulled('Successfully pulled image "x" in 250ms (250ms including waiting)')).toEqual({
      ms: 250,
      bytes: null,
    });
    expect(pulled('Container image "x" already present on machine')).toBeNull();
  });
});
