/**
 * The one live stream of a browser. Each message is read from the database when it is sent, waits at the gate, and carries the
 * id to resume from; the session is checked again before each, so a revoked one hears nothing more.
 */
import { EventEmitter, on } from 'node:events';
import { TRPCError, tracked } from '@trpc/server';
import { z } from 'zod';
import { actorOf } from '../../services/auth/session.ts';
import type { LiveSignal } from '../../services/live/feed.ts';
import { type LiveMessage, liveMessage } from '../../services/live/message.ts';
import { router, signedIn } from '../trpc.ts';

const REPLAY_LIMIT = 500;

export const liveRouter = router({
  watch: signedIn
    .input(z.strictObject({ lastEventId: z.string().max(20).nullish() }).optional())
    .subscription(async function* ({ ctx, input, signal }) {
      const { deps, actor } = ctx;
      const queue = new EventEmitter();
      const stop = new AbortController();
      signal?.addEventListener('abort', () => stop.abort(), { once: true });
      const unsubscribe = deps.feed.subscribe(actor.userId, (live) => queue.emit('signal', live));
      const unwatch = deps.revocations.subscribe((revoked) => {
        if (revoked.sessionId === actor.sessionId || revoked.userId === actor.userId) stop.abort();
      });
      try {
        const signals = on(queue, 'signal', { signal: stop.signal });
        const { first, last } = deps.records.liveBounds();
        const since = input?.lastEventId ? Number(input.lastEventId) : null;
        const missed = since === null ? [] : deps.records.liveAfter(actor.userId, since, REPLAY_LIMIT);
        const reset =
          since !== null &&
          (!Number.isFinite(since) || since > last || since < first - 1 || missed.length === REPLAY_LIMIT);
        await deps.db.gate();
        let sent = reset || since === null ? last : since;
        yield tracked(String(sent), { kind: 'hello', reset } satisfies LiveMessage as LiveMessage);
        if (!reset) {
          for (const row of missed) {
            sent = row.id;
            const message = liveMessage(deps, actor, row);
            await deps.db.gate();
            yield tracked(String(row.id), message);
          }
        }
        for await (const [live] of signals as AsyncIterable<[LiveSignal]>) {
          if (!actorOf(deps, actor.sessionId, actor.address)) break;
          if (live.type === 'log') {
            yield tracked(String(sent), {
              kind: 'log',
              id: live.environmentId,
              end: live.end,
            } satisfies LiveMessage as LiveMessage);
          } else if (live.row.id > sent) {
            sent = live.row.id;
            const message = liveMessage(deps, actor, live.row);
            await deps.db.gate();
            yield tracked(String(sent), message);
          }
        }
        throw new TRPCError({ code: 'UNAUTHORIZED', message: 'Your session has ended. Sign in again.' });
      } catch (error) {
        if (signal?.aborted) return;
        if (stop.signal.aborted)
          throw new TRPCError({ code: 'UNAUTHORIZED', message: 'Your session has ended. Sign in again.' });
        throw error;
      } finally {
        unsubscribe();
        unwatch();
        stop.abort();
      }
    }),
});
