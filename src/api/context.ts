/** What each procedure gets: the deployment's services and who asks, read from the session row for this very call. */
import type { IncomingMessage } from 'node:http';
import { randomText } from '../domain/ids.ts';
import type { Actor } from '../domain/user.ts';
import { authenticate, sessionCookieName } from '../services/auth/session.ts';
import type { Deps } from '../services/deps.ts';
import { clientAddress } from './client-address.ts';

export interface Context {
  deps: Deps;
  actor: Actor | null;
  correlationId: string;
}

export async function createContext(deps: Deps, req: IncomingMessage): Promise<Context> {
  const correlationId = randomText(10);
  return { deps, actor: await actorFrom(deps, req, correlationId), correlationId };
}

/** @param correlationId names the call in the audit trail */
export function actorFrom(
  deps: Deps,
  req: IncomingMessage,
  correlationId: string = randomText(10),
): Promise<Actor | null> {
  return authenticate(deps, bearer(req) ?? readCookie(req.headers.cookie, sessionCookieName(deps.deployment.secure)), {
    address: clientAddress(req, deps.deployment.trustedProxies),
    agent: (req.headers['user-agent'] ?? '').slice(0, 256),
    correlationId,
  });
}

/** A program's session: no page of another site can send this header. */
function bearer(req: IncomingMessage): string | undefined {
  return /^Bearer (\S+)$/i.exec(req.headers.authorization ?? '')?.[1];
}

/** What is kept of where somebody signs in. */
export function clientOf(deps: Deps, req: IncomingMessage): { address: string; userAgent: string } {
  return { address: clientAddress(req, deps.deployment.trustedProxies), userAgent: req.headers['user-agent'] ?? '' };
}

/**
 * The cookie of that name. Undefined also when there are several that differ: then somebody else planted one (a program on
 * another port of this host, where cookies have no `__Host-`), and nobody can tell which.
 */
export function readCookie(header: string | undefined, name: string): string | undefined {
  let found: string | undefined;
  for (const part of header?.split(';') ?? []) {
    const equals = part.indexOf('=');
    if (equals <= 0 || part.slice(0, equals).trim() !== name) continue;
    const value = part.slice(equals + 1).trim();
    if (found !== undefined && found !== value) return undefined;
    found = value;
  }
  return found;
}
