/**
 * What the gateway of a replica that does not lead asks of the leader: which environment a host is and whether a browser may use it.
 * Traffic itself goes straight to the environment. Here are both sides: the questions with their short memory, and the answers.
 */
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { readJson, sendJson } from '../../api/http/reply.ts';
import { AppError } from '../../domain/errors.ts';
import type { Grant, Route } from '../../domain/gateway.ts';
import type { EnvironmentId } from '../../domain/ids.ts';
import type { Logger } from '../../ports/provider.ts';
import type { Revocations } from '../../services/revocations.ts';
import type { Container } from '../container.ts';
import type { Followers } from './followers.ts';
import type { Forwarder } from './forward.ts';

const GATEWAY = '/api/replica/gateway';
const REVOCATIONS = '/api/replica/revocations';

/** As long as the leader itself remembers; revocations come at once besides. */
const MEMORY_MS = 3_000;
const MEMORY_ENTRIES = 10_000;
const BODY_BYTES = 64 * 1024;
const BODY_MS = 5_000;
const HEARTBEAT_MS = 15_000;
const RECONNECT_MS = 500;

type Revoked = Parameters<Revocations['announce']>[0];

const environmentId = z.string().transform((id) => id as EnvironmentId);
const question = z.discriminatedUnion('ask', [
  z.object({ ask: z.literal('resolve'), slug: z.string() }),
  z.object({ ask: z.literal('check'), cookie: z.string(), environmentId }),
  z.object({ ask: z.literal('redeem'), ticket: z.string(), environmentId }),
  z.object({
    ask: z.literal('report'),
    environmentId,
    openSockets: z.number(),
    bytesIn: z.number(),
    bytesOut: z.number(),
    lastUseAt: z.number(),
  }),
]);
type Question = z.input<typeof question>;

interface ReplicaCall {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  readonly path: string;
  readonly live: Set<ServerResponse>;
  readonly followers: Followers;
}

/** The leader's side. The caller has made sure that a replica asks, and not for a client. */
export async function answerReplica(
  { resolver, authorizer, activity, deps }: Container,
  { req, res, path, live, followers }: ReplicaCall,
): Promise<void> {
  if (path === REVOCATIONS && req.method === 'GET') {
    followers.add(req, res);
    return tellRevocations(deps.revocations, res, live);
  }
  if (path !== GATEWAY || req.method !== 'POST')
    return sendJson(res, 404, { code: 'not_found', message: 'There is no such route.' });
  const asked = question.parse(await readJson(req, { maxBytes: BODY_BYTES, timeoutMs: BODY_MS }));
  switch (asked.ask) {
    case 'resolve':
      return sendJson(res, 200, await resolver.resolve(asked.slug));
    case 'check':
      return sendJson(res, 200, await authorizer.check(asked.cookie, asked.environmentId));
    case 'redeem':
      return sendJson(res, 200, await authorizer.redeem(asked.ticket, asked.environmentId));
    case 'report':
      activity.report(asked);
      return sendJson(res, 200, null);
  }
}

function tellRevocations(revocations: Revocations, res: ServerResponse, live: Set<ServerResponse>): void {
  res.writeHead(200, { 'content-type': 'application/x-ndjson', 'cache-control': 'no-store' });
  res.write('\n');
  const stop = revocations.subscribe((revoked) => res.write(`${JSON.stringify(revoked)}\n`));
  const heartbeat = setInterval(() => res.write('\n'), HEARTBEAT_MS);
  live.add(res);
  res.on('close', () => {
    live.delete(res);
    stop();
    clearInterval(heartbeat);
  });
}

/** What a gateway needs of the database. */
export type GatewayParts = Pick<Container, 'resolver' | 'authorizer' | 'activity'>;

export interface RemoteGateway extends GatewayParts {
  close(): Promise<void>;
}

/** The follower's side. */
export function createRemoteGateway({
  forwarder,
  here,
  now,
  log,
}: {
  forwarder: Pick<Forwarder, 'ask' | 'listen'>;
  /** This process's own, for what was asked before it led and could not be answered. */
  here: () => GatewayParts | null;
  now: () => number;
  log: Logger;
}): RemoteGateway {
  const listeners = new Set<(revoked: Revoked) => void>();
  const routes = new Memory<Route>(now);
  const grants = new Memory<Grant>(now);
  const stopping = new AbortController();

  async function ask<T>(body: Question, atHome: (parts: GatewayParts) => T | Promise<T>): Promise<T> {
    const answer = await forwarder.ask(GATEWAY, body);
    if (answer !== 'here') return answer.value as T;
    const parts = here();
    if (!parts) throw new AppError('unavailable', 'This replica does not lead any more. Try again.');
    return atHome(parts);
  }

  function heard(line: string): void {
    if (line === '') return;
    tell(JSON.parse(line) as Revoked);
  }

  function tell(revoked: Revoked): void {
    routes.forget(({ environmentId: id }) => id === revoked.environmentId);
    grants.forget(
      ({ sessionId, userId, environmentId: id }) =>
        sessionId === revoked.sessionId || userId === revoked.userId || id === revoked.environmentId,
    );
    for (const listener of [...listeners]) listener(revoked);
  }

  async function follow(): Promise<void> {
    const { signal } = stopping;
    while (!signal.aborted) {
      const own = here();
      if (own) {
        // What still runs through here from the time before this process led is cut like all else.
        const stop = own.authorizer.onRevoked(tell);
        await once(signal, 'abort');
        return stop();
      }
      // What was revoked while nobody listened is not known: nothing that was remembered counts.
      routes.forget(() => true);
      grants.forget(() => true);
      await forwarder.listen(REVOCATIONS, heard, signal).catch(() => undefined);
      await delay(RECONNECT_MS, undefined, { signal }).catch(() => undefined);
    }
  }
  const following = follow();

  return {
    resolver: {
      resolve(slug) {
        const known = routes.get(slug);
        if (known) return known;
        const before = routes.changes;
        return ask<Route | null>({ ask: 'resolve', slug }, (own) => own.resolver.resolve(slug)).then((route) => {
          if (route?.phase === 'running') routes.set(slug, route, before);
          return route;
        });
      },
    },
    authorizer: {
      check(cookie, id) {
        const known = grants.get(cookie);
        if (known) return known.environmentId === id ? known : null;
        const before = grants.changes;
        return ask<Grant | null>({ ask: 'check', cookie, environmentId: id }, (own) =>
          own.authorizer.check(cookie, id),
        ).then((grant) => {
          if (grant) grants.set(cookie, grant, before);
          return grant;
        });
      },
      redeem: (ticket, id) =>
        ask<{ cookie: string; grant: Grant } | null>({ ask: 'redeem', ticket, environmentId: id }, (own) =>
          own.authorizer.redeem(ticket, id),
        ),
      onRevoked(listener) {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    },
    activity: {
      report(activity) {
        ask<unknown>({ ask: 'report', ...activity }, (own) => own.activity.report(activity)).catch((error: unknown) =>
          log.warn('last use of an environment not told', { error: String(error) }),
        );
      },
    },
    async close() {
      stopping.abort();
      await following;
    },
  };
}

/** Answers for a few seconds; by distance, so that a clock that was put back keeps nothing alive. */
class Memory<T> {
  /** Counts what was forgotten: an answer asked for before that may be the old one already. */
  changes = 0;
  readonly #entries = new Map<string, { value: T; at: number }>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  get(key: string): T | null {
    const entry = this.#entries.get(key);
    return entry && Math.abs(this.#now() - entry.at) < MEMORY_MS ? entry.value : null;
  }

  set(key: string, value: T, before: number): void {
    if (before !== this.changes) return;
    const oldest = this.#entries.size >= MEMORY_ENTRIES ? this.#entries.keys().next().value : undefined;
    if (oldest !== undefined) this.#entries.delete(oldest);
    this.#entries.set(key, { value, at: this.#now() });
  }

  forget(which: (value: T) => boolean): void {
    this.changes += 1;
    for (const [key, { value }] of this.#entries) if (which(value)) this.#entries.delete(key);
  }
}
