/**
 * The one live stream of a browser. Each message is read from the database when it is sent, waits at the gate, and carries the
 * id to resume from; the session is checked again before each, so a revoked one hears nothing more.
 */
import { TRPCError, tracked } from '@trpc/server';
import { z } from 'zod';
import { actorOf } from '../../services/auth/session.ts';
import { createBacklog } from '../../services/live/backlog.ts';
import { type LiveMessage, liveMessage } from '../../services/live/message.ts';
import { router, signedIn } from '../trpc.ts';

const REPLAY_LIMIT = 500;

const ended = () => new TRPCError({ code: 'UNAUTHORIZED', message: 'Your session has ended. Sign in again.' });

export const liveRouter = router({
  watch: signedIn
    .input(z.strictObject({ lastEventId: z.string().max(20).nullish() }).optional())
    .subscription(async function* ({ ctx, input, signal }) {
      const { deps, actor } = ctx;
      // A browser that went before the stream began: no event will ever end it.
      if (signal?.aborted) return;
      const backlog = createBacklog(REPLAY_LIMIT);
      signal?.addEventListener('abort', backlog.close, { once: true });
      const unsubscribe = deps.feed.subscribe(actor.userId, backlog.push);
      const unwatch = deps.revocations.subscribe((revoked) => {
        if (revoked.sessionId === actor.sessionId || revoked.userId === actor.userId) backlog.close();
      });
      try {
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
            if (!actorOf(deps, actor.sessionId, actor)) throw ended();
            sent = row.id;
            const message = liveMessage(deps, actor, row);
            await deps.db.gate();
            yield tracked(String(row.id), message);
          }
        }
        for (let live = await backlog.next(); live; live = await backlog.next()) {
          if (!actorOf(deps, actor.sessionId, actor)) throw ended();
          if (live.type === 'log') {
            yield tracked(String(sent), {
              kind: 'log',
              id: live.environmentId,
              end: live.end,
            } satisfies LiveMessage as LiveMessage);
          } else if (live.type === 'reset') {
            sent = deps.records.liveBounds().last;
            await deps.db.gate();
            yield tracked(String(sent), { kind: 'hello', reset: true } satisfies LiveMessage as LiveMessage);
          } else if (live.row.id > sent) {
            sent = live.row.id;
            const message = liveMessage(deps, actor, live.row);
            await deps.db.gate();
            yield tracked(String(sent), message);
          }
        }
        if (signal?.aborted) return;
        throw ended();
      } finally {
        unsubscribe();
        unwatch();
        backlog.close();
        signal?.removeEventListener('abort', backlog.close);
      }
    }),
});
