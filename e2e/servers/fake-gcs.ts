/**
 * fake-gcs-server: other people's idea of Cloud Storage, over memory. It keeps objects, generations and preconditions of uploads;
 * it asks nobody who they are and keeps no settings. What it does otherwise than Cloud Storage is in its profile
 * (e2e/conformance/gcs-fake-gcs-server.test.ts); what it lacks is shown on our own strict fake.
 */

import { createMemoryLinkStore } from '../../src/ports/identity/memory.ts';
import type { StorageProvider } from '../../src/ports/storage/storage.ts';
import { provider } from '../../src/providers/gcp/provider.ts';
import { type RunningServer, startServer } from './server.ts';

export function startFakeGcs(): Promise<RunningServer> {
  return startServer({
    program: 'fake-gcs-server',
    executable: 'fake-gcs-server',
    args: ({ port }) => [
      ...['-scheme', 'http', '-host', '127.0.0.1', '-port', String(port), '-backend', 'memory'],
      ...['-external-url', `http://127.0.0.1:${port}`, '-public-host', `127.0.0.1:${port}`, '-log-level', 'error'],
    ],
    readyPath: '/storage/v1/b?project=test',
  });
}

const quiet = { info() {}, warn() {}, error() {} };

/** The provider opened on a server that asks for no credentials, as a deployment with GCS_ENDPOINT would open it. */
export async function openGcs(url: string): Promise<StorageProvider> {
  const config = provider.config.parse({ PROJECT_ID: 'fake-project', GCS_ENDPOINT: url });
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
