/** What an issuer says of itself (OpenID Connect Discovery 1.0), believed only if it is that issuer and its addresses are safe. */
import { z } from 'zod';
import type { OidcEndpoints } from './identity.ts';
import { discoveryUrl, isTrustworthyUrl } from './issuer-url.ts';
import { createRemoteDocument, type RemoteDocument } from './remote-document.ts';

const FRESH_MS = 60 * 60_000;

const address = z.string().max(2_048).refine(isTrustworthyUrl, 'is neither https nor on this machine');

const schema = z.object({
  issuer: z.string(),
  authorization_endpoint: address,
  token_endpoint: address,
  jwks_uri: address,
  userinfo_endpoint: address.optional(),
  end_session_endpoint: address.optional(),
});

export function createDiscovery(options: {
  issuer: string;
  now: () => number;
  answerMs?: number;
}): RemoteDocument<OidcEndpoints> {
  const { issuer, now, answerMs } = options;
  // An issuer on the web does not send us to this machine, where other services trust whoever is near.
  const secure = issuer.startsWith('https:');
  return createRemoteDocument({
    url: () => discoveryUrl(issuer),
    freshMs: FRESH_MS,
    now,
    answerMs,
    parse: (json) => {
      const { data: found, error } = schema.safeParse(json);
      if (error) throw new Error(error.issues.map(({ path, message }) => `${path.join('.')} ${message}`).join('; '));
      if (found.issuer !== issuer)
        throw new Error(`the issuer calls itself ${found.issuer.slice(0, 200)}, not ${issuer}`);
      const endpoints = {
        issuer: found.issuer,
        authorization: found.authorization_endpoint,
        token: found.token_endpoint,
        keys: found.jwks_uri,
        userinfo: found.userinfo_endpoint ?? null,
        endSession: found.end_session_endpoint ?? null,
      };
      const unsafe = Object.values(endpoints).find((url) => secure && url?.startsWith('http:'));
      if (unsafe) throw new Error(`${unsafe} is not https`);
      return endpoints;
    },
  });
}
