/**
 * Buckets of one Google Cloud project as the storage port sees them. Opened by provider.ts. Each call is one attempt; the portable
 * wrapper repeats what is safe. A bucket that exists is adopted only when it carries our labels.
 */
import { z } from 'zod';
import { AppError } from '../../domain/errors.ts';
import { compareUtf8, isBucketName } from '../../domain/storage.ts';
import { sameLabels } from '../../ports/storage/checks.ts';
import type { StorageDriver } from '../../ports/storage/driver.ts';
import { type PortableOptions, portableStorage } from '../../ports/storage/portable.ts';
import type { BucketInfo, StorageLack, StorageProvider, WantedSettings } from '../../ports/storage/storage.ts';
import { changePolicy, principalOf, withMember, withoutMember } from './access.ts';
import type { Credentials } from './credentials.ts';
import { classify, isStatus } from './errors.ts';
import { gcsBucket } from './gcs-bucket.ts';
import { measure, type Place, rawVersions } from './listing.ts';
import { mountSpec } from './mount.ts';
import { bucketPath, xmlPath } from './names.ts';
import { purgeObject } from './rewrite.ts';
import { configure, inspect, NO_SOFT_DELETE, PRIVATE, removalRules } from './settings.ts';
import type { SigningGround } from './signing.ts';
import { createTransport, type Transport } from './transport.ts';
import { readUploads } from './xml.ts';

export const GCS_ENDPOINT = 'https://storage.googleapis.com';

export interface GcsStorageOptions {
  endpoint: string;
  projectId: string;
  /** Of the cluster's project; null: that of the bucket, which is the same project. */
  projectNumber: string | null;
  /** Where new buckets are made, such as `europe-west1`. */
  location: string;
  /** Takes access logs when the caller names no other bucket. */
  logBucket: string | null;
  credentials: Credentials;
  now: () => number;
  portable?: PortableOptions;
}

const bucketSchema = z.object({
  name: z.string(),
  timeCreated: z.string(),
  labels: z.record(z.string(), z.string()).default({}),
  location: z.string().default(''),
  storageClass: z.string().default('STANDARD'),
  projectNumber: z.string().optional(),
});
const bucketPageSchema = z.object({ items: z.array(bucketSchema).default([]), nextPageToken: z.string().optional() });
const BUCKET_FIELDS = 'name,timeCreated,labels,location,storageClass,projectNumber';
const BUCKETS_PATH = '/storage/v1/b';
/** Deletions at once while a bucket is emptied. */
const PARALLEL = 32;

export function openGcsStorage(options: GcsStorageOptions): StorageProvider {
  return portableStorage(gcsDriver(options), options.portable);
}

function infoOf(bucket: z.infer<typeof bucketSchema>): BucketInfo {
  return {
    name: bucket.name,
    createdAt: Date.parse(bucket.timeCreated),
    labels: bucket.labels,
    location: bucket.location.toLowerCase(),
    storageClass: bucket.storageClass.toLowerCase(),
  };
}

function gcsDriver(options: GcsStorageOptions): StorageDriver {
  const { credentials, endpoint, projectId, now } = options;
  const transport = createTransport(endpoint, credentials.authorize);
  const { signer } = credentials;
  const signing: SigningGround | null = signer && { origin: transport.origin, signer, now };
  const placeOf = (bucket: string): Place => ({ transport, bucket });
  const settled = (wanted: WantedSettings): WantedSettings => ({
    ...wanted,
    logBucket: wanted.logBucket ?? options.logBucket,
  });

  async function find(name: string, signal: AbortSignal): Promise<z.infer<typeof bucketSchema>> {
    const query = { fields: BUCKET_FIELDS };
    return transport.json(bucketSchema, { method: 'GET', path: bucketPath(name), query, signal });
  }

  async function bucketPage(query: Record<string, string | number | undefined>, signal: AbortSignal) {
    const fields = `nextPageToken,items(${BUCKET_FIELDS})`;
    const all = { project: projectId, fields, ...query };
    return transport.json(bucketPageSchema, { method: 'GET', path: BUCKETS_PATH, query: all, signal });
  }

  /** Ours, or already_exists: a name is taken by anybody in the whole world. */
  async function adopt(name: string, labels: Record<string, string>, signal: AbortSignal): Promise<BucketInfo> {
    const existing = await find(name, signal).catch((error: unknown) => {
      if (isStatus(error, 401, 403)) return null;
      throw error;
    });
    if (existing && sameLabels(existing.labels, labels)) return infoOf(existing);
    throw new AppError('already_exists', 'A bucket of this name belongs to something else.', {
      details: { outcome: 'not_applied' },
    });
  }

  return {
    name: 'gcp',
    classify,

    async check(signal) {
      await bucketPage({ maxResults: 1 }, signal);
      const lacks: StorageLack[] = [
        { what: 'atomicMove', reason: 'Cloud Storage copies an object and deletes the old one; folders likewise.' },
      ];
      if (!signer) lacks.push({ what: 'signedUrls', reason: credentials.unsignedReason ?? '' });
      return lacks;
    },

    async createBucket(name, { labels, storageClass = 'standard', signal }) {
      try {
        const made = await transport.json(bucketSchema, {
          method: 'POST',
          path: BUCKETS_PATH,
          query: { project: projectId, fields: BUCKET_FIELDS },
          json: {
            name,
            location: options.location.toUpperCase(),
            storageClass: storageClass.toUpperCase(),
            labels,
            ...PRIVATE,
            ...NO_SOFT_DELETE,
          },
          signal,
        });
        return infoOf(made);
      } catch (error) {
        if (!isStatus(error, 409)) throw error;
        return adopt(name, labels, signal);
      }
    },

    configureBucket: (name, setting, { wanted, signal }) =>
      configure(placeOf(name), setting, { wanted: settled(wanted), signal }),
    inspectBucket: (name, { wanted, signal }) => inspect(placeOf(name), settled(wanted), signal),
    removalRules: (name, signal) => removalRules(placeOf(name), signal),

    async emptySome(name, signal) {
      const place = placeOf(name);
      try {
        const { items } = await rawVersions(place, { signal });
        await inParallel(items, (item) => purgeObject(place, item, signal));
        return items.length > 0 ? items.length : await abortUploads(place, signal);
      } catch (error) {
        if (isStatus(error, 404)) return 0;
        throw error;
      }
    },

    async deleteBucket(name, signal) {
      const place = placeOf(name);
      try {
        await removePlaceholders(place, signal);
        await transport.text({ method: 'DELETE', path: bucketPath(name), signal });
      } catch (error) {
        if (isStatus(error, 404)) return;
        // Something was written since we looked.
        if (isStatus(error, 409, 412)) throw notEmpty();
        throw error;
      }
    },

    async listBuckets(prefix, signal) {
      const all: BucketInfo[] = [];
      let pageToken: string | undefined;
      do {
        const page = await bucketPage({ prefix: prefix || undefined, pageToken, maxResults: 1000 }, signal);
        all.push(...page.items.filter(({ name }) => isBucketName(name) && name.startsWith(prefix)).map(infoOf));
        pageToken = page.nextPageToken;
      } while (pageToken !== undefined);
      return all.sort((a, b) => compareUtf8(a.name, b.name));
    },

    getBucketMetadata: async (name, signal) => infoOf(await find(name, signal)),
    bucket: (name) => gcsBucket(placeOf(name), signing),
    mount: async (bucket, path, workloadIdentity) => mountSpec(bucket, path, workloadIdentity),

    async syncAccess(bucket, workloadIdentity) {
      if (!workloadIdentity && credentials.needed) {
        throw new AppError(
          'unimplemented',
          'Only an environment with a service account of its own can reach the bucket.',
          {
            details: { outcome: 'not_applied' },
          },
        );
      }
      const variables = { PROJECT_ID: projectId, REGION: options.location };
      const custom: Record<string, string> = endpoint === GCS_ENDPOINT ? {} : { GCS_ENDPOINT: endpoint };
      return { provider: 'gcp', bucket, variables: { ...variables, ...custom }, secrets: {} };
    },

    async ensureBucketAccess(bucket, workloadIdentity, signal) {
      const { projectNumber } = await find(bucket, signal);
      if (!workloadIdentity)
        return 'Nothing is needed: environments without a service account use the server’s own access.';
      const member = principalOf(poolOf(options, projectNumber), workloadIdentity);
      await changePolicy(placeOf(bucket), (policy) => withMember(policy, member), signal);
      const { namespace, serviceAccount } = workloadIdentity;
      return `The service account ${namespace}/${serviceAccount} may read and write the files of this bucket, and nothing else.`;
    },

    async revokeBucketAccess(bucket, workloadIdentity, signal) {
      if (!workloadIdentity) return;
      try {
        const { projectNumber } = await find(bucket, signal);
        const member = principalOf(poolOf(options, projectNumber), workloadIdentity);
        await changePolicy(placeOf(bucket), (policy) => withoutMember(policy, member), signal);
      } catch (error) {
        if (!isStatus(error, 404)) throw error;
      }
    },

    usage: (bucket, signal) => measure(placeOf(bucket), signal),
    close: async () => transport.close(),
  };
}

function poolOf({ projectId, projectNumber }: GcsStorageOptions, ofBucket: string | undefined) {
  const number = projectNumber ?? ofBucket;
  if (number !== undefined) return { projectId, projectNumber: number };
  throw new AppError('failed_precondition', 'The number of the project is not known. Set GCP_PROJECT_NUMBER.', {
    details: { outcome: 'not_applied' },
  });
}

function notEmpty(): AppError {
  return new AppError('failed_precondition', 'The bucket is not empty.', { details: { outcome: 'not_applied' } });
}

/** @throws failed_precondition when there is anything but empty folders */
async function removePlaceholders(place: Place, signal: AbortSignal): Promise<void> {
  for (;;) {
    const { items, nextPageToken } = await rawVersions(place, { signal });
    if (items.some(({ name, size }) => !name.endsWith('/') || size !== '0')) throw notEmpty();
    await inParallel(items, (item) => purgeObject(place, item, signal));
    if (nextPageToken === undefined) return;
  }
}

async function abortUploads({ transport, bucket }: { transport: Transport; bucket: string }, signal: AbortSignal) {
  const query = { uploads: '', 'max-uploads': '1000' };
  const { text } = await transport.text({ method: 'GET', path: xmlPath(bucket), query, signal });
  const uploads = readUploads(text);
  await inParallel(uploads, async ({ key, uploadId }) => {
    try {
      await transport.text({ method: 'DELETE', path: xmlPath(bucket, key), query: { uploadId }, signal });
    } catch (error) {
      if (!isStatus(error, 404)) throw error;
    }
  });
  return uploads.length;
}

async function inParallel<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const queue = items.values();
  const worker = async () => {
    for (const item of queue) await work(item);
  };
  await Promise.all(Array.from({ length: PARALLEL }, worker));
}
