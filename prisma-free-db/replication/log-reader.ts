/**
 * The verified chain (format document, sections 4 and 5): a position in the log and the database after it. Nothing moves it on that is
 * not linked by hash to what came before and does not lead to the announced checksum of the whole database. Restore, followers and
 * candidates all read through it. After an error it is spent: its pages may be half applied, restore again.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { LogBucket } from './bucket.ts';
import { type DecodedObject, decodeObject, type EncryptionKey, type ObjectMeta, type Page } from './codec.ts';
import { DbSum } from './db-sum.ts';
import { CorruptLog, Unfinished } from './errors.ts';
import type { LogKeys } from './names.ts';
import { type Pacing, persist } from './pacing.ts';
import type { PageSink } from './page-sink.ts';

/** Page size of a database that has no page yet. */
export const GENESIS_PAGE_SIZE = 4_096;
/** Pages hashed before other work gets its turn. */
const HASHED_PAGES = 256;

/** Where an epoch began: the slot of its seal, in the verified chain. */
export interface EpochMark {
  readonly epoch: number;
  readonly seq: number;
}

export interface Reading {
  readonly sink: PageSink;
  /** Key ring for encrypted objects. */
  readonly keys: readonly EncryptionKey[];
  /** Bytes of the largest object before compression. */
  readonly maxRawLen: number;
}

export class Chain {
  readonly #reading: Reading;
  #sum = new DbSum(GENESIS_PAGE_SIZE);
  #pageSize = GENESIS_PAGE_SIZE;
  #seq = 0;
  #epoch = 0;
  #hash: Uint8Array = new Uint8Array(32);
  #epochs: EpochMark[] = [];
  #movedTo: string | null = null;

  constructor(reading: Reading) {
    this.#reading = reading;
  }

  /** The last slot that is applied; 0 before the first. */
  get seq(): number {
    return this.#seq;
  }

  /** Hash of that slot's object. */
  get hash(): Uint8Array {
    return this.#hash;
  }

  get epoch(): number {
    return this.#epoch;
  }

  get epochs(): readonly EpochMark[] {
    return this.#epochs;
  }

  /** Where the log goes on when its last slot closes it here. */
  get movedTo(): string | null {
    return this.#movedTo;
  }

  /**
   * Whether this is the beginning of a database that is brought here in several slots. Its first page, without which SQLite takes a
   * file for none, is zeros until all others are there; so no part of it can be taken for the whole, by whatever way it was restored.
   */
  get unfinished(): boolean {
    return this.dbPages > 0 && this.#sum.holds({ pgno: 1, bytes: Buffer.alloc(this.#pageSize) });
  }

  /** @throws Unfinished */
  requireWhole(): void {
    if (this.unfinished) throw new Unfinished();
  }

  get pageSize(): number {
    return this.#pageSize;
  }

  /** 0: a log of seals only, which is still the genesis of the schema. */
  get dbPages(): number {
    return this.#sum.dbPages;
  }

  get dbSum(): bigint {
    return this.#sum.value;
  }

  /** The running checksum, for the leader that goes on from here. */
  get sum(): DbSum {
    return this.#sum;
  }

  /** Begins at a BASE; only for a chain that is new. */
  async startAt(bytes: Uint8Array, to: number): Promise<void> {
    const object = await this.#decode(bytes, { kind: 'base', from: 0, to });
    await this.#applyPages(object, `base ${to}`);
    this.#adopt(object);
  }

  /** Moves from the BASE of slot `from` to the state after slot `to`. */
  async leapBy(bytes: Uint8Array, to: number): Promise<void> {
    const object = await this.#decode(bytes, { kind: 'diff', from: this.#seq, to });
    await this.#applyPages(object, `diff ${this.#seq}-${to}`);
    this.#adopt(object);
  }

  /** Applies the object of the next slot. @throws CorruptLog, CorruptObject or IncompletePages when it is not of this chain; WrongKey */
  async apply(bytes: Uint8Array): Promise<DecodedObject> {
    const to = this.#seq + 1;
    const object = await this.#decode(bytes, null);
    const { header } = object;
    const isSlot = header.kind === 'seg' || header.kind === 'seal';
    if (!isSlot || header.to !== to)
      throw new CorruptLog(`slot ${to} holds ${header.kind} ${header.from}-${header.to}`);
    if (Buffer.compare(header.prevHash, this.#hash) !== 0) throw new CorruptLog(`slot ${to} continues another history`);
    const epoch = this.#epoch + (header.kind === 'seal' ? 1 : 0);
    if (header.epoch !== epoch) throw new CorruptLog(`slot ${to} is of epoch ${header.epoch}, not ${epoch}`);
    await this.#applyPages(object, `slot ${to}`);
    if (header.kind === 'seal') this.#epochs = [...this.#epochs, { epoch, seq: to }];
    const { movedTo } = object.meta;
    this.#movedTo = header.kind === 'seal' && typeof movedTo === 'string' ? movedTo : null;
    this.#seq = to;
    this.#epoch = epoch;
    this.#hash = object.hash;
    return object;
  }

  /** @throws CorruptLog or CorruptObject unless `bytes` are the object of the slot at which the chain stands */
  async requireAt(bytes: Uint8Array): Promise<void> {
    const { hash } = await this.#decode(bytes, null);
    if (Buffer.compare(hash, this.#hash) !== 0) throw new CorruptLog('not the slot that its snapshot names');
  }

  #decode(
    bytes: Uint8Array,
    expect: { kind: 'base' | 'diff'; from: number; to: number } | null,
  ): Promise<DecodedObject> {
    const { keys, maxRawLen } = this.#reading;
    return decodeObject(bytes, { keys, maxRawLen, ...(expect && { expect }) });
  }

  #adopt({ header, meta }: DecodedObject): void {
    this.#epochs = epochsOf(meta, header);
    this.#seq = header.to;
    this.#epoch = header.epoch;
    this.#hash = header.prevHash;
  }

  async #applyPages({ header, pages }: DecodedObject, what: string): Promise<void> {
    const { dbPages, pageSize } = header;
    if (pageSize !== this.#pageSize) {
      if (this.#sum.dbPages > 0) throw new CorruptLog(`${what} has pages of ${pageSize} bytes, not ${this.#pageSize}`);
      this.#pageSize = pageSize;
      this.#sum = new DbSum(pageSize);
    }
    if (header.kind === 'seal' && dbPages !== this.#sum.dbPages)
      throw new CorruptLog(`${what} seals ${dbPages} pages, not ${this.#sum.dbPages}`);
    await addTo(this.#sum, pages, dbPages);
    if (this.#sum.value !== header.dbSum) throw new CorruptLog(`${what} leads to another database than it announces`);
    await this.#reading.sink.write(pages, { dbPages, pageSize });
  }
}

/** Applies pages to a checksum in pieces, letting other work run in between. */
export async function addTo(sum: DbSum, pages: readonly Page[], dbPages: number): Promise<void> {
  if (dbPages < sum.dbPages) sum.apply([], dbPages);
  for (let at = 0; at < pages.length; at += HASHED_PAGES) {
    if (at > 0) await nextTurn();
    const piece = pages.slice(at, at + HASHED_PAGES);
    sum.apply(piece, Math.max(sum.dbPages, piece.at(-1)?.pgno ?? 0));
  }
  sum.apply([], dbPages);
}

/** The epoch table as BASE and DIFF carry it. */
export const epochsMeta = (epochs: readonly EpochMark[]): ObjectMeta => ({
  epochs: epochs.map(({ epoch, seq }) => [epoch, seq]),
});

function epochsOf(meta: ObjectMeta, { epoch: last, to }: { epoch: number; to: number }): EpochMark[] {
  const table: EpochMark[] = [];
  for (const entry of Array.isArray(meta.epochs) ? meta.epochs : []) {
    const [epoch, seq] = Array.isArray(entry) && entry.length === 2 ? entry : [];
    const before = table.at(-1) ?? { epoch: 0, seq: 0 };
    if (!Number.isSafeInteger(epoch) || !Number.isSafeInteger(seq) || epoch <= before.epoch || seq <= before.seq)
      throw new CorruptLog(`the snapshot of slot ${to} has a broken table of epochs`);
    table.push({ epoch, seq });
  }
  const end = table.at(-1);
  if (!end || end.epoch !== last || end.seq > to)
    throw new CorruptLog(`the snapshot of slot ${to} has a table of epochs that does not end in epoch ${last}`);
  return table;
}

/** Bytes of each key in the order given, at most `ahead` requests under way; stops behind the first that is not there (null). */
export async function* fetchInOrder(
  bucket: LogBucket,
  keys: readonly string[],
  { ahead, pacing }: { ahead: number; pacing: Pacing },
): AsyncGenerator<{ key: string; bytes: Uint8Array | null }> {
  const fetchOne = (key: string) => {
    const fetched = persist(pacing, () => bucket.get(key));
    // Looked at in its turn; until then, or when the reader leaves early, a failure must not count as unhandled.
    fetched.catch(() => undefined);
    return { key, fetched };
  };
  const underWay = keys.slice(0, ahead).map(fetchOne);
  let next = underWay.length;
  for (let head = underWay.shift(); head !== undefined; head = underWay.shift()) {
    const object = await head.fetched;
    const key = keys[next];
    if (key !== undefined) underWay.push(fetchOne(key));
    next += 1;
    yield { key: head.key, bytes: object?.bytes ?? null };
    if (!object) return;
  }
}

/**
 * Follows the log by one slot: asks for the next one instead of listing, which costs as much as a write.
 * @returns what was applied, null when there is nothing new
 */
export async function follow(
  bucket: LogBucket,
  { keys, chain }: { keys: LogKeys; chain: Chain },
  pacing: Pacing,
): Promise<DecodedObject | null> {
  const next = await persist(pacing, () => bucket.get(keys.log(chain.seq + 1)));
  return next ? chain.apply(next.bytes) : null;
}
