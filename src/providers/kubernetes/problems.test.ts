import { describe, expect, test } from 'vitest';
import type { Failure } from '../../domain/environment.ts';
import { at, failureOf, type Given, IMAGE, read, SCHEDULED, START, waiting } from './test-pods.ts';

describe('what stands in the way', () => {
  const unschedulable = (message: string): Given => ({
    conditions: [['PodScheduled', 'False', 1, 'Unschedulable', message]],
  });
  const volume = (message: string, reason = 'FailedMount'): Given => ({
    conditions: SCHEDULED,
    state: waiting('ContainerCreating'),
    events: [[reason, message]],
  });
  const image = (message: string, reason = 'ErrImagePull'): Given => ({
    conditions: SCHEDULED,
    state: waiting(reason, message),
  });
  const pull = (why: string) => image(`failed to pull and unpack image "${IMAGE}": ${why}`);

  /** [title, given, seconds until it is a failure (0 = at once), reason, step, whether another try helps, words] */
  test.each<[string, Given, number, Failure['reason'], Failure['step'], boolean, RegExp]>([
    [
      'too little CPU',
      unschedulable('0/3 nodes are available: 3 Insufficient cpu. preemption: 0/3'),
      91,
      'unschedulable',
      'placed',
      true,
      /enough processor time left/,
    ],
    [
      'too little of several',
      unschedulable(
        '0/3 nodes are available: 1 Insufficient cpu, 2 Insufficient memory, 3 Insufficient nvidia.com/gpu.',
      ),
      91,
      'unschedulable',
      'placed',
      true,
      /enough processor time, memory and graphics processors left/,
    ],
    [
      'no machine of the kind',
      unschedulable("0/2 nodes are available: 2 node(s) didn't match Pod's node affinity/selector."),
      91,
      'unschedulable',
      'placed',
      true,
      /no machine of the kind/,
    ],
    [
      'machines kept away',
      unschedulable('0/2 nodes are available: 2 node(s) had untolerated taint {a: b}.'),
      91,
      'unschedulable',
      'placed',
      true,
      /kept for something else/,
    ],
    [
      'another zone',
      unschedulable('0/2 nodes are available: 2 node(s) had volume node affinity conflict.'),
      301,
      'unschedulable',
      'placed',
      true,
      /zone/,
    ],
    [
      'no claim',
      unschedulable('persistentvolumeclaim "env-x-home" not found'),
      61,
      'mount',
      'placed',
      true,
      /disk of its home is missing/,
    ],
    [
      'an unbound claim',
      unschedulable('pod has unbound immediate PersistentVolumeClaims.'),
      301,
      'mount',
      'placed',
      true,
      /not there yet/,
    ],
    [
      'no storage class',
      {
        ...unschedulable('pod has unbound immediate PersistentVolumeClaims.'),
        events: [['ProvisioningFailed', 'storageclass.storage.k8s.io "fast" not found', 3, 'PersistentVolumeClaim']],
      },
      0,
      'mount',
      'mounted',
      false,
      /no storage class “fast”/,
    ],
    [
      'no default class',
      {
        ...unschedulable('pod has unbound immediate PersistentVolumeClaims.'),
        events: [
          [
            'FailedBinding',
            'no persistent volumes available for this claim and no storage class is set',
            3,
            'PersistentVolumeClaim',
          ],
        ],
      },
      0,
      'mount',
      'mounted',
      false,
      /no default storage class/,
    ],
    [
      'no driver',
      volume(
        'kubernetes.io/csi: mounter.SetUpAt failed to get CSI client: driver name s3.csi.aws.com not found in the list of registered CSI drivers',
      ),
      303,
      'mount',
      'mounted',
      false,
      /no driver “s3\.csi\.aws\.com”/,
    ],
    [
      'a disk held elsewhere',
      volume(
        'Multi-Attach error for volume "pvc-1" Volume is already exclusively attached to one node',
        'FailedAttachVolume',
      ),
      303,
      'mount',
      'mounted',
      true,
      /held by another machine/,
    ],
    [
      'rights that are new',
      volume('MountVolume.SetUp failed for volume "workspace" : rpc error: code = PermissionDenied desc = no'),
      603,
      'mount',
      'mounted',
      true,
      /ten minutes/,
    ],
    [
      'a token that is new',
      volume('rpc error: code = Unauthenticated desc = failed to prepare storage service'),
      603,
      'mount',
      'mounted',
      true,
      /ten minutes/,
    ],
    [
      'no bucket',
      volume('rpc error: code = NotFound desc = bucket does not exist'),
      63,
      'mount',
      'mounted',
      false,
      /bucket of its storage is not there/,
    ],
    [
      'no sidecar',
      volume('rpc error: code = FailedPrecondition desc = failed to find the sidecar container in Pod spec'),
      63,
      'mount',
      'mounted',
      true,
      /did not add the program/,
    ],
    [
      'wrong options',
      volume('rpc error: code = InvalidArgument desc = unknown option'),
      63,
      'mount',
      'mounted',
      false,
      /options/,
    ],
    [
      'no secret',
      volume('MountVolume.SetUp failed for volume "files" : secret "env-x-files" not found'),
      63,
      'mount',
      'mounted',
      true,
      /“env-x-files”/,
    ],
    [
      'a driver that says something new',
      volume('rpc error: code = Internal desc = boom'),
      603,
      'mount',
      'mounted',
      true,
      /keeps trying/,
    ],
    [
      'no network',
      { conditions: SCHEDULED, events: [['FailedCreatePodSandBox', 'cni plugin not initialized']] },
      303,
      'start_failed',
      'mounted',
      true,
      /network/,
    ],
    [
      'an image that is not there',
      pull(`failed to resolve reference "${IMAGE}": ${IMAGE}: not found`),
      0,
      'image_pull',
      'image',
      false,
      /does not exist\./,
    ],
    [
      'an image that is closed',
      pull(
        'failed to authorize: failed to fetch anonymous token: unexpected status from GET request to https://auth.example/token: 401 Unauthorized',
      ),
      0,
      'image_pull',
      'image',
      false,
      /pull secret/,
    ],
    [
      'an image of the hub',
      image("pull access denied for x, repository does not exist or may require 'docker login'"),
      0,
      'image_pull',
      'image',
      false,
      /pull secret/,
    ],
    [
      'another processor',
      pull('no match for platform in manifest: not found'),
      0,
      'image_pull',
      'image',
      false,
      /kind of processor/,
    ],
    [
      'an odd name',
      image('Failed to apply default image tag "UPPER:::x": couldn\'t parse image name', 'InvalidImageName'),
      0,
      'image_pull',
      'image',
      false,
      /cannot be read/,
    ],
    [
      'pulling forbidden',
      image('Container image "x" is not present with pull policy of Never', 'ErrImageNeverPull'),
      0,
      'image_pull',
      'image',
      false,
      /told never/,
    ],
    [
      'a registry that is tired',
      pull('429 Too Many Requests - toomanyrequests: You have reached your pull rate limit'),
      301,
      'image_pull',
      'image',
      true,
      /less often/,
    ],
    [
      'a registry that is not there',
      pull(
        `failed to do request: Head "https://registry.example/v2/lab/tool/manifests/404": dial tcp: lookup registry.example: no such host`,
      ),
      301,
      'image_pull',
      'image',
      true,
      /does not answer/,
    ],
    [
      'a certificate',
      pull('failed to do request: tls: failed to verify certificate: x509: certificate signed by unknown authority'),
      301,
      'image_pull',
      'image',
      true,
      /certificate/,
    ],
    [
      'a full disk',
      pull('failed to extract layer: write /x: no space left on device'),
      301,
      'image_pull',
      'image',
      true,
      /disk of its machine is full/,
    ],
    [
      'the second try, whose state says nothing',
      {
        ...image('Back-off pulling image "x"', 'ImagePullBackOff'),
        events: [['Failed', `Failed to pull image "${IMAGE}": rpc error: code = NotFound desc = not found`]],
      },
      0,
      'image_pull',
      'image',
      false,
      /does not exist\./,
    ],
    [
      'a pull that nobody explains',
      image('', 'ImagePullBackOff'),
      301,
      'image_pull',
      'image',
      true,
      /could not be fetched/,
    ],
    [
      'tools that do not come',
      { conditions: SCHEDULED, sync: waiting('ImagePullBackOff', 'not found'), state: waiting('PodInitializing') },
      0,
      'image_pull',
      'image',
      false,
      /^The image of the platform’s own tools does not exist/,
    ],
    [
      'a sync program that cannot',
      {
        conditions: SCHEDULED,
        sync: {
          restartCount: 4,
          ...waiting('CrashLoopBackOff'),
          lastState: { terminated: { exitCode: 1, finishedAt: at(3) } },
        },
        state: waiting('PodInitializing'),
      },
      0,
      'storage_unavailable',
      'mounted',
      true,
      /ends again and again/,
    ],
    [
      'a crash loop',
      { conditions: SCHEDULED, state: waiting('CrashLoopBackOff') },
      0,
      'exited_early',
      'started',
      false,
      /log shows/,
    ],
    [
      'an image of root',
      {
        conditions: SCHEDULED,
        state: waiting('CreateContainerConfigError', 'container has runAsNonRoot and image will run as root'),
      },
      0,
      'start_failed',
      'started',
      false,
      /as root/,
    ],
    [
      'a setting that is missing',
      { conditions: SCHEDULED, state: waiting('CreateContainerConfigError', 'secret "x" not found') },
      62,
      'start_failed',
      'started',
      true,
      /settings is missing/,
    ],
    [
      'a machine that cannot',
      { conditions: SCHEDULED, state: waiting('RunContainerError', 'x') },
      62,
      'start_failed',
      'started',
      true,
      /could not start/,
    ],
  ])('%s', (_, given, seconds, reason, step, retryHelps, words) => {
    if (seconds > 0) {
      const before = read({ ...given, now: seconds - 2 });
      expect(before).toMatchObject({ state: 'starting', notice: expect.stringMatching(words) });
      // When to look again is when it becomes a failure, so that nobody has to look in between.
      const again = before.state === 'starting' ? before.lookAgainAt : null;
      expect(again).not.toBeNull();
      expect(read({ ...given, now: ((again ?? 0) - START) / 1000 }).state).toBe('hopeless');
    }
    const after = read({ ...given, now: seconds > 0 ? seconds : 4 });
    expect(after).toMatchObject({
      state: 'hopeless',
      failure: { reason, step, retryHelps, message: expect.stringMatching(words) },
    });
    expect('failure' in after && after.failure?.message).toMatch(/^\S.*\.$/);
  });

  test('a later event that says nothing does not hide the one that does', () => {
    const events: Given['events'] = [
      ['FailedMount', 'rpc error: code = PermissionDenied desc = no', 3],
      [
        'FailedMount',
        'Unable to attach or mount volumes: unmounted volumes=[workspace]: timed out waiting for the condition',
        9,
      ],
    ];
    expect(read({ conditions: SCHEDULED, events })).toMatchObject({ notice: expect.stringMatching(/ten minutes/) });
  });

  describe('a machine that is being added', () => {
    const full = unschedulable('0/3 nodes are available: 3 Insufficient cpu.');
    const coming = ['TriggeredScaleUp', 'pod triggered scale-up: [{group 1->2 (max: 9)}]', 60] as const;
    test('is waited for, not a failure', () => {
      const given = { ...full, events: [[...coming]] as Given['events'], now: 700 };
      expect(read(given)).toMatchObject({ state: 'starting', notice: expect.stringMatching(/is being added/) });
      expect(read({ ...given, events: [['Nominated', 'Pod should schedule on: nodeclaim/x', 60]] })).toMatchObject({
        state: 'starting',
      });
    });
    test('and does not come', () => {
      const failed = failureOf({ ...full, events: [[...coming]], now: 961 });
      expect(failed).toMatchObject({
        reason: 'unschedulable',
        retryHelps: true,
        message: expect.stringMatching(/did not come/),
      });
    });
    test('but the autoscaler thought better of it', () => {
      const events: Given['events'] = [[...coming], ['NotTriggerScaleUp', 'max node group size reached', 80]];
      expect(failureOf({ ...full, events, now: 100 })).toMatchObject({
        message: expect.stringMatching(/processor time/),
      });
    });
  });
});
