/** How people come in here, as the configuration settles it: for looking at, since only variables change it. */
import type { SignUp } from '../../domain/admission.ts';
import type { Deps } from '../deps.ts';

export interface SignInFacts {
  /** Ways to sign in, as their buttons say. */
  providers: string[];
  signUp: SignUp;
  allowedDomains: number;
  allowedEmails: number;
  adminEmails: number;
  contact: string | null;
  sessionTtlMs: number;
  sessionIdleMs: number;
}

export function signInFacts({ deployment, identityProviders }: Deps): SignInFacts {
  const { door, contact, sessionTtlMs, sessionIdleMs } = deployment;
  return {
    providers: identityProviders.map(({ label }) => label),
    signUp: door.signUp,
    allowedDomains: door.allowedDomains.length,
    allowedEmails: door.allowedEmails.length,
    adminEmails: door.adminEmails.length,
    contact,
    sessionTtlMs,
    sessionIdleMs,
  };
}
