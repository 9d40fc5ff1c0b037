/**
 * Which commits are durable and who waits for them. A ticket is the number of a commit in this process; batches take them in order,
 * so one number says how far durability has come. Knows neither SQLite nor the bucket.
 */
import type { Clock } from './clock.ts';
import { OutcomeUnknown } from './errors.ts';

/** `relaxed`: nobody waits for it; it rides along with the next batch, or a tick. */
export type CommitLevel = 'sync' | 'relaxed';

interface Waiter {
  readonly ticket: number;
  readonly until: number;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

export class Tickets {
  readonly #clock: Clock;
  readonly #waitMs: number;
  readonly #signal: AbortSignal;
  #last = 0;
  #taken = 0;
  #durable = 0;
  /** When the oldest commit came that no batch has taken, and the oldest of the batch under way. */
  #pendingSince: number | null = null;
  #takenSince: number | null = null;
  #waiters: Waiter[] = [];
  #watching = false;
  #verdict: ((ticket: number) => Error) | null = null;

  /** @param signal stops the watch over those who wait; they are told by `fail` */
  constructor(clock: Clock, waitMs: number, signal: AbortSignal) {
    this.#clock = clock;
    this.#waitMs = waitMs;
    this.#signal = signal;
  }

  get durable(): number {
    return this.#durable;
  }

  get last(): number {
    return this.#last;
  }

  /** Whether a commit waits to be taken into a batch. */
  get pending(): boolean {
    return this.#last > this.#taken;
  }

  /** Milliseconds that the oldest commit has waited. */
  get undurableMs(): number {
    const since = this.#takenSince ?? this.#pendingSince;
    return since === null ? 0 : Math.max(0, this.#clock.now() - since);
  }

  committed(ticket: number): void {
    this.#last = ticket;
    this.#pendingSince ??= this.#clock.now();
  }

  /** All commits so far go into the next batch. The last of them, and how many they are. */
  take(): { ticket: number; commits: number } {
    const commits = this.#last - this.#taken;
    this.#taken = this.#last;
    this.#takenSince = this.#pendingSince;
    this.#pendingSince = null;
    return { ticket: this.#taken, commits };
  }

  /** The batch that was taken is stored. */
  release(): void {
    this.#durable = this.#taken;
    this.#takenSince = null;
    const ready = this.#waiters.filter(({ ticket }) => ticket <= this.#durable);
    this.#waiters = this.#waiters.filter(({ ticket }) => ticket > this.#durable);
    for (const { resolve } of ready) resolve();
  }

  /** Nothing becomes durable any more. @param verdict what to tell who waits for a ticket, now and later */
  fail(verdict: (ticket: number) => Error): void {
    this.#verdict = verdict;
    const gone = this.#waiters;
    this.#waiters = [];
    for (const { ticket, reject } of gone) reject(verdict(ticket));
  }

  /** Whether the commit is in the batch under way, or before it. */
  isTaken(ticket: number): boolean {
    return ticket <= this.#taken;
  }

  /** Resolves when the commit is durable. @throws OutcomeUnknown after too long a wait; what `fail` says */
  wait(ticket: number): Promise<void> {
    if (ticket <= this.#durable) return Promise.resolve();
    if (this.#verdict) return Promise.reject(this.#verdict(ticket));
    // Who comes while a commit waits for longer than anybody may would wait in vain, and fill the memory.
    if (this.undurableMs > this.#waitMs) return Promise.reject(tooLong(this.undurableMs));
    return new Promise((resolve, reject) => {
      this.#waiters.push({ ticket, until: this.#clock.now() + this.#waitMs, resolve, reject });
      if (!this.#watching) void this.#watch();
    });
  }

  /** Waiters come in the order in which their time is up: one timer is enough. */
  async #watch(): Promise<void> {
    this.#watching = true;
    try {
      for (let first = this.#waiters[0]; first; first = this.#waiters[0]) {
        const left = first.until - this.#clock.now();
        if (left > 0) await this.#clock.sleep(left, this.#signal);
        const now = this.#clock.now();
        const late = this.#waiters.filter(({ until }) => until <= now);
        this.#waiters = this.#waiters.filter(({ until }) => until > now);
        for (const { reject } of late) reject(tooLong(this.#waitMs));
      }
    } catch (error) {
      if (!this.#signal.aborted) throw error;
    } finally {
      this.#watching = false;
    }
  }
}

const tooLong = (ms: number): OutcomeUnknown =>
  new OutcomeUnknown(`The change is not stored after ${Math.round(ms / 1_000)} s. It may still become durable.`);
