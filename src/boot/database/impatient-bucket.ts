/**
 * The log's bucket for somebody who waits at a terminal: the protocol asks an unclear store again without end, which is right for a
 * server and wrong for a command.
 */
import type { LogBucket } from '../../../prisma-free-db/replication/bucket.ts';
import type { Clock } from '../../../prisma-free-db/replication/clock.ts';
import { Ambiguous } from '../../../prisma-free-db/replication/errors.ts';
import { AppError } from '../../domain/errors.ts';

const PATIENCE_MS = 30_000;

/** @param patienceMs without any definite answer, after which `unavailable` is thrown instead of `Ambiguous` */
export function impatientBucket(bucket: LogBucket, clock: Clock, patienceMs = PATIENCE_MS): LogBucket {
  let unclearSince: number | null = null;
  async function ask<T>(request: Promise<T>): Promise<T> {
    try {
      const answer = await request;
      unclearSince = null;
      return answer;
    } catch (error) {
      if (!(error instanceof Ambiguous)) throw error;
      unclearSince ??= clock.now();
      if (clock.now() - unclearSince < patienceMs) throw error;
      throw new AppError(
        'unavailable',
        `The storage has given no clear answer for ${Math.round(patienceMs / 1000)} s. ${error.message}`,
        { cause: error },
      );
    }
  }
  return {
    putIfAbsent: (key, bytes) => ask(bucket.putIfAbsent(key, bytes)),
    putIfMatch: (key, bytes, etag) => ask(bucket.putIfMatch(key, bytes, etag)),
    get: (key) => ask(bucket.get(key)),
    list: (prefix, after) => ask(bucket.list(prefix, after)),
    delete: (key) => ask(bucket.delete(key)),
  };
}
