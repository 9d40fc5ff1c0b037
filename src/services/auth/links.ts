/** One-time sign-in links of deployments whose sign-in needs no account elsewhere. */
import { userInfo } from 'node:os';
import { AppError } from '../../domain/errors.ts';
import type { Identity } from '../../domain/user.ts';
import type { LinkStore } from '../../ports/identity/identity.ts';
import { record, SYSTEM } from '../audit.ts';
import type { Deps } from '../deps.ts';
import { exchange, type SignIn } from './exchange.ts';

/** `take` deletes the row, so only one of two racing redemptions gets it. */
export function createLinkStore(deps: Pick<Deps, 'db' | 'people' | 'now'>): LinkStore {
  return {
    async add({ hash, identity, expiresAt }) {
      deps.db.write(() => {
        deps.people.deleteExpiredLinks(deps.now() - 3_600_000);
        const { issuer, subject, email, name } = identity;
        deps.people.insertLink({ hash, issuer, subject, email, name, expiresAt });
      });
      await deps.db.gate();
    },
    async take(hash) {
      const row = deps.db.write(() => deps.people.takeLink(hash));
      if (!row) return null;
      const { issuer, subject, email, name, expiresAt } = row;
      return { identity: { issuer, subject, email, name, emailVerified: true }, expiresAt };
    },
  };
}

/** The person that a link signs in: the owner of the machine, or another one by e-mail. */
export function localIdentity(issuer: string, email: string | null): Identity {
  if (email === null) {
    const name = accountName();
    return { issuer, subject: 'owner', email: `${name}@localhost`, emailVerified: true, name };
  }
  const address = email.trim().toLowerCase();
  if (!/^[^\s@]{1,64}@[^\s@]{1,190}$/.test(address))
    throw new AppError('invalid_argument', `"${email}" is not an e-mail address.`);
  return {
    issuer,
    subject: address,
    email: address,
    emailVerified: true,
    name: address.slice(0, address.indexOf('@')),
  };
}

function accountName(): string {
  try {
    return userInfo().username || 'owner';
  } catch {
    return 'owner';
  }
}

function linkProvider(deps: Deps) {
  const provider = deps.identityProviders.find((candidate) => candidate.kind === 'link');
  if (!provider?.mintLink)
    throw new AppError('failed_precondition', 'This deployment does not sign people in by link.');
  return { provider, mintLink: provider.mintLink.bind(provider) };
}

/** The secret travels in the fragment, which no server and no log ever sees. */
export async function mintSignInLink(deps: Deps, email: string | null): Promise<{ url: string; expiresAt: number }> {
  const { provider, mintLink } = linkProvider(deps);
  if (email !== null && !deps.deployment.severalUsers) {
    throw new AppError(
      'failed_precondition',
      'Local environments share one account of this machine, and this server can be reached from others. Set ALLOW_SHARED_ACCOUNT=yes if you trust everybody that you invite.',
    );
  }
  const identity = localIdentity(provider.issuers[0] ?? provider.name, email);
  const { secret, expiresAt } = await mintLink(identity);
  // Whoever can read the data folder: no account of ours stands behind it.
  deps.db.write(() => {
    const ownerId = deps.people.findByIdentity(identity.issuer, identity.subject)?.id ?? null;
    record(deps, SYSTEM, { action: 'session.link', ownerId, targetId: ownerId, targetName: identity.email });
  });
  return { url: `${deps.deployment.appOrigin}/sign-in#link=${secret}`, expiresAt };
}

/** @throws unauthenticated when the link is unknown, used or expired */
export async function redeemSignInLink(
  deps: Deps,
  secret: string,
  { client, replaces }: Pick<SignIn, 'client' | 'replaces'>,
): Promise<{ token: string }> {
  const { provider } = linkProvider(deps);
  return exchange(deps, { identity: await provider.validateToken(secret), client, byLink: true, replaces });
}
