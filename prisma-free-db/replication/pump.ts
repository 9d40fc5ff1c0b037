/**
 * The one loop that makes commits durable (format document, section 8): take all commits so far as one batch, store it as the next
 * slot, tell those who wait, begin again. One PUT is under way at a time; what is committed meanwhile is the next batch, so that
 * many writers share a PUT without any timer. Ends only by an error: a local commit cannot be undone.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { encodeObject } from './codec.ts';
import type { DatabaseFiles } from './database-files.ts';
import type { DbSum } from './db-sum.ts';
import { decide } from './decide.ts';
import { Fenced, OutcomeUnknown, TransactionTooLarge, Unavailable } from './errors.ts';
import type { LeaderTerms, Limits } from './leader-terms.ts';
import { addTo } from './log-reader.ts';
import type { Pacing } from './pacing.ts';
import type { Armed, Snapshots } from './snapshot.ts';
import type { Tickets } from './tickets.ts';
import type { Batch } from './wal.ts';

/** Milliseconds between two looks at a statement that is still open. */
const BUSY_MS = 1;
/** Slots whose times are kept for the figures. */
const TIMED = 512;

export interface PumpTerms {
  readonly terms: LeaderTerms;
  readonly files: DatabaseFiles;
  readonly tickets: Tickets;
  readonly snapshots: Snapshots;
  readonly limits: Limits;
  /** Its signal ends the loop. */
  readonly pacing: Pacing;
  /** Running checksum of the database at `tail`. */
  readonly sum: DbSum;
}

/** The end of this leader's log. */
export interface Tail {
  readonly seq: number;
  readonly hash: Uint8Array;
}

export interface PumpFigures {
  readonly batches: number;
  readonly commits: number;
  /** Wall time when the last slot was stored. */
  readonly storedAt: string | null;
  /** Attempts beyond the first of a slot. */
  readonly retries: number;
  /** Milliseconds of the latest slots. */
  readonly times: readonly number[];
  readonly checkpoint: { readonly last: number; readonly longest: number };
}

interface Taken {
  readonly batch: Batch | null;
  readonly commits: number;
  readonly armed: Armed | null;
  readonly passes: readonly PromiseWithResolvers<void>[];
}

export class Pump {
  readonly #terms: PumpTerms;
  #tail: Tail;
  #due = false;
  #wake: PromiseWithResolvers<void> | null = null;
  /** A relaxed commit waits for its tick. */
  #ticking = false;
  #passes: PromiseWithResolvers<void>[] = [];
  #over = false;
  /** The batch under way may be in the bucket. */
  #sent = false;
  #batches = 0;
  #commits = 0;
  #storedAt: string | null = null;
  #retries = 0;
  #times: number[] = [];
  #checkpoint = { last: 0, longest: 0 };

  constructor(terms: PumpTerms) {
    const { chain } = terms.terms;
    this.#terms = terms;
    this.#tail = { seq: chain.seq, hash: chain.hash };
  }

  get tail(): Tail {
    return this.#tail;
  }

  get figures(): PumpFigures {
    return {
      ...{ batches: this.#batches, commits: this.#commits, storedAt: this.#storedAt, retries: this.#retries },
      ...{ times: this.#times, checkpoint: this.#checkpoint },
    };
  }

  /** Take a batch soon. */
  wake(): void {
    this.#due = true;
    this.#wake?.resolve();
  }

  /** Take a batch within `relaxedMs`. */
  wakeLater(): void {
    if (this.#ticking) return;
    this.#ticking = true;
    void this.#tick();
  }

  /** Resolves when everything committed until now is stored. @throws why it never will be */
  pass(): Promise<void> {
    const pass = Promise.withResolvers<void>();
    if (this.#over) pass.reject(ended());
    else this.#passes.push(pass);
    this.wake();
    return pass.promise;
  }

  /** Runs until an error, which is thrown: `Fenced` when the slot was lost, the signal's reason, or whatever went wrong. */
  async run(): Promise<never> {
    const { limits, pacing } = this.#terms;
    try {
      for (;;) {
        await this.#work();
        if (limits.lingerMs > 0) await pacing.clock.sleep(limits.lingerMs, pacing.signal);
        // Commits of the same turn ride along; and a store that answers at once must not starve timers and input.
        await nextTurn();
        pacing.signal?.throwIfAborted();
        const taken = this.#take();
        if (taken === 'busy') await pacing.clock.sleep(BUSY_MS, pacing.signal);
        else await this.#finish(taken);
      }
    } finally {
      this.#over = true;
      for (const pass of this.#passes) pass.reject(ended());
    }
  }

  /** What to tell who waits for a commit after the loop ended by `reason`. */
  verdict(reason: Error, ticket: number): Error {
    const inFlight = this.#terms.tickets.isTaken(ticket);
    if (inFlight && this.#sent) return new OutcomeUnknown('The change may or may not have been stored.', reason);
    if (reason instanceof Fenced || (reason instanceof TransactionTooLarge && inFlight)) return reason;
    return new Unavailable('The process ended before the change was sent; nothing of it is kept.', 1, reason);
  }

  async #work(): Promise<void> {
    if (this.#due) return;
    const { signal } = this.#terms.pacing;
    this.#wake = Promise.withResolvers();
    const abort = () => this.#wake?.reject(signal?.reason);
    signal?.addEventListener('abort', abort, { once: true });
    if (signal?.aborted) abort();
    try {
      await this.#wake.promise;
    } finally {
      signal?.removeEventListener('abort', abort);
      this.#wake = null;
    }
  }

  async #tick(): Promise<void> {
    const { limits, pacing } = this.#terms;
    await pacing.clock.sleep(limits.relaxedMs, pacing.signal).catch(() => undefined);
    this.#ticking = false;
    this.wake();
  }

  /** The one synchronous step in which all that is committed becomes a batch. `busy`: a statement is open, nothing was taken. */
  #take(): Taken | 'busy' {
    const { terms, files, tickets, snapshots } = this.#terms;
    terms.crashPoint?.('before freeze');
    if (files.capture() !== 'confirmed') return 'busy';
    this.#due = false;
    const emptied = this.#emptyLog();
    const batch = files.takeBatch();
    const { commits } = tickets.take();
    if (batch) snapshots.changed(batch);
    const armed = emptied && snapshots.due ? this.#arm(batch) : null;
    const passes = this.#passes;
    this.#passes = [];
    terms.crashPoint?.('after freeze');
    return { batch, commits, armed, passes };
  }

  /** The checkpoint of section 9: when one is due and no snapshot reads the main file. True when the main file is up to date now. */
  #emptyLog(): boolean {
    const { terms, files, snapshots, limits, pacing } = this.#terms;
    if (snapshots.reading || !(snapshots.due || files.walPages >= limits.checkpointPages)) return false;
    terms.crashPoint?.('before checkpoint');
    const started = pacing.clock.now();
    const emptied = files.checkpoint();
    const last = pacing.clock.now() - started;
    this.#checkpoint = { last, longest: Math.max(last, this.#checkpoint.longest) };
    terms.crashPoint?.('after checkpoint');
    return emptied;
  }

  #arm(batch: Batch | null): Armed | null {
    const { terms, files, snapshots } = this.#terms;
    terms.crashPoint?.('before arm');
    const to = batch ? this.#tail.seq + 1 : this.#tail.seq;
    const armed = snapshots.arm(to, batch?.dbPages ?? files.dbPages);
    terms.crashPoint?.('after arm');
    return armed;
  }

  async #finish({ batch, commits, armed, passes }: Taken): Promise<void> {
    const { terms, tickets, snapshots, sum } = this.#terms;
    try {
      if (batch) await this.#store(batch);
    } catch (error) {
      for (const pass of passes) pass.reject(error);
      throw error;
    }
    this.#sent = false;
    this.#commits += commits;
    terms.crashPoint?.('before release');
    tickets.release();
    for (const pass of passes) pass.resolve();
    terms.crashPoint?.('after release');
    if (armed) snapshots.start(armed, { hash: this.#tail.hash, sum: sum.clone() });
    else if (batch && snapshots.due) this.wake();
  }

  async #store(batch: Batch): Promise<void> {
    const { terms, files, snapshots, limits, pacing, sum } = this.#terms;
    const { pages, dbPages } = batch;
    const { keys, chain } = terms;
    const rawBytes = pages.length * (4 + files.pageSize);
    if (rawBytes > limits.batchBytes)
      throw new TransactionTooLarge(
        sum.dbPages === 0
          ? `The database that is to begin this log has ${rawBytes} bytes, ${limits.batchBytes} are allowed at once. Nothing of it is kept; bring it here as a file: cmbcluster db import.`
          : `One batch of changes has ${rawBytes} bytes, ${limits.batchBytes} are allowed. Nothing of it is kept; change less at once.`,
      );
    await addTo(sum, pages, dbPages);
    const to = this.#tail.seq + 1;
    const object = await encodeObject({
      ...{ kind: 'seg', codec: 'zstd', pageSize: files.pageSize, dbPages, epoch: chain.epoch },
      ...{ from: this.#tail.seq, to, dbSum: sum.value, prevHash: this.#tail.hash, meta: { at: terms.at() }, pages },
      ...(terms.encryption && { key: terms.encryption }),
    });
    const started = pacing.clock.now();
    this.#sent = true;
    const decision = await decide(terms.bucket, { key: keys.log(to), bytes: object.bytes }, pacing);
    this.#retries += decision.attempts - 1;
    if (decision.outcome === 'lost') throw new Fenced(`Slot ${to} belongs to another leader: this one is fenced.`);
    this.#times.push(pacing.clock.now() - started);
    if (this.#times.length > TIMED) this.#times.shift();
    this.#tail = { seq: to, hash: object.hash };
    this.#storedAt = terms.at();
    this.#batches += 1;
    snapshots.landed(object.bytes.length);
  }
}

const ended = (): Unavailable => new Unavailable('The leader has ended.', 1);
