/**
 * The feed behind every live stream. An event names an owner and a thing that changed, not its content: the stream reads the
 * current state when it sends, so a late or repeated event does no harm. Events are rows, so a reconnecting browser replays
 * what it missed by its last id; log growth is not stored, since the log itself can be read from any offset.
 */
import type { ControlDb } from '../../../prisma-free-db/database.ts';
import type { LiveEventRow, RecordRepository } from '../../../prisma-free-db/repositories/records.ts';
import type { EnvironmentId, UserId } from '../../domain/ids.ts';

export type LiveKind = 'environment' | 'storage' | 'fileJob' | 'profile' | 'people' | 'tiers';

export type LiveSignal =
  | { type: 'event'; row: LiveEventRow }
  | { type: 'log'; ownerId: UserId; environmentId: EnvironmentId; end: number };

export interface LiveFeed {
  /** Inside `db.write`: stored with the change, sent after its commit. */
  publish(ownerId: UserId, kind: LiveKind, targetId: string): void;
  /** Outside of transactions: output of an environment reached this offset. */
  logMoved(ownerId: UserId, environmentId: EnvironmentId, end: number): void;
  subscribe(ownerId: UserId, listener: (signal: LiveSignal) => void): () => void;
}

export function createLiveFeed(db: ControlDb, records: RecordRepository, now: () => number): LiveFeed {
  const listeners = new Map<UserId, Set<(signal: LiveSignal) => void>>();
  const emit = (ownerId: UserId, signal: LiveSignal) => {
    for (const listener of listeners.get(ownerId) ?? []) listener(signal);
  };
  return {
    publish(ownerId, kind, targetId) {
      const row = records.appendLive({ ownerId, at: now(), kind, targetId });
      db.afterCommit(() => emit(ownerId, { type: 'event', row }));
    },
    logMoved: (ownerId, environmentId, end) => emit(ownerId, { type: 'log', ownerId, environmentId, end }),
    subscribe(ownerId, listener) {
      const set = listeners.get(ownerId) ?? new Set();
      listeners.set(ownerId, set.add(listener));
      return () => {
        set.delete(listener);
        if (set.size === 0 && listeners.get(ownerId) === set) listeners.delete(ownerId);
      };
    },
  };
}
