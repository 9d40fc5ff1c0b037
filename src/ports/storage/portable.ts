/**
 * The large half of the storage port: turns a provider's `StorageDriver` into the `StorageProvider` that the rest of the
 * house uses. Checks names, keys and limits, refuses what the capabilities lack, guards bodies, retries what is safe and wraps
 * every error once. Providers call `portableStorage` in their `open`; nothing else does.
 */
import { Readable } from 'node:stream';
import { AppError } from '../../domain/errors.ts';
import {
  checkBucketName,
  checkFolderPath,
  checkKey,
  checkPrefix,
  folderPrefix,
  isWithin,
  joinPath,
} from '../../domain/storage.ts';
import { type Attempts, createAttempts, DEFAULT_POLICY, type Repeat, type RetryPolicy } from './attempts.ts';
import { guardDownload, guardUpload } from './body.ts';
import { checkContentType, checkLabels, checkMetadata } from './checks.ts';
import type { BucketDriver, StorageDriver } from './driver.ts';
import type {
  Bucket,
  BucketCapabilities,
  GetOptions,
  ListOptions,
  ListPage,
  ObjectInfo,
  PutCondition,
  PutOptions,
  StorageProvider,
} from './storage.ts';

export const MAX_PAGE_SIZE = 1000;
/** Sign no longer than a day: a link that leaks must die. */
const MAX_SIGNED_MS = 24 * 3_600_000;

export interface PortableOptions {
  policy?: Partial<RetryPolicy>;
  /** 0..1, for jitter. */
  random?: () => number;
}

/** The provider takes over the driver: closing it closes the driver. */
export function portableStorage(driver: StorageDriver, options: PortableOptions = {}): StorageProvider {
  const policy: RetryPolicy = { ...DEFAULT_POLICY, ...options.policy };
  const attempts = createAttempts(policy, (error) => driver.classify(error), options.random ?? Math.random);
  const call = <T>(repeat: Repeat, run: () => Promise<T>, timeLimitMs?: number | null): Promise<T> =>
    attempts.run({ repeat, signal: undefined, timeLimitMs }, run);
  return {
    name: driver.name,
    async createBucket(name, { labels, storageClass }) {
      checkBucketName(name);
      checkLabels(labels);
      return call('always', () => driver.createBucket(name, { labels, storageClass }));
    },
    async deleteBucket(name, { force }) {
      checkBucketName(name);
      // Emptying a large bucket takes its time.
      return call('always', () => driver.deleteBucket(name, { force }), null);
    },
    listBuckets: () => call('always', () => driver.listBuckets()),
    async getBucketMetadata(name) {
      checkBucketName(name);
      return call('always', () => driver.getBucketMetadata(name));
    },
    bucket(name) {
      checkBucketName(name);
      return new PortableBucket(name, { driver: driver.bucket(name), attempts, policy });
    },
    async mount(bucket, path, workloadIdentity) {
      checkBucketName(bucket);
      if (!path.startsWith('/') || /[\0\n]/.test(path)) throw invalid('path', 'A mount path must be absolute.');
      return call('always', () => driver.mount(bucket, path, workloadIdentity));
    },
    async ensureBucketAccess(bucket, workloadIdentity) {
      checkBucketName(bucket);
      return call('always', () => driver.ensureBucketAccess(bucket, workloadIdentity));
    },
    async usage(bucket, signal) {
      checkBucketName(bucket);
      return attempts.run({ repeat: 'never', signal, timeLimitMs: null }, (s) => driver.usage(bucket, s));
    },
    close: () => driver.close(),
  };
}

function invalid(field: string, message: string): AppError {
  return new AppError('invalid_argument', message, { details: { field, outcome: 'not_applied' } });
}

function lacking(what: string): AppError {
  return new AppError('unimplemented', `This storage cannot ${what}.`, { details: { outcome: 'not_applied' } });
}

class PortableBucket implements Bucket {
  readonly name: string;
  readonly capabilities: BucketCapabilities;
  readonly #driver: BucketDriver;
  readonly #attempts: Attempts;
  readonly #policy: RetryPolicy;

  constructor(name: string, parts: { driver: BucketDriver; attempts: Attempts; policy: RetryPolicy }) {
    this.name = name;
    this.capabilities = parts.driver.capabilities;
    this.#driver = parts.driver;
    this.#attempts = parts.attempts;
    this.#policy = parts.policy;
  }

  async head(key: string, options: { signal?: AbortSignal } = {}): Promise<ObjectInfo> {
    checkKey(key);
    return this.#attempts.run({ repeat: 'always', signal: options.signal }, (s) => this.#driver.head(key, s));
  }

  async get(key: string, options: GetOptions = {}): Promise<{ info: ObjectInfo; body: Readable }> {
    checkKey(key);
    const { range, signal } = options;
    if (
      range &&
      !(isOffset(range.start) && (range.end === undefined || (isOffset(range.end) && range.end >= range.start)))
    ) {
      throw invalid('range', 'The asked part of the file is not a valid range.');
    }
    const { info, body } = await this.#attempts.run({ repeat: 'always', signal }, (s) =>
      this.#driver.get(key, { range, signal: s }),
    );
    const start = range?.start ?? 0;
    const end = Math.min(range?.end ?? info.sizeBytes - 1, info.sizeBytes - 1);
    const guarded = guardDownload(body, {
      sizeBytes: end - start + 1,
      signal,
      stallMs: this.#policy.stallMs,
      wrap: (error) => this.#attempts.wrap(error),
    });
    return { info, body: guarded };
  }

  async put(key: string, body: Readable | Uint8Array, options: PutOptions = {}): Promise<ObjectInfo> {
    const { condition, sizeBytes, signal } = options;
    try {
      checkKey(key);
      this.#checkCondition(condition);
      checkContentType(options.contentType);
      checkMetadata(options.metadata);
      if (sizeBytes !== undefined && !isOffset(sizeBytes))
        throw invalid('sizeBytes', 'The announced size is not valid.');
    } catch (error) {
      if (body instanceof Readable) body.destroy();
      throw error;
    }
    // A stream is sent once; bytes may be sent again, unless that could undo a condition that was already met.
    const repeat = body instanceof Readable ? 'never' : condition ? 'unless-applied' : 'always';
    try {
      return await this.#attempts.run({ repeat, signal, timeLimitMs: null }, (s) => this.#send(key, body, options, s));
    } finally {
      if (body instanceof Readable && !body.destroyed) body.destroy();
    }
  }

  async #send(
    key: string,
    source: Readable | Uint8Array,
    options: PutOptions,
    signal: AbortSignal,
  ): Promise<ObjectInfo> {
    const stalled = new AbortController();
    const sizeBytes = options.sizeBytes ?? (source instanceof Readable ? undefined : source.byteLength);
    const upload = guardUpload(source, {
      sizeBytes,
      signal: options.signal,
      stallMs: this.#policy.stallMs,
      onStall: () => stalled.abort(),
    });
    try {
      return await this.#driver.put(key, upload.body, {
        condition: options.condition,
        contentType: options.contentType ?? null,
        metadata: options.metadata ?? {},
        sizeBytes,
        signal: AbortSignal.any([signal, stalled.signal]),
      });
    } catch (error) {
      if (stalled.signal.aborted) {
        throw new AppError('deadline_exceeded', 'The storage stopped taking data. Try again.', {
          details: { outcome: 'unknown' },
          cause: error,
        });
      }
      throw upload.failure() ?? error;
    } finally {
      upload.release();
    }
  }

  async delete(key: string, options: { ifVersion?: string; signal?: AbortSignal } = {}): Promise<void> {
    checkKey(key);
    const { ifVersion, signal } = options;
    if (ifVersion !== undefined) this.#checkCondition({ ifVersion });
    const repeat = ifVersion === undefined ? 'always' : 'unless-applied';
    return this.#attempts.run({ repeat, signal }, (s) => this.#driver.delete(key, { ifVersion, signal: s }));
  }

  async copy(
    from: string,
    to: string,
    options: { condition?: PutCondition; signal?: AbortSignal } = {},
  ): Promise<ObjectInfo> {
    this.#checkPair(from, to);
    const { condition, signal } = options;
    this.#checkCondition(condition);
    return this.#attempts.run({ repeat: condition ? 'unless-applied' : 'always', signal, timeLimitMs: null }, (s) =>
      this.#driver.copy(from, to, { condition, fromVersion: undefined, signal: s }),
    );
  }

  async move(
    from: string,
    to: string,
    options: { condition?: PutCondition; signal?: AbortSignal } = {},
  ): Promise<ObjectInfo> {
    this.#checkPair(from, to);
    const { condition, signal } = options;
    this.#checkCondition(condition);
    const atomic = this.#driver.move?.bind(this.#driver);
    if (atomic) {
      return this.#attempts.run({ repeat: 'unless-applied', signal }, (s) =>
        atomic(from, to, { condition, signal: s }),
      );
    }
    const { version } = await this.head(from, { signal });
    const moved = await this.#attempts.run({ repeat: 'unless-applied', signal, timeLimitMs: null }, (s) =>
      this.#driver.copy(from, to, { condition, fromVersion: version, signal: s }),
    );
    await this.delete(from, { ifVersion: this.capabilities.versions ? version : undefined, signal });
    return moved;
  }

  async list(options: ListOptions = {}): Promise<ListPage> {
    const { prefix = '', delimiter, startAfter = '', pageSize = MAX_PAGE_SIZE, signal } = options;
    checkPrefix(prefix);
    if (!startAfter.isWellFormed() || startAfter.includes('\0'))
      throw invalid('startAfter', 'The page mark is not valid.');
    if (!Number.isInteger(pageSize) || pageSize < 1 || pageSize > MAX_PAGE_SIZE) {
      throw invalid('pageSize', `A page holds 1 to ${MAX_PAGE_SIZE} entries.`);
    }
    return this.#attempts.run({ repeat: 'always', signal }, (s) =>
      this.#driver.list({ prefix, delimiter, startAfter, pageSize, signal: s }),
    );
  }

  async createFolder(path: string): Promise<void> {
    checkFolderPath(path);
    const create = this.#driver.createFolder?.bind(this.#driver);
    if (!create) throw lacking('keep empty folders');
    return this.#attempts.run({ repeat: 'always', signal: undefined }, (s) => create(path, s));
  }

  async deleteFolder(path: string, options: { recursive?: boolean; signal?: AbortSignal } = {}): Promise<void> {
    checkFolderPath(path);
    const { recursive = false, signal } = options;
    const remove = this.#driver.deleteFolder?.bind(this.#driver);
    if (!remove) throw lacking('keep empty folders');
    const removeTree = this.#driver.deleteTree?.bind(this.#driver);
    if (!recursive) return this.#attempts.run({ repeat: 'always', signal }, (s) => remove(path, s));
    if (removeTree) {
      return this.#attempts.run({ repeat: 'always', signal, timeLimitMs: null }, (s) => removeTree(path, s));
    }
    await this.#eachPage(folderPrefix(path), { delimiter: '/', signal }, async (page) => {
      for (const { key } of page.objects) await this.delete(key, { signal });
      for (const prefix of page.prefixes) await this.deleteFolder(prefix.slice(0, -1), { recursive, signal });
    });
    return this.#attempts.run({ repeat: 'always', signal }, (s) => remove(path, s));
  }

  async moveFolder(from: string, to: string, options: { signal?: AbortSignal } = {}): Promise<void> {
    checkFolderPath(from);
    checkFolderPath(to);
    if (isWithin(from, to)) throw invalid('to', 'A folder cannot be moved into itself.');
    if (!this.capabilities.folders) throw lacking('keep empty folders');
    const { signal } = options;
    const atomic = this.#driver.moveFolder?.bind(this.#driver);
    if (atomic) return this.#attempts.run({ repeat: 'unless-applied', signal }, (s) => atomic(from, to, s));
    await this.#checkFolderMove(from, to, signal);
    await this.createFolder(to);
    await this.#eachPage(folderPrefix(from), { delimiter: '/', signal }, async (page) => {
      for (const { key } of page.objects) {
        await this.move(key, joinPath(to, key.slice(from.length + 1)), { condition: { ifAbsent: true }, signal });
      }
      for (const prefix of page.prefixes) {
        await this.moveFolder(prefix.slice(0, -1), joinPath(to, prefix.slice(from.length + 1, -1)), { signal });
      }
    });
    await this.deleteFolder(from, { signal });
  }

  async #checkFolderMove(from: string, to: string, signal: AbortSignal | undefined): Promise<void> {
    // A folder shows as a prefix of the listing above it even when it is empty; the mark lies behind every key `<path>.…`.
    const has = async (path: string): Promise<boolean> => {
      const startAfter = `${path}.${'\u{10ffff}'.repeat(256)}`;
      const page = await this.list({ prefix: path, delimiter: '/', pageSize: 1, startAfter, signal });
      return page.prefixes[0] === folderPrefix(path);
    };
    if (!(await has(from))) {
      throw new AppError('not_found', 'There is no such folder.', { details: { outcome: 'not_applied' } });
    }
    if ((await has(to)) || (await this.#exists(to, signal))) {
      throw new AppError('conflict', 'There is already something of that name.', {
        details: { outcome: 'not_applied' },
      });
    }
  }

  async #exists(key: string, signal: AbortSignal | undefined): Promise<boolean> {
    return this.head(key, { signal }).then(
      () => true,
      (error: unknown) => {
        if (this.#attempts.wrap(error).code === 'not_found') return false;
        throw error;
      },
    );
  }

  async signedUrl(key: string, options: { method: 'GET' | 'PUT'; expiresInMs: number }): Promise<string> {
    checkKey(key);
    const sign = this.#driver.signedUrl?.bind(this.#driver);
    if (!sign) throw lacking('hand out links of its own');
    if (!(options.expiresInMs >= 1_000 && options.expiresInMs <= MAX_SIGNED_MS)) {
      throw invalid('expiresInMs', 'A link lives between one second and one day.');
    }
    return this.#attempts.run({ repeat: 'always', signal: undefined }, () => sign(key, options));
  }

  async #eachPage(
    prefix: string,
    options: { delimiter: '/'; signal: AbortSignal | undefined },
    visit: (page: ListPage) => Promise<void>,
  ): Promise<void> {
    let startAfter: string | undefined;
    do {
      const page: ListPage = await this.list({ prefix, ...options, startAfter });
      await visit(page);
      startAfter = page.next ?? undefined;
    } while (startAfter !== undefined);
  }

  #checkCondition(condition: PutCondition | undefined): void {
    if (!condition || 'ifAbsent' in condition) return;
    if (!this.capabilities.versions) throw lacking('compare versions');
    if (condition.ifVersion === '') throw invalid('ifVersion', 'The version is empty.');
  }

  #checkPair(from: string, to: string): void {
    checkKey(from);
    checkKey(to);
    if (from === to) throw invalid('to', 'Source and destination are the same.');
  }
}

function isOffset(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}
