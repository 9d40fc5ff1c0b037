/**
 * The bucket policy: who is kept out whatever else may allow it. Statements of ours are known by their names, those of others stay
 * as they are. Pure. Nothing here may ever refuse the account's own control plane: statements deny by account and by transport
 * only, unless the principals that stay allowed, the control plane among them, are told.
 */

export interface Statement {
  Sid?: string;
  Effect: 'Allow' | 'Deny';
  Principal: unknown;
  Action: unknown;
  Resource: unknown;
  Condition?: unknown;
}

export interface Policy {
  Version: string;
  Statement: Statement[];
}

const PRIVATE = 'CmbclusterOwnersOnly';
const TRANSPORT = 'CmbclusterTlsOnly';

export const POLICY_SIDS = { private: PRIVATE, transport: TRANSPORT } as const;

export interface Owners {
  accountId: string;
  /** `aws`, `aws-cn` or `aws-us-gov`. */
  partition: string;
  /** Roles that alone may use the buckets; the control plane's must be among them. Empty: everyone of the account whom IAM allows. */
  principals: string[];
}

/** Services of the cloud that work for the account (`aws:PrincipalIsAWSService`) have no account and stay allowed. */
export function privateStatement(bucket: string, { accountId, partition, principals }: Owners): Statement {
  const notService = { BoolIfExists: { 'aws:PrincipalIsAWSService': 'false' } };
  const root = `arn:${partition}:iam::${accountId}:root`;
  return {
    ...denyAll(PRIVATE, bucket, partition),
    Condition:
      principals.length === 0
        ? { StringNotEquals: { 'aws:PrincipalAccount': accountId }, ...notService }
        : { ArnNotLike: { 'aws:PrincipalArn': [...principals, root].sort() }, ...notService },
  };
}

export function transportStatement(bucket: string, partition: string): Statement {
  return { ...denyAll(TRANSPORT, bucket, partition), Condition: { Bool: { 'aws:SecureTransport': 'false' } } };
}

function denyAll(sid: string, bucket: string, partition: string): Statement {
  const arn = `arn:${partition}:s3:::${bucket}`;
  return { Sid: sid, Effect: 'Deny', Principal: '*', Action: 's3:*', Resource: [arn, `${arn}/*`] };
}

/** @returns null when there is none, or none that can be read */
export function parsePolicy(text: string | undefined): Policy | null {
  if (text === undefined || text === '') return null;
  const parsed: Partial<Policy> & { Statement?: Statement | Statement[] } = JSON.parse(text);
  const statements = parsed.Statement === undefined ? [] : [parsed.Statement].flat();
  return { Version: parsed.Version ?? '2012-10-17', Statement: statements };
}

/** The policy with this statement in place of the one of the same name. */
export function withStatement(policy: Policy | null, statement: Statement): Policy {
  const others = (policy?.Statement ?? []).filter(({ Sid }) => Sid !== statement.Sid);
  return { Version: policy?.Version ?? '2012-10-17', Statement: [...others, statement] };
}

/** Whether it says the same, in whatever order its lists and members come back. */
export function hasStatement(policy: Policy | null, statement: Statement): boolean {
  const found = policy?.Statement.find(({ Sid }) => Sid === statement.Sid);
  return found !== undefined && canonical(found) === canonical(statement);
}

function canonical(value: unknown): string {
  if (Array.isArray(value)) return value.length === 1 ? canonical(value[0]) : `[${value.map(canonical).sort().join()}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value).map(([name, inner]) => `${JSON.stringify(name)}:${canonical(inner)}`);
  // `{"AWS": "*"}` and `"*"` both mean everyone.
  return members.length === 1 && members[0] === '"AWS":"*"' ? '"*"' : `{${members.sort().join()}}`;
}

export function partitionOf(region: string): string {
  if (region.startsWith('cn-')) return 'aws-cn';
  return region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws';
}
