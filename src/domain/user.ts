/** Who people are and what roles may do. Pure. */
import type { SessionId, UserId } from './ids.ts';
import type { Tier } from './quota.ts';

export const ROLES = ['user', 'researcher', 'admin'] as const;
export type Role = (typeof ROLES)[number];

/**
 * By what a person came in. `open`: nothing was asked; `listed`: by the allow-list; `administrator`: the first one, or by
 * ADMIN_EMAILS; `invitation`, `approval`: an administrator let this very person in; `link`: by a link of the machine's owner.
 */
export const ADMISSIONS = ['open', 'listed', 'administrator', 'invitation', 'approval', 'link'] as const;
export type Admission = (typeof ADMISSIONS)[number];

export interface User {
  id: UserId;
  email: string;
  name: string;
  role: Role;
  tier: Tier;
  active: boolean;
  createdAt: number;
  lastSeenAt: number | null;
}

/** Who acts in a call: read from the session row on each request, never from a token's claim. */
export interface Actor {
  userId: UserId;
  sessionId: SessionId;
  role: Role;
  email: string;
  name: string;
  tier: Tier;
  /** Address of the client, for the audit log. */
  address: string;
  /** The client's program as it names itself, for the audit log. */
  agent: string;
  /** The call in which it acts; empty outside of one. */
  correlationId: string;
}

/** Where a call came from. */
export type Origin = Pick<Actor, 'address' | 'agent' | 'correlationId'>;

/** A verified statement of an identity provider about a person. Users are found by (issuer, subject), never by e-mail. */
export interface Identity {
  issuer: string;
  subject: string;
  /** Empty when the issuer tells none. */
  email: string;
  emailVerified: boolean;
  name: string;
  /** Names of groups at the issuer; absent when it tells none. */
  groups?: readonly string[];
  /** The issuer's own session (`sid`), by which it may end ours; absent when it tells none. */
  issuerSession?: string;
}

/** What a person chose; kept on the server so that every device agrees. */
export interface Preferences {
  theme: 'system' | 'light' | 'dark';
  density: 'comfortable' | 'compact';
  railCollapsed: boolean;
  language: string;
}

export const DEFAULT_PREFERENCES: Preferences = {
  theme: 'system',
  density: 'comfortable',
  railCollapsed: false,
  language: 'en',
};
