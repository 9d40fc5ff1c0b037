/** An object store within a region: every request takes as long as a PUT there. Counts what would be billed. */
import { setTimeout as delay } from 'node:timers/promises';
import type { KeyPage, LogBucket, StoredObject } from '../../prisma-free-db/replication/bucket.ts';

export class SlowBucket implements LogBucket {
  puts = 0;
  bytes = 0;
  readonly #objects = new Map<string, StoredObject>();
  readonly #ms: number;
  #etags = 0;

  /** @param ms milliseconds of a request */
  constructor(ms: number) {
    this.#ms = ms;
  }

  async putIfAbsent(key: string, bytes: Uint8Array): Promise<'created' | 'exists'> {
    this.puts += 1;
    this.bytes += bytes.length;
    await delay(this.#ms);
    if (this.#objects.has(key)) return 'exists';
    this.#set(key, bytes);
    return 'created';
  }

  async putIfMatch(key: string, bytes: Uint8Array, etag: string | null): Promise<string | null> {
    await delay(this.#ms);
    return (this.#objects.get(key)?.etag ?? null) === etag ? this.#set(key, bytes) : null;
  }

  async get(key: string): Promise<StoredObject | null> {
    await delay(this.#ms);
    return this.#objects.get(key) ?? null;
  }

  async list(prefix: string, after: string | null): Promise<KeyPage> {
    await delay(this.#ms);
    const keys = [...this.#objects.keys()].filter((key) => key.startsWith(prefix) && (after === null || key > after));
    return { keys: keys.sort(), more: false };
  }

  async delete(key: string): Promise<void> {
    await delay(this.#ms);
    this.#objects.delete(key);
  }

  #set(key: string, bytes: Uint8Array): string {
    this.#etags += 1;
    const etag = String(this.#etags);
    this.#objects.set(key, { bytes, etag });
    return etag;
  }
}
