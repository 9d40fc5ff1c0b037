/**
 * Two deployments that were pointed at one place: the keys of the second do not open the log of the first. Says whose it is, because
 * "put the old key back" would be the wrong advice.
 */
import { WrongKey } from '../../../prisma-free-db/replication/errors.ts';
import { parseLease } from '../../../prisma-free-db/replication/lease-record.ts';
import { AppError } from '../../domain/errors.ts';
import { explainLog } from './explain-log.ts';
import type { DatabaseLog } from './open-log.ts';

/** The error of a start, with who holds the log where that matters. Never throws. */
export async function namingHolder(error: unknown, { bucket, keys, placeInWords }: DatabaseLog): Promise<unknown> {
  if (!(error instanceof WrongKey)) return error;
  const stored = await bucket.get(keys.lease).catch(() => null);
  const lease = stored && parseLease(stored.bytes);
  const holder = lease
    ? `It was last held by ${lease.url || lease.owner}${lease.released ? ', which has let it go' : ''}.`
    : 'Nobody says that they hold it.';
  return new AppError(
    'failed_precondition',
    `${explainLog(error)} If it never was this deployment's: another one lies in ${placeInWords}. ${holder} Choose another DATABASE_PREFIX then.`,
    { cause: error },
  );
}
