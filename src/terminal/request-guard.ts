/**
 * Who may talk to this server. The gateway has authenticated the person; what remains is to know that it is the gateway (secret
 * header, or the socket's file mode) and that the page that asks is our own (Origin), for a cookie travels with any page's request.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

export const SECRET_HEADER = 'x-cmbcluster-secret';

export interface Guard {
  /** Required in SECRET_HEADER; null = none. */
  secret: string | null;
  /** Answer only to loopback names: a foreign name that resolves to this machine (DNS rebinding) is refused. */
  loopbackNamesOnly: boolean;
}

export function mayTalk(guard: Guard, headers: IncomingHttpHeaders): boolean {
  if (guard.secret !== null) return sameSecret(guard.secret, headers[SECRET_HEADER]);
  return !guard.loopbackNamesOnly || isLoopbackName(hostName(headers.host));
}

/**
 * True unless a browser says that another origin's page asks. A missing Origin is no browser's doing: every browser sends it
 * with a WebSocket and with an unsafe method. Ports count, schemes do not: TLS may end before us.
 */
export function isOwnOrigin(headers: IncomingHttpHeaders): boolean {
  const { origin } = headers;
  if (origin === undefined)
    return headers['sec-fetch-site'] !== 'cross-site' && headers['sec-fetch-site'] !== 'same-site';
  if (!URL.canParse(origin)) return false;
  const url = new URL(origin);
  const forwarded = headers['x-forwarded-host'];
  const host = (Array.isArray(forwarded) ? forwarded[0] : forwarded)?.split(',')[0]?.trim() || headers.host;
  if (!host || !URL.canParse(`${url.protocol}//${host}`)) return false;
  return new URL(`${url.protocol}//${host}`).host === url.host;
}

/** A form or an image cannot send this type to another origin without asking first. */
export function isJson(headers: IncomingHttpHeaders): boolean {
  return /^application\/json\s*(;|$)/i.test(headers['content-type'] ?? '');
}

function sameSecret(expected: string, given: string | string[] | undefined): boolean {
  if (typeof given !== 'string') return false;
  // Hashed first: equal lengths for the comparison, and the length of the secret does not show in the time taken.
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(expected), digest(given));
}

function hostName(host: string | undefined): string {
  return URL.canParse(`http://${host ?? ''}`) ? new URL(`http://${host}`).hostname : '';
}

function isLoopbackName(name: string): boolean {
  return name === 'localhost' || name.endsWith('.localhost') || name === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(name);
}
