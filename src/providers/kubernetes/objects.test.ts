import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isAppError } from '../../domain/errors.ts';
import { newEnvironmentId, newUserId } from '../../domain/ids.ts';
import { DEFAULT_LIMITS } from '../../domain/quota.ts';
import type { EnvironmentSpec } from '../../ports/spawner/spawner.ts';
import * as eks from '../aws/cluster.ts';
import { mountSpec as mountpoint } from '../aws/mount.ts';
import * as gke from '../gcp/cluster.ts';
import { mountSpec as gcsfuse } from '../gcp/mount.ts';
import type { ClusterSettings } from './cluster-settings.ts';
import type { EnvironmentOrder } from './environment-order.ts';
import { parseExtraVolumes } from './extra-volumes.ts';
import type { KubeObject } from './kube-object.ts';
import { ANNOTATIONS, environmentNames, LABELS, ourSelector, specHash, workloadIdentity } from './names.ts';
import { environmentObjects } from './objects.ts';
import { ENVIRONMENT, OWNER, orderOf, type PodView, restrictedBreaches, SETTINGS, SPEC } from './test-orders.ts';

const identity = workloadIdentity(SETTINGS, OWNER);
const DISK = { rename: true, append: true, overwrite: true, symlink: true, locks: true };
const SYNCED: EnvironmentSpec['workspace'] = {
  kind: 'sync',
  access: {
    provider: 'aws',
    bucket: 'cmb-sto-1',
    variables: { S3_ENDPOINT: 'https://s3.example.org', AWS_REGION: 'eu-central-1' },
    secrets: { AWS_ACCESS_KEY_ID: 'key-of-the-bucket', AWS_SECRET_ACCESS_KEY: 'canary-of-the-bucket' },
  },
  mountPath: '/workspace',
  capabilities: DISK,
};
const FILES = [{ path: '.ssh/config', content: Buffer.from('canary-of-a-file') }];

const CASES: Record<string, [EnvironmentOrder, ClusterSettings]> = {
  plain: [orderOf(), SETTINGS],
  'gke-mount-gpu-spot': [
    orderOf(
      {
        size: { cpuMillicores: 500, memoryMiB: 1536, gpus: 1 },
        workspace: gcsfuse('cmb-sto-1', '/workspace', identity),
        run: { ...SPEC.run, secretHeader: null, readyPath: '/api' },
      },
      { limits: DEFAULT_LIMITS.premium, spot: true },
    ),
    {
      ...SETTINGS,
      network: { holes: gke.NETWORK_HOLES, closed: ['192.0.2.10/32'] },
      spot: gke.SPOT,
      gpu: { ...SETTINGS.gpu, nodeSelector: { 'cloud.google.com/gke-accelerator': 'nvidia-l4' } },
      priorityClass: 'cmb-environments',
      runtimeClass: 'gvisor',
      pullSecrets: [
        { name: 'registry', dockerConfig: '{"auths":{"registry.example":{"auth":"canary-of-a-registry"}}}' },
        { name: 'kept-by-hand', dockerConfig: null },
      ],
    },
  ],
  'eks-mount': [
    orderOf(
      {
        workspace: mountpoint({
          bucket: 'cmb-sto-123456789012-eu-central-1-an',
          path: '/workspace/data',
          workloadIdentity: identity,
          region: 'eu-central-1',
        }),
        env: { TOKEN: 'canary-of-a-variable' },
        files: FILES,
        generation: 3,
      },
      {
        home: { storage: '20Gi', storageClass: 'gp3', accessModes: ['ReadWriteOnce'] },
        command: ['sh', '-c', 'echo $(CMBCLUSTER_SECRET) $HOME'],
      },
    ),
    { ...SETTINGS, network: { holes: eks.NETWORK_HOLES, closed: [] }, spot: eks.SPOT },
  ],
  'shared-sync': [
    orderOf({ workspace: SYNCED, env: { A: '1' } }, { homeHoldsFiles: true }),
    {
      ...SETTINGS,
      namespace: { mode: 'shared', name: 'environments' },
      gateway: null,
      network: {
        holes: [{ purpose: 'the storage of this house', cidr: '192.168.7.2/32', protocol: 'TCP', port: 7070 }],
        closed: ['192.0.2.0/24', '198.51.100.0/24'],
      },
      home: null,
      readOnlyRoot: false,
      placement: {
        nodeSelector: { pool: 'users' },
        tolerations: [{ key: 'users', operator: 'Exists', effect: 'NoSchedule' }],
      },
      extraVolumes: parseExtraVolumes(
        JSON.stringify({
          volumes: [
            { name: 'atlas', source: { persistentVolumeClaim: { claimName: 'atlas', readOnly: true } } },
            { name: 'own', source: { csi: { driver: 'nfs.example', volumeAttributes: { share: '/u/{owner}' } } } },
          ],
          mounts: [
            { name: 'atlas', mountPath: '/data/atlas', readOnly: true },
            { name: 'own', mountPath: '/home/user/scratch', subPath: '{environment}' },
          ],
        }),
      ),
    },
  ],
};

function built(order: EnvironmentOrder, settings: ClusterSettings = SETTINGS) {
  const { shared, own, pod } = environmentObjects(order, settings);
  const all = [...shared, ...own, pod];
  const find = (kind: string, name?: string) => {
    const found = all.find((each) => each.kind === kind && (name === undefined || each.metadata.name === name));
    if (!found) throw new Error(`no ${kind} ${name ?? ''}`);
    return found;
  };
  return { all, find, pod: pod as unknown as PodView };
}

describe.each(Object.entries(CASES))('%s', (name, [order, settings]) => {
  const { all, pod } = built(order, settings);

  test('what the cluster is told is what the golden file says', () => {
    const golden = new URL(`./golden/${name}.json`, import.meta.url);
    expect(all).toEqual(JSON.parse(readFileSync(golden, 'utf8')));
  });

  test('fits Pod Security restricted', () => expect(restrictedBreaches(pod)).toEqual([]));

  test('has no token, no links to services, a ceiling on everything', () => {
    expect(pod.spec).toMatchObject({ automountServiceAccountToken: false, enableServiceLinks: false });
    for (const { resources } of [...pod.spec.containers, ...pod.spec.initContainers]) {
      expect(Object.keys(resources.limits)).toEqual(expect.arrayContaining(['cpu', 'memory', 'ephemeral-storage']));
      expect(Object.keys(resources.requests)).toEqual(['cpu', 'memory', 'ephemeral-storage']);
    }
  });

  test('every mount has its volume, every volume a mount, and no path is mounted twice', () => {
    const containers = [...pod.spec.containers, ...pod.spec.initContainers];
    const mounted = containers.flatMap(({ volumeMounts }) => volumeMounts.map((mount) => mount.name));
    expect([...new Set(mounted)].sort()).toEqual(pod.spec.volumes.map((volume) => volume.name).sort());
    for (const { volumeMounts } of containers)
      expect(new Set(volumeMounts.map(({ mountPath }) => mountPath)).size).toBe(volumeMounts.length);
  });

  test('every object is ours, named as Kubernetes wants it, once', () => {
    for (const { metadata } of all) {
      expect(metadata.labels).toMatchObject({ [LABELS.managedBy]: 'cmbcluster', [LABELS.deployment]: 'cmb' });
      expect(metadata.name).toMatch(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/);
      expect(metadata.annotations?.[ANNOTATIONS.specHash]).toMatch(/^[0-9a-f]{32}$/);
      for (const value of Object.values(metadata.labels ?? {})) expect(value).toMatch(/^[A-Za-z0-9][\w.-]{0,62}$/);
    }
    expect(new Set(all.map(({ kind, metadata }) => `${kind}/${metadata.name}`)).size).toBe(all.length);
  });

  test('contents of variables, files and keys stand in Secrets only', () => {
    const rest = JSON.stringify(all.filter(({ kind }) => kind !== 'Secret'));
    expect(rest).not.toMatch(/canary|the-secret-of-the-gateway/);
    expect(JSON.stringify(all)).not.toMatch(/canary|the-secret-of-the-gateway/);
  });
});

describe('the hash of an object', () => {
  test('is of its content, not of the order of its fields', () => {
    expect(specHash({ a: 1, b: { c: [1, 2], d: undefined } })).toBe(specHash({ b: { c: [1, 2] }, a: 1 }));
    expect(specHash({ a: [1, 2] })).not.toBe(specHash({ a: [2, 1] }));
  });

  test('changes with whatever changes, in that object only', () => {
    const hashes = (order: EnvironmentOrder) =>
      new Map(
        built(order).all.map(({ kind, metadata }) => [
          `${kind}/${metadata.name}`,
          metadata.annotations?.[ANNOTATIONS.specHash],
        ]),
      );
    const before = hashes(orderOf());
    const changed = (order: EnvironmentOrder) =>
      [...hashes(order)].filter(([name, hash]) => before.get(name) !== hash).map(([name]) => name);
    expect(changed(orderOf())).toEqual([]);
    expect(changed(orderOf({ generation: 2 }))).toEqual([`Pod/${ENVIRONMENT}`]);
    expect(changed(orderOf({ env: { A: '1' } }))).toEqual([`Secret/${ENVIRONMENT}-variables`]);
    expect(changed(orderOf({}, { limits: DEFAULT_LIMITS.premium }))).toEqual(['ResourceQuota/cmb-tier']);
    expect(changed(orderOf({ name: 'Another name', slug: 'other' }))).toEqual([]);
  });
});

describe('names', () => {
  const deployment = fc.stringMatching(/^[a-z]([a-z0-9-]{0,36}[a-z0-9])?$/);

  test('different people and environments never meet, whatever the deployment is called', () => {
    const ids = fc.constant(null).map(() => ({ owner: newUserId(), environment: newEnvironmentId() }));
    fc.assert(
      fc.property(fc.tuple(deployment, ids), fc.tuple(deployment, ids), ([one, first], [two, second]) => {
        const names = [
          [one, first] as const,
          [two, second] as const,
          [one, second] as const,
          [two, first] as const,
        ].map(
          ([prefix, { owner }]) =>
            workloadIdentity({ deployment: prefix, namespace: { mode: 'user' } }, owner).namespace,
        );
        for (const name of names) expect(name).toMatch(/^[a-z0-9][a-z0-9-]{0,61}[a-z0-9]$/);
        expect(new Set(names).size).toBe(one === two ? 2 : 4);
        const objects = [first, second].flatMap(({ environment }) =>
          Object.entries(environmentNames(environment)).map(([kind, name]) =>
            kind === 'service' ? `s/${name}` : name,
          ),
        );
        expect(new Set(objects).size).toBe(12);
      }),
    );
  });

  test.each(['', '-a', 'a-', 'A', 'a_b', 'a.b', '1a', 'a'.repeat(39), 'a\n', 'ä'])('%j is no deployment', (prefix) => {
    expect(() => workloadIdentity({ deployment: prefix, namespace: { mode: 'user' } }, OWNER)).toThrow(
      expect.objectContaining({ code: 'invalid_argument' }),
    );
  });

  test('what is no id of ours names nothing', () => {
    const wrong = ['../x', 'env-1', 'kube-system', ''] as unknown as (typeof ENVIRONMENT)[];
    for (const id of wrong) expect(() => environmentNames(id)).toThrow(expect.objectContaining({ code: 'internal' }));
  });

  test('the selector is that of our labels', () => {
    expect(ourSelector('cmb')).toBe('app.kubernetes.io/managed-by=cmbcluster,cmbcluster/deployment=cmb');
  });
});

/** What Kubernetes gives a container: Secrets first, then `env`, with `$$` read as one dollar. */
function effective(order: EnvironmentOrder): Map<string, string> {
  const { all, pod } = built(order);
  const dataOf = (name: string) => {
    const secret = all.find(({ kind, metadata }) => kind === 'Secret' && metadata.name === name);
    const decoded = Object.entries(secret?.data ?? {}).map(([key, value]) => [
      key,
      Buffer.from(value, 'base64').toString(),
    ]);
    return new Map(decoded as [string, string][]);
  };
  const { env, envFrom = [] } = pod.spec.containers[0] ?? { env: [] };
  const given = new Map(envFrom.flatMap(({ secretRef }) => [...dataOf(secretRef.name)]));
  for (const { name, value, valueFrom } of env) {
    const { secretKeyRef } = valueFrom ?? {};
    given.set(
      name,
      (secretKeyRef ? dataOf(secretKeyRef.name).get(secretKeyRef.key) : value?.replaceAll('$$', '$')) ?? '',
    );
  }
  return given;
}

describe('what people typed', () => {
  const hostile = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 60 }),
    fc.constantFrom(
      'a\nspec:\n  hostNetwork: true',
      '"},"hostPID":true,"x":{"',
      '$(CMBCLUSTER_SECRET)',
      '$$(HOME)',
      '--privileged',
      '/proc/self',
      '{{owner}}',
      '*alias',
    ),
  );
  const names = fc.oneof(
    fc.constantFrom(
      'HOME',
      'PORT',
      'PATH',
      'CMBCLUSTER_SECRET',
      'CMBCLUSTER_URL',
      'HOST',
      'LD_PRELOAD',
      '__proto__',
      'A',
    ),
    fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_]{0,12}$/),
    hostile,
  );

  test('variables never override ours, and arrive as they are', () => {
    const ours = effective(orderOf());
    fc.assert(
      fc.property(fc.dictionary(names, hostile, { maxKeys: 5, noNullPrototype: true }), (env) => {
        let seen: Map<string, string>;
        try {
          seen = effective(orderOf({ env }));
        } catch (error) {
          expect(isAppError(error) && error.code).toBe('invalid_argument');
          return;
        }
        for (const [name, value] of ours) expect(seen.get(name)).toBe(value);
        for (const [name, value] of Object.entries(env))
          if (!ours.has(name)) expect(seen.get(name)).toBe(Buffer.from(value).toString());
      }),
    );
  });

  test('names, slugs, contents and commands change nothing but what they are', () => {
    const shape = (objects: readonly KubeObject[]) =>
      JSON.stringify(objects.map((object) => ({ ...object, data: Object.keys(object.data ?? {}) }))).replace(
        /"cmbcluster\/spec-hash":"\w+"/g,
        '',
      );
    const plain = shape(built(orderOf({ files: FILES })).all);
    fc.assert(
      fc.property(hostile, hostile, fc.uint8Array({ maxLength: 40 }), (name, slug, content) => {
        const order = orderOf({ name, slug, files: [{ path: '.ssh/config', content }] });
        expect(shape(built(order).all)).toBe(plain);
      }),
    );
    fc.assert(
      fc.property(fc.array(hostile, { minLength: 1, maxLength: 4 }), (command) => {
        const { pod } = built(orderOf({}, { command }));
        const { command: told = [] } = pod.spec.containers[0] ?? {};
        expect(told.map((text) => text.replaceAll('$$', '$'))).toEqual(command);
        expect(told.join('').replaceAll('$$', '')).not.toContain('$');
        expect(restrictedBreaches(pod)).toEqual([]);
      }),
    );
  });

  test('paths of files stay in the home, wherever they try to go', () => {
    fc.assert(
      fc.property(
        fc.oneof(hostile, fc.constantFrom('../x', '/etc/passwd', 'a/../../b', '.cmbcluster/x', 'a//b')),
        (path) => {
          let all: KubeObject[];
          try {
            ({ all } = built(orderOf({ files: [{ path, content: Buffer.from('x') }] })));
          } catch (error) {
            expect(isAppError(error) && error.code).toBe('invalid_argument');
            return;
          }
          expect(path.split('/')).not.toContain('..');
          expect(path.startsWith('/')).toBe(false);
          const secret = all.find(({ metadata }) => metadata.name === `${ENVIRONMENT}-files`);
          expect(Object.keys(secret?.data ?? {})).toEqual(['file-0', 'list.json']);
          expect(JSON.parse(Buffer.from(secret?.data?.['list.json'] ?? '', 'base64').toString())).toEqual([
            { path, key: 'file-0' },
          ]);
        },
      ),
    );
  });

  test('a megabyte and its limit are said', () => {
    const files = (bytes: number) => orderOf({ files: [{ path: 'large', content: new Uint8Array(bytes) }] });
    expect(() => built(files(1024 * 1024 - 100))).not.toThrow();
    expect(() => built(files(1024 * 1024))).toThrow(/take 1\.00 MiB\. A cluster carries 1 MiB/);
  });
});

describe('what a cluster cannot run is refused', () => {
  const { run } = SPEC;
  test.each<[string, Partial<EnvironmentSpec>, Partial<EnvironmentOrder>]>([
    ['no image', { run: { ...run, image: null } }, {}],
    ['an odd image', { run: { ...run, image: 'UPPER:::x' } }, {}],
    ['an image with an option', { run: { ...run, image: 'a --privileged' } }, {}],
    ['no port', { run: { ...run, port: null } }, {}],
    ['port 0', { run: { ...run, port: 0 } }, {}],
    ['port 70000', { run: { ...run, port: 70_000 } }, {}],
    ['an empty command', {}, { command: [] }],
    [
      'folders of a machine',
      { workspace: { kind: 'host-path', hostPath: '/', mountPath: '/workspace', capabilities: DISK } },
      {},
    ],
  ])('%s', (_, spec, rest) => {
    expect(() => built(orderOf(spec, rest))).toThrow(expect.objectContaining({ code: 'invalid_argument' }));
  });

  test('a mount that was made for somebody else', () => {
    const other = { ...identity, serviceAccount: 'usr-of-another' };
    expect(() => built(orderOf({ workspace: gcsfuse('cmb-sto-1', '/workspace', other) }))).toThrow(
      expect.objectContaining({ code: 'internal' }),
    );
  });
});

describe('details that cost somebody a day', () => {
  test('a pull secret is copied to the namespace, one that an administrator keeps is only named', () => {
    const [order, settings] = CASES['gke-mount-gpu-spot'] ?? [];
    if (!order || !settings) throw new Error('no such case');
    const { all, pod } = built(order, settings);
    expect(pod.spec.imagePullSecrets).toEqual([{ name: 'registry' }, { name: 'kept-by-hand' }]);
    const made = all.filter(({ type }) => type === 'kubernetes.io/dockerconfigjson');
    expect(made.map(({ metadata }) => metadata.name)).toEqual(['registry']);
    expect(made[0]?.metadata.namespace).toBe(identity.namespace);
  });

  test('the sync program has its keys, the application has not, and starts after the first fetch', () => {
    const { pod } = built(orderOf({ workspace: SYNCED }));
    const [sync] = pod.spec.initContainers;
    expect(sync).toMatchObject({ name: 'sync', restartPolicy: 'Always', startupProbe: { exec: {} } });
    expect(sync?.envFrom).toEqual([{ secretRef: { name: `${ENVIRONMENT}-sync` } }]);
    expect(JSON.stringify(pod.spec.containers)).not.toMatch(/-sync"|AWS_/);
    expect(pod.spec.terminationGracePeriodSeconds).toBe(60);
  });

  test('a probe never shows the secret', () => {
    const { pod } = built(orderOf({ run: { ...SPEC.run, readyPath: '/api' } }));
    expect(pod.spec.containers[0]?.startupProbe).toMatchObject({ tcpSocket: {}, failureThreshold: 30 });
    const open = built(orderOf({ run: { ...SPEC.run, readyPath: '/api', secretHeader: null } }));
    expect(open.pod.spec.containers[0]?.startupProbe).toMatchObject({ httpGet: { path: '/api', port: 'web' } });
  });

  test('a home grows, never shrinks, and keeps its class', () => {
    const claim = (home: EnvironmentOrder['home']) =>
      built(orderOf({}, { home })).find('PersistentVolumeClaim', `${ENVIRONMENT}-home`).spec;
    const storage = (size: string) => ({ resources: { requests: { storage: size } } });
    expect(claim(null)).toMatchObject(storage('10Gi'));
    const held = { storageClass: 'fast', accessModes: ['ReadWriteOnce'] };
    expect(claim({ ...held, storage: '5Gi' })).toEqual({
      accessModes: ['ReadWriteOnce'],
      storageClassName: 'fast',
      ...storage('10Gi'),
    });
    expect(claim({ ...held, storage: '50e9' })).toMatchObject(storage('50e9'));
  });

  test('a pod never reserves more than its limit, nor nothing', () => {
    for (const cpuMillicores of [1, 20, 2000])
      for (const cpuReservedPercent of [1, 25, 100]) {
        const { pod } = built(orderOf({ size: { cpuMillicores, memoryMiB: 512, gpus: 0 } }), {
          ...SETTINGS,
          cpuReservedPercent,
        });
        const cpu = pod.spec.containers[0]?.resources.requests.cpu ?? '';
        const millicores = cpu.endsWith('m') ? Number(cpu.slice(0, -1)) : Number(cpu) * 1000;
        expect(millicores).toBeGreaterThan(0);
        expect(millicores).toBeLessThanOrEqual(cpuMillicores);
      }
  });

  test('the network is closed but for the named holes', () => {
    const spec = (settings: ClusterSettings) => built(orderOf(), settings).find('NetworkPolicy').spec;
    const policy = spec({ ...SETTINGS, network: { holes: eks.NETWORK_HOLES, closed: ['203.0.113.0/24'] } });
    expect(policy).toMatchObject({ podSelector: {}, policyTypes: ['Ingress', 'Egress'] });
    const text = JSON.stringify(policy);
    for (const cidr of ['10.0.0.0/8', '169.254.0.0/16', '203.0.113.0/24']) expect(text).toContain(cidr);
    expect(text).toContain('{"to":[{"ipBlock":{"cidr":"169.254.170.23/32"}}],"ports":[{"protocol":"TCP","port":80}]}');
    expect(text).not.toContain('169.254.169.254');
    expect(spec({ ...SETTINGS, gateway: null })).toMatchObject({ ingress: [] });
    expect(JSON.stringify(spec(SETTINGS)).match(/"ports"/g)).toHaveLength(1);
  });
});
