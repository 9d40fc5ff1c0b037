/** What the audit trail tells of: how a deed ended, and on what kind of thing. Pure. */
export const AUDIT_RESULTS = ['done', 'denied', 'failed'] as const;
export type AuditResult = (typeof AUDIT_RESULTS)[number];

export const TARGET_KINDS = [
  'user',
  'session',
  'environment',
  'storage',
  'application',
  'job',
  'upload',
  'invitation',
  'secret',
] as const;
export type TargetKind = (typeof TARGET_KINDS)[number];

const BY_PREFIX: Readonly<Record<string, TargetKind>> = {
  usr: 'user',
  ses: 'session',
  env: 'environment',
  sto: 'storage',
  app: 'application',
  job: 'job',
  upl: 'upload',
  inv: 'invitation',
  sec: 'secret',
};

/** By the prefix of its id; null for what has no id of the house. */
export function targetKindOf(targetId: string | null): TargetKind | null {
  return BY_PREFIX[targetId?.slice(0, 3) ?? ''] ?? null;
}
