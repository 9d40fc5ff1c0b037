/** Sign-in by link, sign-out, and the way into an environment: the routes that set or need the session cookie itself. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { z } from 'zod';
import { AppError } from '../../domain/errors.ts';
import { redeemSignInLink } from '../../services/auth/links.ts';
import { sessionCookieName } from '../../services/auth/session.ts';
import { signOut } from '../../services/auth/sign-out.ts';
import type { Deps } from '../../services/deps.ts';
import { openEnvironment } from '../../services/environments/open.ts';
import { actorFrom } from '../context.ts';
import { type Limits, payer } from '../limits.ts';
import { environmentId } from '../schemas/ids.ts';
import { readJson, sendJson } from './reply.ts';

const linkBody = z.strictObject({ secret: z.string().min(16).max(256) });

/** The strongest cookie that every browser accepts on this origin: `__Host-` and Secure on https, host-only on plain loopback. */
function sessionCookie(deps: Deps, value: string, maxAgeSeconds: number): string {
  const { secure } = deps.deployment;
  return `${sessionCookieName(secure)}=${value}; Path=/; HttpOnly; SameSite=Lax; Max-Age=${maxAgeSeconds}${secure ? '; Secure' : ''}`;
}

/** POST /api/auth/link {secret} */
export async function redeemLink(
  deps: Deps,
  req: IncomingMessage,
  res: ServerResponse,
  { limits, jsonBodyMs }: { limits: Limits; jsonBodyMs: number },
): Promise<void> {
  limits.spend(payer(null, req));
  const body = linkBody.safeParse(await readJson(req, { maxBytes: 1024, timeoutMs: jsonBodyMs }));
  if (!body.success)
    throw new AppError('unauthenticated', 'This sign-in link is not complete. Copy all of it from the terminal.');
  const client = { address: req.socket.remoteAddress ?? '', userAgent: req.headers['user-agent'] ?? '' };
  const { token } = await redeemSignInLink(deps, body.data.secret, client);
  sendJson(
    res,
    200,
    { ok: true },
    { 'set-cookie': sessionCookie(deps, token, Math.floor(deps.deployment.sessionTtlMs / 1000)) },
  );
}

/** POST /api/auth/sign-out */
export async function handleSignOut(deps: Deps, req: IncomingMessage, res: ServerResponse): Promise<void> {
  const actor = await actorFrom(deps, req);
  if (actor) signOut(deps, actor);
  sendJson(res, 200, { ok: true }, { 'set-cookie': sessionCookie(deps, '', 0), 'clear-site-data': '"cache"' });
}

/**
 * GET /open/<environmentId>?to=/path: to the environment's own origin with a one-time ticket, by way of sign-in when needed.
 * Another site may send a browser here, as the environment's own origin does: it costs one of the limited changes and gives
 * that site nothing.
 */
export async function handleOpen(deps: Deps, req: IncomingMessage, res: ServerResponse, limits: Limits): Promise<void> {
  const url = new URL(req.url ?? '/', deps.deployment.appOrigin);
  const id = environmentId.safeParse(url.pathname.slice('/open/'.length));
  if (!id.success) throw new AppError('not_found', 'This environment does not exist or is not yours.');
  const actor = await actorFrom(deps, req);
  const to = url.searchParams.get('to') ?? '/';
  const go = (location: string) => {
    res.writeHead(303, { location, 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' });
    res.end();
  };
  if (!actor) return go(`/sign-in?next=${encodeURIComponent(url.pathname + url.search)}`);
  limits.spend(payer(actor, req));
  go(openEnvironment(deps, actor, { id: id.data, to: to.startsWith('/') && !to.startsWith('//') ? to : '/' }).url);
}
