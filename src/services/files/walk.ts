/** A folder with all it holds, in the bucket's order, page after page: nothing of it is kept in memory but the way down. */
import { compareUtf8 } from '../../domain/storage.ts';
import type { Bucket, ObjectSummary } from '../../ports/storage/storage.ts';

export type WalkEntry = { kind: 'folder'; key: string } | { kind: 'file'; key: string; object: ObjectSummary };

/**
 * Folders come before what they hold, empty ones too; the folder itself does not come.
 * @param prefix empty, or ending in a slash
 * @param options.after goes on behind this entry's key
 */
export async function* walk(
  bucket: Bucket,
  prefix: string,
  options: { after: string | null; signal: AbortSignal },
): AsyncGenerator<WalkEntry, void> {
  const { after, signal } = options;
  let startAfter: string | undefined;
  if (after?.startsWith(prefix) && after !== prefix) {
    const slash = after.indexOf('/', prefix.length);
    startAfter = slash < 0 ? after : after.slice(0, slash + 1);
    if (slash >= 0) yield* walk(bucket, startAfter, { after: after === startAfter ? null : after, signal });
  }
  for (;;) {
    const page = await bucket.list({ prefix, delimiter: '/', startAfter, signal });
    for (const entry of merged(page.objects, page.prefixes)) {
      if (entry.key === prefix) continue;
      yield entry;
      if (entry.kind === 'folder') yield* walk(bucket, entry.key, { after: null, signal });
    }
    if (page.next === null) return;
    startAfter = page.next;
  }
}

function merged(objects: ObjectSummary[], prefixes: string[]): WalkEntry[] {
  return [
    ...prefixes.map((key): WalkEntry => ({ kind: 'folder', key })),
    ...objects.map((object): WalkEntry => ({ kind: 'file', key: object.key, object })),
  ].sort((a, b) => compareUtf8(a.key, b.key));
}

/** In groups of at most `size`. */
export async function* inBatches<Item>(items: AsyncIterable<Item>, size: number): AsyncGenerator<Item[], void> {
  let batch: Item[] = [];
  for await (const item of items) {
    batch.push(item);
    if (batch.length < size) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

/** At most `width` at a time; the first fault ends it once those under way have ended. */
export async function eachAtOnce<Item>(
  items: readonly Item[],
  width: number,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const rest = items.values();
  const lane = async () => {
    for (const item of rest) await work(item);
  };
  const results = await Promise.allSettled(Array.from({ length: Math.min(width, items.length) }, lane));
  for (const result of results) if (result.status === 'rejected') throw result.reason;
}
