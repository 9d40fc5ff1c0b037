/** What the leader's store did lately, for people: a bucket that counts what passes through it and remembers the last failure. */
import type { KeyPage, LogBucket, StoredObject } from './bucket.ts';

export class ObservedBucket implements LogBucket {
  /** Attempts to create an object. */
  puts = 0;
  lastError: string | null = null;
  /** Wall time. */
  lastErrorAt: string | null = null;
  /** Wall time of the first failure since the last answer; null while it answers. */
  failingSince: string | null = null;
  readonly #bucket: LogBucket;
  readonly #at: () => string;

  constructor(bucket: LogBucket, at: () => string) {
    this.#bucket = bucket;
    this.#at = at;
  }

  putIfAbsent(key: string, bytes: Uint8Array): Promise<'created' | 'exists'> {
    this.puts += 1;
    return this.#observe(this.#bucket.putIfAbsent(key, bytes));
  }

  putIfMatch(key: string, bytes: Uint8Array, etag: string | null): Promise<string | null> {
    return this.#observe(this.#bucket.putIfMatch(key, bytes, etag));
  }

  get(key: string): Promise<StoredObject | null> {
    return this.#observe(this.#bucket.get(key));
  }

  list(prefix: string, after: string | null): Promise<KeyPage> {
    return this.#observe(this.#bucket.list(prefix, after));
  }

  delete(key: string): Promise<void> {
    return this.#observe(this.#bucket.delete(key));
  }

  async #observe<T>(request: Promise<T>): Promise<T> {
    try {
      const answer = await request;
      this.failingSince = null;
      return answer;
    } catch (error) {
      this.lastError = error instanceof Error ? error.message : String(error);
      this.lastErrorAt = this.#at();
      this.failingSince ??= this.lastErrorAt;
      throw error;
    }
  }
}
