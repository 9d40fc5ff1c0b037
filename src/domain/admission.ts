/** Who may come in, and as what. Pure: services/auth/exchange asks it inside the transaction that makes the person. */
import type { Tier } from './quota.ts';
import type { Admission, Identity, Role } from './user.ts';

/** How people without an account may get one. */
export const SIGN_UPS = ['open', 'approval', 'invitation'] as const;
export type SignUp = (typeof SIGN_UPS)[number];

/** What a deployment's administrators settled. All addresses and domains in lower case. */
export interface Door {
  signUp: SignUp;
  /** Domains whose people may come in; `*.example.org` means every name below, not the domain itself. */
  allowedDomains: readonly string[];
  allowedEmails: readonly string[];
  adminEmails: readonly string[];
  firstUserIsAdmin: boolean;
  defaultTier: Tier;
}

/** Why somebody who is who they say does not come in. */
export const REFUSALS = [
  'deactivated',
  'awaiting',
  'not_listed',
  'unverified',
  'uninvited',
  'wrong_invitation',
] as const;
export type Refusal = (typeof REFUSALS)[number];

export type Decision =
  | { kind: 'admit'; admission: Admission; role: Role; tier: Tier }
  /** An account is made that an administrator has to let in. */
  | { kind: 'wait'; tier: Tier }
  | { kind: 'refuse'; reason: Refusal };

export interface Newcomer {
  identity: Pick<Identity, 'email' | 'emailVerified'>;
  /** No account exists yet. */
  first: boolean;
  /** An open invitation that was shown; null: none. */
  invitation: { email: string | null; role: Role; tier: Tier } | null;
  /** Let in by a link that the owner of the machine made. */
  byLink: boolean;
}

export function isAdminEmail(identity: Newcomer['identity'], { adminEmails }: Pick<Door, 'adminEmails'>): boolean {
  return identity.emailVerified && adminEmails.includes(identity.email.toLowerCase());
}

/** By the lists alone: `null` when they let this identity in, or when there are none. An unverified e-mail is on no list. */
function unlisted(identity: Newcomer['identity'], door: Door): 'unverified' | 'not_listed' | null {
  if (door.allowedDomains.length === 0 && door.allowedEmails.length === 0) return null;
  const email = identity.email.toLowerCase();
  const domain = email.slice(email.lastIndexOf('@') + 1);
  const listed =
    email !== '' &&
    (door.allowedEmails.includes(email) ||
      door.allowedDomains.some((allowed) =>
        allowed.startsWith('*.') ? domain.endsWith(allowed.slice(1)) : domain === allowed,
      ));
  if (!listed) return 'not_listed';
  return identity.emailVerified ? null : 'unverified';
}

export function admitNewcomer(newcomer: Newcomer, door: Door): Decision {
  const { identity, first, invitation, byLink } = newcomer;
  const tier = door.defaultTier;
  const founder = first && door.firstUserIsAdmin;
  if (isAdminEmail(identity, door))
    return { kind: 'admit', admission: 'administrator', role: 'admin', tier: invitation?.tier ?? tier };
  if (invitation) {
    const { email, role, tier: invited } = invitation;
    if (email !== null && !(identity.emailVerified && identity.email.toLowerCase() === email))
      return { kind: 'refuse', reason: 'wrong_invitation' };
    return { kind: 'admit', admission: 'invitation', role, tier: invited };
  }
  if (byLink) return { kind: 'admit', admission: 'link', role: founder ? 'admin' : 'user', tier };
  const refusal = unlisted(identity, door);
  if (refusal) return { kind: 'refuse', reason: refusal };
  // Somebody has to be there to approve and to invite.
  if (founder) return { kind: 'admit', admission: 'administrator', role: 'admin', tier };
  if (door.signUp === 'invitation') return { kind: 'refuse', reason: 'uninvited' };
  if (door.signUp === 'approval') return { kind: 'wait', tier };
  const listed = door.allowedDomains.length > 0 || door.allowedEmails.length > 0;
  return { kind: 'admit', admission: listed ? 'listed' : 'open', role: 'user', tier };
}

/** Lists hold at every sign-in for whom no administrator let in in person. `null`: come in. */
export function refuseKnown(
  person: { active: boolean; admission: Admission; awaitsApprovalSince: number | null },
  identity: Newcomer['identity'],
  door: Door,
): Refusal | null {
  if (person.awaitsApprovalSince !== null) return 'awaiting';
  if (!person.active) return 'deactivated';
  if (person.admission !== 'open' && person.admission !== 'listed') return null;
  return isAdminEmail(identity, door) ? null : unlisted(identity, door);
}
