/**
 * Sign-in with Google accounts. Only data and quirks (https://developers.google.com/identity/openid-connect/openid-connect): the
 * verifier is everyone's. Opened by boot/container when AUTH_PROVIDER chooses it.
 */
import { z } from 'zod';
import { ISSUER_URL_ADVICE, isIssuerUrl } from '../../ports/identity/issuer-url.ts';
import { createOidcIdentity } from '../../ports/identity/oidc.ts';
import type { OidcRules } from '../../ports/identity/oidc-rules.ts';
import type { Provider } from '../../ports/provider.ts';
import { MARK } from './mark.ts';

const GOOGLE_ISSUER = 'https://accounts.google.com';
const CREDENTIALS = 'of the OAuth client (Google Cloud console, APIs & Services, Credentials).';

export const config = z.object({
  GOOGLE_CLIENT_ID: z.string({ error: `Set GOOGLE_CLIENT_ID to the client ID ${CREDENTIALS}` }).trim(),
  GOOGLE_CLIENT_SECRET: z.string({ error: `Set GOOGLE_CLIENT_SECRET to the client secret ${CREDENTIALS}` }).trim(),
  /** Lets in only accounts of these Google Workspace domains; without it any Google account is one. */
  GOOGLE_HOSTED_DOMAIN: z
    .string()
    .toLowerCase()
    .transform((text) => text.split(',').map((domain) => domain.trim()))
    .refine(
      (domains) => domains.every((domain) => /^[a-z0-9-]+(\.[a-z0-9-]+)+$/.test(domain)),
      'Use domains of Google Workspace such as example.org, with commas between them.',
    )
    .optional(),
  GOOGLE_ISSUER: z.string().refine(isIssuerUrl, ISSUER_URL_ADVICE).default(GOOGLE_ISSUER),
});

export type GoogleConfig = z.infer<typeof config>;

export function googleRules(settings: GoogleConfig): OidcRules {
  const issuer = settings.GOOGLE_ISSUER;
  const domains = settings.GOOGLE_HOSTED_DOMAIN ?? [];
  return {
    name: 'google',
    label: 'Google',
    mark: MARK,
    issuer,
    // Its tokens name it with or without the scheme.
    alsoIssuers: [{ iss: issuer.replace(/^https?:\/\//, ''), url: issuer }],
    accountIssuer: issuer,
    keysOf: null,
    clientId: settings.GOOGLE_CLIENT_ID,
    clientSecret: settings.GOOGLE_CLIENT_SECRET,
    scopes: ['openid', 'email', 'profile'],
    algorithms: ['RS256'],
    namesTokenUse: false,
    accessTokens: 'opaque',
    // The page shows accounts of the domain first; what counts is the claim in the token.
    parameters: {
      prompt: 'select_account',
      ...(domains.length > 0 ? { hd: domains.length === 1 ? (domains[0] ?? '*') : '*' } : {}),
    },
    groupsClaim: null,
    asksUserinfo: false,
    // An account with an address from elsewhere keeps it after its owner lost the address.
    emailVerified: ({ email_verified, email, hd }) =>
      email_verified === true &&
      ((typeof hd === 'string' && hd !== '') || (typeof email === 'string' && /@gmail\.com$/i.test(email))),
    refusal: ({ hd }) =>
      domains.length === 0 || (typeof hd === 'string' && domains.includes(hd.toLowerCase()))
        ? null
        : `Only Google accounts of ${domains.join(' or ')} may sign in here. Choose another account, or ask an administrator.`,
    // Google ends its own session only where people ask it to.
    signOutUrl: () => null,
  };
}

export const provider: Provider<GoogleConfig> = {
  name: 'google',
  label: 'Google accounts',
  config,
  configured: (env) => [env.GOOGLE_CLIENT_ID, env.GOOGLE_CLIENT_SECRET, env.GOOGLE_ISSUER].some(Boolean),
  autoOrder: 10,
  defaultIdentity: null,
  embedded: false,
  open: async (settings, { now }) => ({
    identity: createOidcIdentity(googleRules(settings), { now }),
    close: async () => {},
  }),
};
