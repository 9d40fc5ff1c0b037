/** What the leader of the log says of itself, as plain data for administrators: times become wall time, page counts bytes. */
import { DEFAULT_LIMITS, type LogStatus } from '../../../prisma-free-db/replication/leader-terms.ts';
import type { DatabaseLogView } from '../../domain/database-log.ts';

/** What the leader does not know of itself. */
export interface LogSurroundings
  extends Pick<DatabaseLogView, 'url' | 'followers' | 'place' | 'encrypted' | 'retentionMs'> {
  /** Nobody else can reach the log: its lease says nothing. */
  readonly soleWriter: boolean;
  /** Now, on the clock of the leader. */
  readonly clockMs: number;
  /** Age from which on changes are refused, where it is not the standard. */
  readonly undurableMs?: number;
}

export function databaseLogView(status: LogStatus, around: LogSurroundings): DatabaseLogView {
  const { soleWriter, clockMs, undurableMs = DEFAULT_LIMITS.undurableMs, ...known } = around;
  const { lastSnapshot, store, leaseDeadlineMs, checkpointMs, restore } = status;
  return {
    ...known,
    role: status.role,
    owner: status.owner,
    epoch: status.epoch,
    leaseLeftMs: soleWriter || leaseDeadlineMs === null ? null : Math.max(0, leaseDeadlineMs - clockMs),
    slot: status.durableSeq,
    storedAt: timeOf(status.storedAt),
    undurableAgeMs: status.undurableAgeMs,
    refusesAfterMs: undurableMs,
    pendingBytes: status.pendingBytes,
    databaseBytes: status.dbPages * status.pageSize,
    batches: status.batches,
    commits: status.commits,
    snapshot: lastSnapshot && {
      kind: lastSnapshot.kind,
      slot: lastSnapshot.to,
      at: Date.parse(lastSnapshot.at),
      bytes: lastSnapshot.bytes,
      ms: lastSnapshot.ms,
    },
    sinceSnapshot: { slots: status.slotsSinceSnapshot, bytes: status.bytesSinceSnapshot },
    store: {
      puts: store.puts,
      retries: store.retries,
      p50Ms: store.putMsP50,
      p99Ms: store.putMsP99,
      lastError: store.lastError,
      lastErrorAt: timeOf(store.lastErrorAt),
      failingSince: timeOf(store.failingSince),
    },
    checkpoint: { lastMs: checkpointMs.last, longestMs: checkpointMs.longest },
    collected: status.gcDeleted,
    // A database that begins had nothing to restore.
    restore: restore && restore.bytes > 0 ? { ms: restore.ms, bytes: restore.bytes, slots: restore.slots } : null,
  };
}

const timeOf = (at: string | null): number | null => (at === null ? null : Date.parse(at));
