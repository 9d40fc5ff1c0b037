/** Which addresses an issuer may have. A token's signature is worth as much as the way its keys came. */

/** Whether http without TLS reaches this machine only. */
function isLoopback({ hostname }: URL): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(hostname);
}

/** https anywhere, or http on loopback; without user, query and fragment. */
export function isTrustworthyUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  if (url.username !== '' || url.password !== '' || url.hash !== '') return false;
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url));
}

/**
 * The same for an issuer, which has no query either and is compared letter by letter: so it must be written as browsers would
 * write it, host in lower case and without a default port.
 */
export function isIssuerUrl(text: string): boolean {
  if (!isTrustworthyUrl(text) || /[\s?]/.test(text)) return false;
  const { href } = new URL(text);
  return href === text || href === `${text}/`;
}

export const ISSUER_URL_ADVICE =
  'Use the exact address that the issuer has in its tokens, such as https://login.example.org; http is for this machine only.';

/** https://openid.net/specs/openid-connect-discovery-1_0.html section 4 */
export function discoveryUrl(issuerUrl: string): string {
  return `${issuerUrl.replace(/\/$/, '')}/.well-known/openid-configuration`;
}
