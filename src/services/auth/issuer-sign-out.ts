/**
 * An issuer ended a session, or all of a person: what was signed in here by it ends as well, at once. Called by the route that
 * issuers post their logout tokens to; nothing of the browser takes part.
 */
import type { Origin } from '../../domain/user.ts';
import type { IdentityProvider } from '../../ports/identity/identity.ts';
import { record } from '../audit.ts';
import type { Deps } from '../deps.ts';

export type LogoutTaker = IdentityProvider & Required<Pick<IdentityProvider, 'validateLogoutToken'>>;

/** The provider of this name, when its issuer may end sessions. */
export function logoutTaker(deps: Deps, name: string): LogoutTaker | null {
  const provider = deps.identityProviders.find((candidate) => candidate.name === name);
  const validateLogoutToken = provider?.validateLogoutToken;
  return provider && validateLogoutToken ? { ...provider, validateLogoutToken } : null;
}

/** @throws unauthenticated, unavailable */
export async function endByIssuer(
  deps: Deps,
  provider: LogoutTaker,
  { logoutToken, origin }: { logoutToken: string; origin: Origin },
): Promise<{ ended: number }> {
  const notice = await provider.validateLogoutToken(logoutToken);
  const ended = deps.db.write(() => {
    const rows = deps.people.deleteSessionsOfIssuer(notice);
    for (const { id, userId } of rows) {
      record(
        deps,
        // Nobody of this deployment acted; the trail tells whom it befell.
        { userId: null, name: deps.people.findUser(userId)?.name ?? '', ...origin },
        {
          action: 'session.issuer_sign_out',
          ownerId: userId,
          targetId: id,
          targetName: null,
          details: { issuer: notice.issuer },
        },
      );
    }
    return rows;
  });
  for (const { id } of ended) deps.revocations.announce({ sessionId: id });
  return { ended: ended.length };
}
