/**
 * Sign-in with an issuer, and adding an issuer's account to one's own: the way there, the way back, and what is told when it
 * fails. Called by the routes of api/http/oauth with what the browser sent; the answers are redirects.
 */
import { z } from 'zod';
import { AppError, isAppError } from '../../domain/errors.ts';
import { safeNextPath } from '../../domain/next-path.ts';
import { LINKING_REASONS, SIGN_IN_REASONS, type SignInReason } from '../../domain/sign-in-reason.ts';
import type { Actor } from '../../domain/user.ts';
import type { IdentityProvider, OidcClient } from '../../ports/identity/identity.ts';
import type { Deps } from '../deps.ts';
import {
  beginCodeFlow,
  type CodeFlow,
  clearedSteps,
  endCodeFlow,
  type Redirect,
  StepsMissing,
  type Tokens,
} from './code-flow.ts';
import { cookieLine, cookieName, invitationCookie } from './cookies.ts';
import { type Client, exchange } from './exchange.ts';
import { linkIdentity, requireFresh } from './identities.ts';

const LINKING_MS = 10 * 60_000;
/** Longer than anybody may take: a way that was begun to add an account never ends as a sign-in. */
const INTENT_SECONDS = 3600;
/** Where accounts are added and seen. */
const ACCOUNTS = '/settings?tab=accounts';

export type Issuer = IdentityProvider & { readonly client: OidcClient };

/** What a browser sends along: its cookies by name, the first of a name (RFC 6265 §5.4), decoded. */
export interface Visitor {
  actor: Actor | null;
  client: Client;
  cookies: Readonly<Record<string, string>>;
}

/** @throws not_found */
export function issuerNamed(deps: Deps, name: string): Issuer {
  const provider = deps.identityProviders.find((candidate) => candidate.name === name);
  if (!provider?.client) throw new AppError('not_found', 'This deployment has no such sign-in.');
  return { ...provider, client: provider.client };
}

/** To the issuer: to sign in, or to add an account to the one that is signed in. */
export async function goToIssuer(
  deps: Deps,
  issuer: Issuer,
  { visitor, next, linking }: { visitor: Visitor; next: string | null; linking: boolean },
): Promise<Redirect> {
  const { appOrigin } = deps.deployment;
  const { actor } = visitor;
  if (linking && !actor) return to(`/sign-in?${new URLSearchParams({ next: ACCOUNTS })}`);
  const target = linking ? `${ACCOUNTS}&added=${issuer.name}` : safeNextPath(next, appOrigin);
  try {
    if (linking && actor) requireFresh(deps, actor);
    const intent = linking && actor ? { sessionId: actor.sessionId, provider: issuer.name } : null;
    const { location, cookies } = await beginCodeFlow(await flowOf(deps, issuer, visitor), appOrigin + target);
    // A plain sign-in takes back an intent that was left lying about.
    return to(location, [...cookies, intentCookie(deps, intent)]);
  } catch (error) {
    return refuse(deps, issuer, { error, linking, next: target });
  }
}

/** Back from the issuer with a code, or with a refusal. */
export async function comeBackFromIssuer(
  deps: Deps,
  issuer: Issuer,
  { visitor, query }: { visitor: Visitor; query: Readonly<Record<string, string>> },
): Promise<Redirect> {
  const { secure, appOrigin } = deps.deployment;
  const intent = readIntent(deps, visitor);
  try {
    if (query.error !== undefined) throw new IssuerRefused(query.error);
    const { location, cookies } = await endCodeFlow(await flowOf(deps, issuer, visitor), query, (tokens) =>
      finish(deps, issuer, { visitor, intent, tokens }),
    );
    return to(location, [...cookies, intentCookie(deps, null), invitationCookie('', secure)]);
  } catch (error) {
    const target = visitor.cookies[cookieName('target', secure)] ?? '';
    const next = target.startsWith(`${appOrigin}/`) ? target.slice(appOrigin.length) : null;
    const { location } = refuse(deps, issuer, { error, linking: intent !== null, next });
    // An invitation that was not used is kept for the next try.
    return to(location, [...clearedSteps(secure), intentCookie(deps, null)]);
  }
}

/** Where the session at the issuer ends, too. */
export async function leaveIssuer(deps: Deps, { client }: Issuer): Promise<Redirect> {
  const page = `${deps.deployment.appOrigin}/sign-in`;
  return to((await client.signOutUrl(page)) ?? page);
}

const to = (location: string, cookies: string[] = []): Redirect => ({ location, cookies });

/** The session's token: a new one, or the one of the session that an account was added to. */
async function finish(
  deps: Deps,
  issuer: Issuer,
  { visitor, intent, tokens }: { visitor: Visitor; intent: Intent | null; tokens: Tokens },
): Promise<string> {
  const { idToken, ...context } = tokens;
  const identity = await issuer.validateToken(idToken, context);
  const { secure } = deps.deployment;
  const { actor, client, cookies } = visitor;
  if (intent === null) {
    const invitation = cookies[cookieName('invitation', secure)] ?? null;
    return (await exchange(deps, { identity, client, invitation, replaces: actor?.sessionId ?? null })).token;
  }
  if (actor?.sessionId !== intent.sessionId || intent.provider !== issuer.name || intent.until <= deps.now())
    throw new StepsMissing('the session that asked is not the one that came back');
  linkIdentity(deps, actor, identity);
  return cookies[cookieName('session', secure)] ?? '';
}

async function flowOf(deps: Deps, { name, client }: Issuer, { cookies }: Visitor): Promise<CodeFlow> {
  const { appOrigin, secure, sessionTtlMs } = deps.deployment;
  const { id, secret, scopes, checks, parameters } = client;
  return {
    appOrigin,
    secure,
    sessionTtlMs,
    secret: Buffer.from(deps.keys.signing('sign-in').key).toString('base64url'),
    client: { name, id, secret, scopes, checks, parameters },
    endpoints: await client.endpoints(),
    cookies,
  };
}

interface Intent {
  sessionId: string;
  provider: string;
  until: number;
}

/** The session that asked to add an account, by its signed cookie; null for a plain sign-in. */
function readIntent(deps: Deps, { cookies }: Visitor): Intent | null {
  const payload = deps.keys.verify('sign-in', cookies[cookieName('linking', deps.deployment.secure)] ?? '');
  if (payload === null) return null;
  const [sessionId, provider, until] = z.tuple([z.string(), z.string(), z.number()]).parse(JSON.parse(payload));
  return { sessionId, provider, until };
}

function intentCookie(deps: Deps, intent: Omit<Intent, 'until'> | null): string {
  const { secure } = deps.deployment;
  if (intent === null) return cookieLine({ name: 'linking', value: '', maxAgeSeconds: 0, secure });
  const value = deps.keys.sign('sign-in', JSON.stringify([intent.sessionId, intent.provider, deps.now() + LINKING_MS]));
  return cookieLine({ name: 'linking', value, maxAgeSeconds: INTENT_SECONDS, secure });
}

class IssuerRefused extends Error {}

/** Back to the page where the way began, with the reason. */
function refuse(
  deps: Deps,
  issuer: Issuer,
  { error, linking, next }: { error: unknown; linking: boolean; next: string | null },
): Redirect {
  const reason = reasonOf(error);
  if (reason === 'failed' || reason === 'unavailable') {
    // Neither tokens nor codes are in these words.
    const cause = isAppError(error) ? (error.cause ?? error) : error;
    deps.log.warn('sign-in failed', { provider: issuer.name, error: String(cause).slice(0, 300) });
  }
  if (linking) return to(`${ACCOUNTS}&${new URLSearchParams({ reason, with: issuer.name })}`);
  const known: SignInReason = SIGN_IN_REASONS.find((one) => one === reason) ?? 'failed';
  const query = new URLSearchParams({ reason: known, with: issuer.name });
  if (next !== null && next !== '/') query.set('next', next);
  return to(`/sign-in?${query}`);
}

function reasonOf(error: unknown): string {
  if (error instanceof StepsMissing) return 'expired';
  if (error instanceof IssuerRefused) {
    if (error.message === 'access_denied') return 'declined';
    return /^(temporarily_unavailable|server_error)$/.test(error.message) ? 'unavailable' : 'failed';
  }
  if (isAppError(error)) {
    const reason = error.details?.reason;
    const known = [...SIGN_IN_REASONS, ...LINKING_REASONS].find((one) => one === reason);
    if (known) return known;
    if (error.code === 'permission_denied') return 'wrong_account';
    return error.code === 'unavailable' ? 'unavailable' : 'failed';
  }
  const fault = error instanceof Error ? error : new Error(String(error));
  // The client library's name for an answer of the issuer's; a code that was used or is old is nobody's fault.
  if (fault.name === 'OPError') return Reflect.get(fault, 'error') === 'invalid_grant' ? 'expired' : 'failed';
  return fault.name === 'RPError' || Reflect.has(fault, 'code') ? 'unavailable' : 'failed';
}
