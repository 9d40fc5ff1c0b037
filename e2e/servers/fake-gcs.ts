/**
 * fake-gcs-server: other people's idea of Cloud Storage, over memory. It keeps objects, generations and preconditions of uploads;
 * it asks nobody who they are and keeps no settings. What it does otherwise than Cloud Storage is in its profile
 * (e2e/conformance/gcs-fake-gcs-server.test.ts); what it lacks is shown on our own strict fake.
 */

import type { StorageProvider } from '../../src/ports/storage/storage.ts';
import { provider } from '../../src/providers/gcp/provider.ts';
import { openStorage } from './open-storage.ts';
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

/** The provider on a server that asks for no credentials. */
export function openGcs(url: string): Promise<StorageProvider> {
  return openStorage(provider, { PROJECT_ID: 'fake-project', GCS_ENDPOINT: url });
}
