/**
 * What a storage says of itself, read from its answers for docs/PARITY.md: capabilities with the reasons of what is lacking,
 * settings, mounts, and how a person's programs get to a bucket. Nothing here is a promise; the topics test those.
 */
import { isAppError } from '../../../domain/errors.ts';
import type { WorkloadIdentity } from '../../../domain/workload-identity.ts';
import {
  BUCKET_SETTINGS,
  type BucketCapabilities,
  type MountCapabilities,
  type MountSpec,
  type SettingState,
  type StorageLack,
  type StorageProvider,
  type WantedSettings,
} from '../storage.ts';

/** How a bucket becomes a folder, or why it does not. */
export type DeclaredMount =
  | {
      kind: MountSpec['kind'];
      /** Of the CSI volume; null where there is none. */
      driver: string | null;
      /** Kinds of the objects that are made beside the pod. */
      objects: string[];
      capabilities: MountCapabilities;
    }
  | { refused: string };

export interface Declared {
  capabilities: BucketCapabilities;
  lacks: StorageLack[];
  settings: SettingState[];
  /** For a person's service account in a cluster, and for an environment of this machine. */
  mounts: { cluster: DeclaredMount; machine: DeclaredMount };
  /** null: files may be kept in step (WORKSPACE_MODE=sync); a sentence: why not. */
  syncRefused: string | null;
  access: { cluster: string; machine: string };
}

/** Whose programs are asked about: fixed, because its names are part of the answers. */
const SOMEBODY: WorkloadIdentity = { namespace: 'a-namespace', serviceAccount: 'a-person' };

/** Makes every setting of the bucket, which must exist and is left with them; the access it asks for is taken away again. */
export async function readDeclared(
  provider: StorageProvider,
  bucket: string,
  wanted: WantedSettings,
): Promise<Declared> {
  const settings: SettingState[] = [];
  for (const setting of BUCKET_SETTINGS) settings.push(await provider.configureBucket(bucket, setting, wanted));
  const access = {
    cluster: await provider.ensureBucketAccess(bucket, SOMEBODY),
    machine: await provider.ensureBucketAccess(bucket, null),
  };
  await provider.revokeBucketAccess(bucket, SOMEBODY);
  return {
    capabilities: provider.bucket(bucket).capabilities,
    lacks: await provider.check(),
    settings,
    mounts: {
      cluster: await mountOf(provider, bucket, SOMEBODY),
      machine: await mountOf(provider, bucket, null),
    },
    syncRefused: await provider.syncAccess(bucket, SOMEBODY).then(() => null, sentence),
    access,
  };
}

async function mountOf(
  provider: StorageProvider,
  bucket: string,
  identity: WorkloadIdentity | null,
): Promise<DeclaredMount> {
  return provider.mount(bucket, '/workspace', identity).then(describe, (error: unknown) => ({
    refused: sentence(error),
  }));
}

function describe(spec: MountSpec): DeclaredMount {
  const { kind, capabilities } = spec;
  if (kind !== 'kubernetes') return { kind, driver: null, objects: [], capabilities };
  const objects = spec.objects.map((object) => String(Reflect.get(object, 'kind')));
  const volumes: unknown[] = [spec.volume, ...spec.objects.map((object) => Reflect.get(object, 'spec'))];
  return { kind, driver: volumes.map(driverOf).find((driver) => driver !== null) ?? null, objects, capabilities };
}

function driverOf(volume: unknown): string | null {
  if (typeof volume !== 'object' || volume === null || !('csi' in volume)) return null;
  const { csi } = volume;
  return typeof csi === 'object' && csi !== null && 'driver' in csi ? String(csi.driver) : null;
}

/** @throws what is no refusal */
function sentence(error: unknown): string {
  if (isAppError(error)) return error.message;
  throw error;
}
