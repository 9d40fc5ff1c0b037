/**
 * The leader of a database's log: takes the commits of one SQLite connection (database-files.ts), stores them as slots (pump.ts), keeps the
 * lease, takes snapshots, and hands over. Made right after a takeover; fits the `Durability` seam of the database. Once it has ended,
 * whatever the reason, it acknowledges nothing any more, and only a new process leads again.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { DatabaseFiles } from './database-files.ts';
import { DbSum } from './db-sum.ts';
import { CaptureMismatch, Fenced, NotLeader, TransactionTooLarge, Unavailable } from './errors.ts';
import { DEFAULT_LIMITS, type LeaderTerms, type Limits, type LogStatus } from './leader-terms.ts';
import { LeaseHolder } from './lease.ts';
import { ObservedBucket } from './observed-bucket.ts';
import { type Pacing, unlessAborted } from './pacing.ts';
import { Pump } from './pump.ts';
import { Snapshots } from './snapshot.ts';
import { type CommitLevel, Tickets } from './tickets.ts';

/** Seconds after which a refused change may be tried again. */
const RETRY_SECONDS = 2;

export class LeaderLog {
  readonly #terms: LeaderTerms;
  readonly #limits: Limits;
  readonly #pacing: Pacing;
  readonly #bucket: ObservedBucket;
  readonly #files: DatabaseFiles;
  readonly #tickets: Tickets;
  readonly #snapshots: Snapshots;
  readonly #pump: Pump;
  readonly #lease: LeaseHolder;
  readonly #stop = new AbortController();
  readonly #stopLease = new AbortController();
  readonly #named = Promise.withResolvers<void>();
  readonly #loops: Promise<void>[];
  #role: LogStatus['role'] = 'leader';
  #ended: Error | null = null;
  #handover: Promise<void> | null = null;
  #closed: Promise<void> | null = null;

  private constructor(terms: LeaderTerms) {
    const { chain, sqlite, mainFile, pacing } = terms;
    const signal = pacing.signal ? AbortSignal.any([pacing.signal, this.#stop.signal]) : this.#stop.signal;
    this.#bucket = new ObservedBucket(terms.bucket, terms.at);
    this.#terms = { ...terms, bucket: this.#bucket };
    this.#limits = { ...DEFAULT_LIMITS, ...terms.limits };
    this.#pacing = { ...pacing, signal };
    this.#files = new DatabaseFiles(sqlite, mainFile, chain.dbPages);
    const sum = chain.dbPages > 0 ? chain.sum : new DbSum(this.#files.pageSize);
    this.#tickets = new Tickets(pacing.clock, this.#limits.waitMs, signal);
    const shared = { terms: this.#terms, files: this.#files, limits: this.#limits, pacing: this.#pacing };
    this.#snapshots = new Snapshots({
      ...shared,
      tail: () => this.#pump.tail.seq,
      onFatal: (error) => this.#end(error),
      onDone: () => {
        if (this.#snapshots.due) this.#pump.wake();
      },
    });
    this.#pump = new Pump({ ...shared, tickets: this.#tickets, snapshots: this.#snapshots, sum });
    this.#lease = new LeaseHolder(
      this.#bucket,
      {
        ...{ keys: terms.keys, ttlMs: terms.ttlMs, epoch: chain.epoch, owner: terms.owner, url: terms.url },
        ...{ position: () => this.#pump.tail.seq, onWant: terms.onWant },
      },
      this.#pacing,
    );
    signal.addEventListener('abort', () => this.#end(asError(signal.reason)), { once: true });
    this.#named.promise.catch(() => undefined);
    this.#loops = [this.#endWith(this.#pump.run()), this.#endWith(this.#keepLease())];
  }

  /**
   * Begins to lead. What the database held before belongs to the first batch of a new log; of an old one it must be the state of
   * `terms.chain`. @throws CaptureMismatch, RangeError; the file system's errors
   */
  static attach(terms: LeaderTerms): LeaderLog {
    return new LeaderLog(terms);
  }

  /** Whether answers may leave: this process leads, as far as it can know. Asked for every response. */
  get current(): boolean {
    if (this.#ended || this.#role === 'released') return false;
    if (this.#leaseHolds()) return true;
    this.#end(new NotLeader(null));
    return false;
  }

  /** Highest ticket that is durable. */
  get position(): number {
    return this.#tickets.durable;
  }

  /** Before a write touches SQLite. @throws Unavailable, Fenced, NotLeader: nothing happened */
  admit(): void {
    if (!this.current) throw this.#refusal();
    if (this.#role === 'handing-over') throw new Unavailable('The database is being handed over.', RETRY_SECONDS);
    const { undurableMs, pendingBytes } = this.#limits;
    if (this.#tickets.undurableMs > undurableMs)
      throw new Unavailable('The store of the database does not answer.', RETRY_SECONDS);
    // What the database held before its log began is pending too, and nobody's commit.
    if (this.#tickets.pending && this.#files.pendingBytes > pendingBytes)
      throw new Unavailable('The store of the database is slower than what is written.', RETRY_SECONDS);
    this.#terms.crashPoint?.('before commit');
  }

  /** In the tick of the commit; tickets count up. */
  committed(ticket: number, level: CommitLevel): void {
    this.#terms.crashPoint?.('after commit');
    this.#tickets.committed(ticket);
    if (this.#ended) return;
    try {
      this.#files.capture();
    } catch (error) {
      // The commit stands in SQLite, so its caller is told at the gate and not here.
      this.#end(asError(error));
      return;
    }
    if (level === 'sync') this.#pump.wake();
    else this.#pump.wakeLater();
  }

  /**
   * Resolves when that commit, and so each before it, is stored.
   * @throws Fenced, Unavailable, TransactionTooLarge: that commit is not kept; OutcomeUnknown: it may be
   */
  durable(ticket: number): Promise<void> {
    return this.#tickets.wait(ticket);
  }

  /** Resolves when the lease names this process: from then on it may serve. @throws why it never will */
  ready(): Promise<void> {
    return this.#named.promise;
  }

  /** Resolves when all that was committed, relaxed too, is stored, however long that takes. @throws why it never will be */
  flush(): Promise<void> {
    if (this.#ended) return Promise.reject(this.#refusal());
    return this.#pump.pass();
  }

  /** Resolves when a snapshot of now is stored and what it replaces is collected. */
  async snapshotNow(): Promise<void> {
    if (this.#ended) throw this.#refusal();
    const stored = this.#snapshots.wish();
    this.#pump.wake();
    await stored;
  }

  /**
   * Refuses changes, stores what was committed, and tells that a successor may seal at once. Then this process has ended, without
   * `onEnd`. What could not be stored in time is not acknowledged.
   */
  handover(): Promise<void> {
    this.#handover ??= this.#handOver();
    return this.#handover;
  }

  /** Ends at once: what is not stored is not acknowledged. Resolves when nothing of it runs any more. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  status(): LogStatus {
    const { owner, chain, restore = null } = this.#terms;
    const { batches, commits, storedAt, retries, times, checkpoint } = this.#pump.figures;
    const sorted = [...times].sort((one, other) => one - other);
    const rank = (part: number): number | null => sorted[Math.max(0, Math.ceil(sorted.length * part) - 1)] ?? null;
    const { puts, lastError, lastErrorAt, failingSince } = this.#bucket;
    const { deadline } = this.#lease;
    return {
      role: this.#ended && this.#role !== 'released' ? 'ended' : this.#role,
      owner,
      epoch: chain.epoch,
      durableSeq: this.#pump.tail.seq,
      storedAt,
      undurableAgeMs: this.#tickets.undurableMs,
      pendingPages: this.#files.pendingPages,
      pendingBytes: this.#files.pendingBytes,
      dbPages: this.#files.dbPages,
      pageSize: this.#files.pageSize,
      batches,
      commits,
      slotsSinceSnapshot: this.#snapshots.slotsSince,
      bytesSinceSnapshot: this.#snapshots.bytesSince,
      lastSnapshot: this.#snapshots.figures,
      leaseDeadlineMs: Number.isFinite(deadline) ? deadline : null,
      store: { puts, retries, lastError, lastErrorAt, failingSince, putMsP50: rank(0.5), putMsP99: rank(0.99) },
      checkpointMs: checkpoint,
      gcDeleted: this.#snapshots.deleted,
      restore,
    };
  }

  #leaseHolds(): boolean {
    const { deadline } = this.#lease;
    // Before it is written for the first time nobody is served, and the start itself may write.
    return (
      this.#terms.soleWriter === true || deadline === Number.NEGATIVE_INFINITY || this.#pacing.clock.now() < deadline
    );
  }

  #refusal(): Error {
    const reason = this.#ended;
    if (reason instanceof Fenced || reason instanceof NotLeader) return reason;
    return new Unavailable('This process does not keep the database any more.', RETRY_SECONDS, reason ?? undefined);
  }

  async #endWith(loop: Promise<void>): Promise<void> {
    try {
      await loop;
    } catch (error) {
      this.#end(asError(error));
    }
  }

  async #keepLease(): Promise<void> {
    await this.#lease.renew();
    this.#named.resolve();
    const kept = this.#lease.keep(this.#stopLease.signal).catch((error: unknown) => {
      if (!this.#stopLease.signal.aborted) throw error;
    });
    await Promise.all([kept, this.#watchLease()]);
  }

  /** A leader that the store does not hear must not answer for longer than the lease: a successor may answer by then. */
  async #watchLease(): Promise<void> {
    const { clock, signal } = this.#pacing;
    while (!this.#terms.soleWriter && this.#leaseHolds()) {
      await clock.sleep(Math.max(1, this.#lease.deadline - clock.now()), signal);
    }
    if (!this.#terms.soleWriter) throw new NotLeader(null);
  }

  async #handOver(): Promise<void> {
    if (this.#ended) throw this.#refusal();
    const { crashPoint, log } = this.#terms;
    this.#role = 'handing-over';
    crashPoint?.('before drain');
    const late = AbortSignal.any([this.#stop.signal, this.#after(this.#limits.drainMs)]);
    try {
      await unlessAborted(this.#pump.pass(), late);
      // Those who waited for these commits pass on their answers while this process may still give them.
      await nextTurn();
      crashPoint?.('after drain');
      this.#role = 'released';
      this.#stopLease.abort(new Error('handed over'));
      await unlessAborted(this.#lease.release(), late);
    } catch (error) {
      log.warn('the handover is incomplete; a successor waits for the lease to run out', { error: String(error) });
    }
    this.#role = 'released';
    this.#end(new Unavailable('The database was handed over.', RETRY_SECONDS));
  }

  #after(ms: number): AbortSignal {
    const controller = new AbortController();
    const { clock, signal } = this.#pacing;
    void clock.sleep(ms, signal).then(
      () => controller.abort(new Unavailable('The handover took too long.', RETRY_SECONDS)),
      () => undefined,
    );
    return controller.signal;
  }

  async #close(): Promise<void> {
    if (!this.#ended) this.#role = 'released';
    this.#end(new Unavailable('The database was closed.', RETRY_SECONDS));
    await Promise.all(this.#loops);
    await this.#snapshots.settled();
    this.#files.close();
  }

  #end(reason: Error): void {
    if (this.#ended) return;
    this.#ended = reason;
    this.#tickets.fail((ticket) => this.#pump.verdict(reason, ticket));
    this.#snapshots.end(reason);
    this.#named.reject(reason);
    this.#stopLease.abort(reason);
    this.#stop.abort(reason);
    if (this.#role === 'released') return;
    const { log, chain, onEnd } = this.#terms;
    const said = { reason: reason.message, epoch: chain.epoch, durableSlot: this.#pump.tail.seq };
    log.error(explain(reason), said);
    onEnd(reason);
  }
}

function explain(reason: Error): string {
  if (reason instanceof Fenced || reason instanceof NotLeader) return 'the database is led by another process now';
  if (reason instanceof CaptureMismatch) return "the database's files were changed by something else";
  if (reason instanceof TransactionTooLarge) return 'one change of the database is too large';
  return 'the log of the database failed';
}

const asError = (thrown: unknown): Error => (thrown instanceof Error ? thrown : new Error(String(thrown)));
