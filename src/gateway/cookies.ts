/**
 * Cookies on the border between a browser, the gateway and an environment. Two rules: what is ours never reaches the
 * environment, and what the environment sets can never pose as ours. Everything whose name begins with `cmbcluster_`, with or
 * without a `__Host-`/`__Secure-` prefix and in any case, is ours, so a new cookie of the product needs no change here.
 */

/** `top` travels in normal tabs; `embed` is partitioned and travels where the environment is shown inside the application. */
export type CookieKind = 'top' | 'embed';

export interface CookieNames {
  top: string;
  embed: string;
}

export interface CookieToken {
  kind: CookieKind;
  token: string;
}

/** `__Host-` needs Secure, which Safari refuses on plain http even on loopback: so the names depend on the scheme. */
export function cookieNames(secure: boolean): CookieNames {
  const prefix = secure ? '__Host-' : '';
  return { top: `${prefix}cmbcluster_environment`, embed: `${prefix}cmbcluster_environment_embed` };
}

const OURS = /^[\s="]*(?:__host-|__secure-)?cmbcluster_/i;
const MAYBE_OURS = /cmbcluster_/i;
const TOKEN = /^[A-Za-z0-9._~+/=-]{1,2048}$/;
/** A script of the environment may plant copies of our cookie under other paths; that many are tried. */
const MAX_CANDIDATES = 4;

/** The Cookie field without our cookies; empty if nothing is left. */
export function stripOurCookies(header: string): string {
  if (!MAYBE_OURS.test(header)) return header;
  return header
    .split(';')
    .filter((pair) => !OURS.test(pair))
    .map((pair) => pair.trim())
    .filter((pair) => pair !== '')
    .join('; ');
}

/** The tokens that came under our two names, in the order of the Cookie field, `top` ones first. */
export function readTokens(header: string | undefined, names: CookieNames): CookieToken[] {
  if (header === undefined || !header.includes(names.top)) return [];
  const top: CookieToken[] = [];
  const embed: CookieToken[] = [];
  for (const pair of header.split(';')) {
    const equals = pair.indexOf('=');
    if (equals < 0) continue;
    const name = pair.slice(0, equals).trim();
    if (name !== names.top && name !== names.embed) continue;
    const token = pair.slice(equals + 1).trim();
    if (!TOKEN.test(token)) continue;
    if (name === names.top) top.push({ kind: 'top', token });
    else if (!top.some((one) => one.token === token)) embed.push({ kind: 'embed', token });
  }
  return [...top, ...embed.filter((one) => !top.some((other) => other.token === one.token))].slice(0, MAX_CANDIDATES);
}

/**
 * Both Set-Cookie values for a fresh token. A browser keeps those that it may: in a tab both, inside another site's page only
 * the partitioned one, in Safari on plain http only the first.
 * @throws Error if the token holds a character that a cookie cannot carry.
 */
export function grantCookies(names: CookieNames, token: string, secure: boolean): [string, string] {
  if (!TOKEN.test(token)) throw new Error('The authorizer issued a token that no cookie can carry.');
  return [
    `${names.top}=${token}; Path=/; HttpOnly; SameSite=Lax${secure ? '; Secure' : ''}`,
    `${names.embed}=${token}; Path=/; HttpOnly; Secure; SameSite=None; Partitioned`,
  ];
}

/**
 * A Set-Cookie of an environment as it may reach the browser: null when its name is ours (also the nameless forms that a
 * browser sends back looking like ours), and without a Domain, so that it stays on the environment's own host.
 */
export function tameSetCookie(value: string): string | null {
  const end = value.indexOf(';');
  if (OURS.test(end < 0 ? value : value.slice(0, end))) return null;
  if (end < 0) return value;
  if (!/;\s*domain/i.test(value)) return value;
  return value
    .split(';')
    .filter((part, index) => index === 0 || !/^\s*domain\s*(?:=|$)/i.test(part))
    .join(';');
}
