/** versitygw: an S3 server over a folder, with versions, users and bucket policies. What it does otherwise than S3 is in its profile. */
import { execFile } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { program } from './programs.mjs';
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

/** A person with a key and no rights of their own: a bucket's policy must let them in. */
export async function addUser(server: RunningServer, { accessKeyId, secretAccessKey }: Credentials): Promise<void> {
  const bin = await program('versitygw');
  const root = ['--access', ROOT_CREDENTIALS.accessKeyId, '--secret', ROOT_CREDENTIALS.secretAccessKey];
  const user = ['--access', accessKeyId, '--secret', secretAccessKey, '--role', 'user'];
  await promisify(execFile)(join(bin, 'versitygw'), [
    ...['admin', ...root, '--endpoint-url', server.url],
    ...['create-user', ...user],
  ]);
}
