/**
 * How replicas of one deployment know each other. A follower that forwards a request vouches for it with a token made from SECRET_KEY
 * for one process alone: the leader, by the name that it chose at its start. So a token is worth nothing to any other process nor after
 * the next start, and it needs no clock and no memory of tokens seen. It is sent to no one but the address in the lease. It carries
 * trust in three facts (one hop, where the client is, that an operator asks), never a person: cookies still do that.
 */
import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import type { KeyRing } from '../../services/keys.ts';

/** The token; whoever has it was forwarded, and is not forwarded again. */
export const FORWARDED = 'x-db-forwarded';
const CLIENT = 'x-db-client';
const OPERATOR = 'x-db-operator';
/** In the answer of a replica that does not lead: nothing of the request was done. */
export const REFUSED = 'x-db-refused';
/** Fields that only replicas write. */
export const OURS = 'x-db-';

export interface Voucher {
  /** Address of the client, as the replica that took the request sees it; null: the replica itself asks. */
  readonly client: string | null;
  /** It has shown the control key of that replica's data folder. */
  readonly operator: boolean;
}

export interface Pass {
  /** Fields, as a flat list, of a request to the replica of that name. */
  fieldsFor(owner: string, voucher: Voucher): string[];
  /** Takes our fields off a request to the replica `owner`. Null: nobody forwarded it. */
  take(req: IncomingMessage, owner: string): Voucher | 'forged' | null;
}

export function createPass(keys: Pick<KeyRing, 'sign' | 'verify'>): Pass {
  return {
    fieldsFor: (owner, { client, operator }) => [
      FORWARDED,
      keys.sign('replicas', owner),
      ...(client === null ? [] : [CLIENT, client]),
      ...(operator ? [OPERATOR, '1'] : []),
    ],
    take(req, owner) {
      const { [FORWARDED]: token, [CLIENT]: client, [OPERATOR]: operator } = req.headers;
      for (const name of [FORWARDED, CLIENT, OPERATOR]) delete req.headers[name];
      if (token === undefined) return null;
      const named = typeof token === 'string' && token.length < 512 ? keys.verify('replicas', token) : null;
      if (named === null || !same(named, owner)) return 'forged';
      const address = typeof client === 'string' && isIP(client) !== 0 ? client : 'unknown';
      return { client: client === undefined ? null : address, operator: operator === '1' };
    },
  };
}

function same(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}
