/**
 * Where things lie in the data folder. `buckets/<name>` holds people's files and nothing else; everything of ours lies in
 * `buckets.meta`, on the same disk, so that staged files can be put in place by rename. Bucket names start with a letter or
 * digit, so the dotted names never meet one.
 */
import { join } from 'node:path';

export interface BucketPaths {
  /** The files themselves. */
  files: string;
  meta: string;
  /** Labels and creation time. */
  record: string;
  staging: string;
  /** Content types and metadata. */
  facts: string;
  locks: string;
  /** Kept versions: the tree of keys again, see kept.ts. */
  history: string;
  /** Files that come in parts. */
  uploads: string;
  /** Over uploads; never held while waiting for an upload. */
  uploadLocks: string;
  /** What is on its way out of this bucket while it is emptied. */
  leaving: string;
}

export interface Layout {
  buckets: string;
  meta: string;
  /** Locks over bucket names: creating and deleting. */
  locks: string;
  /** What is on its way out; emptied at the next occasion after a crash. */
  trash: string;
  bucket(name: string): BucketPaths;
}

/** @param dataDir absolute path of the data folder */
export function layoutOf(dataDir: string): Layout {
  const buckets = join(dataDir, 'buckets');
  const metaRoot = join(dataDir, 'buckets.meta');
  return {
    buckets,
    meta: metaRoot,
    locks: join(metaRoot, '.locks'),
    trash: join(metaRoot, '.trash'),
    bucket(name) {
      const meta = join(metaRoot, name);
      return {
        files: join(buckets, name),
        meta,
        record: join(meta, 'bucket.json'),
        staging: join(meta, 'staging'),
        facts: join(meta, 'facts'),
        locks: join(meta, 'locks'),
        history: join(meta, 'history'),
        uploads: join(meta, 'uploads'),
        uploadLocks: join(meta, 'upload-locks'),
        leaving: join(meta, 'leaving'),
      };
    },
  };
}
