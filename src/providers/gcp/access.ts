/**
 * Who may reach a bucket: a Kubernetes service account is bound to it directly (Workload Identity Federation), with no account
 * of the cloud between. The policy is read, changed and written under its etag; other bindings stay as they are.
 */
import { z } from 'zod';
import { AppError } from '../../domain/errors.ts';
import type { WorkloadIdentity } from '../../domain/workload-identity.ts';
import { isStatus } from './errors.ts';
import type { Place } from './listing.ts';
import { bucketPath } from './names.ts';

/** Objects: list, read, write, delete, multipart uploads. Not the bucket, its policy or its settings. */
export const ROLE = 'roles/storage.objectUser';
/** Conditions of other bindings are lost when a policy is read in an older version. */
const POLICY_VERSION = 3;
const MAX_ROUNDS = 8;

const bindingSchema = z.looseObject({
  role: z.string(),
  members: z.array(z.string()).default([]),
  condition: z.looseObject({}).optional(),
});
const policySchema = z.looseObject({ etag: z.string(), bindings: z.array(bindingSchema).default([]) });
export type Policy = z.infer<typeof policySchema>;

export interface WorkloadPool {
  projectId: string;
  projectNumber: string;
}

/** The service account as the cloud names it (fixed form of Workload Identity Federation for GKE). */
export function principalOf(pool: WorkloadPool, { namespace, serviceAccount }: WorkloadIdentity): string {
  const place = `projects/${pool.projectNumber}/locations/global/workloadIdentityPools/${pool.projectId}.svc.id.goog`;
  return `principal://iam.googleapis.com/${place}/subject/ns/${namespace}/sa/${serviceAccount}`;
}

/** The same policy when there is nothing to change. */
export function withMember(policy: Policy, member: string): Policy {
  const { bindings } = policy;
  const own = bindings.find(({ role, condition }) => role === ROLE && condition === undefined);
  if (own?.members.includes(member)) return policy;
  const granted = { ...own, role: ROLE, members: [...(own?.members ?? []), member] };
  return { ...policy, bindings: [...bindings.filter((binding) => binding !== own), granted] };
}

/** Out of every binding, whatever its role; bindings that nobody is left in go. The same policy when there is nothing to change. */
export function withoutMember(policy: Policy, member: string): Policy {
  if (!policy.bindings.some(({ members }) => members.includes(member))) return policy;
  const bindings = policy.bindings
    .map((binding) => ({ ...binding, members: binding.members.filter((each) => each !== member) }))
    .filter(({ members }) => members.length > 0);
  return { ...policy, bindings };
}

/** @throws conflict when others change the policy again and again */
export async function changePolicy(
  { transport, bucket }: Place,
  change: (policy: Policy) => Policy,
  signal: AbortSignal,
): Promise<void> {
  const path = `${bucketPath(bucket)}/iam`;
  for (let round = 1; round <= MAX_ROUNDS; round += 1) {
    const found = await transport.json(policySchema, {
      method: 'GET',
      path,
      query: { optionsRequestedPolicyVersion: POLICY_VERSION },
      signal,
    });
    const wanted = change(found);
    if (wanted === found) return;
    try {
      await transport.json(policySchema, { method: 'PUT', path, json: { ...wanted, version: POLICY_VERSION }, signal });
      return;
    } catch (error) {
      if (!isStatus(error, 409, 412)) throw error;
    }
  }
  throw new AppError('conflict', 'Somebody else keeps changing who may reach the bucket. Try again.', {
    details: { outcome: 'not_applied' },
    retryable: true,
  });
}
