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

/** The Cookie field without our cookies; empty if nothing is left. Runs for every request, so it works by index. */
export function stripOurCookies(header: string): string {
  if (!MAYBE_OURS.test(header)) return header;
  let kept = '';
  for (let start = 0; start < header.length; ) {
    const semicolon = header.indexOf(';', start);
    const end = semicolon < 0 ? header.length : semicolon;
    const pair = header.slice(start, end).trim();
    if (pair !== '' && !OURS.test(pair)) kept = kept === '' ? pair : `${kept}; ${pair}`;
    start = end + 1;
  }
  return kept;
}

/** The tokens that came under our two names, in the order of the Cookie field, `top` ones first, each once. */
export function readTokens(header: string | undefined, names: CookieNames): CookieToken[] {
  const top: CookieToken[] = [];
  if (header === undefined) return top;
  const embed: CookieToken[] = [];
  // The name of the embedded one begins with that of the other.
  for (let at = header.indexOf(names.top); at >= 0; at = header.indexOf(names.top, at + 1)) {
    let before = at - 1;
    while (before >= 0 && (header[before] === ' ' || header[before] === '\t')) before -= 1;
    if (before >= 0 && header[before] !== ';') continue;
    const semicolon = header.indexOf(';', at);
    const end = semicolon < 0 ? header.length : semicolon;
    const equals = header.indexOf('=', at);
    if (equals < 0 || equals > end) continue;
    const name = header.slice(at, equals).trim();
    const token = header.slice(equals + 1, end).trim();
    if (!TOKEN.test(token)) continue;
    if (name === names.top) top.push({ kind: 'top', token });
    else if (name === names.embed) embed.push({ kind: 'embed', token });
  }
  for (const one of embed) if (!top.some((other) => other.token === one.token)) top.push(one);
  return top.length > MAX_CANDIDATES ? top.slice(0, MAX_CANDIDATES) : top;
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
