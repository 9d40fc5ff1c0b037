/**
 * The small half of the storage port: what a provider writes. `portable.ts` has checked every argument before a driver is
 * called, and it alone retries, times out and turns errors into AppErrors; a driver does one attempt and throws what it has.
 */
import type { Readable } from 'node:stream';
import type { ErrorCode } from '../../domain/errors.ts';
import type { WorkloadIdentity } from '../../domain/workload-identity.ts';
import type {
  Bucket,
  BucketCapabilities,
  BucketInfo,
  BucketSetting,
  BucketUsage,
  ListPage,
  MountSpec,
  ObjectInfo,
  ObjectVersion,
  PutCondition,
  RemovalRule,
  SettingState,
  SignedRequest,
  StorageLack,
  SyncAccess,
  UploadedPart,
  UploadSession,
  VersionPage,
  WantedSettings,
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
  /** The store's own wish (`Retry-After`). */
  retryAfterMs?: number;
  /** With not_found: it is the bucket that is missing, not the object. */
  missing?: 'bucket';
}

export interface DriverPut {
  condition: PutCondition | undefined;
  contentType: string | null;
  metadata: Record<string, string>;
  /** Known length; the body is guaranteed to have it or to fail. */
  sizeBytes: number | undefined;
  /** CRC-32C of what the body has given so far; of all of it once the body has ended. Send it where the store compares. */
  crc32c: () => string;
  signal: AbortSignal;
}

/** `key` exactly, or everything below `prefix`. */
export interface DriverVersions {
  key: string | undefined;
  prefix: string;
  page: string | undefined;
  pageSize: number;
  signal: AbortSignal;
}

export interface BucketDriver {
  readonly capabilities: BucketCapabilities;
  head(key: string, options: { versionId: string | undefined; signal: AbortSignal }): Promise<ObjectInfo>;
  /** The signal covers the opening; the wrapper destroys the body when it is no longer wanted. `start` beyond the object: throw an AppError invalid_argument. `end` may lie behind it. */
  get(
    key: string,
    options: {
      range: { start: number; end?: number } | undefined;
      versionId: string | undefined;
      signal: AbortSignal;
    },
  ): Promise<{ info: ObjectInfo; body: Readable }>;
  /**
   * When the body fails, so does the put, and nothing is left of it. The wrapper compares the checksum of the answer, where it
   * has one, with what it sent: a store that cannot compare by itself before the object shows must not be fed in one piece.
   */
  put(key: string, body: Readable, options: DriverPut): Promise<ObjectInfo>;
  /**
   * The same for a short body that is wholly at hand, where the store takes one at less cost than a stream. Its length and its
   * checksum are those that the options tell. Without it such bodies come as streams.
   */
  putWhole?(key: string, body: Buffer, options: DriverPut): Promise<ObjectInfo>;
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
  /** Present exactly when capabilities.history. */
  history?: HistoryDriver;
  /** Present exactly when capabilities.uploads. */
  uploads?: UploadDriver;
  /** Present exactly when capabilities.signedUrls. */
  signedUrl?(key: string, options: DriverSign): Promise<SignedRequest>;
}

export type DriverSign = Parameters<Bucket['signedUrl']>[1];

export interface HistoryDriver {
  list(options: DriverVersions): Promise<VersionPage>;
  restore(
    key: string,
    versionId: string,
    options: { condition: PutCondition | undefined; signal: AbortSignal },
  ): Promise<ObjectInfo>;
  purge(key: string, versionId: string, signal: AbortSignal): Promise<void>;
}

export interface UploadDriver {
  /** Chosen by the driver from the size and its store's limits. */
  start(
    key: string,
    options: { sizeBytes: number; contentType: string | null; metadata: Record<string, string>; signal: AbortSignal },
  ): Promise<UploadSession>;
  putPart(
    key: string,
    uploadId: string,
    part: { number: number; body: Readable; sizeBytes: number; crc32c: () => string; signal: AbortSignal },
  ): Promise<UploadedPart>;
  /** Present exactly when capabilities.signedUrls. */
  signedPart?(
    key: string,
    uploadId: string,
    part: { number: number; sizeBytes: number; expiresInMs: number },
  ): Promise<SignedRequest>;
  listParts(key: string, uploadId: string, signal: AbortSignal): Promise<UploadedPart[]>;
  complete(
    key: string,
    uploadId: string,
    options: { sizeBytes: number; condition: PutCondition | undefined; signal: AbortSignal },
  ): Promise<ObjectInfo>;
  abort(key: string, uploadId: string, signal: AbortSignal): Promise<void>;
}

export interface DriverList {
  prefix: string;
  delimiter: '/' | undefined;
  startAfter: string;
  pageSize: number;
  signal: AbortSignal;
}

/** Called once at a time for each bucket; every call may be repeated after a crash. */
export interface StorageDriver {
  readonly name: string;
  /** What a thrown value means; null when the driver does not know it (then `internal`). AppErrors are not asked about. */
  classify(error: unknown): Classified | null;
  check(signal: AbortSignal): Promise<StorageLack[]>;
  createBucket(
    name: string,
    options: { labels: Record<string, string>; storageClass: string | undefined; signal: AbortSignal },
  ): Promise<BucketInfo>;
  configureBucket(
    name: string,
    setting: BucketSetting,
    options: { wanted: WantedSettings; signal: AbortSignal },
  ): Promise<SettingState>;
  inspectBucket(name: string, options: { wanted: WantedSettings; signal: AbortSignal }): Promise<SettingState[]>;
  /** Absent where a store has no rules of its own. */
  removalRules?(name: string, signal: AbortSignal): Promise<RemovalRule[]>;
  /** One step of emptying, of about a thousand entries: how many it removed; 0 = the bucket is empty or not there. */
  emptySome(name: string, signal: AbortSignal): Promise<number>;
  /** An empty one; unknown buckets are fine. @throws failed_precondition */
  deleteBucket(name: string, signal: AbortSignal): Promise<void>;
  listBuckets(prefix: string, signal: AbortSignal): Promise<BucketInfo[]>;
  getBucketMetadata(name: string, signal: AbortSignal): Promise<BucketInfo>;
  bucket(name: string): BucketDriver;
  mount(bucket: string, path: string, workloadIdentity: WorkloadIdentity | null): Promise<MountSpec>;
  /** Absent where the bucket is a folder that needs no syncing. */
  syncAccess?(bucket: string, workloadIdentity: WorkloadIdentity | null): Promise<SyncAccess>;
  ensureBucketAccess(bucket: string, workloadIdentity: WorkloadIdentity | null, signal: AbortSignal): Promise<string>;
  revokeBucketAccess(bucket: string, workloadIdentity: WorkloadIdentity | null, signal: AbortSignal): Promise<void>;
  usage(bucket: string, signal: AbortSignal): Promise<BucketUsage>;
  close(): Promise<void>;
}
