/** Fan-out of a spawner's changes to its watchers: every change reaches each of them, moves of a log's end only as the newest. */
import type { EnvironmentId } from '../../domain/ids.ts';
import type { Snapshot } from './spawner.ts';

export type Change = { kind: 'changed'; snapshot: Snapshot } | { kind: 'log'; id: EnvironmentId; end: number };

interface Watcher {
  queue: Change[];
  wake: (() => void) | null;
}

export interface Changes {
  emit(change: Change): void;
  /** From the moment of the call; ends when the signal aborts or `close` is called. */
  watch(signal: AbortSignal): AsyncIterable<Change>;
  close(): void;
}

export function createChanges(): Changes {
  const watchers = new Set<Watcher>();
  let closed = false;

  async function* drain(watcher: Watcher, signal: AbortSignal): AsyncGenerator<Change> {
    const wake = () => watcher.wake?.();
    signal.addEventListener('abort', wake);
    try {
      while (!signal.aborted && !closed) {
        const change = watcher.queue.shift();
        if (change) yield change;
        else
          await new Promise<void>((resolve) => {
            watcher.wake = resolve;
          });
      }
    } finally {
      signal.removeEventListener('abort', wake);
      watchers.delete(watcher);
    }
  }

  return {
    emit(change) {
      for (const watcher of watchers) {
        const waiting =
          change.kind === 'log' && watcher.queue.find((other) => other.kind === 'log' && other.id === change.id);
        if (waiting && waiting.kind === 'log') waiting.end = change.end;
        else watcher.queue.push({ ...change });
        watcher.wake?.();
      }
    },
    watch(signal) {
      const watcher: Watcher = { queue: [], wake: null };
      // Registered before the first `next()`, so that nothing between the call and the loop is missed.
      if (!signal.aborted && !closed) watchers.add(watcher);
      return drain(watcher, signal);
    },
    close() {
      closed = true;
      for (const watcher of watchers) watcher.wake?.();
    },
  };
}
