/** What the audit trail tells of: every deed that is noted, how it ended, and on what kind of thing. Pure. */
export const AUDIT_ACTIONS = [
  'session.sign_in',
  'session.sign_out',
  'session.revoke',
  'session.refused',
  'session.issuer_sign_out',
  'identity.link',
  'identity.unlink',
  'invitation.create',
  'invitation.revoke',
  'invitation.use',
  'variable.set',
  'variable.delete',
  'secret.set',
  'secret.delete',
  'user.create',
  'user.approve',
  'user.refuse',
  'user.email',
  'user.role',
  'user.activate',
  'user.deactivate',
  'user.limits',
  'user.notes',
  'user.sessions',
  'tier.limits',
  'tier.newcomers',
  'admin.call',
  'audit.export',
  'profile.update',
  'environment.launch',
  'environment.start',
  'environment.stop',
  'environment.restart',
  'environment.rename',
  'environment.delete',
  'environment.open',
  'environment.extend',
  'environment.ready',
  'environment.stopped',
  'environment.failed',
  'environment.deadline',
  'environment.resume',
  'environment.suspend',
  'environment.access',
  'storage.create',
  'storage.rename',
  'storage.delete',
  'storage.keep',
  'storage.retry',
  'storage.repair',
  'storage.drift',
  'storage.removed',
  'storage.ready',
  'storage.failed',
  'storage.access',
  'object.upload',
  'object.view',
  'object.download',
  'object.delete',
  'object.move',
  'object.copy',
  'object.restore',
  'object.purge',
  'object.cancel',
  'object.abandon',
  'folder.create',
] as const;

export type AuditAction = (typeof AUDIT_ACTIONS)[number];

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
