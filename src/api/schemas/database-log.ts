/** The database's log as administrators see it. */
import { z } from 'zod';
import { LOG_CONDITIONS, LOG_ROLES } from '../../domain/database-log.ts';

const amount = z.number().nonnegative();
const time = z.number();

const databaseLog = z.object({
  condition: z.enum(LOG_CONDITIONS),
  refuses: z.boolean(),
  role: z.enum(LOG_ROLES),
  owner: z.string(),
  url: z.string(),
  epoch: amount,
  leaseLeftMs: amount.nullable(),
  followers: z.array(z.object({ address: z.string(), since: time })).readonly(),
  place: z.string(),
  encrypted: z.boolean(),
  retentionMs: amount,
  slot: amount,
  storedAt: time.nullable(),
  undurableAgeMs: amount,
  refusesAfterMs: amount,
  pendingBytes: amount,
  databaseBytes: amount,
  batches: amount,
  commits: amount,
  snapshot: z.object({ kind: z.enum(['base', 'diff']), slot: amount, at: time, bytes: amount, ms: amount }).nullable(),
  sinceSnapshot: z.object({ slots: amount, bytes: amount }),
  store: z.object({
    puts: amount,
    retries: amount,
    p50Ms: amount.nullable(),
    p99Ms: amount.nullable(),
    lastError: z.string().nullable(),
    lastErrorAt: time.nullable(),
    failingSince: time.nullable(),
  }),
  checkpoint: z.object({ lastMs: amount, longestMs: amount }),
  collected: amount,
  restore: z.object({ ms: amount, bytes: amount, slots: amount }).nullable(),
});

/** `log`: null where commits stay on this machine's disk. */
export const databaseStatus = z.object({ log: databaseLog.nullable() });
