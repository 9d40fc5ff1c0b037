/** The S3 provider opened on a test server. */
import type { StorageProvider } from '../../src/ports/storage/storage.ts';
import { provider } from '../../src/providers/aws/provider.ts';
import { openStorage } from './open-storage.ts';
import type { Credentials } from './versitygw.ts';

export function openS3(
  url: string,
  { accessKeyId, secretAccessKey }: Credentials,
  variables: Record<string, string> = {},
): Promise<StorageProvider> {
  return openStorage(provider, {
    AWS_REGION: 'us-east-1',
    S3_ENDPOINT: url,
    S3_ACCESS_KEY_ID: accessKeyId,
    S3_SECRET_ACCESS_KEY: secretAccessKey,
    ...variables,
  });
}
