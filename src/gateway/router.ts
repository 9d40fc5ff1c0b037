/**
 * Decides what happens to one request or upgrade: which environment it means, whether its sender may use it, and if not, what
 * the sender is told. It reads the head of the request only and touches no socket; proxy.ts and tunnel.ts act on its verdict.
 * Answers in the same tick whenever resolver and authorizer do: this runs for every request.
 */
import type { IncomingMessage } from 'node:http';
import type { Authorizer, Endpoint, Grant, Route, RouteResolver } from '../domain/gateway.ts';
import { type CookieKind, type CookieNames, type CookieToken, readTokens } from './cookies.ts';
import { countField } from './headers.ts';
import { createHosts, type Hosts } from './hosts.ts';
import type { Refusal } from './pages.ts';
import { type TicketStep, ticketStep } from './ticket.ts';

export interface Forward {
  kind: 'forward';
  route: Route;
  endpoint: Endpoint;
  grant: Grant;
  token: string;
  /** Which cookie carried the grant. */
  via: CookieKind;
}

export type Verdict =
  | Forward
  | { kind: 'refuse'; refusal: Refusal }
  /** A page navigation without a grant: the application asks who it is and sends the browser back with a ticket. */
  | { kind: 'sign_in'; location: string }
  | { kind: 'ticket'; route: Route; step: TicketStep };

export interface RouterOptions {
  appsDomain: string;
  appOrigin: string;
  names: CookieNames;
  resolver: RouteResolver;
  authorizer: Authorizer;
}

export interface Router {
  readonly hosts: Hosts;
  decide(req: IncomingMessage, upgrade: boolean): Verdict | Promise<Verdict>;
  /** The first of these tokens that is good for the environment. */
  authorize(tokens: readonly CookieToken[], route: Route): Authorized | null | Promise<Authorized | null>;
}

export interface Authorized {
  grant: Grant;
  token: string;
  via: CookieKind;
}

/** Everything under it belongs to the gateway, on every environment's origin. */
const RESERVED = '/.cmbcluster';
/** Node drops header fields beyond 2,000 silently; far fewer are refused openly. */
const MAX_FIELDS = 256;
/** A longer path is not carried through sign-in. */
const MAX_RETURN_PATH = 2048;

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);

export function createRouter({ appsDomain, appOrigin, names, resolver, authorizer }: RouterOptions): Router {
  const hosts = createHosts(appsDomain, appOrigin);
  const scheme = appOrigin.startsWith('https:') ? 'https' : 'http';

  function decide(req: IncomingMessage, upgrade: boolean): Verdict | Promise<Verdict> {
    const host = req.headers.host;
    const slug = hosts.slug(host);
    const fault = slug === null ? 'bad_request' : malformed(req, upgrade);
    if (fault !== null || slug === null || host === undefined) return refuse(fault ?? 'bad_request', null);
    const route = resolver.resolve(slug);
    return isPromise(route)
      ? route.then((found) => decideRoute(req, upgrade, host, found))
      : decideRoute(req, upgrade, host, route);
  }

  function decideRoute(
    req: IncomingMessage,
    upgrade: boolean,
    host: string,
    route: Route | null,
  ): Verdict | Promise<Verdict> {
    if (route === null) return refuse('unknown', null);
    if (isForeign(req, upgrade, `${scheme}://${host.toLowerCase()}`)) return refuse('foreign_origin', null);
    const url = req.url ?? '/';
    if (url.startsWith(RESERVED) && (url.length === RESERVED.length || '/?'.includes(url.charAt(RESERVED.length)))) {
      const step = upgrade || req.method !== 'GET' ? null : ticketStep(url);
      return step === null ? refuse('bad_request', null) : { kind: 'ticket', route, step };
    }
    const tokens = readTokens(req.headers.cookie, names);
    const authorized = authorize(tokens, route);
    return isPromise(authorized)
      ? authorized.then((result) => conclude(req, upgrade, route, result, tokens.length > 0))
      : conclude(req, upgrade, route, authorized, tokens.length > 0);
  }

  function authorize(
    tokens: readonly CookieToken[],
    route: Route,
    from = 0,
  ): Authorized | null | Promise<Authorized | null> {
    for (let i = from; i < tokens.length; i += 1) {
      const { token, kind } = tokens[i] as CookieToken;
      const grant = authorizer.check(token, route.environmentId);
      if (isPromise(grant)) {
        return grant.then((result) =>
          result === null ? authorize(tokens, route, i + 1) : { grant: result, token, via: kind },
        );
      }
      if (grant !== null) return { grant, token, via: kind };
    }
    return null;
  }

  function conclude(
    req: IncomingMessage,
    upgrade: boolean,
    route: Route,
    authorized: Authorized | null,
    hadToken: boolean,
  ): Verdict {
    if (authorized === null) {
      if (!upgrade && isNavigation(req)) return { kind: 'sign_in', location: openLocation(appOrigin, route, req) };
      return refuse(hadToken ? 'forbidden' : 'unauthenticated', null);
    }
    if (route.phase !== 'running' || route.endpoint === null)
      return refuse(route.phase === 'running' ? 'starting' : route.phase, route);
    return { kind: 'forward', route, endpoint: route.endpoint, ...authorized };
  }

  return { hosts, decide, authorize };
}

function refuse(reason: Refusal['reason'], route: Route | null): Verdict {
  return { kind: 'refuse', refusal: { reason, route } };
}

/** What is wrong with the form of a request, before anything is looked up; null if nothing is. */
function malformed(req: IncomingMessage, upgrade: boolean): 'bad_request' | 'too_many_headers' | null {
  const raw = req.rawHeaders;
  if (raw.length > MAX_FIELDS * 2) return 'too_many_headers';
  // Two Host fields, or a target that names a host of its own, let two readers see two different sites.
  if (countField(raw, 'host') !== 1 || req.url?.charCodeAt(0) !== 47) return 'bad_request';
  const { 'content-length': length, 'transfer-encoding': coding } = req.headers;
  if (coding !== undefined && (length !== undefined || coding.toLowerCase() !== 'chunked')) return 'bad_request';
  if (!upgrade) return null;
  const body = coding !== undefined || (length !== undefined && length !== '0');
  const websocket =
    req.headers.upgrade?.toLowerCase() === 'websocket' && req.method === 'GET' && req.httpVersion === '1.1';
  return body || !websocket ? 'bad_request' : null;
}

/**
 * Whether another site's page is behind this request. Sites share cookies more widely than origins (every environment under a
 * real domain is one site, and an embedded one shares its parent's partition), so the origin itself is compared. Navigations
 * may come from anywhere; frame-ancestors says where they may be shown. No Origin and no Sec-Fetch-Site: not a browser.
 */
function isForeign(req: IncomingMessage, upgrade: boolean, own: string): boolean {
  const { origin, 'sec-fetch-site': site } = req.headers;
  const unsafe = upgrade || !SAFE_METHODS.has(req.method ?? '');
  if (unsafe && origin !== undefined && origin !== own) {
    // A same-origin form on a page with `Referrer-Policy: no-referrer` sends `Origin: null`; the browser vouches for it otherwise.
    if (upgrade || origin !== 'null' || site !== 'same-origin') return true;
  }
  if (site !== 'cross-site' && site !== 'same-site') return false;
  return unsafe || req.headers['sec-fetch-mode'] !== 'navigate';
}

/** A person following a link or typing an address, rather than a script or a program. */
export function isNavigation(req: IncomingMessage): boolean {
  if (req.method !== 'GET') return false;
  const mode = req.headers['sec-fetch-mode'];
  return mode === undefined ? (req.headers.accept?.includes('text/html') ?? false) : mode === 'navigate';
}

function openLocation(appOrigin: string, route: Route, req: IncomingMessage): string {
  const url = req.url ?? '/';
  const to = url.length > MAX_RETURN_PATH ? '/' : url;
  const embedded = req.headers['sec-fetch-dest'] === 'iframe' || req.headers['sec-fetch-dest'] === 'frame';
  return `${appOrigin}/open/${route.environmentId}?to=${encodeURIComponent(to)}${embedded ? '&embed=1' : ''}`;
}

export function isPromise<T>(value: T | Promise<T>): value is Promise<T> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}
