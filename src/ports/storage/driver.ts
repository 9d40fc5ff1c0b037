/**
 * The small half of the storage port: what a provider writes. `portable.ts` has checked every argument before a driver is
 * called, and it alone retries, times out and turns errors into AppErrors; a driver does one attempt and throws what it has.
 */
import type { Readable } from 'node:stream';
import type { ErrorCode } from '../../domain/errors.ts';
import type {
  BucketCapabilities,
  BucketInfo,
  BucketUsage,
  ListPage,
  MountSpec,
  ObjectInfo,
  ObjectVersion,
  PutCondition,
} from './storage.ts';

/** Whether a failed attempt may have changed something. */
export type Outcome = 'not_applied' | 'unknown';

export interface Classified {
  code: ErrorCode;
  /** Safe for users: what happened and what to do. */
  message: string;
  outcome: Outcome;
  /** Whether the same attempt may succeed a moment later. */
  retryable: boolean;
}

export interface DriverPut {
  condition: PutCondition | undefined;
  contentType: string | null;
  metadata: Record<string, string>;
  /** Known length; the body is guaranteed to have it or to fail. */
  sizeBytes: number | undefined;
  signal: AbortSignal;
}

export interface BucketDriver {
  readonly capabilities: BucketCapabilities;
  head(key: string, signal: AbortSignal): Promise<ObjectInfo>;
  /** The signal covers the opening; the wrapper destroys the body when it is no longer wanted. `start` beyond the object: throw an AppError invalid_argument. `end` may lie behind it. */
  get(
    key: string,
    options: { range: { start: number; end?: number } | undefined; signal: AbortSignal },
  ): Promise<{ info: ObjectInfo; body: Readable }>;
  /** When the body fails, so does the put, and nothing is left of it. */
  put(key: string, body: Readable, options: DriverPut): Promise<ObjectInfo>;
  delete(key: string, options: { ifVersion: ObjectVersion | undefined; signal: AbortSignal }): Promise<void>;
  copy(
    from: string,
    to: string,
    options: { condition: PutCondition | undefined; fromVersion: ObjectVersion | undefined; signal: AbortSignal },
  ): Promise<ObjectInfo>;
  list(options: DriverList): Promise<ListPage>;
  /** Present exactly when capabilities.atomicMove. */
  move?(
    from: string,
    to: string,
    options: { condition: PutCondition | undefined; signal: AbortSignal },
  ): Promise<ObjectInfo>;
  moveFolder?(from: string, to: string, signal: AbortSignal): Promise<void>;
  /** Present exactly when capabilities.folders. deleteFolder removes an empty one only. */
  createFolder?(path: string, signal: AbortSignal): Promise<void>;
  deleteFolder?(path: string, signal: AbortSignal): Promise<void>;
  /** Where the store can do better than to list and delete one by one. */
  deleteTree?(path: string, signal: AbortSignal): Promise<void>;
  /** Present exactly when capabilities.signedUrls. */
  signedUrl?(key: string, options: { method: 'GET' | 'PUT'; expiresInMs: number }): Promise<string>;
}

export interface DriverList {
  prefix: string;
  delimiter: '/' | undefined;
  startAfter: string;
  pageSize: number;
  signal: AbortSignal;
}

export interface StorageDriver {
  readonly name: string;
  /** What a thrown value means; null when the driver does not know it (then `internal`). AppErrors are not asked about. */
  classify(error: unknown): Classified | null;
  createBucket(
    name: string,
    options: { labels: Record<string, string>; storageClass: string | undefined },
  ): Promise<BucketInfo>;
  deleteBucket(name: string, options: { force: boolean }): Promise<void>;
  listBuckets(): Promise<BucketInfo[]>;
  getBucketMetadata(name: string): Promise<BucketInfo>;
  bucket(name: string): BucketDriver;
  mount(bucket: string, path: string, workloadIdentity: string | null): Promise<MountSpec>;
  ensureBucketAccess(bucket: string, workloadIdentity: string | null): Promise<void>;
  usage(bucket: string, signal: AbortSignal): Promise<BucketUsage>;
  close(): Promise<void>;
}
