/**
 * A replica that does not lead (format document, sections 11 and 12). It restores, then asks for the next slot again and again, which
 * is cheap, and looks at the lease beside it. When the lease is spent it tries to take over; losing that, it follows the winner.
 * It never opens the database: its pages are only there so that a takeover need not read them first.
 */
import type { LogBucket } from './bucket.ts';
import type { EncryptionKey } from './codec.ts';
import { Ambiguous, NoDatabase, StaleTakeover } from './errors.ts';
import { LeaseObserver, type LeaseView } from './lease.ts';
import { type Chain, follow } from './log-reader.ts';
import type { LogKeys } from './names.ts';
import type { Pacing } from './pacing.ts';
import type { PageSink } from './page-sink.ts';
import { isDamage, restore } from './restore.ts';
import { takeOver } from './takeover.ts';

const POLL_MS = 250;
/** Between two looks at the lease, while there is always another slot. */
const LOOK_MS = 1_000;
/** Looks at a lease that is ahead of the log as it is seen here, before it is read anew: the slot was collected, or is a stray branch's. */
const LOOKS_BEHIND = 3;

export interface FollowerTerms {
  readonly bucket: LogBucket;
  readonly keys: LogKeys;
  readonly sink: PageSink;
  /** The one to write with first; all of them read. */
  readonly encryption: readonly EncryptionKey[];
  readonly maxRawLen: number;
  readonly owner: string;
  readonly nonce: () => string;
  readonly at: () => string;
  readonly ttlMs: number;
  readonly pollMs?: number;
  /** A database may begin where there is nothing at all. */
  readonly genesis: boolean;
  /** Nobody else can be leading, as whoever holds the lock of a folder knows: the first try need not wait for the lease. */
  readonly sealAtOnce: boolean;
  /** Asked before each try, with the pages of `chain` in the sink; a rejection ends the following. */
  readonly mayLead: (chain: Chain) => boolean | Promise<boolean>;
  readonly pacing: Pacing;
  readonly onView: (view: FollowerView) => void;
  readonly onNote: (note: string, facts: Readonly<Record<string, unknown>>) => void;
}

export interface FollowerView {
  readonly seq: number;
  readonly epoch: number;
  /** The lease, as it was seen, names nothing behind `seq`. */
  readonly caughtUp: boolean;
  /** Null until it was seen, and while the store does not answer. */
  readonly lease: LeaseView | null;
  /** A takeover is under way. */
  readonly candidate: boolean;
  readonly restore: LastRestore;
}

/** The last restore that was needed. */
export interface LastRestore {
  readonly ms: number;
  /** Of the database that it led to. */
  readonly bytes: number;
  /** Applied one by one, behind the snapshot. */
  readonly slots: number;
  /** Slot of the snapshot that it began with, 0 for none. */
  readonly snapshot: number;
  /** Restores of this process. */
  readonly times: number;
}

export const NO_RESTORE: LastRestore = { ms: 0, bytes: 0, slots: 0, snapshot: 0, times: 0 };

/** The slot was won: nobody else writes from here on, until somebody seals behind it. */
export interface Won {
  readonly restore: LastRestore;
  readonly chain: Chain;
  readonly epoch: number;
  readonly seq: number;
}

export class Follower {
  readonly #terms: FollowerTerms;
  readonly #observer: LeaseObserver;
  #sealAtOnce: boolean;
  #restore = NO_RESTORE;

  constructor(terms: FollowerTerms) {
    this.#terms = terms;
    this.#sealAtOnce = terms.sealAtOnce;
    this.#observer = new LeaseObserver(terms.bucket, { keys: terms.keys, ttlMs: terms.ttlMs }, terms.pacing);
  }

  /**
   * Follows until this replica has won a slot of its own.
   * @throws NoDatabase; Unfinished; CorruptLog; WrongKey; the signal's reason; errors of the store that no patience cures
   */
  async untilWon(): Promise<Won> {
    for (;;) {
      const { chain, empty } = await this.#restored();
      const won = await this.#tail(chain, empty);
      if (won) return won;
    }
  }

  /** Asks the leader to hand over. False: nobody heard it, ask again. @throws Ambiguous */
  ask(): Promise<boolean> {
    return this.#observer.ask(this.#terms.owner);
  }

  /** For one that led, and does not any more: tells who leads, without following the log. @throws the signal's reason */
  async watch({ seq, epoch }: { seq: number; epoch: number }): Promise<never> {
    const { clock, signal } = this.#terms.pacing;
    for (;;) {
      const lease = await this.#look(epoch);
      this.#terms.onView({ seq, epoch, caughtUp: false, lease, candidate: false, restore: this.#restore });
      await clock.sleep(this.#terms.pollMs ?? POLL_MS, signal);
    }
  }

  async #restored(): Promise<{ chain: Chain; empty: boolean }> {
    const { bucket, keys, sink, encryption, maxRawLen, genesis, pacing } = this.#terms;
    const started = pacing.clock.now();
    const restored = await restore(bucket, { log: keys, sink, keys: encryption, maxRawLen }, pacing);
    const { chain } = restored;
    const empty = restored.outcome === 'empty';
    if (empty && !genesis) throw new NoDatabase(keys.root || 'the whole bucket');
    const snapshot = empty ? 0 : restored.snapshot;
    this.#restore = {
      ms: pacing.clock.now() - started,
      bytes: chain.dbPages * chain.pageSize,
      slots: chain.seq - snapshot,
      snapshot,
      times: this.#restore.times + 1,
    };
    return { chain, empty };
  }

  /** Null: what is known here is of no use any more, restore again. */
  async #tail(chain: Chain, empty: boolean): Promise<Won | null> {
    const { clock, signal } = this.#terms.pacing;
    let behind = 0;
    let first = empty;
    for (;;) {
      const came = first ? 'to the end' : await this.#catchUp(chain);
      if (came === 'apart') return null;
      const lease = await this.#look(chain.epoch);
      const isBehind = lease !== null && lease.seq > chain.seq;
      behind = isBehind && came === 'to the end' ? behind + 1 : 0;
      this.#show(chain, lease, { caughtUp: !isBehind });
      if (behind === LOOKS_BEHIND) {
        this.#terms.onNote('the log is further than what is seen of it here: restoring again', { seq: chain.seq });
        return null;
      }
      const due = first || this.#sealAtOnce || lease?.due === true;
      first = false;
      if (came === 'further') continue;
      if (due && !isBehind) chain.requireWhole();
      if (due && !isBehind && (await this.#terms.mayLead(chain))) {
        this.#sealAtOnce = false;
        const tried = await this.#try(chain, lease);
        if (tried !== 'yielded') return tried === 'stale' ? null : tried;
      } else {
        await clock.sleep(this.#terms.pollMs ?? POLL_MS, signal);
      }
    }
  }

  /** Applies what is there, for a while: a leader that never rests must not keep the lease from being looked at. */
  async #catchUp(chain: Chain): Promise<'to the end' | 'further' | 'apart'> {
    const { bucket, keys, pacing } = this.#terms;
    const end = pacing.clock.now() + LOOK_MS;
    try {
      while (await follow(bucket, { keys, chain }, pacing)) if (pacing.clock.now() >= end) return 'further';
      return 'to the end';
    } catch (error) {
      if (!isDamage(error)) throw error;
      // Somebody's stray seal that was followed looks like this too; a restore tells it from damage.
      this.#terms.onNote('the log does not continue what was read of it: restoring again', { reason: error.message });
      return 'apart';
    }
  }

  /** Null: the store does not answer, which says nothing about the leader. */
  async #look(epoch: number): Promise<LeaseView | null> {
    try {
      return await this.#observer.look(epoch);
    } catch (error) {
      if (error instanceof Ambiguous) return null;
      throw error;
    }
  }

  /** `yielded` also moves the log's epoch on, so that the observer waits a full TTL before the next try. */
  async #try(chain: Chain, lease: LeaseView | null): Promise<Won | 'yielded' | 'stale'> {
    const { bucket, keys, owner, nonce, at, encryption, pacing } = this.#terms;
    this.#show(chain, lease, { caughtUp: true, candidate: true });
    const [key] = encryption;
    try {
      const candidate = { keys, chain, owner, nonce, at, ...(key && { encryption: key }) };
      const { outcome, epoch, seq } = await takeOver(bucket, candidate, pacing);
      if (outcome === 'sealed') return { chain, epoch, seq, restore: this.#restore };
      this.#terms.onNote('another replica was faster: following it', { epoch });
      return 'yielded';
    } catch (error) {
      if (!(error instanceof StaleTakeover)) throw error;
      this.#terms.onNote('the log is further than was known here: restoring again', { reason: error.message });
      return 'stale';
    }
  }

  #show(
    chain: Chain,
    lease: LeaseView | null,
    { caughtUp, candidate = false }: { caughtUp: boolean; candidate?: boolean },
  ) {
    const { seq, epoch } = chain;
    this.#terms.onView({ seq, epoch, caughtUp, lease, candidate, restore: this.#restore });
  }
}
