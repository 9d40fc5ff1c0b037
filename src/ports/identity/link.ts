/**
 * Sign-in by a one-time link: whoever can read the terminal (or was handed the link) is that person. The secret is random, lives a
 * quarter of an hour, works once, and only its hash is kept, so that neither database nor log can sign anybody in.
 */
import { createHash, randomBytes } from 'node:crypto';
import { AppError } from '../../domain/errors.ts';
import type { IdentityProvider, LinkStore } from './identity.ts';

export const LINK_TTL_MS = 15 * 60 * 1000;
const SECRET_BYTES = 32;

/** Without a salt: 256 random bits need none. */
function hashOf(secret: string): string {
  return createHash('sha256').update(secret).digest('base64url');
}

/** One answer for unknown, used, expired and altered links: it tells a guesser nothing. */
function refused(): AppError {
  return new AppError(
    'unauthenticated',
    'This sign-in link does not work: it was used already, or it is older than 15 minutes. Ask for a new one.',
  );
}

export function createLinkIdentity(options: {
  name: string;
  label: string;
  issuer: string;
  links: LinkStore;
  now: () => number;
}): IdentityProvider & Required<Pick<IdentityProvider, 'mintLink'>> {
  const { name, label, issuer, links, now } = options;
  return {
    name,
    label,
    kind: 'link',
    issuers: [issuer],
    async mintLink(identity) {
      if (identity.issuer !== issuer)
        throw new AppError('invalid_argument', 'This provider does not vouch for that issuer.');
      const secret = randomBytes(SECRET_BYTES).toString('base64url');
      const expiresAt = now() + LINK_TTL_MS;
      await links.add({ hash: hashOf(secret), identity, expiresAt });
      return { secret, expiresAt };
    },
    async validateToken(secret) {
      const link = await links.take(hashOf(secret));
      if (!link || link.expiresAt <= now() || link.identity.issuer !== issuer) throw refused();
      return link.identity;
    },
  };
}
