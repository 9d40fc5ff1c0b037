/** The driver over the strict fake, with the SDK's own credentials: for the tests of this folder. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type StrictGcs, startStrictGcs } from '../../../e2e/servers/strict-gcs/server.ts';
import type { PortableOptions } from '../../ports/storage/portable.ts';
import type { StorageProvider } from '../../ports/storage/storage.ts';
import { sdkCredentials } from './credentials.ts';
import { openGcsStorage } from './gcs-storage.ts';

export interface Bed {
  fake: StrictGcs;
  keyFile: string;
  open(portable?: PortableOptions): Promise<StorageProvider>;
  stop(): Promise<void>;
}

export const silent = { info: () => {}, warn: () => {}, error: () => {} };

export async function makeBed(): Promise<Bed> {
  const fake = await startStrictGcs();
  const folder = mkdtempSync(join(tmpdir(), 'gcp-'));
  const keyFile = join(folder, 'key.json');
  writeFileSync(keyFile, fake.keyFile);
  return {
    fake,
    keyFile,
    async open(portable) {
      return openGcsStorage({
        endpoint: fake.url,
        projectId: 'strict-fake',
        projectNumber: null,
        location: 'europe-west1',
        logBucket: null,
        credentials: await sdkCredentials({ projectId: 'strict-fake', keyFile }, silent),
        now: Date.now,
        portable,
      });
    },
    async stop() {
      await fake.stop();
      rmSync(folder, { recursive: true });
    },
  };
}
