/**
 * The large half of the storage port: turns a provider's `StorageDriver` into the `StorageProvider` that the rest of the
 * house uses. Checks names, keys and limits, refuses what the capabilities lack, guards bodies, retries what is safe and wraps
 * every error once. Providers call `portableStorage` in their `open`; nothing else does. Here are the calls on whole buckets,
 * portable-bucket.ts has those on what lies in one.
 */
import { checkBucketName } from '../../domain/storage.ts';
import { type Call, createAttempts, DEFAULT_POLICY, type RetryPolicy, type StorageEvent } from './attempts.ts';
import { checkIdentity, checkLabels, checkMountPath, checkSettings } from './checks.ts';
import type { StorageDriver } from './driver.ts';
import { portableBucket } from './portable-bucket.ts';
import { invalid, lacking } from './refusals.ts';
import type { EmptyProgress, StorageProvider } from './storage.ts';

/** What arrives in a bucket while it is being deleted by force is removed again, this often. */
const EMPTYINGS = 3;

export interface PortableOptions {
  policy?: Partial<RetryPolicy>;
  /** 0..1, for jitter. */
  random?: () => number;
  /** One event a call of the driver, for counters. Must not throw. */
  observe?: (event: StorageEvent) => void;
}

/** The provider takes over the driver: closing it closes the driver. */
export function portableStorage(driver: StorageDriver, options: PortableOptions = {}): StorageProvider {
  const policy: RetryPolicy = { ...DEFAULT_POLICY, ...options.policy };
  const attempts = createAttempts({
    provider: driver.name,
    policy,
    classify: (error) => driver.classify(error),
    random: options.random ?? Math.random,
    observe: options.observe ?? (() => {}),
  });
  const run = <T>(
    operation: string,
    attempt: (signal: AbortSignal) => Promise<T>,
    call: Partial<Call> = {},
  ): Promise<T> => attempts.run({ operation, repeat: 'always', signal: undefined, ...call }, attempt);

  async function emptyBucket(
    name: string,
    { signal, onProgress }: { signal?: AbortSignal; onProgress?: (progress: EmptyProgress) => void } = {},
  ): Promise<void> {
    checkBucketName(name);
    for (let removed = 0; ; ) {
      const some = await run('emptySome', (s) => driver.emptySome(name, s), { signal, timeLimitMs: policy.sweepMs });
      if (some === 0) return;
      removed += some;
      onProgress?.({ removed });
    }
  }

  async function deleteBucket(name: string, { force }: { force: boolean }): Promise<void> {
    checkBucketName(name);
    for (let n = 1; ; n += 1) {
      if (force) await emptyBucket(name);
      try {
        return await run('deleteBucket', (s) => driver.deleteBucket(name, s), { timeLimitMs: policy.sweepMs });
      } catch (error) {
        if (!force || n >= EMPTYINGS || attempts.wrap(error).code !== 'failed_precondition') throw error;
      }
    }
  }

  return {
    name: driver.name,
    check: (signal) => run('check', (s) => driver.check(s), { signal }),
    async createBucket(name, { labels, storageClass }) {
      checkBucketName(name);
      checkLabels(labels);
      if (storageClass !== undefined && !/^[A-Za-z0-9_-]{1,64}$/.test(storageClass))
        throw invalid('storageClass', 'The storage class is not valid.');
      return run('createBucket', (signal) => driver.createBucket(name, { labels, storageClass, signal }));
    },
    async configureBucket(name, setting, wanted) {
      checkBucketName(name);
      checkSettings(wanted);
      return run('configureBucket', (signal) => driver.configureBucket(name, setting, { wanted, signal }));
    },
    async inspectBucket(name, wanted) {
      checkBucketName(name);
      checkSettings(wanted);
      return run('inspectBucket', (signal) => driver.inspectBucket(name, { wanted, signal }));
    },
    async removalRules(name) {
      checkBucketName(name);
      return run('removalRules', async (signal) => (await driver.removalRules?.(name, signal)) ?? []);
    },
    emptyBucket,
    deleteBucket,
    async listBuckets({ prefix = '' } = {}) {
      if (!/^[a-z0-9-]{0,63}$/.test(prefix)) throw invalid('prefix', 'That is not the beginning of a bucket name.');
      return run('listBuckets', (s) => driver.listBuckets(prefix, s));
    },
    async getBucketMetadata(name) {
      checkBucketName(name);
      return run('getBucketMetadata', (s) => driver.getBucketMetadata(name, s));
    },
    bucket(name) {
      checkBucketName(name);
      return portableBucket(name, { driver: driver.bucket(name), attempts, policy });
    },
    async mount(bucket, path, workloadIdentity) {
      checkBucketName(bucket);
      checkMountPath(path);
      checkIdentity(workloadIdentity);
      return run('mount', () => driver.mount(bucket, path, workloadIdentity));
    },
    async syncAccess(bucket, workloadIdentity) {
      checkBucketName(bucket);
      checkIdentity(workloadIdentity);
      const access = driver.syncAccess?.bind(driver);
      if (!access) throw lacking('be synced: its buckets are folders that are used directly');
      return run('syncAccess', () => access(bucket, workloadIdentity));
    },
    async ensureBucketAccess(bucket, workloadIdentity) {
      checkBucketName(bucket);
      checkIdentity(workloadIdentity);
      return run('ensureBucketAccess', (s) => driver.ensureBucketAccess(bucket, workloadIdentity, s));
    },
    async revokeBucketAccess(bucket, workloadIdentity) {
      checkBucketName(bucket);
      checkIdentity(workloadIdentity);
      return run('revokeBucketAccess', (s) => driver.revokeBucketAccess(bucket, workloadIdentity, s));
    },
    async usage(bucket, signal) {
      checkBucketName(bucket);
      return run('usage', (s) => driver.usage(bucket, s), { repeat: 'never', signal, timeLimitMs: null });
    },
    close: () => driver.close(),
  };
}
