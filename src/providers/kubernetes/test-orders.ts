/** Orders and settings for tests of the builders, and the rules of Pod Security `restricted` as a program. */
import type { EnvironmentId, UserId } from '../../domain/ids.ts';
import { DEFAULT_LIMITS } from '../../domain/quota.ts';
import type { EnvironmentSpec } from '../../ports/spawner/spawner.ts';
import type { ClusterSettings } from './cluster-settings.ts';
import type { EnvironmentOrder } from './environment-order.ts';

export const OWNER = 'usr-0000000000000000000a' as UserId;
export const ENVIRONMENT = 'env-0000000000000000000b' as EnvironmentId;

export const SETTINGS: ClusterSettings = {
  deployment: 'cmb',
  namespace: { mode: 'user' },
  podSecurityVersion: 'v1.34',
  gateway: { namespace: 'cmbcluster', podLabels: { 'app.kubernetes.io/component': 'gateway' } },
  network: { holes: [], closed: [] },
  serviceAccountAnnotations: {},
  home: { sizeMiB: 10 * 1024, storageClass: null, accessMode: 'ReadWriteOncePod' },
  tools: {
    image: 'registry.example/cmbcluster/tools:1',
    sync: ['node', '/app/sync.mjs'],
    restored: ['node', '/app/sync-restored.mjs'],
    placeFiles: ['node', '/app/place-files.mjs'],
  },
  pullSecrets: [],
  placement: { nodeSelector: {}, tolerations: [] },
  gpu: {
    resource: 'nvidia.com/gpu',
    nodeSelector: {},
    tolerations: [{ key: 'nvidia.com/gpu', operator: 'Exists', effect: 'NoSchedule' }],
  },
  spot: null,
  cpuReservedPercent: 25,
  scratchMiB: 4096,
  priorityClass: null,
  runtimeClass: null,
  readOnlyRoot: true,
  extraVolumes: null,
};

export const SPEC: EnvironmentSpec = {
  id: ENVIRONMENT,
  generation: 1,
  ownerId: OWNER,
  slug: 'lab-x1',
  name: 'My lab',
  size: { cpuMillicores: 2000, memoryMiB: 4096, gpus: 0 },
  env: {},
  files: [],
  workspace: null,
  url: 'https://lab-x1.apps.example.org',
  readyTimeoutMs: 30_000,
  run: {
    argv: null,
    listen: 'port',
    readyPath: null,
    secretHeader: { name: 'x-cmbcluster-secret', value: '{secret}' },
    image: 'registry.example/terminal:1',
    port: 8080,
  },
};

export function orderOf(spec: Partial<EnvironmentSpec> = {}, rest: Partial<EnvironmentOrder> = {}): EnvironmentOrder {
  return {
    spec: { ...SPEC, ...spec },
    limits: DEFAULT_LIMITS.basic,
    secret: 'the-secret-of-the-gateway',
    spot: false,
    command: null,
    home: null,
    homeHoldsFiles: false,
    ...rest,
  };
}

/** A container as tests look at it. */
export interface ContainerView {
  name: string;
  image: string;
  command?: string[];
  restartPolicy?: string;
  env: { name: string; value?: string; valueFrom?: { secretKeyRef: { name: string; key: string } } }[];
  envFrom?: { secretRef: { name: string } }[];
  ports?: { containerPort: number; hostPort?: number }[];
  resources: { requests: Record<string, string>; limits: Record<string, string> };
  securityContext: Record<string, unknown> & { capabilities?: { drop?: string[]; add?: string[] } };
  volumeMounts: { name: string; mountPath: string; subPath?: string; readOnly?: boolean }[];
  startupProbe?: Record<string, unknown>;
}

export interface PodView {
  metadata: { name: string; namespace: string; labels: Record<string, string>; annotations: Record<string, string> };
  spec: Record<string, unknown> & {
    containers: ContainerView[];
    initContainers: ContainerView[];
    volumes: ({ name: string } & Record<string, unknown>)[];
    securityContext: Record<string, unknown>;
    nodeSelector?: Record<string, string>;
    tolerations?: object[];
  };
}

const VOLUME_KINDS = new Set([
  'configMap',
  'csi',
  'downwardAPI',
  'emptyDir',
  'ephemeral',
  'persistentVolumeClaim',
  'projected',
  'secret',
]);

/** https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted, one line a breach; empty = it fits. */
export function restrictedBreaches({ spec, metadata }: PodView): string[] {
  const breaches: string[] = [];
  for (const field of ['hostNetwork', 'hostPID', 'hostIPC']) if (spec[field]) breaches.push(field);
  if (spec.securityContext.sysctls) breaches.push('sysctls');
  for (const [name] of Object.entries(metadata.annotations))
    if (name.startsWith('container.apparmor.security.beta.kubernetes.io/')) breaches.push(name);
  for (const { name, ...source } of spec.volumes)
    for (const kind of Object.keys(source)) if (!VOLUME_KINDS.has(kind)) breaches.push(`volume ${name} is a ${kind}`);
  for (const { name, securityContext, ports } of [...spec.initContainers, ...spec.containers]) {
    const own: Record<string, unknown> = { ...spec.securityContext, ...securityContext };
    const { drop = [], add = [] } = securityContext.capabilities ?? {};
    const wrong = [
      own.privileged && 'privileged',
      own.allowPrivilegeEscalation !== false && 'may gain privileges',
      own.runAsNonRoot !== true && 'may run as root',
      own.runAsUser === 0 && 'runs as root',
      !drop.includes('ALL') && 'keeps capabilities',
      add.some((each) => each !== 'NET_BIND_SERVICE') && 'adds capabilities',
      !['RuntimeDefault', 'Localhost'].includes((own.seccompProfile as { type?: string })?.type ?? '') && 'no seccomp',
      own.procMount && 'procMount',
      own.seLinuxOptions && 'seLinuxOptions',
      ports?.some(({ hostPort }) => hostPort) && 'host port',
    ];
    breaches.push(...wrong.filter((each) => typeof each === 'string').map((each) => `${name}: ${each}`));
  }
  return breaches;
}
