/**
 * One process in the set of replicas (format document, sections 5, 6, 11 and 12): a follower until it wins a slot, then the leader until
 * it ends. There is no way back in the same process: what a fenced leader has in memory is of a history that nobody continues.
 * The caller opens SQLite on the file that `elected` hands out, attaches the leader's log to it, and says `lead`.
 */
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { LogBucket } from './bucket.ts';
import type { EncryptionKey } from './codec.ts';
import { Follower, type FollowerView, type LastRestore, NO_RESTORE, type Won } from './follower.ts';
import type { LogKeys } from './names.ts';
import type { Pacing } from './pacing.ts';
import { FilePages } from './page-sink.ts';
import { probeStore } from './probe.ts';

/** No object holds more before compression: a BASE of the largest database that is supported. */
const MAX_RAW_LEN = 2 ** 30 + 2 ** 24;
const LIVE = 'live-';

export type Role = 'follower' | 'candidate' | 'leader' | 'ended';

export interface ReplicaOptions {
  readonly bucket: LogBucket;
  readonly keys: LogKeys;
  /** Folder of this replica alone: what earlier ones left in it is removed. */
  readonly dir: string;
  /** Where other replicas reach this one. */
  readonly url: string;
  readonly ttlMs: number;
  readonly pollMs?: number;
  readonly genesis: boolean;
  readonly sealAtOnce: boolean;
  /** The first one writes; all of them read. Empty: nothing is encrypted. */
  readonly encryption: readonly EncryptionKey[];
  /** Whether this version can lead the database in `file`. It must leave nothing open and nothing behind. */
  readonly mayLead: (file: string) => boolean;
  readonly pacing: Pacing;
  readonly at: () => string;
  /** Never the same twice, in any process. */
  readonly id?: () => string;
  readonly onNote: (note: string, facts: Readonly<Record<string, unknown>>) => void;
}

/** What a leader begins with. The file is closed: SQLite may open it. */
export interface Elected extends Won {
  readonly file: string;
  readonly owner: string;
}

/** Who leads, as far as this replica knows. */
export interface Leader {
  readonly url: string;
  readonly owner: string;
}

export interface ReplicaStatus {
  readonly role: Role;
  readonly owner: string;
  readonly leader: Leader | null;
  readonly epoch: number;
  readonly seq: number;
  /** A follower that has all there is. */
  readonly caughtUp: boolean;
  readonly restore: LastRestore;
}

export class Replica {
  readonly owner: string;
  /** Settles once: with what to lead, or with why this replica never will. */
  readonly elected: Promise<Elected>;
  readonly #options: ReplicaOptions;
  readonly #live: string;
  readonly #follower: Follower;
  readonly #stopping = new AbortController();
  readonly #listeners = new Set<() => void>();
  readonly #probed: Promise<void>;
  readonly #begun = Promise.withResolvers<void>();
  #role: Role = 'follower';
  #abstains = false;
  #view: FollowerView | null = null;

  /**
   * A replica that follows, or has been elected already. Nothing is written before the store has shown that it is safe.
   * @throws NoDatabase; Unfinished; UnsafeStore; CorruptLog; WrongKey; errors of the store and of the disk
   */
  static async open(options: ReplicaOptions): Promise<Replica> {
    await mkdir(options.dir, { recursive: true, mode: 0o700 });
    const left = (await readdir(options.dir)).filter((name) => name.startsWith(LIVE));
    await Promise.all(left.map((name) => rm(join(options.dir, name), { recursive: true, force: true })));
    const live = await mkdtemp(join(options.dir, LIVE));
    const file = join(live, 'control.sqlite');
    const sink = await FilePages.create(file);
    const replica = new Replica(options, { live, file, sink });
    try {
      await Promise.all([replica.#probed, replica.#begun.promise]);
    } catch (error) {
      await replica.close();
      throw error;
    }
    return replica;
  }

  private constructor(options: ReplicaOptions, { live, file, sink }: { live: string; file: string; sink: FilePages }) {
    const { bucket, keys, encryption, ttlMs, pollMs, genesis, sealAtOnce, at, onNote } = options;
    const id = options.id ?? (() => randomBytes(15).toString('base64url'));
    const pacing: Pacing = { ...options.pacing, signal: this.#stopping.signal };
    this.owner = id();
    this.#options = options;
    this.#live = live;
    this.#probed = probeStore(bucket, keys, pacing);
    let refused = false;
    this.#follower = new Follower({
      bucket,
      keys,
      sink,
      encryption,
      maxRawLen: MAX_RAW_LEN,
      owner: this.owner,
      nonce: id,
      at,
      ttlMs,
      genesis,
      sealAtOnce,
      pacing,
      onNote,
      ...(pollMs !== undefined && { pollMs }),
      mayLead: async (chain) => {
        await this.#probed;
        if (this.#abstains) return false;
        const may = chain.dbPages === 0 || options.mayLead(file);
        if (!may && !refused) onNote('this version cannot lead the database: following only', { seq: chain.seq });
        refused = !may;
        return may;
      },
      onView: (view) => this.#show(view),
    });
    this.elected = this.#elect({ file, sink });
    // Looked at by whoever waits for it; a replica that only follows may never be asked.
    this.elected.catch(() => undefined);
    this.#begun.promise.catch(() => undefined);
  }

  get role(): Role {
    return this.#role;
  }

  /** Null: nobody, or nobody that is known. This replica itself from `lead` on. */
  get leader(): Leader | null {
    if (this.#role === 'leader') return { url: this.#options.url, owner: this.owner };
    const { url = null, owner = null } = this.#view?.lease ?? {};
    return url === null || owner === null || owner === this.owner ? null : { url, owner };
  }

  status(): ReplicaStatus {
    const { seq = 0, epoch = 0, caughtUp = false, restore = NO_RESTORE } = this.#view ?? {};
    return { role: this.#role, owner: this.owner, leader: this.leader, epoch, seq, caughtUp, restore };
  }

  /** Calls back whenever role or leader changed. Returns the unsubscribe. */
  onRole(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** About to end: it follows until then, and does not try to lead any more. A try under way may still succeed. */
  abstain(): void {
    this.#abstains = true;
  }

  /** The elected one says that it serves. */
  lead(): void {
    if (this.#role !== 'candidate') throw new Error(`a ${this.#role} cannot lead`);
    this.#become('leader');
  }

  /** The leader has handed over. It never leads again, and tells who does, so that its last clients can be sent there. */
  retire(): void {
    if (this.#role !== 'leader') throw new Error(`a ${this.#role} has nothing to hand over`);
    this.#become('ended');
    const { seq = 0, epoch = 0 } = this.#view ?? {};
    this.#follower.watch({ seq, epoch }).catch((error: unknown) => {
      if (!this.#stopping.signal.aborted) this.#options.onNote('the successor is not known', { reason: String(error) });
    });
  }

  /** Asks the leader to hand over to this replica; it follows the lease from there. @throws Ambiguous */
  ask(): Promise<boolean> {
    return this.#follower.ask();
  }

  /** Ends the following and removes the local file. A leader closes its log and SQLite first. */
  async close(): Promise<void> {
    this.#stopping.abort(new Error('the replica was closed'));
    await this.elected.catch(() => undefined);
    this.#view = null;
    this.#become('ended');
    await rm(this.#live, { recursive: true, force: true });
  }

  async #elect({ file, sink }: { file: string; sink: FilePages }): Promise<Elected> {
    try {
      const [won] = await Promise.all([
        this.#follower.untilWon(),
        this.#probed.catch((error: unknown) => {
          this.#stopping.abort(error);
          throw error;
        }),
      ]);
      await sink.close();
      // The lease that was seen is of the leader before.
      this.#view = this.#view && { ...this.#view, seq: won.seq, epoch: won.epoch, lease: null };
      this.#become('candidate');
      return { ...won, file, owner: this.owner };
    } catch (error) {
      await sink.close();
      this.#begun.reject(error);
      this.#view = null;
      this.#become('ended');
      throw error;
    }
  }

  #show(view: FollowerView): void {
    const before = this.leader;
    this.#view = view;
    this.#begun.resolve();
    const role = this.#role === 'ended' ? 'ended' : view.candidate ? 'candidate' : 'follower';
    if (role !== this.#role || before?.owner !== this.leader?.owner || before?.url !== this.leader?.url)
      this.#become(role);
  }

  #become(role: Role): void {
    this.#role = role;
    for (const listener of [...this.#listeners]) listener();
  }
}
