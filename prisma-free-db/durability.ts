/**
 * The simplest durability behind the seam: SQLite's own WAL with synchronous=FULL, so a commit is on disk when it returns.
 * `heldBack` is the test double that keeps commits undurable until released; it proves that nothing leaves early.
 */
import type { Durability } from './database.ts';

export function localDisk(): Durability {
  let position = 0;
  return {
    committed: (ticket) => {
      position = ticket;
    },
    durable: async () => {},
    get position() {
      return position;
    },
    close: async () => {},
  };
}

/** Commits become durable only by `release()`, or never by `fail()`. For tests of the gate. */
export function heldBack(): Durability & { release(): void; hold(): void; fail(error: Error): void } {
  let holding = false;
  let committed = 0;
  let position = 0;
  let failure: Error | null = null;
  let waiters: { ticket: number; resolve: () => void; reject: (error: Error) => void }[] = [];
  return {
    committed(ticket) {
      committed = ticket;
      if (!holding) position = ticket;
    },
    durable(ticket) {
      if (failure) return Promise.reject(failure);
      if (position >= ticket) return Promise.resolve();
      return new Promise((resolve, reject) => waiters.push({ ticket, resolve, reject }));
    },
    get position() {
      return position;
    },
    hold() {
      holding = true;
    },
    release() {
      holding = false;
      position = committed;
      const ready = waiters;
      waiters = [];
      for (const waiter of ready) waiter.resolve();
    },
    fail(error) {
      failure = error;
      const gone = waiters;
      waiters = [];
      for (const waiter of gone) waiter.reject(error);
    },
    close: async () => {},
  };
}
