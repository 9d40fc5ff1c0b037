/**
 * The routes of sign-in with an issuer: POST /api/auth/sign-in/<provider>, GET /api/auth/callback/<provider> and
 * GET /api/auth/issuer-sign-out/<provider>. All of them answer with a redirect.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { z } from 'zod';
import { AppError } from '../../domain/errors.ts';
import type { Redirect } from '../../services/auth/code-flow.ts';
import {
  comeBackFromIssuer,
  goToIssuer,
  issuerNamed,
  leaveIssuer,
  type Visitor,
} from '../../services/auth/issuer-sign-in.ts';
import type { Deps } from '../../services/deps.ts';
import { actorFrom, clientOf } from '../context.ts';
import { readText } from './reply.ts';
import type { SignInCall } from './sign-in-call.ts';

const SIGN_IN = '/api/auth/sign-in/';
const CALLBACK = '/api/auth/callback/';
const ISSUER_SIGN_OUT = '/api/auth/issuer-sign-out/';

const form = z.object({ next: z.string().max(2048).optional(), linking: z.literal('yes').optional() });

export const isOAuthRoute = (path: string): boolean =>
  path.startsWith(SIGN_IN) || path.startsWith(CALLBACK) || path.startsWith(ISSUER_SIGN_OUT);

export async function handleOAuth({ deps, req, res, limits, jsonBodyMs }: SignInCall, path: string): Promise<void> {
  limits.spend('sign-in', { actor: null, req, res });
  const named = (prefix: string) => issuerNamed(deps, path.slice(prefix.length));
  if (path.startsWith(SIGN_IN) && req.method === 'POST') {
    // From a form of our own pages: the guard has seen to that.
    const text = await readText(req, { maxBytes: 4096, timeoutMs: jsonBodyMs });
    const body = form.safeParse(Object.fromEntries(new URLSearchParams(text)));
    const { next = null, linking } = body.data ?? {};
    const visitor = await visitorOf(deps, req);
    const away = await goToIssuer(deps, named(SIGN_IN), { visitor, next, linking: linking === 'yes' });
    return wantsPage(req) && /^https?:/.test(away.location) ? leaveBy(res, away) : redirect(res, away);
  }
  if (path.startsWith(CALLBACK) && req.method === 'GET') {
    const query = Object.fromEntries(new URL(req.url ?? '/', deps.deployment.appOrigin).searchParams);
    const visitor = await visitorOf(deps, req);
    const back = await comeBackFromIssuer(deps, named(CALLBACK), { visitor, query });
    if (/[?&]reason=/.test(back.location)) limits.fail('sign-in', { actor: null, req });
    return redirect(res, back);
  }
  if (path.startsWith(ISSUER_SIGN_OUT) && req.method === 'GET')
    return redirect(res, await leaveIssuer(deps, named(ISSUER_SIGN_OUT)));
  throw new AppError('not_found', 'There is no such route.');
}

async function visitorOf(deps: Deps, req: IncomingMessage): Promise<Visitor> {
  return { actor: await actorFrom(deps, req), client: clientOf(deps, req), cookies: allCookies(req) };
}

function allCookies(req: IncomingMessage): Record<string, string> {
  const found: [string, string][] = [];
  for (const part of (req.headers.cookie ?? '').split(';')) {
    const equals = part.indexOf('=');
    if (equals > 0) found.unshift([part.slice(0, equals).trim(), decoded(part.slice(equals + 1).trim())]);
  }
  return Object.fromEntries(found);
}

function decoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}

/** A browser that shows what it gets, as opposed to a program. */
function wantsPage(req: IncomingMessage): boolean {
  return req.headers['sec-fetch-mode'] === 'navigate' || req.headers.accept?.includes('text/html') === true;
}

/**
 * To the issuer by a page that goes on at once. Chromium and WebKit hold each redirect after a form against the form's own
 * `form-action`, those of the issuer too, which nobody can list: an issuer that hands people on to another one would not be reached.
 */
function leaveBy(res: ServerResponse, { location, cookies }: Redirect): void {
  const address = new URL(location).href.replaceAll('&', '&amp;').replaceAll('"', '&quot;');
  const text = `<!doctype html><title>…</title><a href="${address}" rel="noreferrer">${new URL(location).host}</a>`;
  res.writeHead(200, {
    refresh: `0;url=${new URL(location).href}`,
    'content-type': 'text/html; charset=utf-8',
    'content-length': Buffer.byteLength(text),
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
    ...(cookies.length > 0 ? { 'set-cookie': cookies } : {}),
  });
  res.end(text);
}

function redirect(res: ServerResponse, { location, cookies }: Redirect): void {
  res.writeHead(303, {
    location,
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
    ...(cookies.length > 0 ? { 'set-cookie': cookies } : {}),
  });
  res.end();
}
