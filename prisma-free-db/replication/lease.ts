/**
 * The lease from both sides (format document, section 11). It decides when somebody tries to take over, never who may write: that is the
 * slot's. Times are monotonic and each process's own.
 */
import type { LogBucket } from './bucket.ts';
import { Ambiguous, NotLeader } from './errors.ts';
import { encodeLease, type LeaseRecord, parseLease } from './lease-record.ts';
import type { LogKeys } from './names.ts';
import { Backoff, type Pacing, persist, unlessAborted } from './pacing.ts';

/** Milliseconds: some stores take at most one write a second of one object. */
const SHORTEST_PERIOD_MS = 1_000;

export interface LeaseOptions {
  readonly keys: LogKeys;
  /** Milliseconds, 6,000 to 10,000. */
  readonly ttlMs: number;
}

export interface Leadership extends LeaseOptions {
  readonly epoch: number;
  readonly owner: string;
  readonly url: string;
  /** The last durable slot. */
  readonly position: () => number;
  /** A newer instance asks for a handover; called once for each that asks. */
  readonly onWant: (owner: string) => void;
}

/**
 * The leader's side. Writes one after another: a release waits for the heartbeat under way, and a heartbeat that lands late finds
 * another etag. `NotLeader` from any call: another epoch holds the lease, stop at once.
 */
export class LeaseHolder {
  readonly #bucket: LogBucket;
  readonly #terms: Leadership;
  readonly #pacing: Pacing;
  #etag: string | null = null;
  #known: LeaseRecord | null = null;
  #renewedAt = Number.NEGATIVE_INFINITY;
  #heardWant: string | null = null;
  #writing: Promise<void> = Promise.resolve();
  #released = false;

  constructor(bucket: LogBucket, terms: Leadership, pacing: Pacing) {
    this.#bucket = bucket;
    this.#terms = terms;
    this.#pacing = pacing;
  }

  /** When, on the clock, reads must no longer be served: TTL after the start of the last renewal that succeeded. */
  get deadline(): number {
    return this.#renewedAt + this.#terms.ttlMs;
  }

  /** Writes the lease once, through failures and against writes still under way. @throws NotLeader */
  renew(): Promise<void> {
    return this.#inTurn(() => (this.#released ? Promise.resolve() : this.#write({})));
  }

  /** Tells that a successor may seal at once. Later renewals do nothing. @throws NotLeader when there is a successor already */
  release(): Promise<void> {
    return this.#inTurn(async () => {
      await this.#write({ released: true });
      this.#released = true;
    });
  }

  /**
   * Renews TTL/3 after the last renewal, again and again, until `stop`, which lets a renewal under way finish, so that a release can follow. Whether the deadline has
   * passed meanwhile is for the caller to watch: an unreachable store is waited for. @throws NotLeader; the reason of `stop`
   */
  async keep(stop: AbortSignal): Promise<never> {
    const { clock } = this.#pacing;
    const periodMs = Math.max(this.#terms.ttlMs / 3, SHORTEST_PERIOD_MS);
    for (;;) {
      stop.throwIfAborted();
      if (clock.now() - this.#renewedAt >= periodMs) await this.renew();
      await clock.sleep(Math.max(0, this.#renewedAt + periodMs - clock.now()), stop);
    }
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const done = this.#writing.then(work);
    this.#writing = done.catch(() => undefined);
    return done;
  }

  async #write(change: { released?: true }): Promise<void> {
    const { epoch, owner, url, position } = this.#terms;
    const backoff = new Backoff(this.#pacing);
    const { clock, signal } = this.#pacing;
    for (;;) {
      if (this.#known === null) await this.#read();
      const started = clock.now();
      const want = this.#known?.owner === owner ? this.#known.want : undefined;
      const next: LeaseRecord = {
        epoch,
        owner,
        url,
        seq: position(),
        n: (this.#known?.n ?? 0) + 1,
        ...(want && { want }),
        ...change,
      };
      const sent = this.#bucket.putIfMatch(this.#terms.keys.lease, encodeLease(next), this.#etag);
      const etag = await unlessAborted(sent, signal).catch(indefinite);
      if (etag !== null) {
        this.#etag = etag;
        this.#known = next;
        this.#renewedAt = started;
        return;
      }
      // Mismatch or no answer: perhaps our own earlier write. Look, and try again on what is there now.
      await backoff.wait();
      await this.#read();
    }
  }

  async #read(): Promise<void> {
    const stored = await persist(this.#pacing, () => this.#bucket.get(this.#terms.keys.lease));
    const lease = stored && parseLease(stored.bytes);
    if (
      lease &&
      (lease.epoch > this.#terms.epoch || (lease.epoch === this.#terms.epoch && lease.owner !== this.#terms.owner))
    )
      throw new NotLeader(lease.url);
    this.#etag = stored?.etag ?? null;
    this.#known = lease;
    if (
      lease?.want &&
      lease.want !== this.#heardWant &&
      lease.want !== this.#terms.owner &&
      lease.owner === this.#terms.owner
    ) {
      this.#heardWant = lease.want;
      this.#terms.onWant(lease.want);
    }
  }
}

function indefinite(error: unknown): null {
  if (error instanceof Ambiguous) return null;
  throw error;
}

export interface LeaseView {
  /** Whether the time has come to try a takeover. */
  readonly due: boolean;
  /** Why, or why not. */
  readonly because: 'released' | 'expired' | 'held' | 'absent';
  /** Where the leader is reached; null when nobody current says so. */
  readonly url: string | null;
  /** Who that leader is; null together with `url`. */
  readonly owner: string | null;
  /** Slot that the lease calls durable, 0 without a lease. */
  readonly seq: number;
  /** Milliseconds until it is due if nothing changes. */
  readonly waitMs: number;
}

/** The follower's side: a lease is spent when its etag has not changed for TTL since this process first saw it. */
export class LeaseObserver {
  readonly #bucket: LogBucket;
  readonly #options: LeaseOptions;
  readonly #pacing: Pacing;
  #etag: string | null = null;
  #logEpoch = 0;
  #seenAt: number | null = null;

  constructor(bucket: LogBucket, options: LeaseOptions, pacing: Pacing) {
    this.#bucket = bucket;
    this.#options = options;
    this.#pacing = pacing;
  }

  /**
   * @param logEpoch epoch of the log as far as this process has read it
   * @throws Ambiguous when the store does not answer: unseen is not unchanged, and no time passes
   */
  async look(logEpoch: number): Promise<LeaseView> {
    const { clock, signal } = this.#pacing;
    const asked = clock.now();
    const stored = await unlessAborted(this.#bucket.get(this.#options.keys.lease), signal);
    const etag = stored?.etag ?? null;
    if (this.#seenAt === null || etag !== this.#etag || logEpoch > this.#logEpoch) {
      // After a takeover that yielded, the log's newer epoch restarts the wait: candidates do not duel.
      this.#seenAt = clock.now();
    }
    this.#etag = etag;
    this.#logEpoch = Math.max(this.#logEpoch, logEpoch);

    const lease = stored && parseLease(stored.bytes);
    const current = lease !== null && lease.epoch >= logEpoch;
    const waitMs = Math.max(0, this.#seenAt + this.#options.ttlMs - asked);
    const released = current && lease.released === true;
    const idle = waitMs === 0;
    return {
      due: released || idle,
      because: released ? 'released' : idle ? 'expired' : stored ? 'held' : 'absent',
      url: current && !lease.released ? lease.url : null,
      owner: current && !lease.released ? lease.owner : null,
      seq: lease?.seq ?? 0,
      waitMs: released ? 0 : waitMs,
    };
  }

  /** Asks the leader to hand over to `owner`, once; a heartbeat may be faster, so look again whether it says so. */
  async ask(owner: string): Promise<boolean> {
    const { keys } = this.#options;
    const stored = await unlessAborted(this.#bucket.get(keys.lease), this.#pacing.signal);
    const lease = stored && parseLease(stored.bytes);
    if (!lease || lease.released) return false;
    const asked = encodeLease({ ...lease, n: lease.n + 1, want: owner });
    const etag = await unlessAborted(this.#bucket.putIfMatch(keys.lease, asked, stored.etag), this.#pacing.signal);
    return etag !== null;
  }
}
