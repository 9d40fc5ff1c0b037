/**
 * What keeps commits, as the database sees it. `localDisk` is the simplest: SQLite's own WAL with synchronous=FULL, so a commit is on
 * disk when it returns. The replicated log (replication/leader.ts) fits the same seam. `heldBack` is the test double that keeps commits
 * undurable until released; it proves that nothing leaves early.
 */
/** `sync`: nothing that depends on it leaves before it is durable. `relaxed`: may be lost or seen early (last-seen times, counters). */
export type DurabilityLevel = 'sync' | 'relaxed';

/** What keeps commits. Tickets count commits of this process. */
export interface Durability {
  /** Called before a write touches SQLite. @throws when it must not: nothing happened then */
  admit(): void;
  /** Called in the same tick as the commit of ticket `ticket`. */
  committed(ticket: number, level: DurabilityLevel): void;
  /** Resolves once every sync commit up to `ticket` is durable; rejects when it never will be, or when that takes too long. */
  durable(ticket: number): Promise<void>;
  /** Highest ticket that is durable now. */
  readonly position: number;
  /** Whether what this process knows may be told: false once another process may have written since. */
  readonly current: boolean;
  close(): Promise<void>;
}

export function localDisk(): Durability {
  let position = 0;
  return {
    admit: () => {},
    committed: (ticket) => {
      position = ticket;
    },
    durable: async () => {},
    get position() {
      return position;
    },
    current: true,
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
    admit: () => {},
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
    current: true,
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
