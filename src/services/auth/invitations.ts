/** What an invitation's link offers, and coming in by it where links sign in. Making them is the administrators' (services/admin). */
import { AppError } from '../../domain/errors.ts';
import type { Tier } from '../../domain/quota.ts';
import type { Role } from '../../domain/user.ts';
import type { Deps } from '../deps.ts';
import { hashSecret } from '../keys.ts';
import { exchange, type SignIn } from './exchange.ts';
import { localIdentity } from './links.ts';

export interface Offer {
  /** Whom it is for; null: whoever has the link. */
  email: string | null;
  role: Role;
  tier: Tier;
  expiresAt: number;
  /** A link signs in here: this invitation is one. */
  byLink: boolean;
}

/** @throws not_found when it is unknown, used or over: all told alike */
export function offerOf(deps: Deps, secret: string): Offer {
  const { email, role, tier, expiresAt } = usable(deps, secret);
  return { email, role, tier, expiresAt, byLink: email !== null && linkIssuer(deps) !== null };
}

function usable(deps: Deps, secret: string) {
  const found = deps.invitations.findUsable(hashSecret(secret), deps.now());
  if (!found)
    throw new AppError('not_found', 'This invitation was used, was taken back, or has expired. Ask for a new one.');
  return found;
}

/** null where people sign in with an issuer only, or may not share this machine's account. */
function linkIssuer(deps: Deps): string | null {
  const provider = deps.identityProviders.find(({ kind }) => kind === 'link');
  return provider && deps.deployment.severalUsers ? (provider.issuers[0] ?? null) : null;
}

/** @throws not_found; failed_precondition where links sign nobody in; permission_denied */
export async function acceptInvitation(
  deps: Deps,
  secret: string,
  by: Pick<SignIn, 'client' | 'replaces'>,
): Promise<{ token: string }> {
  const { email } = usable(deps, secret);
  const issuer = linkIssuer(deps);
  if (issuer === null || email === null)
    throw new AppError('failed_precondition', 'Sign in with one of the accounts of this deployment to use it.');
  return exchange(deps, { ...by, identity: localIdentity(issuer, email), invitation: secret });
}
