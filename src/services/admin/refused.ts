/** Notes that somebody without the role asked for what only administrators may do. Called by the API's procedure ladder. */
import type { Actor } from '../../domain/user.ts';
import { record } from '../audit.ts';
import type { Deps } from '../deps.ts';

const AGAIN_MS = 60_000;
const MOST_REMEMBERED = 1_000;
const noted = new WeakMap<Deps, Map<string, number>>();

/** One entry a minute for each session and call: refusals cost the caller nothing, and must not fill the trail. */
export function noteRefusedCall(deps: Deps, actor: Actor, call: string): void {
  const seen = noted.get(deps) ?? new Map<string, number>();
  noted.set(deps, seen);
  const key = `${actor.sessionId} ${call}`;
  const now = deps.now();
  if (Math.abs(now - (seen.get(key) ?? Number.NEGATIVE_INFINITY)) < AGAIN_MS) return;
  const [oldest] = seen.keys();
  if (oldest !== undefined && seen.size >= MOST_REMEMBERED) seen.delete(oldest);
  seen.delete(key);
  seen.set(key, now);
  deps.db.write(() =>
    record(deps, actor, {
      action: 'admin.call',
      ownerId: actor.userId,
      targetId: null,
      targetName: call,
      result: 'denied',
    }),
  );
}
