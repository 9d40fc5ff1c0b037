/**
 * Checksum of a whole database, kept page by page (format document, section 4): XOR over all pages of the first 8 bytes of
 * `sha256(pgno u32 LE ++ page)`. The page number is inside the hash, so swapped pages change the sum. A change of k pages costs k
 * hashes, whatever the size of the database.
 */
import { hash } from 'node:crypto';
import type { Page } from './codec.ts';
import { IncompletePages } from './errors.ts';

/** Two 32-bit halves: typed arrays of bigint would allocate at every access. */
interface PageSum {
  readonly low: number;
  readonly high: number;
}

export class DbSum {
  readonly #scratch: Buffer;
  #low = new Uint32Array(0);
  #high = new Uint32Array(0);
  #dbPages = 0;
  #sumLow = 0;
  #sumHigh = 0;

  /** Of the empty database. @param pageSize bytes */
  constructor(pageSize: number) {
    this.#scratch = Buffer.alloc(4 + pageSize);
  }

  /** The sum, 64 bits. */
  get value(): bigint {
    return (BigInt(this.#sumHigh >>> 0) << 32n) | BigInt(this.#sumLow >>> 0);
  }

  get dbPages(): number {
    return this.#dbPages;
  }

  /** The same sum, which stays as it is now: what pages of this moment are checked against later. */
  clone(): DbSum {
    const copy = new DbSum(this.#scratch.length - 4);
    copy.#low = this.#low.slice(0, this.#dbPages);
    copy.#high = this.#high.slice(0, this.#dbPages);
    copy.#dbPages = this.#dbPages;
    copy.#sumLow = this.#sumLow;
    copy.#sumHigh = this.#sumHigh;
    return copy;
  }

  /** Whether these bytes are the content of that page. */
  holds({ pgno, bytes }: Page): boolean {
    const { low, high } = this.#hashPage(pgno, bytes);
    return pgno >= 1 && pgno <= this.#dbPages && this.#low[pgno - 1] === low && this.#high[pgno - 1] === high;
  }

  /**
   * The database has `dbPages` pages now and these contents; pages that are not named keep theirs, pages beyond the end are gone.
   * A whole database may be given in ascending pieces, each with its last page as `dbPages`, to let other work run in between.
   * @throws IncompletePages when the database grew by a page that is not given; the sum is unchanged then
   */
  apply(pages: readonly Page[], dbPages: number): void {
    this.#requireGrowth(pages, dbPages);
    this.#truncate(dbPages);
    this.#reserve(dbPages);
    this.#dbPages = dbPages;
    for (const { pgno, bytes } of pages) if (pgno <= dbPages) this.#replace(pgno, this.#hashPage(pgno, bytes));
  }

  #requireGrowth(pages: readonly Page[], dbPages: number): void {
    if (dbPages <= this.#dbPages) return;
    const fresh = new Set<number>();
    for (const { pgno } of pages) if (pgno > this.#dbPages) fresh.add(pgno);
    for (let pgno = this.#dbPages + 1; pgno <= dbPages; pgno += 1)
      if (!fresh.has(pgno)) throw new IncompletePages(pgno);
  }

  #truncate(dbPages: number): void {
    for (let pgno = dbPages + 1; pgno <= this.#dbPages; pgno += 1) this.#replace(pgno, { low: 0, high: 0 });
  }

  #reserve(dbPages: number): void {
    if (dbPages <= this.#low.length) return;
    const capacity = Math.max(dbPages, 2 * this.#low.length, 64);
    this.#low = grown(this.#low, capacity);
    this.#high = grown(this.#high, capacity);
  }

  #replace(pgno: number, next: PageSum): void {
    const index = pgno - 1;
    this.#sumLow ^= (this.#low[index] ?? 0) ^ next.low;
    this.#sumHigh ^= (this.#high[index] ?? 0) ^ next.high;
    this.#low[index] = next.low;
    this.#high[index] = next.high;
  }

  #hashPage(pgno: number, bytes: Uint8Array): PageSum {
    if (bytes.length !== this.#scratch.length - 4) throw new RangeError(`page ${pgno} has ${bytes.length} bytes`);
    this.#scratch.writeUInt32LE(pgno, 0);
    this.#scratch.set(bytes, 4);
    const digest = hash('sha256', this.#scratch, 'buffer');
    return { low: digest.readUInt32LE(0), high: digest.readUInt32LE(4) };
  }
}

function grown(values: Uint32Array<ArrayBuffer>, capacity: number): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(capacity);
  larger.set(values);
  return larger;
}
