/**
 * What a provider must do to keep people's files. The portable wrapper (`portable.ts`) validates, retries, times out and wraps
 * errors around a small `StorageDriver`; callers see `StorageProvider` and `Bucket` only.
 */
import type { Readable } from 'node:stream';

/** Opaque: GCS generation, S3 ETag, local token. Compare for equality only. */
export type ObjectVersion = string;

/** What a list tells of an object: no store lists content types and metadata, `head` does. */
export interface ObjectSummary {
  key: string;
  sizeBytes: number;
  /** Unix milliseconds. */
  modifiedAt: number;
  /** Changes whenever the content changes, whoever changed it; may also change without. */
  version: ObjectVersion;
}

export interface ObjectInfo extends ObjectSummary {
  /** null when nobody said. */
  contentType: string | null;
  /** What the writer gave; empty once somebody replaced the content outside this contract. */
  metadata: Record<string, string>;
}

export interface ListPage {
  objects: ObjectSummary[];
  /** Common prefixes up to and including the delimiter, when one was given; an empty folder is one, too. */
  prefixes: string[];
  /** Pass as startAfter for the next page; null at the end. objects and prefixes up to here are complete. */
  next: string | null;
}

export interface ListOptions {
  prefix?: string;
  delimiter?: '/';
  /** Keys (and prefixes) strictly after this in UTF-8 byte order. */
  startAfter?: string;
  /** Objects and prefixes together: 1..1000, default 1000. */
  pageSize?: number;
  signal?: AbortSignal;
}

export type PutCondition = { ifAbsent: true } | { ifVersion: ObjectVersion };

export interface PutOptions {
  condition?: PutCondition;
  contentType?: string;
  /** Names `[a-z0-9-]`, at most 64; values without control characters; together at most 2 KiB. */
  metadata?: Record<string, string>;
  /** Refuses a body whose length differs (invalid_argument). */
  sizeBytes?: number;
  signal?: AbortSignal;
}

export interface GetOptions {
  /** Both inclusive, as in HTTP. */
  range?: { start: number; end?: number };
  signal?: AbortSignal;
}

export interface BucketCapabilities {
  /** `ifVersion` holds. */
  versions: boolean;
  signedUrls: boolean;
  /** Objects and folders are renamed in one step. */
  atomicMove: boolean;
  /** createFolder and deleteFolder. */
  folders: boolean;
  /** An object `a` and an object `a/b` may exist together; where not, the second one is failed_precondition. */
  keysMayNest: boolean;
}

/**
 * Every method checks its keys (invalid_argument, domain/storage) and throws AppErrors only. `details.outcome` says whether a
 * refused or failed call changed anything: `not_applied` (it did not) or `unknown`. An aborted call is `unavailable` with
 * `details.aborted`. A missing bucket is not_found; a key that the store cannot reach (below an object, or through a
 * symbolic link) is failed_precondition.
 */
export interface Bucket {
  readonly name: string;
  readonly capabilities: BucketCapabilities;
  /** @throws not_found */
  head(key: string, options?: { signal?: AbortSignal }): Promise<ObjectInfo>;
  /**
   * The caller must consume or destroy the stream. It fails rather than end early when the store sends less than it said.
   * A range that ends behind the object is cut; one that starts there is invalid_argument. @throws not_found, invalid_argument (range)
   */
  get(key: string, options?: GetOptions): Promise<{ info: ObjectInfo; body: Readable }>;
  /**
   * Atomic: readers see the old object or the whole new one; a failed or aborted put leaves nothing. Folders on the way come
   * into being. @throws conflict when the condition fails, resource_exhausted when the disk is full
   */
  put(key: string, body: Readable | Uint8Array, options?: PutOptions): Promise<ObjectInfo>;
  /** Idempotent without a condition; the folder stays or goes as the store likes. @throws conflict when ifVersion differs or nothing is there */
  delete(key: string, options?: { ifVersion?: ObjectVersion; signal?: AbortSignal }): Promise<void>;
  /** With content type and metadata. @throws not_found, conflict when the condition on `to` fails */
  copy(from: string, to: string, options?: { condition?: PutCondition; signal?: AbortSignal }): Promise<ObjectInfo>;
  /** Rename; where the store has no atomic move: copy, then delete the same version of the source. */
  move(from: string, to: string, options?: { condition?: PutCondition; signal?: AbortSignal }): Promise<ObjectInfo>;
  list(options?: ListOptions): Promise<ListPage>;
  /** Makes an empty folder visible (`path` without a slash at the end), and those above it. Idempotent. */
  createFolder(path: string): Promise<void>;
  /**
   * Removes a folder; unknown folders are fine. Only `recursive` removes what it holds: not in one step, and what is written
   * meanwhile may stay. @throws failed_precondition when it is not empty
   */
  deleteFolder(path: string, options?: { recursive?: boolean; signal?: AbortSignal }): Promise<void>;
  /**
   * Renames a folder with all it holds, in one step where capabilities.atomicMove. @throws not_found, conflict when something
   * is at `to`, invalid_argument when `to` lies within `from`
   */
  moveFolder(from: string, to: string, options?: { signal?: AbortSignal }): Promise<void>;
  /** @throws unimplemented where capabilities.signedUrls is false */
  signedUrl(key: string, options: { method: 'GET' | 'PUT'; expiresInMs: number }): Promise<string>;
}

export interface BucketInfo {
  name: string;
  createdAt: number;
  labels: Record<string, string>;
  location: string;
  storageClass: string;
}

export interface MountCapabilities {
  rename: boolean;
  append: boolean;
  overwrite: boolean;
  symlink: boolean;
  locks: boolean;
}

/** Neutral description of "this bucket at that path"; the spawner of the same deployment knows how to use it. */
export type MountSpec =
  | { kind: 'host-path'; hostPath: string; mountPath: string; capabilities: MountCapabilities }
  | {
      kind: 'kubernetes';
      objects: object[];
      volume: object;
      volumeMount: object;
      podAnnotations: Record<string, string>;
      serviceAccount: string | null;
      mountPath: string;
      capabilities: MountCapabilities;
    };

export interface BucketUsage {
  sizeBytes: number;
  objects: number;
}

export interface StorageProvider {
  readonly name: string;
  /** Idempotent for the same labels; a bucket of the same name with other labels is already_exists. */
  createBucket(name: string, options: { labels: Record<string, string>; storageClass?: string }): Promise<BucketInfo>;
  /** @throws failed_precondition when it holds objects and force is false; unknown buckets are fine */
  deleteBucket(name: string, options: { force: boolean }): Promise<void>;
  listBuckets(): Promise<BucketInfo[]>;
  /** @throws not_found */
  getBucketMetadata(name: string): Promise<BucketInfo>;
  bucket(name: string): Bucket;
  mount(bucket: string, path: string, workloadIdentity: string | null): Promise<MountSpec>;
  ensureBucketAccess(bucket: string, workloadIdentity: string | null): Promise<void>;
  /** Walks the bucket; for a background job, never for a request. */
  usage(bucket: string, signal?: AbortSignal): Promise<BucketUsage>;
  close(): Promise<void>;
}
