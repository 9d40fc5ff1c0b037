/** A one-time ticket that brings a signed-in person to the environment's own origin. */
import type { EnvironmentId } from '../../domain/ids.ts';
import { randomText } from '../../domain/ids.ts';
import type { Actor } from '../../domain/user.ts';
import { noteRefusal } from '../admin/refused.ts';
import { record } from '../audit.ts';
import { type Deps, environmentUrl } from '../deps.ts';
import { hashSecret } from '../keys.ts';
import { ownedEnvironment } from './view.ts';

const TICKET_TTL_MS = 30_000;

/** @returns the address to send the browser to. @throws not_found */
export function openEnvironment(deps: Deps, actor: Actor, input: { id: EnvironmentId; to: string }): { url: string } {
  const ticket = randomText(32);
  const row = noted(deps, actor, input.id, () =>
    deps.db.write(() => {
      const row = ownedEnvironment(deps, actor, input.id);
      deps.environments.deleteExpiredTickets(deps.now());
      deps.environments.insertTicket({
        hash: hashSecret(ticket),
        environmentId: row.id,
        sessionId: actor.sessionId,
        userId: actor.userId,
        expiresAt: deps.now() + TICKET_TTL_MS,
      });
      record(deps, actor, { action: 'environment.open', ownerId: row.ownerId, targetId: row.id, targetName: row.name });
      return row;
    }),
  );
  const query = new URLSearchParams({ ticket, to: input.to });
  return { url: `${environmentUrl(deps.deployment, row.slug)}/.cmbcluster/enter?${query}` };
}

/** Outside of the transaction, which a refusal rolls back. */
function noted<T>(deps: Deps, actor: Actor, id: EnvironmentId, open: () => T): T {
  try {
    return open();
  } catch (error) {
    noteRefusal(deps, actor, { call: 'open', input: id, error });
    throw error;
  }
}
