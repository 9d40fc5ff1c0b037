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
  return authenticate(deps, readCookie(req.headers.cookie, sessionCookieName(deps.deployment.secure)), {
    address: clientAddress(req, deps.deployment.trustedProxies),
    agent: (req.headers['user-agent'] ?? '').slice(0, 256),
    correlationId,
  });
}

/** First cookie of that name (RFC 6265 §5.4 order), or undefined. */
export function readCookie(header: string | undefined, name: string): string | undefined {
  if (!header) return undefined;
  for (const part of header.split(';')) {
    const equals = part.indexOf('=');
    if (equals > 0 && part.slice(0, equals).trim() === name) return part.slice(equals + 1).trim();
  }
  return undefined;
}
