/** The local storage opened on a scratch folder, with one bucket. */
import { join } from 'node:path';
import type { Bucket } from '../../src/ports/storage/storage.ts';
import { openLocalStorage } from '../../src/providers/local/storage/local-storage.ts';
import { BUCKET } from './ground.ts';

const quiet = { info() {}, warn() {}, error() {} };

/** `files`: the folder that holds the bucket's objects as files. */
export async function openLocal(root: string): Promise<{ bucket: Bucket; files: string; close(): Promise<void> }> {
  const storage = openLocalStorage({ root, now: Date.now, log: quiet });
  await storage.createBucket(BUCKET, { labels: { purpose: 'bench' } });
  return { bucket: storage.bucket(BUCKET), files: join(root, 'buckets', BUCKET), close: () => storage.close() };
}
