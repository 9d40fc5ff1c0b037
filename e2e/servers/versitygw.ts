/** versitygw: an S3 server over a folder, with versions, users and bucket policies. What it does otherwise than S3 is in its profile. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type RunningServer, startServer } from './server.ts';

export interface Credentials {
  accessKeyId: string;
  secretAccessKey: string;
}

export const ROOT_CREDENTIALS: Credentials = { accessKeyId: 'root-of-the-tests', secretAccessKey: 'not-a-secret-0000' };

export function startVersitygw(region = 'us-east-1'): Promise<RunningServer> {
  return startServer({
    program: 'versitygw',
    executable: 'versitygw',
    args: ({ port, folder }) => {
      for (const name of ['data', 'versions', 'users']) mkdirSync(join(folder, name));
      const { accessKeyId, secretAccessKey } = ROOT_CREDENTIALS;
      return [
        ...['--port', `127.0.0.1:${port}`, '--region', region, '--keep-alive', '--quiet'],
        ...['--access', accessKeyId, '--secret', secretAccessKey, '--iam-dir', join(folder, 'users')],
        ...['posix', '--versioning-dir', join(folder, 'versions'), join(folder, 'data')],
      ];
    },
  });
}
