/**
 * Named moments at which a process may die (format document, section 18.4). The leader calls those of its own steps; `marked` adds
 * those of every request, by what the request is. A product that runs gives no such function; the kill harness does.
 */
import type { LogBucket } from './bucket.ts';
import { readHeader } from './codec.ts';
import type { LogKeys } from './names.ts';

/**
 * commit: of a transaction, locally. freeze: taking the commits so far as one batch. put: of a SEG. release: of those who wait.
 * arm: a checkpoint from which a snapshot is taken. snapshot: PUT of a BASE or DIFF. delete: each one of a collection.
 */
export type CrashStep =
  | 'commit'
  | 'freeze'
  | 'put'
  | 'release'
  | 'checkpoint'
  | 'arm'
  | 'snapshot'
  | 'delete'
  | 'seal'
  | 'list'
  | 'lease'
  | 'drain';

export type CrashPoint = `${'before' | 'after'} ${CrashStep}`;

/** The bucket with a crash point before and after each request that changes or lists something. */
export function marked(bucket: LogBucket, keys: LogKeys, crashPoint: (point: CrashPoint) => void): LogBucket {
  const around = async <T>(step: CrashStep | null, request: () => Promise<T>): Promise<T> => {
    if (step) crashPoint(`before ${step}`);
    const answer = await request();
    if (step) crashPoint(`after ${step}`);
    return answer;
  };
  return {
    putIfAbsent: (key, bytes) => around(stepOf(keys, key, bytes), () => bucket.putIfAbsent(key, bytes)),
    putIfMatch: (key, bytes, etag) =>
      around(key === keys.lease ? 'lease' : null, () => bucket.putIfMatch(key, bytes, etag)),
    get: (key) => bucket.get(key),
    list: (prefix, after) => around('list', () => bucket.list(prefix, after)),
    delete: (key) => around('delete', () => bucket.delete(key)),
  };
}

function stepOf(keys: LogKeys, key: string, bytes: Uint8Array): CrashStep | null {
  if (keys.seqOf(key) !== null) return readHeader(bytes).kind === 'seal' ? 'seal' : 'put';
  return keys.baseOf(key) !== null || keys.diffOf(key) !== null ? 'snapshot' : null;
}
