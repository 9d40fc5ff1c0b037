/**
 * Google Cloud: people's files in Cloud Storage, each bucket reachable by its owner's service account alone. Opened by
 * boot/container when CLOUD_PROVIDER or STORAGE_PROVIDER says `gcp`; environments run in its clusters by the Kubernetes spawner.
 */
import { z } from 'zod';
import type { Provider, ProviderContext } from '../../ports/provider.ts';
import type { StorageProvider } from '../../ports/storage/storage.ts';

/** A variable that is set to nothing is not set. */
const unset = <T extends z.ZodType>(schema: T) => z.preprocess((value) => (value === '' ? undefined : value), schema);

const config = z.object({
  PROJECT_ID: z
    .string({ error: 'Set PROJECT_ID to the id of the Google Cloud project, such as my-group-1234.' })
    .regex(
      /^[a-z][a-z0-9-]{4,28}[a-z0-9]$/,
      'PROJECT_ID is the id of the project: 6 to 30 lower-case letters, digits, hyphens.',
    ),
  /** Of the cluster's project; found by itself when the buckets are in the same project. */
  GCP_PROJECT_NUMBER: unset(
    z
      .string()
      .regex(/^\d{6,20}$/, 'GCP_PROJECT_NUMBER holds digits only.')
      .optional(),
  ),
  /** Where new buckets are made: a region, or a multi-region such as EU. */
  REGION: unset(
    z
      .string()
      .regex(/^[A-Za-z][A-Za-z0-9-]{1,30}$/, 'REGION is a region such as europe-west1.')
      .default('us-central1'),
  ),
  /** Another server that speaks the interface of Cloud Storage. Without GCS_CREDENTIALS_FILE it is asked without credentials. */
  GCS_ENDPOINT: unset(
    z.url({ protocol: /^https?$/, error: 'GCS_ENDPOINT is a web address such as http://127.0.0.1:4443.' }).optional(),
  ),
  /** Key of a service account; without it, the application default credentials: metadata server, federation. */
  GCS_CREDENTIALS_FILE: unset(z.string().optional()),
  /** Takes the access logs of people's buckets. */
  GCP_ACCESS_LOG_BUCKET: unset(
    z
      .string()
      .regex(/^[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]$/, 'GCP_ACCESS_LOG_BUCKET is no bucket name.')
      .optional(),
  ),
});

type Config = z.infer<typeof config>;

async function openStorage(
  settings: Config,
  { log, now, storagePolicy }: Pick<ProviderContext, 'log' | 'now' | 'storagePolicy'>,
): Promise<StorageProvider> {
  // Whoever has no bucket here does not pay for the SDK: this file is read to ask which sign-in a deployment has.
  const { anonymous, sdkCredentials } = await import('./credentials.ts');
  const { GCS_ENDPOINT, openGcsStorage } = await import('./gcs-storage.ts');
  const { PROJECT_ID: projectId, GCS_ENDPOINT: endpoint, GCS_CREDENTIALS_FILE: keyFile } = settings;
  const credentials =
    endpoint !== undefined && keyFile === undefined ? anonymous() : await sdkCredentials({ projectId, keyFile }, log);
  return openGcsStorage({
    endpoint: endpoint ?? GCS_ENDPOINT,
    projectId,
    projectNumber: settings.GCP_PROJECT_NUMBER ?? null,
    location: settings.REGION,
    logBucket: settings.GCP_ACCESS_LOG_BUCKET ?? null,
    credentials,
    now,
    portable: { policy: storagePolicy },
  });
}

export const provider: Provider<Config> = {
  name: 'gcp',
  label: 'Google Cloud',
  config,
  configured: () => false,
  autoOrder: null,
  defaultIdentity: 'google',
  embedded: false,
  openStorage,
  async open(settings, context) {
    const storage = await openStorage(settings, context);
    return {
      storage,
      storageFacts: {
        place: 'Google Cloud Storage',
        // One bucket in two seconds is what a project may make or remove.
        bucketPaceMs: 2_000,
        // Each measurement lists all of a bucket, and lists are billed.
        measureEveryMs: 6 * 3_600_000,
        storageClasses: [
          { name: 'standard', label: 'Standard: for files in use' },
          { name: 'nearline', label: 'Nearline: for files read about once a month' },
          { name: 'coldline', label: 'Coldline: for files read about once a quarter' },
          { name: 'archive', label: 'Archive: for files read about once a year' },
        ],
      },
      close: () => storage.close(),
    };
  },
};
