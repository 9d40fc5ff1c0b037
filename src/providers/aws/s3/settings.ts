/**
 * The settings of a bucket: each is made by one function and read back by another. A server that does not know a setting says so in
 * its answer, which becomes `lacking`; nothing is assumed of a server by its name.
 */
import {
  DeleteBucketCorsCommand,
  GetBucketCorsCommand,
  GetBucketEncryptionCommand,
  GetBucketLifecycleConfigurationCommand,
  GetBucketLoggingCommand,
  GetBucketOwnershipControlsCommand,
  GetBucketPolicyCommand,
  GetBucketVersioningCommand,
  GetPublicAccessBlockCommand,
  type LifecycleRule,
  PutBucketCorsCommand,
  PutBucketEncryptionCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketLoggingCommand,
  PutBucketOwnershipControlsCommand,
  PutBucketPolicyCommand,
  PutBucketVersioningCommand,
  PutPublicAccessBlockCommand,
} from '@aws-sdk/client-s3';
import type { BucketSetting, RemovalRule, SettingState, WantedSettings } from '../../../ports/storage/storage.ts';
import { errorName, isLacking } from './classify.ts';
import { mergeRules, removalsBy, rulesHold, wantedRules } from './lifecycle.ts';
import {
  hasStatement,
  type Owners,
  type Policy,
  parsePolicy,
  partitionOf,
  privateStatement,
  type Statement,
  transportStatement,
  withStatement,
} from './policy.ts';
import { owner, type Store } from './store.ts';

export interface SettingsContext {
  store: Store;
  /** Its name in S3. */
  bucket: string;
  wanted: WantedSettings;
  /** null: policies are not written, because the server may not hold their conditions. */
  owners: Owners | null;
  storageClass: string;
  signal: AbortSignal;
}

interface Setting {
  apply(context: SettingsContext): Promise<void>;
  /** null = on; else why it is off. */
  fault(context: SettingsContext): Promise<string | null>;
  /** Sentence for a server that does not know the setting. */
  lack: string;
  /** Sentence when it does not apply here at all. */
  unneeded?(context: SettingsContext): string | null;
}

const PUBLIC_ACCESS = {
  BlockPublicAcls: true,
  IgnorePublicAcls: true,
  BlockPublicPolicy: true,
  RestrictPublicBuckets: true,
};

const CORS_HEADERS = ['ETag', 'Content-Range', 'Content-Length', 'Content-Disposition', 'x-amz-version-id'];

const SETTINGS: Readonly<Record<BucketSetting, Setting>> = {
  private: {
    lack: 'This server has no switch against public access; its buckets are open to their owner only.',
    async apply(context) {
      const { store, bucket, signal } = context;
      const place = { Bucket: bucket, ...owner(store) };
      const OwnershipControls = { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' as const }] };
      await store.client.send(new PutBucketOwnershipControlsCommand({ ...place, OwnershipControls }), {
        abortSignal: signal,
      });
      await store.client.send(
        new PutPublicAccessBlockCommand({ ...place, PublicAccessBlockConfiguration: PUBLIC_ACCESS }),
        { abortSignal: signal },
      );
      if (context.owners) await putStatement(context, privateStatement(bucket, context.owners));
    },
    async fault(context) {
      const { store, bucket, signal } = context;
      const place = { Bucket: bucket, ...owner(store) };
      const ownership = await unlessUnset(
        store.client.send(new GetBucketOwnershipControlsCommand(place), { abortSignal: signal }),
      );
      if (ownership?.OwnershipControls?.Rules?.[0]?.ObjectOwnership !== 'BucketOwnerEnforced') {
        return 'Single objects may have rights of their own.';
      }
      const block = await unlessUnset(
        store.client.send(new GetPublicAccessBlockCommand(place), { abortSignal: signal }),
      );
      const flags = block?.PublicAccessBlockConfiguration;
      if (!flags || !Object.keys(PUBLIC_ACCESS).every((name) => Reflect.get(flags, name) === true)) {
        return 'Public access is not blocked.';
      }
      if (!context.owners) return null;
      const holds = hasStatement(await readPolicy(context), privateStatement(bucket, context.owners));
      return holds ? null : 'The rule that keeps other accounts out is missing or was changed.';
    },
  },
  transport: {
    lack: 'This server has no bucket policies.',
    unneeded: ({ owners }) =>
      owners ? null : 'Whether connections are encrypted is decided by the address of this server, not by the bucket.',
    async apply(context) {
      await putStatement(context, transportStatement(context.bucket, partitionOf(context.store.region)));
    },
    async fault(context) {
      const wanted = transportStatement(context.bucket, partitionOf(context.store.region));
      return hasStatement(await readPolicy(context), wanted)
        ? null
        : 'The rule that refuses unencrypted connections is missing or was changed.';
    },
  },
  encryption: {
    lack: 'This server does not tell whether it encrypts what it stores.',
    async apply({ store, bucket, signal }) {
      // What an administrator set, such as a key of their own, is at least as good.
      if (await encryptionOf({ store, bucket, signal })) return;
      const Rules = [
        { ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' as const }, BucketKeyEnabled: true },
      ];
      await store.client.send(
        new PutBucketEncryptionCommand({
          Bucket: bucket,
          ServerSideEncryptionConfiguration: { Rules },
          ...owner(store),
        }),
        { abortSignal: signal },
      );
    },
    fault: async (context) => ((await encryptionOf(context)) ? null : 'New files are not encrypted.'),
  },
  versions: {
    lack: 'This server keeps no old versions.',
    unneeded: ({ store }) => store.features.lacks.get('versioning') ?? null,
    async apply({ store, bucket, signal }) {
      await store.client.send(
        new PutBucketVersioningCommand({
          Bucket: bucket,
          VersioningConfiguration: { Status: 'Enabled' },
          ...owner(store),
        }),
        { abortSignal: signal },
      );
    },
    async fault({ store, bucket, signal }) {
      const { Status } = await store.client.send(new GetBucketVersioningCommand({ Bucket: bucket, ...owner(store) }), {
        abortSignal: signal,
      });
      return Status === 'Enabled' ? null : 'Replaced and deleted files are not kept.';
    },
  },
  expiry: {
    lack: 'This server does not tidy up by itself: old versions stay until they are purged.',
    async apply(context) {
      const { store, bucket, signal } = context;
      const Rules = mergeRules(
        await rulesOf(context),
        wantedRules(context.wanted.keepVersionsDays, context.storageClass),
      );
      await store.client.send(
        new PutBucketLifecycleConfigurationCommand({
          Bucket: bucket,
          LifecycleConfiguration: { Rules },
          ...owner(store),
        }),
        { abortSignal: signal },
      );
    },
    async fault(context) {
      const wanted = wantedRules(context.wanted.keepVersionsDays, context.storageClass);
      return rulesHold(await rulesOf(context), wanted)
        ? null
        : 'The rules that end old versions and abandoned uploads are missing or were changed.';
    },
  },
  cors: {
    lack: 'This server lets no page of another origin send requests.',
    async apply({ store, bucket, wanted, signal }) {
      const place = { Bucket: bucket, ...owner(store) };
      if (wanted.corsOrigins.length === 0) {
        await store.client.send(new DeleteBucketCorsCommand(place), { abortSignal: signal });
        return;
      }
      const rule = {
        ID: 'cmbcluster',
        AllowedOrigins: wanted.corsOrigins,
        AllowedMethods: ['GET', 'HEAD', 'PUT'],
        AllowedHeaders: ['*'],
        ExposeHeaders: CORS_HEADERS,
        MaxAgeSeconds: 3600,
      };
      await store.client.send(new PutBucketCorsCommand({ ...place, CORSConfiguration: { CORSRules: [rule] } }), {
        abortSignal: signal,
      });
    },
    async fault({ store, bucket, wanted, signal }) {
      const found = await unlessUnset(
        store.client.send(new GetBucketCorsCommand({ Bucket: bucket, ...owner(store) }), { abortSignal: signal }),
      );
      const rules = found?.CORSRules ?? [];
      if (wanted.corsOrigins.length === 0) return rules.length === 0 ? null : 'Pages of other origins are let in.';
      const [rule, ...others] = rules;
      const same = (a: string[] = [], b: string[] = []) => a.length === b.length && a.every((each) => b.includes(each));
      const holds =
        others.length === 0 &&
        same(rule?.AllowedOrigins, wanted.corsOrigins) &&
        same(rule?.AllowedMethods, ['GET', 'HEAD', 'PUT']) &&
        same(rule?.ExposeHeaders, CORS_HEADERS);
      return holds ? null : 'The origins that may send requests are not those of the app.';
    },
  },
  logs: {
    lack: 'This server writes no access logs into a bucket.',
    async apply({ store, bucket, wanted, signal }) {
      const LoggingEnabled =
        wanted.logBucket === null ? undefined : { TargetBucket: wanted.logBucket, TargetPrefix: `${bucket}/` };
      await store.client.send(
        new PutBucketLoggingCommand({ Bucket: bucket, BucketLoggingStatus: { LoggingEnabled }, ...owner(store) }),
        { abortSignal: signal },
      );
    },
    async fault({ store, bucket, wanted, signal }) {
      const { LoggingEnabled } = await store.client.send(
        new GetBucketLoggingCommand({ Bucket: bucket, ...owner(store) }),
        { abortSignal: signal },
      );
      if (wanted.logBucket === null) return 'No bucket for access logs is configured.';
      return LoggingEnabled?.TargetBucket === wanted.logBucket ? null : 'Accesses are not written down.';
    },
  },
};

export async function applySetting(setting: BucketSetting, context: SettingsContext): Promise<SettingState> {
  const { apply, unneeded, lack } = SETTINGS[setting];
  const reason = unneeded?.(context) ?? null;
  if (reason !== null) return { setting, state: 'lacking', reason };
  try {
    await apply(context);
  } catch (error) {
    if (isLacking(error)) return { setting, state: 'lacking', reason: lack };
    throw error;
  }
  return readSetting(setting, context);
}

export async function readSetting(setting: BucketSetting, context: SettingsContext): Promise<SettingState> {
  const { fault, unneeded, lack } = SETTINGS[setting];
  const reason = unneeded?.(context) ?? null;
  if (reason !== null) return { setting, state: 'lacking', reason };
  try {
    const found = await fault(context);
    return { setting, state: found === null ? 'on' : 'off', reason: found };
  } catch (error) {
    if (isLacking(error)) return { setting, state: 'lacking', reason: lack };
    throw error;
  }
}

/** What S3 answers about a setting that was never made. */
const UNSET = new Set([
  'NoSuchBucketPolicy',
  'NoSuchLifecycleConfiguration',
  'NoSuchCORSConfiguration',
  'NoSuchPublicAccessBlockConfiguration',
  'OwnershipControlsNotFoundError',
  'ServerSideEncryptionConfigurationNotFoundError',
]);

async function unlessUnset<T>(answer: Promise<T>): Promise<T | null> {
  return answer.catch((error: unknown) => {
    if (UNSET.has(errorName(error))) return null;
    throw error;
  });
}

type Place = Pick<SettingsContext, 'store' | 'bucket' | 'signal'>;

async function encryptionOf({ store, bucket, signal }: Place): Promise<boolean> {
  const found = await unlessUnset(
    store.client.send(new GetBucketEncryptionCommand({ Bucket: bucket, ...owner(store) }), { abortSignal: signal }),
  );
  const rules = found?.ServerSideEncryptionConfiguration?.Rules ?? [];
  return rules.some((rule) => rule.ApplyServerSideEncryptionByDefault?.SSEAlgorithm !== undefined);
}

async function rulesOf({ store, bucket, signal }: Place): Promise<LifecycleRule[]> {
  const found = await unlessUnset(
    store.client.send(new GetBucketLifecycleConfigurationCommand({ Bucket: bucket, ...owner(store) }), {
      abortSignal: signal,
    }),
  );
  return found?.Rules ?? [];
}

/** A server that knows no such rules has none. */
export async function removalRules(place: Place): Promise<RemovalRule[]> {
  try {
    return removalsBy(await rulesOf(place));
  } catch (error) {
    if (isLacking(error)) return [];
    throw error;
  }
}

async function readPolicy({ store, bucket, signal }: Place): Promise<Policy | null> {
  const found = await unlessUnset(
    store.client.send(new GetBucketPolicyCommand({ Bucket: bucket, ...owner(store) }), { abortSignal: signal }),
  );
  return parsePolicy(found?.Policy);
}

async function putStatement(context: Place, statement: Statement): Promise<void> {
  const { store, bucket, signal } = context;
  const policy = await readPolicy(context);
  if (hasStatement(policy, statement)) return;
  await store.client.send(
    new PutBucketPolicyCommand({
      Bucket: bucket,
      Policy: JSON.stringify(withStatement(policy, statement)),
      ...owner(store),
    }),
    { abortSignal: signal },
  );
}
