/** The S3 provider opened on a test server, as a deployment with these variables would open it. */
import { createMemoryLinkStore } from '../../src/ports/identity/memory.ts';
import type { StorageProvider } from '../../src/ports/storage/storage.ts';
import { provider } from '../../src/providers/aws/provider.ts';
import type { Credentials } from './versitygw.ts';

const quiet = { info() {}, warn() {}, error() {} };

export async function openS3(
  url: string,
  { accessKeyId, secretAccessKey }: Credentials,
  variables: Record<string, string> = {},
): Promise<StorageProvider> {
  const config = provider.config.parse({
    AWS_REGION: 'us-east-1',
    S3_ENDPOINT: url,
    S3_ACCESS_KEY_ID: accessKeyId,
    S3_SECRET_ACCESS_KEY: secretAccessKey,
    ...variables,
  });
  const { storage } = await provider.open(config, {
    dataDir: '/nonexistent',
    programsDir: '/nonexistent',
    nodePath: process.execPath,
    links: createMemoryLinkStore(),
    log: quiet,
    now: Date.now,
  });
  if (!storage) throw new Error('the provider gave no storage');
  return storage;
}
