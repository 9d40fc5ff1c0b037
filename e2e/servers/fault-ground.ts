/**
 * A real server, the provider on it through the fault proxy, and the same provider straight to it: what the first one claims, the
 * second one looks up. Limits of time are short, so that a store that does not answer is given up while a test waits.
 */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RetryPolicy } from '../../src/ports/storage/attempts.ts';
import { type PortableOptions, portableStorage } from '../../src/ports/storage/portable.ts';
import type { StorageProvider } from '../../src/ports/storage/storage.ts';
import { openS3Driver } from '../../src/providers/aws/s3/storage-driver.ts';
import { sdkCredentials } from '../../src/providers/gcp/credentials.ts';
import { openGcsStorage } from '../../src/providers/gcp/gcs-storage.ts';
import type { FaultKind, Plan, SeenRequest } from './fault-plan.ts';
import { type FaultProxy, startFaultProxy } from './fault-proxy.ts';
import { startStrictGcs } from './strict-gcs/server.ts';
import { ROOT_CREDENTIALS, startVersitygw } from './versitygw.ts';

export interface FaultGround {
  proxy: FaultProxy;
  /** Through the proxy. */
  faulty: StorageProvider;
  /** Past it. */
  direct: StorageProvider;
  /** Another one through the proxy, with other limits. */
  open(policy: Partial<RetryPolicy>): Promise<StorageProvider>;
  /** What was injected so far, by kind. */
  summary(): string;
  close(): Promise<void>;
}

const POLICY: Partial<RetryPolicy> = {
  basePauseMs: 10,
  maxPauseMs: 50,
  maxRetryAfterMs: 1_500,
  attemptMs: 5_000,
  stallMs: 5_000,
};

export const GROUNDS: readonly { name: string; holdsInMemory: boolean; start: () => Promise<FaultGround> }[] = [
  { name: 'S3 (versitygw)', holdsInMemory: false, start: startS3Ground },
  { name: 'GCS (strict fake)', holdsInMemory: true, start: startGcsGround },
];

async function startS3Ground(): Promise<FaultGround> {
  const server = await startVersitygw();
  const open = async (endpoint: string, portable: PortableOptions): Promise<StorageProvider> => {
    const driver = openS3Driver({
      access: { region: 'us-east-1', endpoint, forcePathStyle: true, credentials: ROOT_CREDENTIALS },
      ...{ accountId: null, cloud: false, accountRegional: false, principals: [], lacks: null, logBucket: null },
      workload: { clusterName: null, roleArn: null, irsaRoleArn: null, endpoint: null },
      ...{ variables: {}, now: Date.now },
    });
    await driver.ready(AbortSignal.timeout(15_000));
    return portableStorage(driver, portable);
  };
  return ground(server, open, () => server.stop());
}

const quiet = { info() {}, warn() {}, error() {} };

async function startGcsGround(): Promise<FaultGround> {
  const fake = await startStrictGcs();
  const folder = mkdtempSync(join(tmpdir(), 'cmbcluster-faults-'));
  const keyFile = join(folder, 'key.json');
  writeFileSync(keyFile, fake.keyFile);
  const credentials = await sdkCredentials({ projectId: 'strict-fake', keyFile }, quiet);
  const open = async (endpoint: string, portable: PortableOptions): Promise<StorageProvider> =>
    openGcsStorage({
      ...{ endpoint, projectId: 'strict-fake', projectNumber: null, location: 'europe-west1', logBucket: null },
      ...{ credentials, now: Date.now, portable },
    });
  return ground({ url: fake.url, port: Number(new URL(fake.url).port) }, open, async () => {
    await fake.stop();
    rmSync(folder, { recursive: true });
  });
}

async function ground(
  server: { url: string; port: number },
  openAt: (endpoint: string, portable: PortableOptions) => Promise<StorageProvider>,
  stop: () => Promise<void>,
): Promise<FaultGround> {
  const proxy = await startFaultProxy(server);
  const opened: StorageProvider[] = [];
  const keep = async (url: string, policy: Partial<RetryPolicy>) => {
    const storage = await openAt(url, { policy });
    opened.push(storage);
    return storage;
  };
  return {
    proxy,
    faulty: await keep(proxy.url, POLICY),
    direct: await keep(server.url, {}),
    open: (policy) => keep(proxy.url, { ...POLICY, ...policy }),
    summary() {
      const counts = new Map<FaultKind | string, number>();
      for (const { fault } of proxy.injected) {
        const kind = fault.kind === 'status' ? `${fault.status}${fault.applied ? ' after the work' : ''}` : fault.kind;
        counts.set(kind, (counts.get(kind) ?? 0) + 1);
      }
      const told = [...counts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([kind, count]) => `${kind} ${count}`);
      return `${proxy.injected.length} faults in ${proxy.requests} requests: ${told.join(', ')}`;
    },
    async close() {
      for (const storage of opened) await storage.close();
      await proxy.close();
      await stop();
    },
  };
}

/** The first request that matches meets the fault; `times` more like it, too. */
export function onlyOn(
  matches: (request: SeenRequest) => boolean,
  fault: NonNullable<ReturnType<Plan>>,
  times = 1,
): Plan {
  let left = times;
  return (request) => {
    if (left === 0 || !matches(request)) return null;
    left -= 1;
    return fault;
  };
}
