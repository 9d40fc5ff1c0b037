/** What every request to the app's own origin passes first: known hosts, same-origin rules, security headers. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { isIP } from 'node:net';
import { countField } from '../gateway/headers.ts';

export interface Guard {
  /** null when the request may go on, else the answer to give. */
  refuse(req: IncomingMessage): { status: number; message: string } | null;
  /** What every answer of this origin carries, for answers that are no pages. Routes may say more. */
  setHeaders(res: ServerResponse): void;
  /** The policy of a page whose inline scripts carry the nonce. */
  setPagePolicy(res: ServerResponse, nonce: string): string;
}

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS']);
/** Issuers send browsers back here; the flow's own state says whether the browser set out from here. */
const CALLBACK = /^\/api\/auth\/callback\/[a-z][a-z0-9-]*(\?|$)/;

export function createGuard(options: {
  appOrigin: string;
  appsHost: string;
  secure: boolean;
  development: boolean;
  /** Where browsers send parts of files to, past this server. */
  storageOrigins: () => readonly string[];
}): Guard {
  const app = new URL(options.appOrigin);
  const scheme = options.secure ? 'https' : 'http';

  /** Own name, loopback names and bare addresses: a name of somebody else's that points here (DNS rebinding) is refused. */
  function knownHost(header: string | undefined): boolean {
    if (!header) return false;
    if (header.toLowerCase() === app.host) return true;
    const name = header
      .replace(/:\d+$/, '')
      .replace(/^\[|\]$/g, '')
      .toLowerCase();
    return name === 'localhost' || isIP(name) !== 0;
  }

  function sameOrigin(req: IncomingMessage, changes: boolean): boolean {
    const site = req.headers['sec-fetch-site'];
    if (site !== undefined) return site === 'same-origin' || (site === 'none' && !changes);
    const origin = req.headers.origin;
    if (origin !== undefined) return origin === app.origin || origin === `${scheme}://${req.headers.host}`;
    // Browsers send one of the two with every unsafe request; a caller without cookies cannot be forged.
    return !changes || req.headers.cookie === undefined;
  }

  /** A person's own way back from an issuer, in a window and not in a frame. */
  function comesBack({ method, url = '', headers }: IncomingMessage): boolean {
    const isPage = headers['sec-fetch-mode'] === 'navigate' && headers['sec-fetch-dest'] === 'document';
    return method === 'GET' && isPage && CALLBACK.test(url);
  }

  return {
    refuse(req) {
      // Node takes the first of several, what stands before it may take the last (RFC 9112 §3.2).
      if (countField(req.rawHeaders, 'host') !== 1) return { status: 400, message: 'A request names one host, once.' };
      if (!knownHost(req.headers.host))
        return {
          status: 421,
          message: `This server does not answer for this host name. Set BASE_DOMAIN to it, or open ${app.origin}.`,
        };
      const api = req.url?.startsWith('/api/') === true;
      // Nobody upgrades by link or form: a socket is as good as a change.
      const changes = !SAFE.has(req.method ?? '') || req.headers.upgrade !== undefined;
      if ((api || changes) && !sameOrigin(req, changes) && !comesBack(req))
        return { status: 403, message: 'This request came from another site.' };
      return null;
    },
    setHeaders(res) {
      res.setHeader(
        'content-security-policy',
        "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'",
      );
      res.setHeader('x-content-type-options', 'nosniff');
      res.setHeader('x-frame-options', 'SAMEORIGIN');
      res.setHeader('referrer-policy', 'same-origin');
      res.setHeader('cross-origin-opener-policy', 'same-origin');
      res.setHeader('cross-origin-resource-policy', 'same-origin');
      if (options.secure) res.setHeader('strict-transport-security', 'max-age=31536000');
    },
    setPagePolicy(res, nonce) {
      const script = options.development ? "'unsafe-eval' 'unsafe-inline'" : `'nonce-${nonce}' 'strict-dynamic'`;
      const policy = [
        "default-src 'self'",
        `script-src 'self' ${script}`,
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self'",
        ['connect-src', "'self'", ...(options.development ? ['ws:'] : []), ...options.storageOrigins()].join(' '),
        `frame-src 'self' ${scheme}://*.${options.appsHost}`,
        "frame-ancestors 'self'",
        "base-uri 'none'",
        "form-action 'self'",
        "object-src 'none'",
      ].join('; ');
      res.setHeader('content-security-policy', policy);
      res.setHeader('permissions-policy', 'camera=(), microphone=(), geolocation=(), payment=(), usb=()');
      return policy;
    },
  };
}
