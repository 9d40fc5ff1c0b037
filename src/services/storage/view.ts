/** What people see of a storage. */
import type { StorageRow } from '../../../prisma-free-db/repositories/storages.ts';
import type { Phase } from '../../domain/environment.ts';
import type { EnvironmentId, StorageId } from '../../domain/ids.ts';
import type { SettingReport } from '../../domain/storage.ts';
import type { Actor } from '../../domain/user.ts';
import type { BucketCapabilities } from '../../ports/storage/storage.ts';
import type { Deps } from '../deps.ts';
import { DELETION_STEPS } from './deletion.ts';
import { ONBOARDING_STEPS } from './onboarding.ts';
import { ownedStorage } from './owned.ts';
import { driftOf } from './setting-reports.ts';

/** The making or removing of a bucket, as far as it is. */
export interface StorageWork {
  kind: 'create' | 'delete';
  /** In their order; the first without a time is under way. */
  steps: { step: string; at: number | null }[];
  /** Why that one is repeated; it goes on by itself. */
  waiting: string | null;
  /** Of a removal: what is gone so far, and about how much there was. */
  removed: number | null;
  total: number | null;
  cancellable: boolean;
  since: number;
}

export interface StorageView {
  id: StorageId;
  displayName: string;
  /** Name of the bucket at its provider; for `local` a folder of this name. */
  bucket: string;
  provider: string;
  /** Where its bucket is, as people call it; null = on this machine. */
  place: string | null;
  status: StorageRow['status'];
  failure: string | null;
  sizeBytes: number | null;
  objects: number | null;
  measuredAt: number | null;
  createdAt: number;
  storageClass: string | null;
  location: string | null;
  keepVersionsDays: number;
  /** How access is given, in a sentence of the provider. */
  access: string | null;
  settings: SettingReport[];
  settingsAt: number | null;
  /** Settings that are wanted and were found off. */
  drift: string[];
  work: StorageWork | null;
  /** null when its provider is not part of this deployment any more. */
  capabilities: BucketCapabilities | null;
  usedBy: { id: EnvironmentId; name: string; phase: Phase }[];
}

export function storageView(deps: Deps, row: StorageRow): StorageView {
  const { id, displayName, bucket, provider, status, failure, sizeBytes, objects, measuredAt, createdAt } = row;
  const { storageClass, location, keepVersionsDays, access, settings, settingsAt } = row;
  return {
    ...{ id, displayName, bucket, provider, status, failure, sizeBytes, objects, measuredAt, createdAt },
    ...{ storageClass, location, keepVersionsDays, access, settings, settingsAt },
    place: deps.storageFacts(provider).place,
    drift: driftOf(settings),
    work: workOf(row),
    capabilities: capabilitiesOf(deps, row),
    usedBy: deps.environments.usingStorage(id),
  };
}

function workOf(row: StorageRow): StorageWork | null {
  if (row.status === 'active') return null;
  const deleting = row.status === 'deleting';
  const order: readonly string[] = deleting ? DELETION_STEPS : ONBOARDING_STEPS;
  const times = new Map(row.steps.map(({ step, at }) => [step, at]));
  return {
    kind: deleting ? 'delete' : 'create',
    steps: order.map((step) => ({ step, at: times.get(step) ?? null })),
    waiting: row.waiting,
    removed: deleting ? row.removed : null,
    total: deleting && row.objects !== null ? Math.max(row.objects, row.removed) : null,
    cancellable: deleting && !times.has('access'),
    since: row.workSince ?? row.createdAt,
  };
}

function capabilitiesOf(deps: Deps, row: StorageRow): BucketCapabilities | null {
  try {
    return deps.storageOf(row.provider).bucket(row.bucket).capabilities;
  } catch {
    return null;
  }
}

export function listStorages(deps: Deps, actor: Actor): StorageView[] {
  return deps.storages.listOwned(actor.userId).map((row) => storageView(deps, row));
}

/** @throws not_found */
export function getStorage(deps: Deps, actor: Actor, id: StorageId): StorageView {
  return storageView(deps, ownedStorage(deps, actor, id));
}
