/**
 * What one live stream has not sent yet. Bounded whatever the reader does: of each log only the newest end is kept, and too many
 * events are dropped for one word, `reset`, upon which the browser reads everything again.
 */
import type { LiveEventRow } from '../../../prisma-free-db/repositories/records.ts';
import type { EnvironmentId } from '../../domain/ids.ts';
import type { LiveSignal } from './feed.ts';

export type Waiting =
  | { type: 'event'; row: LiveEventRow }
  | { type: 'log'; environmentId: EnvironmentId; end: number }
  | { type: 'reset' };

export interface Backlog {
  push(signal: LiveSignal): void;
  /** The oldest that waits; resolves once there is one, with null once closed. For one reader. */
  next(): Promise<Waiting | null>;
  close(): void;
}

/** @param most events kept */
export function createBacklog(most: number): Backlog {
  let events: LiveEventRow[] = [];
  const logs = new Map<EnvironmentId, number>();
  let dropped = false;
  let closed = false;
  let wake = () => {};

  function take(): Waiting | undefined {
    if (dropped) {
      dropped = false;
      return { type: 'reset' };
    }
    const row = events.shift();
    if (row) return { type: 'event', row };
    for (const [environmentId, end] of logs) {
      logs.delete(environmentId);
      return { type: 'log', environmentId, end };
    }
    return undefined;
  }

  return {
    push(signal) {
      if (closed) return;
      if (signal.type === 'log') logs.set(signal.environmentId, signal.end);
      else if (!dropped) events.push(signal.row);
      if (events.length > most) {
        events = [];
        dropped = true;
      }
      wake();
    },
    async next() {
      while (!closed) {
        const waiting = take();
        if (waiting) return waiting;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      return null;
    },
    close() {
      closed = true;
      wake();
    },
  };
}
