/**
 * What objects in a cluster are called, and the marks by which they are known as ours. Everything is made of a deployment's prefix
 * and ids of one fixed length, so that two things never meet in one name, and nothing that a person typed is part of any. Called by
 * the builders, and by whoever looks for our objects.
 */
import { createHash } from 'node:crypto';
import { AppError } from '../../domain/errors.ts';
import { type EnvironmentId, isId, type UserId } from '../../domain/ids.ts';
import type { WorkloadIdentity } from '../../domain/workload-identity.ts';
import type { ClusterSettings } from './cluster-settings.ts';
import type { KubeObject } from './kube-object.ts';

/** Owner of the fields that we apply. */
export const FIELD_MANAGER = 'cmbcluster';

export const LABELS = {
  managedBy: 'app.kubernetes.io/managed-by',
  deployment: 'cmbcluster/deployment',
  owner: 'cmbcluster/owner',
  environment: 'cmbcluster/environment',
} as const;

export const ANNOTATIONS = {
  /** Of what we built: an object in the cluster that carries the same needs no write. */
  specHash: 'cmbcluster/spec-hash',
  generation: 'cmbcluster/generation',
} as const;

/** A namespace is `<prefix>-usr-<20>`: 25 of 63 characters go to the id. */
const MAX_DEPLOYMENT = 38;

/** @throws invalid_argument */
export function checkDeployment(deployment: string): void {
  if (deployment.length <= MAX_DEPLOYMENT && /^[a-z]([a-z0-9-]*[a-z0-9])?$/.test(deployment)) return;
  throw new AppError(
    'invalid_argument',
    `The deployment’s prefix is made of at most ${MAX_DEPLOYMENT} lower-case letters, digits and hyphens, and begins with a letter.`,
    { details: { field: 'deployment' } },
  );
}

/** Whether a text is a name of a namespace, a service account, a volume (RFC 1123 label). */
export function isDnsLabel(text: string): boolean {
  return /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(text);
}

/** @throws internal: only ids that we made are part of names */
export function checkIds(...ids: readonly string[]): void {
  if (!ids.every(isId)) throw new AppError('internal', 'An id that is none of ours cannot name an object.');
}

/** Who a person’s pods are, and where they run. */
export function workloadIdentity(
  { deployment, namespace }: Pick<ClusterSettings, 'deployment' | 'namespace'>,
  ownerId: UserId,
): WorkloadIdentity {
  checkDeployment(deployment);
  checkIds(ownerId);
  return {
    namespace: namespace.mode === 'shared' ? namespace.name : `${deployment}-${ownerId}`,
    serviceAccount: ownerId,
  };
}

/** Names of the objects of one environment. The pod's own is the lock: two of one name cannot exist at once. */
export function environmentNames(id: EnvironmentId) {
  checkIds(id);
  return {
    pod: id,
    service: id,
    home: `${id}-home`,
    variables: `${id}-variables`,
    files: `${id}-files`,
    sync: `${id}-sync`,
  };
}

export function labelsOf(
  deployment: string,
  { ownerId, environmentId }: { ownerId?: UserId; environmentId?: EnvironmentId } = {},
): Record<string, string> {
  return {
    [LABELS.managedBy]: FIELD_MANAGER,
    [LABELS.deployment]: deployment,
    ...(ownerId === undefined ? {} : { [LABELS.owner]: ownerId }),
    ...(environmentId === undefined ? {} : { [LABELS.environment]: environmentId }),
  };
}

/** Selects what this deployment made, and nothing else. */
export function ourSelector(deployment: string): string {
  return Object.entries(labelsOf(deployment))
    .map(([name, value]) => `${name}=${value}`)
    .join(',');
}

/** The object with our labels (over any of the same name) and the hash of all that we say about it. */
export function stamped(object: KubeObject, labels: Record<string, string>): KubeObject {
  const { metadata } = object;
  const labelled = { ...object, metadata: { ...metadata, labels: { ...metadata.labels, ...labels } } };
  const annotations = { ...metadata.annotations, [ANNOTATIONS.specHash]: specHash(labelled) };
  return { ...labelled, metadata: { ...labelled.metadata, annotations } };
}

/** The same for the same content, in whatever order its fields are. */
export function specHash(object: unknown): string {
  return createHash('sha256').update(canonical(object)).digest('hex').slice(0, 32);
}

function canonical(node: unknown): string {
  if (Array.isArray(node)) return `[${node.map(canonical).join()}]`;
  if (typeof node !== 'object' || node === null) return JSON.stringify(node) ?? 'null';
  const fields = Object.entries(node)
    .filter(([, value]) => value !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${fields.map(([key, value]) => `${JSON.stringify(key)}:${canonical(value)}`).join()}}`;
}
