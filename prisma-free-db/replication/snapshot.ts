/**
 * Snapshots of a leader (format document, section 9): BASE of all pages, DIFF of those changed since its own BASE, and the collection
 * after each. A checkpoint that empties the write-ahead log arms one: the main file is then the state of one slot and stays so,
 * because no other checkpoint comes before the snapshot is through, while commits go on into the write-ahead log.
 */
import { type EncodedObject, type EncryptionKey, encodePages, type ObjectInput } from './codec.ts';
import type { DatabaseFiles } from './database-files.ts';
import type { DbSum } from './db-sum.ts';
import { decide } from './decide.ts';
import { CaptureMismatch, CorruptLog } from './errors.ts';
import { collect } from './gc.ts';
import type { LeaderTerms, Limits, SnapshotFigures } from './leader-terms.ts';
import { type EpochMark, epochsMeta } from './log-reader.ts';
import { type Pacing, unlessAborted } from './pacing.ts';
import { planCollection, retainedFrom } from './retention.ts';
import type { Batch } from './wal.ts';

export interface SnapshotTerms {
  readonly terms: LeaderTerms;
  readonly files: DatabaseFiles;
  readonly limits: Limits;
  readonly pacing: Pacing;
  /** The last slot that is durable. */
  readonly tail: () => number;
  /** The leader must end: the files are not what was committed, or others write its objects. */
  readonly onFatal: (error: Error) => void;
  /** One is through, stored or not: another one may be due. */
  readonly onDone: () => void;
}

/** What a checkpoint has set apart. */
export interface Armed {
  readonly kind: 'base' | 'diff';
  /** The slot of the batch of that checkpoint. */
  readonly to: number;
  /** BASE: `to`. DIFF: the slot of its BASE. */
  readonly base: number;
  readonly dbPages: number;
  readonly pgnos: readonly number[];
  /** BASE: what had changed since the one before; it must not be forgotten unless this one is stored. */
  readonly setAside: ReadonlySet<number>;
}

/** State after the slot of an armed snapshot, known once that slot is durable. */
export interface ArmedState {
  readonly hash: Uint8Array;
  /** A copy. */
  readonly sum: DbSum;
}

interface Wish {
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

export class Snapshots {
  readonly #terms: SnapshotTerms;
  readonly #epochs: readonly EpochMark[];
  readonly #epoch: number;
  /** This leader's own newest BASE. */
  #base: { readonly to: number; readonly atMs: number } | null = null;
  #changed = new Set<number>();
  #slots: number;
  #bytes = 0;
  #lastTo = 0;
  #lastError: Error | null = null;
  #running: Promise<void> | null = null;
  #reading = false;
  #collecting: Promise<void> | null = null;
  #wishes: Wish[] = [];
  #retainedFrom = 0;
  #figures: SnapshotFigures | null = null;
  #deleted = 0;

  constructor(terms: SnapshotTerms) {
    const { chain, snapshotAt = 0 } = terms.terms;
    this.#terms = terms;
    this.#epochs = chain.epochs;
    this.#epoch = chain.epoch;
    this.#slots = chain.seq - snapshotAt;
  }

  get figures(): SnapshotFigures | null {
    return this.#figures;
  }

  get deleted(): number {
    return this.#deleted;
  }

  get slotsSince(): number {
    return this.#slots;
  }

  get bytesSince(): number {
    return this.#bytes;
  }

  /** Pages of the main file are read: no checkpoint may run. */
  get reading(): boolean {
    return this.#reading;
  }

  /** Whether the next batch should arm one. */
  get due(): boolean {
    const { snapshotSlots, snapshotBytes } = this.#terms.limits;
    const wanted = this.#wishes.length > 0 || this.#slots >= snapshotSlots || this.#bytes >= snapshotBytes;
    return wanted && this.#running === null;
  }

  /** Resolves when a snapshot of now, or later, is stored and what it replaces is collected. Something must still wake the pump. */
  wish(): Promise<void> {
    return new Promise((resolve, reject) => this.#wishes.push({ resolve, reject }));
  }

  /** A batch was taken: its pages differ from the BASE from here on. */
  changed({ pages }: Batch): void {
    for (const { pgno } of pages) this.#changed.add(pgno);
  }

  /** A slot is durable. */
  landed(bytes: number): void {
    this.#slots += 1;
    this.#bytes += bytes;
  }

  /**
   * Sets apart what the main file holds now, right after a checkpoint; `to` is the slot of all that was committed.
   * Null when there is nothing that no snapshot has.
   */
  arm(to: number, dbPages: number): Armed | null {
    if (dbPages === 0 || to <= this.#lastTo) {
      this.#grant(this.#lastError);
      return null;
    }
    this.#lastTo = to;
    const base = this.#base;
    const pgnos = [...this.#changed].filter((pgno) => pgno <= dbPages).sort((one, other) => one - other);
    if (base && !this.#outdated(base, to) && pgnos.length * 2 <= dbPages) {
      return { kind: 'diff', to, base: base.to, dbPages, pgnos, setAside: new Set() };
    }
    const setAside = this.#changed;
    this.#changed = new Set();
    const all = Array.from({ length: dbPages }, (_, index) => index + 1);
    return { kind: 'base', to, base: to, dbPages, pgnos: all, setAside };
  }

  /** Begins to store what was armed; its slot is durable. */
  start(armed: Armed, state: ArmedState): void {
    this.#slots = 0;
    this.#bytes = 0;
    this.#reading = true;
    this.#running = this.#run(armed, state).finally(() => {
      this.#running = null;
      this.#terms.onDone();
    });
  }

  /** No other one begins. */
  end(reason: Error): void {
    this.#grant(reason);
  }

  /** Resolves when nothing runs any more; after the signal of the pacing was aborted that is soon. */
  async settled(): Promise<void> {
    await Promise.all([this.#running, this.#collecting]);
  }

  /** A retention would keep the whole log since a BASE that is older than itself. */
  #outdated(base: { to: number; atMs: number }, to: number): boolean {
    const { retain, pacing } = this.#terms.terms;
    if (!retain) return false;
    return 'slots' in retain ? to - base.to > retain.slots : pacing.clock.now() - base.atMs > retain.ms;
  }

  async #run(armed: Armed, state: ArmedState): Promise<void> {
    const { terms, pacing, onFatal } = this.#terms;
    const started = pacing.clock.now();
    // Later wishes are for a later state.
    const granted = this.#wishes;
    this.#wishes = [];
    try {
      const object = await this.#encode(armed, state).finally(() => {
        this.#reading = false;
      });
      const { keys } = terms;
      const key = armed.kind === 'base' ? keys.base(armed.to) : keys.diff(armed.base, armed.to);
      const { outcome } = await decide(terms.bucket, { key, bytes: object.bytes }, pacing);
      if (outcome === 'lost') throw new CorruptLog(`${key} holds another snapshot of the same slot`);
      const { kind, to } = armed;
      if (kind === 'base') this.#base = { to, atMs: started };
      this.#figures = { kind, to, at: terms.at(), bytes: object.bytes.length, ms: pacing.clock.now() - started };
      this.#lastError = null;
      terms.log.info('snapshot of the database stored', { ...this.#figures });
      // Deleting what a retention kept for days takes long; the next snapshot does not wait for it, and leaves the rest to it.
      this.#collecting ??= this.#tidy(armed).finally(() => {
        this.#collecting = null;
      });
      void this.#collecting.then(() => {
        for (const { resolve } of granted) resolve();
      });
    } catch (thrown) {
      const error = thrown instanceof Error ? thrown : new Error(String(thrown));
      for (const pgno of armed.setAside) if (this.#base?.to !== armed.to) this.#changed.add(pgno);
      this.#lastError = error;
      for (const { reject } of granted) reject(error);
      if (pacing.signal?.aborted) return;
      if (error instanceof CaptureMismatch || error instanceof CorruptLog) onFatal(error);
      else terms.log.warn('snapshot of the database failed; the next one will replace it', { error: error.message });
    }
  }

  #encode(armed: Armed, { hash, sum }: ArmedState): Promise<EncodedObject> {
    const { terms, files } = this.#terms;
    const { kind, to, base, dbPages, pgnos } = armed;
    const input = {
      ...{ kind, to, dbPages, pageSize: files.pageSize, epoch: this.#epoch, from: kind === 'base' ? 0 : base },
      ...{ dbSum: sum.value, prevHash: hash, meta: epochsMeta(this.#epochs) },
      ...keyOf(terms.encryption),
    };
    return encodePages({
      ...input,
      pgnos,
      read: async (wanted, target) => {
        await files.readPages(wanted, target);
        this.#check(wanted, target, sum);
      },
    });
  }

  /** A snapshot of other pages than were committed would, with the collection behind it, destroy the database. */
  #check(pgnos: readonly number[], read: Buffer, sum: DbSum): void {
    const { pageSize } = this.#terms.files;
    pgnos.forEach((pgno, index) => {
      if (!sum.holds({ pgno, bytes: read.subarray(index * pageSize, (index + 1) * pageSize) }))
        throw new CaptureMismatch(`Page ${pgno} of the main file is not what was committed.`);
    });
  }

  /** The snapshot holds, whatever becomes of the collection: the next one takes what this one left. */
  async #tidy(armed: Armed): Promise<void> {
    const { terms, pacing } = this.#terms;
    try {
      await this.#collect(armed);
    } catch (error) {
      if (!pacing.signal?.aborted)
        terms.log.warn('old objects of the log were not collected', { error: String(error) });
    }
  }

  async #collect({ kind, to, base }: Armed): Promise<void> {
    const { terms, pacing, tail, limits } = this.#terms;
    const { bucket, keys, retain } = terms;
    const end = tail();
    if (retain) {
      const ring = [...(terms.ring ?? []), ...(terms.encryption ? [terms.encryption] : [])];
      const times = { keys, ring, maxRawLen: limits.batchBytes + 1_048_576 };
      const search = { retain, tail: end, now: Date.parse(terms.at()), known: this.#retainedFrom, times };
      this.#retainedFrom = await retainedFrom(bucket, search, pacing);
    }
    const state = {
      ...{ epoch: this.#epoch, epochs: this.#epochs, tail: end },
      snapshot: { kind, to, base, baseEpoch: this.#epoch },
      ...(retain && { retainFrom: this.#retainedFrom }),
    };
    const plan = await planCollection(bucket, { keys, state }, pacing);
    // A delete without an answer must not hold up the end.
    const collected = collect(bucket, { keys, plan, ...signalOf(pacing) });
    const { deleted, failed, error } = await unlessAborted(collected, pacing.signal);
    this.#deleted += deleted;
    if (failed > 0) terms.log.warn('old objects of the log were not deleted', { failed, error: String(error) });
  }

  #grant(error: Error | null): void {
    const wishes = this.#wishes;
    this.#wishes = [];
    for (const { resolve, reject } of wishes)
      if (error) reject(error);
      else resolve();
  }
}

const keyOf = (key: EncryptionKey | undefined): Pick<ObjectInput, 'key'> => (key ? { key } : {});

const signalOf = ({ signal }: Pacing): { signal?: AbortSignal } => (signal ? { signal } : {});
