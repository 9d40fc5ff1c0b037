/**
 * Who in a cluster reaches which bucket. EKS Pod Identity: one shared role, narrowed for each service account to its own buckets by
 * a session policy. IRSA: a role of its own for each service account, made by an administrator, because making roles would need
 * the right to hand out any right.
 */
import { randomUUID } from 'node:crypto';
import type { EKSClient } from '@aws-sdk/client-eks';
import { AppError } from '../../domain/errors.ts';
import type { WorkloadIdentity } from '../../domain/workload-identity.ts';
import { errorName } from './s3/classify.ts';
import { partitionOf } from './s3/policy.ts';
import { bucketsOf, sessionPolicy } from './session-policy.ts';

export interface WorkloadSettings {
  clusterName: string | null;
  /** The one role of all environments; null: none, or IRSA. */
  roleArn: string | null;
  /** Role of a service account, with `{namespace}` and `{serviceAccount}` in it; null: no IRSA. */
  irsaRoleArn: string | null;
  endpoint: string | null;
}

export interface WorkloadAccess {
  /** Whether a program of this identity gets credentials of its own. */
  reaches(identity: WorkloadIdentity | null): boolean;
  ensure(bucket: string, identity: WorkloadIdentity | null, signal: AbortSignal): Promise<string>;
  revoke(bucket: string, identity: WorkloadIdentity | null, signal: AbortSignal): Promise<void>;
  close(): void;
}

const OURS = { 'managed-by': 'cmbcluster' };

export function workloadAccess(settings: WorkloadSettings, region: string): WorkloadAccess {
  let opened: Promise<EksCalls> | null = null;
  const podIdentity =
    settings.clusterName !== null && settings.roleArn !== null
      ? { clusterName: settings.clusterName, roleArn: settings.roleArn }
      : null;
  const partition = partitionOf(region);

  function calls(clusterName: string): Promise<EksCalls> {
    opened ??= openEks({ clusterName, region, endpoint: settings.endpoint });
    return opened;
  }

  return {
    reaches: (identity) => identity !== null && (podIdentity !== null || settings.irsaRoleArn !== null),

    async ensure(bucket, identity, signal) {
      if (identity === null)
        return 'Nothing is needed: environments outside a cluster reach their files through this server.';
      if (podIdentity) {
        const eks = await calls(podIdentity.clusterName);
        await associate(eks, { roleArn: podIdentity.roleArn, identity, bucket, partition, signal });
        return `The service account ${identity.serviceAccount} reaches this bucket alone, by EKS Pod Identity with a session policy.`;
      }
      if (settings.irsaRoleArn !== null) {
        const role = settings.irsaRoleArn
          .replaceAll('{namespace}', identity.namespace)
          .replaceAll('{serviceAccount}', identity.serviceAccount);
        return `The service account ${identity.serviceAccount} takes the role ${role} by IRSA. This deployment makes no roles: an administrator must make it and allow it this bucket alone.`;
      }
      return 'No access was given: neither EKS_CLUSTER_NAME with WORKLOAD_ROLE_ARN nor IRSA_ROLE_ARN is set.';
    },

    async revoke(bucket, identity, signal) {
      if (identity === null || !podIdentity) return;
      const eks = await calls(podIdentity.clusterName);
      await dissociate(eks, { roleArn: podIdentity.roleArn, identity, bucket, partition, signal });
    },

    close() {
      opened?.then(
        (eks) => eks.close(),
        () => {},
      );
    },
  };
}

export interface Association {
  id: string;
  roleArn: string;
  policy: string | undefined;
  ours: boolean;
}

/** The four requests, so that what is decided from their answers stands apart from the SDK. */
export interface EksCalls {
  find(identity: WorkloadIdentity, signal: AbortSignal): Promise<Association | null>;
  create(wanted: { identity: WorkloadIdentity; roleArn: string; policy: string }, signal: AbortSignal): Promise<void>;
  update(id: string, wanted: { roleArn: string; policy: string }, signal: AbortSignal): Promise<void>;
  remove(id: string, signal: AbortSignal): Promise<void>;
  close(): void;
}

interface Grant {
  roleArn: string;
  identity: WorkloadIdentity;
  bucket: string;
  partition: string;
  signal: AbortSignal;
}

export async function associate(eks: EksCalls, { roleArn, identity, bucket, partition, signal }: Grant): Promise<void> {
  const existing = await eks.find(identity, signal);
  if (existing === null) {
    await eks.create({ identity, roleArn, policy: sessionPolicy([bucket], partition) }, signal);
    return;
  }
  checkOurs(existing, identity);
  const held = bucketsOf(existing.policy);
  const policy = sessionPolicy([...held, bucket], partition);
  if (held.includes(bucket) && existing.roleArn === roleArn && existing.policy === policy) return;
  await eks.update(existing.id, { roleArn, policy }, signal);
}

export async function dissociate(
  eks: EksCalls,
  { roleArn, identity, bucket, partition, signal }: Grant,
): Promise<void> {
  const existing = await eks.find(identity, signal);
  if (existing === null || !existing.ours) return;
  const held = bucketsOf(existing.policy);
  const left = held.filter((each) => each !== bucket);
  if (left.length === 0) await eks.remove(existing.id, signal);
  else if (left.length < held.length) {
    await eks.update(existing.id, { roleArn, policy: sessionPolicy(left, partition) }, signal);
  }
}

function checkOurs(existing: Association, { namespace, serviceAccount }: WorkloadIdentity): void {
  if (existing.ours) return;
  throw new AppError(
    'failed_precondition',
    `The service account ${namespace}/${serviceAccount} has a Pod Identity association that this deployment did not make.`,
    { details: { outcome: 'not_applied' } },
  );
}

async function openEks(place: { clusterName: string; region: string; endpoint: string | null }): Promise<EksCalls> {
  const sdk = await import('@aws-sdk/client-eks');
  const { clusterName, region, endpoint } = place;
  const client: EKSClient = new sdk.EKSClient({ region, maxAttempts: 1, ...(endpoint === null ? {} : { endpoint }) });
  const gone = (error: unknown) => errorName(error) === 'ResourceNotFoundException';
  return {
    async find({ namespace, serviceAccount }, abortSignal) {
      const listed = await client.send(
        new sdk.ListPodIdentityAssociationsCommand({ clusterName, namespace, serviceAccount }),
        { abortSignal },
      );
      const associationId = listed.associations?.[0]?.associationId;
      if (associationId === undefined) return null;
      const { association } = await client.send(
        new sdk.DescribePodIdentityAssociationCommand({ clusterName, associationId }),
        { abortSignal },
      );
      return {
        id: associationId,
        roleArn: association?.roleArn ?? '',
        policy: association?.policy,
        ours: association?.tags?.['managed-by'] === OURS['managed-by'],
      };
    },
    async create({ identity: { namespace, serviceAccount }, roleArn, policy }, abortSignal) {
      // A service account has at most one association: a repeat whose answer was lost is refused, then found.
      const command = new sdk.CreatePodIdentityAssociationCommand({
        clusterName,
        namespace,
        serviceAccount,
        roleArn,
        disableSessionTags: true,
        policy,
        clientRequestToken: randomUUID(),
        tags: OURS,
      });
      await client.send(command, { abortSignal });
    },
    async update(associationId, { roleArn, policy }, abortSignal) {
      const command = new sdk.UpdatePodIdentityAssociationCommand({
        clusterName,
        associationId,
        roleArn,
        disableSessionTags: true,
        policy,
        clientRequestToken: randomUUID(),
      });
      await client.send(command, { abortSignal });
    },
    async remove(associationId, abortSignal) {
      await client
        .send(new sdk.DeletePodIdentityAssociationCommand({ clusterName, associationId }), { abortSignal })
        .catch((error: unknown) => {
          if (!gone(error)) throw error;
        });
    },
    close: () => client.destroy(),
  };
}
