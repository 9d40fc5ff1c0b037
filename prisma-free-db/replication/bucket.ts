/**
 * The narrow store under the log (format document, section 3): what the protocol needs of a bucket and nothing more. The composition
 * root adapts the project's storage to it, without that storage's retries. All operations are strongly consistent. An answer is
 * definite or it is `Ambiguous` (time-out, reset, 5xx, 409, 429: may or may not have been applied); a lack of permission or any
 * other refusal that retrying cannot cure is thrown as it is.
 */
import { type Pacing, persist } from './pacing.ts';

export interface StoredObject {
  readonly bytes: Uint8Array;
  /** Opaque; another one after every change. */
  readonly etag: string;
}

export interface KeyPage {
  /** Ascending in byte order. */
  readonly keys: readonly string[];
  /** Whether keys follow behind the last one. */
  readonly more: boolean;
}

export interface LogBucket {
  /** Creates the object unless one has that key. The bytes are not changed by either side afterwards. @throws Ambiguous */
  putIfAbsent(key: string, bytes: Uint8Array): Promise<'created' | 'exists'>;
  /** Replaces the object of that etag, or creates it where `etag` is null. The new etag; null on a mismatch. @throws Ambiguous */
  putIfMatch(key: string, bytes: Uint8Array, etag: string | null): Promise<string | null>;
  /** Null only when the store says for certain that there is none. @throws Ambiguous */
  get(key: string): Promise<StoredObject | null>;
  /** Keys that begin with `prefix`, strictly after the key `after`. @throws Ambiguous */
  list(prefix: string, after: string | null): Promise<KeyPage>;
  /** Idempotent. @throws Ambiguous */
  delete(key: string): Promise<void>;
}

/** All keys below `prefix` after `after`, page by page, through failures of the store. */
export async function listAll(
  bucket: LogBucket,
  { prefix, after }: { prefix: string; after: string | null },
  pacing: Pacing,
): Promise<string[]> {
  const all: string[] = [];
  let last = after;
  for (;;) {
    const page = await persist(pacing, () => bucket.list(prefix, last));
    for (const key of page.keys) all.push(key);
    last = page.keys.at(-1) ?? last;
    if (!page.more) return all;
  }
}
