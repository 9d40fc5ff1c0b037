/** Uploads, downloads and exports end with the session that began them, however long they would still run. */
import type { ServerResponse } from 'node:http';
import { AppError } from '../../domain/errors.ts';
import type { Actor } from '../../domain/user.ts';
import { actorOf } from '../../services/auth/session.ts';
import type { Deps } from '../../services/deps.ts';

/**
 * Runs the work of an answer.
 * @param work its signal aborts when the browser is gone or the session has ended; then nobody hears of its own errors
 * @throws unauthenticated as soon as the session has ended; whoever answers it cuts what has begun already
 */
export async function whileSignedIn(
  { deps, actor, res }: { deps: Deps; actor: Actor; res: ServerResponse },
  work: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const gone = new AbortController();
  const onClose = () => gone.abort();
  res.on('close', onClose);
  let unsubscribe = () => {};
  const holds = () => {
    try {
      return actorOf(deps, actor.sessionId, actor) !== null;
    } catch {
      // Others wait to be told of the same end.
      return false;
    }
  };
  const ended = new Promise<never>((_resolve, reject) => {
    const end = () => {
      reject(new AppError('unauthenticated', 'Your session has ended. Sign in again.'));
      gone.abort();
    };
    unsubscribe = deps.revocations.subscribe(({ sessionId, userId }) => {
      // A change of one's role ends nothing as long as the session holds.
      const concerns = sessionId === actor.sessionId || userId === actor.userId;
      if (concerns && !holds()) end();
    });
    // It may have ended between the look at its row and now.
    if (!holds()) end();
  });
  try {
    await Promise.race([ended, gone.signal.aborted ? ended : work(gone.signal)]);
  } finally {
    unsubscribe();
    res.off('close', onClose);
  }
}
