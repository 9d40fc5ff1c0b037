/** Where restored pages go: the local file that SQLite opens later, or memory (verification, tests). Neither verifies: the chain does. */
import { type FileHandle, open } from 'node:fs/promises';
import type { Page } from './codec.ts';

/** Pages written to the file at once. */
const RUN_PAGES = 256;

export interface PageSink {
  /** Forgets everything. */
  reset(): Promise<void>;
  /** Pages ascending by number; afterwards the database has `dbPages` pages, the ones not named unchanged. */
  write(pages: readonly Page[], size: { readonly dbPages: number; readonly pageSize: number }): Promise<void>;
}

export class MemoryPages implements PageSink {
  #bytes = Buffer.alloc(0);

  async reset(): Promise<void> {
    this.#bytes = Buffer.alloc(0);
  }

  async write(pages: readonly Page[], { dbPages, pageSize }: { dbPages: number; pageSize: number }): Promise<void> {
    if (this.#bytes.length !== dbPages * pageSize) {
      const resized = Buffer.alloc(dbPages * pageSize);
      this.#bytes.copy(resized);
      this.#bytes = resized;
    }
    for (const { pgno, bytes } of pages) this.#bytes.set(bytes, (pgno - 1) * pageSize);
  }

  /** The database file as it would be on disk. */
  get content(): Buffer {
    return this.#bytes;
  }
}

/**
 * The database file. Its handle must be closed before SQLite opens the file (closing any descriptor drops SQLite's locks) and not
 * before the takeover is through. Not synced: the local file is a cache.
 */
export class FilePages implements PageSink {
  readonly #handle: FileHandle;

  private constructor(handle: FileHandle) {
    this.#handle = handle;
  }

  /** @throws the file system's EEXIST: a local file is never used again */
  static async create(path: string): Promise<FilePages> {
    return new FilePages(await open(path, 'wx+', 0o600));
  }

  async reset(): Promise<void> {
    await this.#handle.truncate(0);
  }

  async write(pages: readonly Page[], { dbPages, pageSize }: { dbPages: number; pageSize: number }): Promise<void> {
    for (let at = 0; at < pages.length; ) {
      const first = pages[at]?.pgno ?? 0;
      let end = at + 1;
      while (end < pages.length && end - at < RUN_PAGES && pages[end]?.pgno === first + end - at) end += 1;
      const run = pages.slice(at, end).map(({ bytes }) => bytes);
      await this.#writeAll(Buffer.concat(run), (first - 1) * pageSize);
      at = end;
    }
    await this.#handle.truncate(dbPages * pageSize);
  }

  close(): Promise<void> {
    return this.#handle.close();
  }

  async #writeAll(bytes: Buffer, position: number): Promise<void> {
    for (let done = 0; done < bytes.length; ) {
      const { bytesWritten } = await this.#handle.write(bytes, done, bytes.length - done, position + done);
      done += bytesWritten;
    }
  }
}
