/** The replicas that follow this one: each keeps one stream of revocations open from here (gateway-calls.ts) for as long as it does. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FollowerSeen } from '../../domain/database-log.ts';

export class Followers {
  readonly #streams = new Map<ServerResponse, FollowerSeen>();
  readonly #now: () => number;

  /** @param now Unix milliseconds */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Counts who asks until its stream ends. */
  add(req: IncomingMessage, res: ServerResponse): void {
    const address = req.socket.remoteAddress?.replace(/^::ffff:(?=\d+\.)/, '') ?? '';
    this.#streams.set(res, { address, since: this.#now() });
    res.on('close', () => this.#streams.delete(res));
  }

  /** In the order in which they came. */
  list(): FollowerSeen[] {
    return [...this.#streams.values()];
  }
}
