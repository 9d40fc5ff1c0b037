/** Sign-in by link, sign-out, and the way into an environment: the routes that set or need the session cookie itself. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { z } from 'zod';
import { AppError } from '../../domain/errors.ts';
import { cookieLine, cookieName, invitationCookie } from '../../services/auth/cookies.ts';
import { acceptInvitation, offerOf } from '../../services/auth/invitations.ts';
import { redeemSignInLink } from '../../services/auth/links.ts';
import { issuerToLeave, signOut } from '../../services/auth/sign-out.ts';
import type { Deps } from '../../services/deps.ts';
import { openEnvironment } from '../../services/environments/open.ts';
import { actorFrom, clientOf, readCookie } from '../context.ts';
import type { Limits } from '../limits.ts';
import { environmentId } from '../schemas/ids.ts';
import { createNativeExchange } from './native-exchange.ts';
import { readJson, sendJson } from './reply.ts';
import type { SignInCall } from './sign-in-call.ts';

const linkBody = z.strictObject({ secret: z.string().min(16).max(256) });

/** POST /api/auth/link {secret} */
async function redeemLink(call: SignInCall): Promise<void> {
  const { deps, req, res, limits, jsonBodyMs } = call;
  limits.spend('sign-in', { actor: null, req, res });
  const body = linkBody.safeParse(await readJson(req, { maxBytes: 1024, timeoutMs: jsonBodyMs }));
  if (!body.success)
    throw new AppError('unauthenticated', 'This sign-in link is not complete. Copy all of it from the terminal.');
  const replaces = (await actorFrom(deps, req))?.sessionId ?? null;
  const { token } = await redeemSignInLink(deps, body.data.secret, { client: clientOf(deps, req), replaces });
  sendSession(call, token);
}

function sendSession({ deps, req, res }: SignInCall, token: string): void {
  const { sessionTtlMs, secure } = deps.deployment;
  const maxAgeSeconds = Math.floor(sessionTtlMs / 1000);
  const shown = readCookie(req.headers.cookie, cookieName('invitation', secure)) !== undefined;
  res.setHeader('set-cookie', [
    cookieLine({ name: 'session', value: token, maxAgeSeconds, secure }),
    ...(shown ? [invitationCookie('', secure)] : []),
  ]);
  sendJson(res, 200, { ok: true });
}

/** POST /api/auth/invitation {secret}: what it offers; this browser keeps it for the sign-in that follows. */
async function showInvitation({ deps, req, res, limits, jsonBodyMs }: SignInCall): Promise<void> {
  limits.spend('sign-in', { actor: null, req, res });
  const body = linkBody.safeParse(await readJson(req, { maxBytes: 1024, timeoutMs: jsonBodyMs }));
  const secret = body.data?.secret ?? '';
  const offer = offerOf(deps, secret);
  res.setHeader('set-cookie', invitationCookie(secret, deps.deployment.secure));
  sendJson(res, 200, offer);
}

/** POST /api/auth/invitation/accept: where links sign in, an invitation by name is one. */
async function acceptByLink(call: SignInCall): Promise<void> {
  const { deps, req, res, limits } = call;
  limits.spend('sign-in', { actor: null, req, res });
  const replaces = (await actorFrom(deps, req))?.sessionId ?? null;
  const secret = readCookie(req.headers.cookie, cookieName('invitation', deps.deployment.secure)) ?? '';
  const { token } = await acceptInvitation(deps, secret, { client: clientOf(deps, req), replaces });
  sendSession(call, token);
}

/** POST /api/auth/sign-out: the answer names the issuer where one may end the session, too. */
async function handleSignOut({ deps, req, res }: SignInCall): Promise<void> {
  const actor = await actorFrom(deps, req);
  const provider = actor ? await issuerToLeave(deps, actor) : null;
  if (actor) signOut(deps, actor);
  res.setHeader('clear-site-data', '"cache"');
  res.setHeader(
    'set-cookie',
    cookieLine({ name: 'session', value: '', maxAgeSeconds: 0, secure: deps.deployment.secure }),
  );
  sendJson(res, 200, { ok: true, issuer: provider });
}

export const SIGN_IN_ROUTES: Readonly<Record<string, (call: SignInCall) => Promise<void>>> = {
  '/api/auth/link': redeemLink,
  '/api/auth/exchange': createNativeExchange(),
  '/api/auth/invitation': showInvitation,
  '/api/auth/invitation/accept': acceptByLink,
  '/api/auth/sign-out': handleSignOut,
};

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
  limits.spend('tickets', { actor, req, res });
  go(openEnvironment(deps, actor, { id: id.data, to: to.startsWith('/') && !to.startsWith('//') ? to : '/' }).url);
}
