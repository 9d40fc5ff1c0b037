/**
 * The storage driver over S3, the cloud's own or any server that speaks it: names, buckets, settings, and what was found out of
 * the server. Opened by ../provider.ts, wrapped by the portable half; converts data and nothing else.
 */
import { ListBucketsCommand } from '@aws-sdk/client-s3';
import { AppError } from '../../../domain/errors.ts';
import type { StorageDriver } from '../../../ports/storage/driver.ts';
import { BUCKET_SETTINGS, type StorageLack, type WantedSettings } from '../../../ports/storage/storage.ts';
import { type WorkloadSettings, workloadAccess } from '../access.ts';
import { mountSpec } from '../mount.ts';
import { bucketDriver } from './bucket-driver.ts';
import {
  createBucket,
  deleteBucket,
  deletePlaceholders,
  describe,
  emptySome,
  listBuckets,
  readTags,
} from './buckets.ts';
import { classify } from './classify.ts';
import { connect, type S3Access } from './client.ts';
import { STORAGE_CLASSES } from './lifecycle.ts';
import { usageOf } from './listing.ts';
import { partitionOf } from './policy.ts';
import { probe, reasonOf } from './probe.ts';
import { applySetting, readSetting, removalRules, type SettingsContext } from './settings.ts';
import { capabilitiesOf, FEATURES, type Feature, type Store } from './store.ts';

export interface S3Settings {
  access: S3Access;
  accountId: string | null;
  /** The cloud's own S3: nothing is probed, policies are written. */
  cloud: boolean;
  /** Names that only this account can take; the cloud's own S3 only. */
  accountRegional: boolean;
  /** Roles that alone may use the buckets, the control plane's among them; empty: everyone of the account whom IAM allows. */
  principals: string[];
  /** null = found out by trying. */
  lacks: Feature[] | null;
  logBucket: string | null;
  workload: WorkloadSettings;
  /** Variables that open this provider again elsewhere, without credentials. */
  variables: Record<string, string>;
  now: () => number;
}

export interface S3Driver extends StorageDriver {
  /** Looks at the server when that has not been done yet. Until then only what every server holds is offered. */
  ready(signal: AbortSignal): Promise<void>;
}

/** `-<account>-<region>-an`: https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html */
export function bucketNames({
  accountId,
  accountRegional,
  access,
}: Pick<S3Settings, 'accountId' | 'accountRegional' | 'access'>) {
  const suffix = accountRegional && accountId !== null ? `-${accountId}-${access.region}-an` : '';
  return {
    physical(name: string): string {
      if (suffix === '' || name.endsWith(suffix)) return name;
      if (name.length + suffix.length > 63) {
        throw new AppError(
          'invalid_argument',
          `The bucket’s name is too long: with the account and the region at its end it has more than 63 characters. An administrator must shorten the deployment’s prefix.`,
          { details: { field: 'bucket', outcome: 'not_applied' } },
        );
      }
      return `${name}${suffix}`;
    },
    logical(name: string): string | null {
      if (suffix === '') return name;
      return name.endsWith(suffix) ? name.slice(0, -suffix.length) : null;
    },
  };
}

export function openS3Driver(settings: S3Settings): S3Driver {
  const { access, accountId, cloud, now } = settings;
  const connection = connect(access);
  const store: Store = {
    ...bucketNames(settings),
    client: connection.client,
    signer: connection.signer,
    region: access.region,
    cloud,
    accountId,
    features: { lacks: new Map((cloud ? [] : (settings.lacks ?? FEATURES)).map((name) => [name, reasonOf(name)])) },
    now,
  };
  const workload = workloadAccess(settings.workload, access.region);
  let known = cloud || settings.lacks !== null;

  const ready = async (signal: AbortSignal): Promise<void> => {
    if (known) return;
    store.features.lacks = await probe(store, signal);
    known = true;
  };

  const contextOf = (
    name: string,
    { wanted, storageClass, signal }: { wanted: WantedSettings; storageClass: string; signal: AbortSignal },
  ): SettingsContext => ({
    store,
    bucket: store.physical(name),
    wanted: { ...wanted, logBucket: wanted.logBucket ?? settings.logBucket },
    owners:
      cloud && accountId !== null
        ? { accountId, partition: partitionOf(access.region), principals: settings.principals }
        : null,
    storageClass,
    signal,
  });

  return {
    name: 'aws',
    classify: (error) => classify(error, now),
    ready,
    async check(signal) {
      await store.client.send(new ListBucketsCommand({ MaxBuckets: 1 }), { abortSignal: signal });
      await ready(signal);
      return lacksOf(store);
    },
    async createBucket(name, { labels, storageClass = 'STANDARD', signal }) {
      if (!STORAGE_CLASSES.includes(storageClass)) {
        throw new AppError('invalid_argument', `Choose one of these classes: ${STORAGE_CLASSES.join(', ')}.`, {
          details: { field: 'storageClass', outcome: 'not_applied' },
        });
      }
      await ready(signal);
      return createBucket(store, name, { labels, storageClass, signal });
    },
    async configureBucket(name, setting, { wanted, signal }) {
      await ready(signal);
      const { storageClass } = await readTags(store, store.physical(name), signal);
      return applySetting(setting, contextOf(name, { wanted, storageClass, signal }));
    },
    async inspectBucket(name, { wanted, signal }) {
      await ready(signal);
      const { storageClass } = await readTags(store, store.physical(name), signal);
      const context = contextOf(name, { wanted, storageClass, signal });
      return Promise.all(BUCKET_SETTINGS.map((setting) => readSetting(setting, context)));
    },
    removalRules: (name, signal) => removalRules({ store, bucket: store.physical(name), signal }),
    async emptySome(name, signal) {
      await ready(signal);
      return emptySome(store, store.physical(name), signal);
    },
    async deleteBucket(name, signal) {
      await ready(signal);
      const bucket = store.physical(name);
      if (await deleteBucket(store, bucket, signal)) return;
      await deletePlaceholders(store, bucket, signal);
      await deleteBucket(store, bucket, signal, { last: true });
    },
    async listBuckets(prefix, signal) {
      return listBuckets(store, prefix, signal);
    },
    async getBucketMetadata(name, signal) {
      return describe(store, store.physical(name), signal);
    },
    bucket: (name) => bucketDriver(store, store.physical(name)),
    async mount(bucket, path, workloadIdentity) {
      if (!cloud) {
        throw new AppError(
          'unimplemented',
          'Buckets of this server cannot be mounted. Set WORKSPACE_MODE=sync: the files are then kept in step.',
          { details: { outcome: 'not_applied' } },
        );
      }
      return mountSpec({ bucket: store.physical(bucket), path, workloadIdentity, region: access.region });
    },
    async syncAccess(bucket, workloadIdentity) {
      if (access.credentials === null && !workload.reaches(workloadIdentity)) {
        throw new AppError(
          'unimplemented',
          'There is no way to give an environment access to its files alone: configure EKS_CLUSTER_NAME and WORKLOAD_ROLE_ARN.',
          { details: { outcome: 'not_applied' } },
        );
      }
      const lacks: Record<string, string> =
        cloud || !known ? {} : { S3_LACKS: [...store.features.lacks.keys()].join(',') };
      const secrets: Record<string, string> =
        access.credentials === null
          ? {}
          : {
              S3_ACCESS_KEY_ID: access.credentials.accessKeyId,
              S3_SECRET_ACCESS_KEY: access.credentials.secretAccessKey,
            };
      return {
        provider: 'aws',
        bucket,
        variables: { ...settings.variables, ...lacks },
        secrets,
      };
    },
    ensureBucketAccess: (bucket, identity, signal) => workload.ensure(store.physical(bucket), identity, signal),
    revokeBucketAccess: (bucket, identity, signal) => workload.revoke(store.physical(bucket), identity, signal),
    async usage(bucket, signal) {
      return usageOf(store, store.physical(bucket), signal);
    },
    async close() {
      workload.close();
      connection.close();
    },
  };
}

/** Every capability that is false has a reason here, and what is lacking beside them. */
function lacksOf(store: Store): StorageLack[] {
  const { lacks } = store.features;
  const capabilities = capabilitiesOf(store);
  const found: StorageLack[] = [
    { what: 'atomicMove', reason: 'S3 has no renaming: files are copied and then deleted.' },
  ];
  const conditions = (['createIfAbsent', 'replaceIfMatch', 'deleteIfMatch'] as const).map((name) => lacks.get(name));
  const unheld = conditions.find((reason) => reason !== undefined);
  if (!capabilities.versions && unheld !== undefined) found.push({ what: 'versions', reason: unheld });
  const named = { history: 'versioning', uploads: 'multipart', keysMayNest: 'nesting' } as const;
  for (const [what, feature] of Object.entries(named)) {
    const reason = lacks.get(feature);
    if (reason !== undefined) found.push({ what, reason });
  }
  for (const feature of ['createLabels', 'copyIfMatch', 'checksum', 'fullChecksum'] as const) {
    const reason = lacks.get(feature);
    if (reason !== undefined) found.push({ what: feature, reason });
  }
  return found;
}
