/**
 * What a provider must do to keep people's files. The portable wrapper (`portable.ts`) validates, retries, times out and wraps
 * errors around a small `StorageDriver`; callers see `StorageProvider` and `Bucket` only.
 */
import type { Readable } from 'node:stream';
import type { WorkloadIdentity } from '../../domain/workload-identity.ts';

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
  /**
   * CRC-32C (RFC 3720 §B.4) of the whole content: base64 of four big-endian bytes, as GCS and S3 write it. null when the store
   * keeps none, such as for content that was written outside this contract.
   */
  crc32c: string | null;
  /** Names this content among the kept ones (`listVersions`); null where capabilities.history is false. */
  versionId: string | null;
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

export interface WriteOptions {
  condition?: PutCondition;
  contentType?: string;
  /** Names `[a-z0-9-]`, at most 64; values without control characters; together at most 2 KiB. */
  metadata?: Record<string, string>;
}

export interface PutOptions extends WriteOptions {
  /** Refuses a body whose length differs (invalid_argument). */
  sizeBytes?: number;
  /** Refuses a body whose checksum differs (invalid_argument), as in ObjectInfo. */
  crc32c?: string;
  signal?: AbortSignal;
}

export interface GetOptions {
  /** Both inclusive, as in HTTP. */
  range?: { start: number; end?: number };
  /** A kept version instead of the current content. */
  versionId?: string;
  signal?: AbortSignal;
}

/** One content that a key has or had. */
export interface VersionSummary {
  key: string;
  versionId: string;
  sizeBytes: number;
  /** Unix milliseconds of its writing. */
  modifiedAt: number;
  /** When it was replaced or deleted; null = it is the current content. */
  replacedAt: number | null;
}

export interface VersionPage {
  /** By key in UTF-8 byte order; the contents of one key newest first, except across a page's end. */
  versions: VersionSummary[];
  /** Opaque; pass as `page`. */
  next: string | null;
}

/** A file that is sent in parts, in any order, by several hands, and resumed after a break. */
export interface UploadSession {
  /** Opaque. */
  id: string;
  /** Every part but the last has exactly this length. Parts are numbered from 1. */
  partSizeBytes: number;
}

export interface UploadedPart {
  number: number;
  sizeBytes: number;
}

/** What a browser sends as it is, without our cookies. */
export interface SignedRequest {
  method: 'GET' | 'PUT';
  url: string;
  /** Must be sent exactly so. */
  headers: Record<string, string>;
}

/** What a store lacks, a caller asks before it offers it; calling it all the same is `unimplemented`. */
export interface BucketCapabilities {
  /** `ifVersion` holds. */
  versions: boolean;
  /** Replaced and deleted contents are kept for a time: listVersions, restore, purgeVersion, `versionId`. */
  history: boolean;
  /** signedUrl and signedPart: the browser may reach the store by itself. */
  signedUrls: boolean;
  /** startUpload and what belongs to it. */
  uploads: boolean;
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
 * `details.aborted`. A missing bucket is not_found; a get says it by `details.missing: 'bucket'` where
 * the store does. A key that the store cannot reach (below an object, or through a symbolic link) is failed_precondition.
 */
export interface Bucket {
  readonly name: string;
  readonly capabilities: BucketCapabilities;
  /** @throws not_found */
  head(key: string, options?: { versionId?: string; signal?: AbortSignal }): Promise<ObjectInfo>;
  /**
   * The caller must consume or destroy the stream. It fails rather than end early when the store sends less than it said, or,
   * read whole, something whose checksum differs.
   * A range that ends behind the object is cut; one that starts there is invalid_argument. @throws not_found, invalid_argument (range)
   */
  get(key: string, options?: GetOptions): Promise<{ info: ObjectInfo; body: Readable }>;
  /**
   * Atomic: readers see the old object or the whole new one; a failed or aborted put leaves nothing. Folders on the way come
   * into being. What arrives at the store differs from what was sent: unavailable, nothing stored. @throws conflict when the
   * condition fails, resource_exhausted when the disk is full
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
  /** Contents that are kept, the current ones included: of one `key`, or below a `prefix`. */
  listVersions(options: {
    key?: string;
    prefix?: string;
    /** `next` of the page before. */
    page?: string;
    /** 1..1000, default 1000. */
    pageSize?: number;
    signal?: AbortSignal;
  }): Promise<VersionPage>;
  /** Makes a kept content the current one again, with its content type and metadata; undoes a delete. @throws not_found, conflict */
  restore(
    key: string,
    versionId: string,
    options?: { condition?: PutCondition; signal?: AbortSignal },
  ): Promise<ObjectInfo>;
  /** For ever. Idempotent. The current content may be purged, too: the one before it does not come back by that. */
  purgeVersion(key: string, versionId: string, options?: { signal?: AbortSignal }): Promise<void>;
  /**
   * Begins an upload in parts of `sizeBytes` in all; nothing is visible before completeUpload. What is abandoned costs space
   * until abortUpload, or until the store tidies up by itself. @throws invalid_argument when it is too large for the store
   */
  startUpload(
    key: string,
    options: Omit<WriteOptions, 'condition'> & { sizeBytes: number; signal?: AbortSignal },
  ): Promise<UploadSession>;
  /** Sending a part again replaces it. @throws not_found when the upload is unknown, ended or aborted */
  putPart(
    key: string,
    uploadId: string,
    part: { number: number; body: Readable | Uint8Array; sizeBytes: number; signal?: AbortSignal },
  ): Promise<UploadedPart>;
  /** A request that stores a part of exactly `sizeBytes`; at most a day. */
  signedPart(
    key: string,
    uploadId: string,
    part: { number: number; sizeBytes: number; expiresInMs: number },
  ): Promise<SignedRequest>;
  /** In order of number: what is there already, for resuming. @throws not_found */
  listParts(key: string, uploadId: string, options?: { signal?: AbortSignal }): Promise<UploadedPart[]>;
  /**
   * Makes the object of all parts, atomically. @throws failed_precondition when parts are missing (the upload stays),
   * conflict when the condition fails (the upload stays), not_found when the upload is unknown
   */
  completeUpload(
    key: string,
    uploadId: string,
    options: { sizeBytes: number; condition?: PutCondition; signal?: AbortSignal },
  ): Promise<ObjectInfo>;
  /** Idempotent. */
  abortUpload(key: string, uploadId: string, options?: { signal?: AbortSignal }): Promise<void>;
  /**
   * A link that works without a session, between a second and a day. GET: the file as a download named `fileName`, never shown
   * as a page; PUT: exactly `sizeBytes`, at most 5 GiB.
   */
  signedUrl(
    key: string,
    options:
      | { method: 'GET'; expiresInMs: number; fileName?: string; versionId?: string }
      | { method: 'PUT'; expiresInMs: number; sizeBytes: number; contentType?: string; ifAbsent?: boolean },
  ): Promise<SignedRequest>;
}

export interface BucketInfo {
  name: string;
  createdAt: number;
  labels: Record<string, string>;
  location: string;
  storageClass: string;
}

/** In the order in which they are made, one call each, before the first object is written. */
export const BUCKET_SETTINGS = ['private', 'transport', 'encryption', 'versions', 'expiry', 'cors', 'logs'] as const;
/**
 * private: nobody outside the account, no per-object rights; only the control plane and the workload identity. transport: TLS
 * only. encryption: at rest. versions: replaced and deleted contents are kept. expiry: of old versions and of abandoned
 * uploads. cors: pages of the app may send signed requests. logs: each access is written down.
 */
export type BucketSetting = (typeof BUCKET_SETTINGS)[number];

export interface WantedSettings {
  /** How long a replaced or deleted content is kept: 1..365. */
  keepVersionsDays: number;
  /** Origins of the app; empty: no page may. */
  corsOrigins: string[];
  /** Bucket that takes the access logs; null = none are written. */
  logBucket: string | null;
}

export interface SettingState {
  setting: BucketSetting;
  /** lacking: this store has no such thing, or needs none; `reason` says so in a sentence for people. */
  state: 'on' | 'off' | 'lacking';
  reason: string | null;
}

/** A rule of the store itself by which current objects go, or go where they cannot be read at once. */
export interface RemovalRule {
  /** Whose keys begin so; empty: every object. */
  prefix: string;
  /** A sentence for people. */
  what: string;
}

/** What a store that answers was found not to do; its capabilities say the same. */
export interface StorageLack {
  what: string;
  reason: string;
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
  /** A disk of the environment's own that src/sync keeps in step with the bucket: chosen by services, whatever the storage. */
  | { kind: 'sync'; access: SyncAccess; mountPath: string; capabilities: MountCapabilities }
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

/** What the sync program (src/sync) is started with to reach one bucket by itself. */
export interface SyncAccess {
  /** The folder under providers/ that it opens. */
  provider: string;
  bucket: string;
  /** That provider's own variables (endpoint, region, …). */
  variables: Record<string, string>;
  /** Credentials, as variables; empty where the workload identity is what opens the bucket. Never logged, never on a command line. */
  secrets: Record<string, string>;
}

export interface BucketUsage {
  sizeBytes: number;
  objects: number;
}

export interface EmptyProgress {
  /** Objects, old versions, markers and uploads removed since the call began. */
  removed: number;
}

export interface StorageProvider {
  readonly name: string;
  /** Whether credentials and endpoint work, and what the endpoint was found to lack. @throws the reason why not, for people */
  check(signal?: AbortSignal): Promise<StorageLack[]>;
  /**
   * Idempotent for the same labels, in one step; a bucket of the same name with other labels, or of somebody else, is
   * already_exists and stays untouched.
   */
  createBucket(name: string, options: { labels: Record<string, string>; storageClass?: string }): Promise<BucketInfo>;
  /** Makes one setting true; idempotent. @throws not_found */
  configureBucket(name: string, setting: BucketSetting, wanted: WantedSettings): Promise<SettingState>;
  /** Reads every setting back, in the order of BUCKET_SETTINGS: somebody may have changed one by hand. @throws not_found */
  inspectBucket(name: string, wanted: WantedSettings): Promise<SettingState[]>;
  /** Rules that take current objects away: nobody's files want any, and a log less than all. @throws not_found */
  removalRules(name: string): Promise<RemovalRule[]>;
  /**
   * Removes every object, version, marker and upload; each call goes on where the last one ended. Unknown buckets are fine.
   * For a background job.
   */
  emptyBucket(
    name: string,
    options?: { signal?: AbortSignal; onProgress?: (progress: EmptyProgress) => void },
  ): Promise<void>;
  /** @throws failed_precondition when it holds objects and force is false (force: emptyBucket first); unknown buckets are fine */
  deleteBucket(name: string, options: { force: boolean }): Promise<void>;
  /** All buckets that this account shows and whose name starts so. */
  listBuckets(options?: { prefix?: string }): Promise<BucketInfo[]>;
  /** @throws not_found */
  getBucketMetadata(name: string): Promise<BucketInfo>;
  bucket(name: string): Bucket;
  /** Pure but for the provider's own facts: what to give a spawner so that the bucket is a folder at `path`. */
  mount(bucket: string, path: string, workloadIdentity: WorkloadIdentity | null): Promise<MountSpec>;
  /** For WORKSPACE_MODE=sync: how the program beside an environment reaches the bucket. @throws unimplemented */
  syncAccess(bucket: string, workloadIdentity: WorkloadIdentity | null): Promise<SyncAccess>;
  /** Idempotent; says in a sentence how access is given, or why nothing is needed. */
  ensureBucketAccess(bucket: string, workloadIdentity: WorkloadIdentity | null): Promise<string>;
  /** Takes it away again; idempotent, also for buckets that are gone. */
  revokeBucketAccess(bucket: string, workloadIdentity: WorkloadIdentity | null): Promise<void>;
  /** Walks the bucket; for a background job, never for a request. */
  usage(bucket: string, signal?: AbortSignal): Promise<BucketUsage>;
  close(): Promise<void>;
}
