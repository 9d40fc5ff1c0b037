/**
 * Sign-in with any issuer that keeps to OpenID Connect: Keycloak, Authentik, Okta, Entra ID, ORCID, a university's own. It is found
 * by discovery. Opened by boot/container when AUTH_PROVIDER chooses it.
 */
import { z } from 'zod';
import { ISSUER_URL_ADVICE, isIssuerUrl } from '../../ports/identity/issuer-url.ts';
import { createOidcIdentity } from '../../ports/identity/oidc.ts';
import type { OidcRules } from '../../ports/identity/oidc-rules.ts';
import type { Provider } from '../../ports/provider.ts';
import { MARK } from './mark.ts';

export const config = z.object({
  OIDC_ISSUER: z
    .string({ error: 'Set OIDC_ISSUER to the address of the issuer, exactly as its tokens name it.' })
    .refine(isIssuerUrl, ISSUER_URL_ADVICE),
  OIDC_CLIENT_ID: z.string({ error: 'Set OIDC_CLIENT_ID to the client that you made at the issuer.' }).trim(),
  /** Without it the client is a public one and proves itself by PKCE alone. */
  OIDC_CLIENT_SECRET: z.string().trim().optional(),
  /** What its button says. */
  OIDC_LABEL: z.string().trim().min(1).max(40, 'Use at most 40 characters.').default('Single sign-on'),
  OIDC_SCOPES: z
    .string()
    .default('openid email profile')
    .transform((text) => text.split(/[\s,]+/).filter(Boolean))
    .refine((scopes) => scopes.includes('openid'), 'It must hold openid, such as: openid email profile groups'),
  /** Claim that lists the names of a person's groups. */
  OIDC_GROUPS_CLAIM: z.string().trim().min(1).default('groups'),
});

export type OidcConfig = z.infer<typeof config>;

export function oidcRules(settings: OidcConfig): OidcRules {
  const issuer = settings.OIDC_ISSUER;
  return {
    name: 'oidc',
    label: settings.OIDC_LABEL,
    mark: MARK,
    issuer,
    alsoIssuers: [],
    accountIssuer: issuer,
    keysOf: null,
    clientId: settings.OIDC_CLIENT_ID,
    clientSecret: settings.OIDC_CLIENT_SECRET ?? null,
    scopes: settings.OIDC_SCOPES,
    algorithms: ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'],
    namesTokenUse: false,
    accessTokens: 'opaque',
    parameters: {},
    groupsClaim: settings.OIDC_GROUPS_CLAIM,
    asksUserinfo: true,
    emailVerified: ({ email_verified }) => email_verified === true,
    refusal: () => null,
    signOutUrl({ endSession }, { clientId, returnTo }) {
      if (endSession === null) return null;
      const url = new URL(endSession);
      url.searchParams.set('client_id', clientId);
      url.searchParams.set('post_logout_redirect_uri', returnTo);
      return url.href;
    },
  };
}

export const provider: Provider<OidcConfig> = {
  name: 'oidc',
  label: 'Accounts of an OpenID Connect issuer',
  config,
  configured: (env) => [env.OIDC_ISSUER, env.OIDC_CLIENT_ID, env.OIDC_CLIENT_SECRET].some(Boolean),
  autoOrder: 30,
  defaultIdentity: null,
  embedded: false,
  open: async (settings, { now }) => ({
    identity: createOidcIdentity(oidcRules(settings), { now }),
    close: async () => {},
  }),
};
