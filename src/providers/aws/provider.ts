/**
 * Buckets in Amazon S3, or on any server that speaks S3 (S3_ENDPOINT), and what environments in EKS need to reach them. Opened by
 * boot/container; the SDK is loaded only then.
 */
import { z } from 'zod';
import type { Provider, ProviderContext } from '../../ports/provider.ts';
import { portableStorage } from '../../ports/storage/portable.ts';

const FEATURE_LIST = z
  .string()
  .regex(
    /^([a-zA-Z]+(,[a-zA-Z]+)*)?$/,
    'Use names with commas between them, or leave it out to have the server examined.',
  )
  .transform((text) => text.split(',').filter(Boolean));

const yesNo = z
  .enum(['yes', 'no', 'true', 'false', '1', '0'], 'Use yes or no.')
  .transform((text) => text === 'yes' || text === 'true' || text === '1');

const roleArn = z
  .string()
  .regex(
    /^arn:aws[a-z-]*:iam::\d{12}:role\/[\w+=,.@/{}-]+$/,
    'Use the ARN of a role, such as arn:aws:iam::123456789012:role/name.',
  );

const config = z
  .object({
    AWS_REGION: z
      .string()
      .regex(/^[a-z]{2,}(-[a-z]+)*-\d+$/, 'Use the name of a region, such as eu-central-1.')
      .optional(),
    AWS_ACCOUNT_ID: z
      .string()
      .regex(/^\d{12}$/, 'Use the 12 digits of the account.')
      .optional(),
    EKS_CLUSTER_NAME: z
      .string()
      .regex(/^[0-9A-Za-z][\w-]{0,99}$/, 'Use the name of the EKS cluster.')
      .optional(),
    /** The one role of all environments (EKS Pod Identity); each gets its own buckets of it only. */
    WORKLOAD_ROLE_ARN: roleArn.optional(),
    /** Instead of Pod Identity: a role for each service account, with {namespace} and {serviceAccount} in its name. */
    IRSA_ROLE_ARN: roleArn.optional(),
    /** Role that the server itself runs as. With WORKLOAD_ROLE_ARN: these two alone may use the buckets. */
    CONTROL_ROLE_ARN: roleArn.optional(),
    AWS_ACCESS_LOG_BUCKET: z.string().min(3).optional(),
    S3_ENDPOINT: z.url({ protocol: /^https?$/, error: 'Use an address such as https://s3.example.org.' }).optional(),
    S3_FORCE_PATH_STYLE: yesNo.optional(),
    S3_ACCESS_KEY_ID: z.string().min(1).optional(),
    S3_SECRET_ACCESS_KEY: z.string().min(1).optional(),
    /** account-regional: names that nobody else can take. global: plain names. */
    S3_BUCKET_NAMESPACE: z.enum(['account-regional', 'global']).optional(),
    S3_LACKS: FEATURE_LIST.optional(),
  })
  .superRefine((given, context) => {
    const report = (variable: keyof typeof given, message: string) =>
      context.addIssue({ code: 'custom', path: [variable], message });
    if (given.AWS_REGION === undefined && given.S3_ENDPOINT === undefined)
      report('AWS_REGION', 'Set the region of the buckets.');
    if ((given.S3_ACCESS_KEY_ID === undefined) !== (given.S3_SECRET_ACCESS_KEY === undefined)) {
      report(
        given.S3_ACCESS_KEY_ID === undefined ? 'S3_ACCESS_KEY_ID' : 'S3_SECRET_ACCESS_KEY',
        'Set both keys or none.',
      );
    }
    if (given.S3_BUCKET_NAMESPACE === 'account-regional' && given.AWS_ACCOUNT_ID === undefined) {
      report('AWS_ACCOUNT_ID', 'Names of the account’s own need the number of the account.');
    }
    if (given.S3_BUCKET_NAMESPACE === 'account-regional' && given.S3_ENDPOINT !== undefined) {
      report('S3_BUCKET_NAMESPACE', 'Only Amazon S3 has names of the account’s own; use global with S3_ENDPOINT.');
    }
    if (given.IRSA_ROLE_ARN !== undefined && given.WORKLOAD_ROLE_ARN !== undefined) {
      report('IRSA_ROLE_ARN', 'Use Pod Identity (WORKLOAD_ROLE_ARN) or IRSA, not both.');
    }
    if (given.IRSA_ROLE_ARN !== undefined && !/\{serviceAccount\}/.test(given.IRSA_ROLE_ARN)) {
      report(
        'IRSA_ROLE_ARN',
        'It must hold {serviceAccount}: one role for all would open everyone’s files to everyone.',
      );
    }
  });

type Config = z.infer<typeof config>;

/** How long the start waits for a server to be examined; check() does it later when the server was not there. */
const EXAMINE_MS = 15_000;
/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/BucketRestrictions.html: no rate is told; a few a second are taken. */
const BUCKET_PACE_MS = 250;

async function open(settings: Config, { log, now, storagePolicy }: ProviderContext) {
  const { openS3Driver } = await import('./s3/storage-driver.ts');
  const { isFeature } = await import('./s3/store.ts');
  const driver = openS3Driver({ ...driverSettings(settings, isFeature), now });
  await driver.ready(AbortSignal.timeout(EXAMINE_MS)).catch((error: unknown) => {
    log.warn('the S3 server could not be examined; only what every server holds is offered', { error: String(error) });
  });
  const storage = portableStorage(driver, { policy: storagePolicy });
  return {
    storage,
    storageFacts: {
      place: settings.S3_ENDPOINT === undefined ? 'Amazon S3' : `S3 at ${new URL(settings.S3_ENDPOINT).host}`,
      bucketPaceMs: BUCKET_PACE_MS,
      storageClasses: [
        { name: 'STANDARD', label: 'Standard' },
        { name: 'INTELLIGENT_TIERING', label: 'Automatic, by use' },
        { name: 'STANDARD_IA', label: 'Seldom used' },
      ],
    },
    close: () => storage.close(),
  };
}

function driverSettings<F extends string>(settings: Config, isFeature: (name: string) => name is F) {
  const endpoint = settings.S3_ENDPOINT ?? null;
  const accountId = settings.AWS_ACCOUNT_ID ?? null;
  const cloud = endpoint === null;
  const region = settings.AWS_REGION ?? 'us-east-1';
  const forcePathStyle = settings.S3_FORCE_PATH_STYLE ?? !cloud;
  const namespace = settings.S3_BUCKET_NAMESPACE ?? (cloud && accountId !== null ? 'account-regional' : 'global');
  const { S3_ACCESS_KEY_ID: accessKeyId, S3_SECRET_ACCESS_KEY: secretAccessKey } = settings;
  const both = settings.WORKLOAD_ROLE_ARN !== undefined && settings.CONTROL_ROLE_ARN !== undefined;
  return {
    access: {
      region,
      endpoint,
      forcePathStyle,
      credentials: accessKeyId === undefined || secretAccessKey === undefined ? null : { accessKeyId, secretAccessKey },
    },
    accountId,
    cloud,
    accountRegional: namespace === 'account-regional',
    principals: both ? [settings.WORKLOAD_ROLE_ARN, settings.CONTROL_ROLE_ARN].filter((arn) => arn !== undefined) : [],
    lacks: settings.S3_LACKS?.filter(isFeature) ?? null,
    logBucket: settings.AWS_ACCESS_LOG_BUCKET ?? null,
    workload: {
      clusterName: settings.EKS_CLUSTER_NAME ?? null,
      roleArn: settings.WORKLOAD_ROLE_ARN ?? null,
      irsaRoleArn: settings.IRSA_ROLE_ARN ?? null,
      endpoint: null,
    },
    variables: {
      AWS_REGION: region,
      ...(endpoint === null ? {} : { S3_ENDPOINT: endpoint }),
      S3_FORCE_PATH_STYLE: forcePathStyle ? 'yes' : 'no',
      S3_BUCKET_NAMESPACE: namespace,
      ...(accountId === null ? {} : { AWS_ACCOUNT_ID: accountId }),
    },
  };
}

export const provider: Provider<Config> = {
  name: 'aws',
  label: 'Amazon Web Services',
  config,
  configured: () => false,
  autoOrder: null,
  defaultIdentity: 'cognito',
  embedded: false,
  open,
};
