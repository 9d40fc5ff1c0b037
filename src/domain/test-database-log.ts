/** A log in good health, for tests; what differs is said by hand. */
import type { DatabaseLogView } from './database-log.ts';

export function healthyLog(differs: Partial<DatabaseLogView> = {}): DatabaseLogView {
  return {
    role: 'leader',
    owner: 'aTcm5zZ1pYx0vN3kqWb7',
    url: 'http://10.0.3.7:8080',
    epoch: 3,
    leaseLeftMs: 5_200,
    followers: [],
    place: 'the bucket “lab-database” of memory, below control/',
    encrypted: true,
    retentionMs: 7 * 86_400_000,
    slot: 1_204,
    storedAt: 1_000,
    undurableAgeMs: 0,
    refusesAfterMs: 10_000,
    pendingBytes: 0,
    databaseBytes: 2_400_000,
    batches: 60,
    commits: 75,
    snapshot: null,
    sinceSnapshot: { slots: 60, bytes: 90_000 },
    store: { puts: 60, retries: 0, p50Ms: 21, p99Ms: 80, lastError: null, lastErrorAt: null, failingSince: null },
    checkpoint: { lastMs: 1, longestMs: 4 },
    collected: 0,
    restore: { ms: 310, bytes: 2_400_000, slots: 40 },
    ...differs,
  };
}
