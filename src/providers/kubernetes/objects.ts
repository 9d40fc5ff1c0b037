/**
 * From what the control plane wants to what a cluster is told: every object of one environment, as plain data. Called by the spawner
 * at each start; nothing here talks to a cluster. Each object bears our labels and the hash of all that we say of it, so that what
 * stands there already needs no write.
 */
import type { MountSpec } from '../../ports/storage/storage.ts';
import type { ClusterSettings } from './cluster-settings.ts';
import type { EnvironmentOrder } from './environment-order.ts';
import type { KubeObject } from './kube-object.ts';
import { environmentNames, LABELS, labelsOf, stamped, workloadIdentity } from './names.ts';
import { namespaceObjects } from './namespace-objects.ts';
import { PORT_NAME, podOf } from './pod.ts';
import { filesSecret, syncSecret, variablesSecret } from './secrets.ts';
import { homeClaim } from './volumes.ts';

export interface EnvironmentObjects {
  /** Of the owner, in the order in which they are applied; most stand there already. */
  shared: KubeObject[];
  /** Of this environment, applied before its pod. */
  own: KubeObject[];
  /** Created, never applied: that it exists already is the answer that keeps a second one away. */
  pod: KubeObject;
}

/**
 * The same for the same order and settings.
 * @throws invalid_argument, saying what the person or the administrator can mend
 */
export function environmentObjects(order: EnvironmentOrder, settings: ClusterSettings): EnvironmentObjects {
  const { spec, secret } = order;
  const { namespace } = workloadIdentity(settings, spec.ownerId);
  const ofOwner = labelsOf(settings.deployment, { ownerId: spec.ownerId });
  const ofEnvironment = labelsOf(settings.deployment, { ownerId: spec.ownerId, environmentId: spec.id });
  const home = homeClaim(order, { settings, namespace });
  const files = order.homeHoldsFiles || spec.files.length > 0;
  const own = [
    ...(home ? [home] : []),
    variablesSecret(spec, { namespace, secret }),
    ...(files ? [filesSecret(spec, namespace)] : []),
    ...(spec.workspace?.kind === 'sync' ? [syncSecret(spec.id, spec.workspace.access, namespace)] : []),
    service(order, namespace),
  ];
  return {
    shared: [
      ...namespaceObjects(settings, spec.ownerId, order.limits),
      // A volume of a bucket serves all environments of its owner.
      ...mountObjects(spec.workspace).map((object) => stamped(object, ofOwner)),
    ],
    own: own.map((object) => stamped(object, ofEnvironment)),
    pod: stamped(podOf(order, settings), ofEnvironment),
  };
}

function mountObjects(workspace: MountSpec | null): KubeObject[] {
  return workspace?.kind === 'kubernetes' ? (workspace.objects as KubeObject[]) : [];
}

/** A name for the pod that outlives it. Without an address of its own: clusters have few of those, and environments are many. */
function service({ spec }: EnvironmentOrder, namespace: string): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: environmentNames(spec.id).service, namespace },
    spec: {
      clusterIP: 'None',
      selector: { [LABELS.environment]: spec.id },
      ports: [{ name: PORT_NAME, port: spec.run.port ?? 80, targetPort: PORT_NAME, protocol: 'TCP' }],
    },
  };
}
