/**
 * What stands around a person's environments: the namespace with its Pod Security, the service account without a token, the ceilings
 * of the tier, the network policy. Applied before the first start and whenever one of their hashes differs. Pure.
 */
import type { UserId } from '../../domain/ids.ts';
import type { Limits } from '../../domain/quota.ts';
import type { ClusterSettings, PullSecret } from './cluster-settings.ts';
import type { KubeObject } from './kube-object.ts';
import { labelsOf, stamped, workloadIdentity } from './names.ts';
import { networkPolicy } from './network-policy.ts';
import { printCpu, printMiB } from './quantities.ts';

/**
 * What may stand beside each application without counting against its size: our sync program and the programs that place files, or
 * the sidecar that a cloud's mount brings along.
 */
const BESIDE = { cpuMillicores: 2_500, memoryMiB: 2_560 };
const SLACK = 2;

/** In the order in which they are applied. A shared namespace is an administrator's: it is neither made nor changed. */
export function namespaceObjects(settings: ClusterSettings, ownerId: UserId, limits: Limits): KubeObject[] {
  const { namespace } = workloadIdentity(settings, ownerId);
  const own = settings.namespace.mode === 'user';
  return [
    ...(own ? [namespaceOf(settings, namespace, ownerId)] : []),
    serviceAccount(settings, ownerId),
    ...settings.pullSecrets.flatMap((each) => pullSecret(settings.deployment, namespace, each)),
    ...(own ? [resourceQuota(settings, namespace, { ownerId, limits })] : []),
    limitRange(settings, namespace),
    networkPolicy(settings, namespace),
  ];
}

function namespaceOf(settings: ClusterSettings, name: string, ownerId: UserId): KubeObject {
  const standard = (mode: string) => ({
    [`pod-security.kubernetes.io/${mode}`]: 'restricted',
    [`pod-security.kubernetes.io/${mode}-version`]: settings.podSecurityVersion,
  });
  return stamped(
    {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name, labels: { ...standard('enforce'), ...standard('audit'), ...standard('warn') } },
    },
    labelsOf(settings.deployment, { ownerId }),
  );
}

function serviceAccount(settings: ClusterSettings, ownerId: UserId): KubeObject {
  const { namespace, serviceAccount: name } = workloadIdentity(settings, ownerId);
  return stamped(
    {
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: { name, namespace, annotations: { ...settings.serviceAccountAnnotations } },
      automountServiceAccountToken: false,
    },
    labelsOf(settings.deployment, { ownerId }),
  );
}

/** A pod reads Secrets of its own namespace only, so each gets a copy. */
function pullSecret(deployment: string, namespace: string, { name, dockerConfig }: PullSecret): KubeObject[] {
  if (dockerConfig === null) return [];
  const secret = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, namespace },
    type: 'kubernetes.io/dockerconfigjson',
    data: { '.dockerconfigjson': Buffer.from(dockerConfig).toString('base64') },
  };
  return [stamped(secret, labelsOf(deployment))];
}

/**
 * The database decides who may launch; this is the wall behind it, for what gets past us. It stands at twice the tier: a run that is
 * still ending counts, and so does, until the cluster counts anew, a create that was refused because the object was there.
 */
function resourceQuota(
  { deployment, gpu }: ClusterSettings,
  namespace: string,
  { ownerId, limits }: { ownerId: UserId; limits: Limits },
): KubeObject {
  const pods = SLACK * limits.environments;
  return stamped(
    {
      apiVersion: 'v1',
      kind: 'ResourceQuota',
      metadata: { name: `${deployment}-tier`, namespace },
      spec: {
        hard: {
          pods: String(pods),
          'limits.cpu': printCpu(SLACK * limits.cpuMillicores + pods * BESIDE.cpuMillicores),
          'limits.memory': printMiB(SLACK * limits.memoryMiB + pods * BESIDE.memoryMiB),
          [`requests.${gpu.resource}`]: String(SLACK * limits.gpus),
          'services.loadbalancers': '0',
          'services.nodeports': '0',
        },
      },
    },
    labelsOf(deployment, { ownerId }),
  );
}

/** For containers that a cloud puts into our pods without saying their size: a quota refuses those that say none. */
function limitRange({ deployment }: ClusterSettings, namespace: string): KubeObject {
  return stamped(
    {
      apiVersion: 'v1',
      kind: 'LimitRange',
      metadata: { name: `${deployment}-defaults`, namespace },
      spec: {
        limits: [
          {
            type: 'Container',
            default: { cpu: '500m', memory: '512Mi', 'ephemeral-storage': '1Gi' },
            defaultRequest: { cpu: '50m', memory: '128Mi', 'ephemeral-storage': '64Mi' },
          },
        ],
      },
    },
    labelsOf(deployment),
  );
}
