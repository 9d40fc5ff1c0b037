/** A database file that nobody writes to, read in pieces: the largest ones are not in memory as a whole. */
import { type FileHandle, open } from 'node:fs/promises';
import type { Page } from '../../../prisma-free-db/replication/codec.ts';
import { DbSum } from '../../../prisma-free-db/replication/db-sum.ts';
import { addTo } from '../../../prisma-free-db/replication/log-reader.ts';

/** Of the header of a database file (sqlite.org/fileformat2.html, section 1.3): one word, where 1 stands for the largest size. */
const PAGE_SIZE_AT = 16;
const LARGEST_PAGE = 65_536;
const READ_BYTES = 1_048_576;

export class StillDatabase {
  readonly bytes: number;
  readonly pageSize: number;
  readonly #handle: FileHandle;

  private constructor(handle: FileHandle, bytes: number, pageSize: number) {
    this.#handle = handle;
    this.bytes = bytes;
    this.pageSize = pageSize;
  }

  /** A file of SQLite's, or an empty one. */
  static async open(file: string): Promise<StillDatabase> {
    const handle = await open(file, 'r');
    const { size } = await handle.stat();
    const stored = size === 0 ? 1 : (await bytesAt(handle, PAGE_SIZE_AT, 2)).readUInt16BE();
    return new StillDatabase(handle, size, stored === 1 ? LARGEST_PAGE : stored);
  }

  get dbPages(): number {
    return this.bytes / this.pageSize;
  }

  /** Those pages, both ends included. */
  async read(first: number, last: number): Promise<Page[]> {
    const { pageSize } = this;
    const bytes = await bytesAt(this.#handle, (first - 1) * pageSize, (last - first + 1) * pageSize);
    return Array.from({ length: last - first + 1 }, (_, index) => ({
      pgno: first + index,
      bytes: bytes.subarray(index * pageSize, (index + 1) * pageSize),
    }));
  }

  /** Its checksum. */
  async sum(): Promise<bigint> {
    const sum = new DbSum(this.pageSize);
    const atOnce = READ_BYTES / this.pageSize;
    for (let first = 1; first <= this.dbPages; first += atOnce) {
      const last = Math.min(this.dbPages, first + atOnce - 1);
      await addTo(sum, await this.read(first, last), last);
    }
    return sum.value;
  }

  /** Whether that file has the same content, byte by byte. */
  async equals(file: string): Promise<boolean> {
    const other = await open(file, 'r');
    try {
      if ((await other.stat()).size !== this.bytes) return false;
      for (let at = 0; at < this.bytes; at += READ_BYTES) {
        const length = Math.min(READ_BYTES, this.bytes - at);
        const [one, two] = await Promise.all([bytesAt(this.#handle, at, length), bytesAt(other, at, length)]);
        if (!one.equals(two)) return false;
      }
      return true;
    } finally {
      await other.close();
    }
  }

  close(): Promise<void> {
    return this.#handle.close();
  }
}

/** @throws RangeError when the file is shorter */
async function bytesAt(handle: FileHandle, position: number, length: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(length);
  for (let done = 0; done < length; ) {
    const { bytesRead } = await handle.read(bytes, done, length - done, position + done);
    if (bytesRead === 0) throw new RangeError(`the file ends before ${position + length} bytes`);
    done += bytesRead;
  }
  return bytes;
}
