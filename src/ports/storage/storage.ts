/**
 * What a provider must do to keep people's files. The portable wrapper (`portable.ts`) validates, retries, times out and wraps
 * errors around a small `StorageDriver`; callers see `StorageProvider` and `Bucket` only.
 */
import type { Readable } from 'node:stream';

/** Opaque: GCS generation, S3 ETag, local token. Compare for equality only. */
export type ObjectVersion = string;

export interface ObjectInfo {
  key: string;
  sizeBytes: number;
  /** Unix milliseconds. */
  modifiedAt: number;
  version: ObjectVersion;
  contentType: string | null;
  metadata: Record<string, string>;
}

export interface ListPage {
  objects: ObjectInfo[];
  /** Common prefixes up to and including the delimiter, when one was given. */
  prefixes: string[];
  /** Pass as startAfter for the next page; null at the end. */
  next: string | null;
}

export interface ListOptions {
  prefix?: string;
  delimiter?: '/';
  /** Keys (and prefixes) strictly after this in UTF-8 byte order. */
  startAfter?: string;
  /** 1..1000, default 1000. */
  pageSize?: number;
  signal?: AbortSignal;
}

export type PutCondition = { ifAbsent: true } | { ifVersion: ObjectVersion };

export interface PutOptions {
  condition?: PutCondition;
  contentType?: string;
  metadata?: Record<string, string>;
  /** Refuses a body whose length differs. */
  sizeBytes?: number;
  signal?: AbortSignal;
}

export interface GetOptions {
  /** Both inclusive, as in HTTP. */
  range?: { start: number; end?: number };
  signal?: AbortSignal;
}

export interface BucketCapabilities {
  versions: boolean;
  signedUrls: boolean;
  /** Atomic rename within the bucket. */
  atomicMove: boolean;
  folders: boolean;
}

export interface Bucket {
  readonly name: string;
  readonly capabilities: BucketCapabilities;
  /** @throws not_found */
  head(key: string, options?: { signal?: AbortSignal }): Promise<ObjectInfo>;
  /** The caller must consume or destroy the stream. @throws not_found, invalid_argument (range) */
  get(key: string, options?: GetOptions): Promise<{ info: ObjectInfo; body: Readable }>;
  /** Atomic: readers see the old object or the whole new one. @throws conflict when the condition fails, resource_exhausted when the disk is full */
  put(key: string, body: Readable | Uint8Array, options?: PutOptions): Promise<ObjectInfo>;
  /** Idempotent without a condition. @throws conflict when ifVersion differs */
  delete(key: string, options?: { ifVersion?: ObjectVersion; signal?: AbortSignal }): Promise<void>;
  copy(from: string, to: string, options?: { condition?: PutCondition; signal?: AbortSignal }): Promise<ObjectInfo>;
  /** Rename; where the store has no atomic move: copy, then delete the same version of the source. */
  move(from: string, to: string, options?: { condition?: PutCondition; signal?: AbortSignal }): Promise<ObjectInfo>;
  list(options?: ListOptions): Promise<ListPage>;
  /** Makes an empty folder visible (`path` without a slash at the end). Idempotent. */
  createFolder(path: string): Promise<void>;
  /** Removes a folder that holds nothing. @throws failed_precondition when it is not empty */
  deleteFolder(path: string): Promise<void>;
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
