/**
 * What the making and the removing of a bucket share: steps in a fixed order, each of them safe to repeat, written down as they
 * are done, so that a crash at any point costs a repetition and nothing else. Run by the reconciler; nothing here waits to retry.
 */
import type { StorageRow } from '../../../prisma-free-db/repositories/storages.ts';
import { toAppError } from '../../domain/errors.ts';
import type { StorageId } from '../../domain/ids.ts';
import type { StorageStatus } from '../../domain/storage.ts';
import { within } from '../deadline.ts';
import type { Deps } from '../deps.ts';
import type { Pace } from './pace.ts';

/** Of quick stores all steps go into one commit; a slow one is seen to move. */
const WRITE_AFTER_MS = 100;

export interface SagaTools {
  pace: Pace;
  /** Ends with the process: what is under way stops at the next safe point. */
  signal: AbortSignal;
}

export type RowChange = Partial<Omit<StorageRow, 'id' | 'ownerId'>>;

/** The record as one run of a saga sees it: changes are kept, and written after a while or when they must be. */
export interface SagaRecord {
  readonly row: StorageRow;
  isDone(step: string): boolean;
  /** @returns false when somebody turned the storage elsewhere: stop */
  done(step: string, change?: RowChange): boolean;
  note(change: RowChange): boolean;
  /** Writes what is kept. @param inside runs in the same transaction */
  write(change?: RowChange, inside?: () => void): boolean;
}

export function openSagaRecord(deps: Deps, row: StorageRow): SagaRecord {
  const { id, status } = row;
  let now: StorageRow = row;
  let kept: RowChange = {};
  let writtenAt = performance.now();

  function keep(change: RowChange): void {
    now = { ...now, ...change };
    kept = { ...kept, ...change };
  }

  function write(change: RowChange = {}, inside: () => void = () => {}): boolean {
    keep(change);
    const going = deps.db.write(() => {
      if (statusOf(deps, id) !== status) return false;
      if (Object.keys(kept).length > 0) {
        deps.storages.update(id, kept);
        deps.feed.publish(now.ownerId, 'storage', id);
      }
      inside();
      return true;
    });
    kept = {};
    writtenAt = performance.now();
    return going;
  }

  const note = (change: RowChange): boolean => {
    keep(change);
    return performance.now() - writtenAt < WRITE_AFTER_MS ? statusOf(deps, id) === status : write();
  };

  return {
    get row() {
      return now;
    },
    isDone: (step) => now.steps.some((entry) => entry.step === step),
    done: (step, change = {}) => note({ ...change, waiting: null, steps: [...now.steps, { step, at: deps.now() }] }),
    note,
    write,
  };
}

function statusOf(deps: Deps, id: StorageId): StorageStatus | undefined {
  return deps.storages.find(id)?.status;
}

/** Keeps what was done and says why it does not go on, then lets the fault pass to whoever backs off. */
export function waitFor(record: SagaRecord, error: unknown, signal: AbortSignal): never {
  const known = toAppError(error);
  if (!signal.aborted) record.write({ waiting: known.message });
  throw error;
}

/** Buckets carry these from their first moment; what does not is not ours, whatever its name. */
export function bucketLabels(row: Pick<StorageRow, 'ownerId' | 'id'>): Record<string, string> {
  return { owner: row.ownerId, storage: row.id };
}

/** An outside effect that may never answer, with an end. @throws deadline_exceeded; its repetition finds what it did all the same */
export function withDeadline<Result>(deps: Deps, call: () => Promise<Result>): Promise<Result> {
  return within(deps.effectMs, deps.db.effect(call));
}
