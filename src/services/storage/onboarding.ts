/**
 * From a record to a bucket that is ready: the bucket, each of its settings, access for its owner's programs. Every step may be
 * repeated, so a crash, a store that is busy or a lost answer only delays it.
 */
import type { StorageRow } from '../../../prisma-free-db/repositories/storages.ts';
import { toAppError } from '../../domain/errors.ts';
import type { StorageProvider } from '../../ports/storage/storage.ts';
import { BUCKET_SETTINGS } from '../../ports/storage/storage.ts';
import { record as audit, SYSTEM } from '../audit.ts';
import type { Deps } from '../deps.ts';
import {
  bucketLabels,
  openSagaRecord,
  type RowChange,
  type SagaRecord,
  type SagaTools,
  waitFor,
  withDeadline,
} from './saga.ts';
import { wantedSettings, withSetting } from './setting-reports.ts';

export const ONBOARDING_STEPS = ['bucket', ...BUCKET_SETTINGS, 'access'] as const;
type OnboardingStep = (typeof ONBOARDING_STEPS)[number];

/** @throws retryable faults of the provider; others end in the status `failed` */
export async function onboard(deps: Deps, row: StorageRow, tools: SagaTools): Promise<'settled' | 'again'> {
  const provider = deps.storageOf(row.provider);
  const saga = openSagaRecord(deps, row);
  for (const step of ONBOARDING_STEPS) {
    if (saga.isDone(step)) continue;
    try {
      if (!saga.done(step, await take(deps, { step, provider, saga }, tools))) return 'again';
    } catch (error) {
      if (tools.signal.aborted || toAppError(error).retryable) waitFor(saga, error, tools.signal);
      return fail(deps, saga, { step, error });
    }
  }
  const entry = { ownerId: row.ownerId, targetId: row.id, targetName: saga.row.displayName };
  const going = saga.write({ status: 'active', failure: null, waiting: null, workSince: null }, () =>
    audit(deps, SYSTEM, { ...entry, action: 'storage.ready' }),
  );
  wakeUsers(deps, row);
  return going ? 'settled' : 'again';
}

async function take(
  deps: Deps,
  { step, provider, saga }: { step: OnboardingStep; provider: StorageProvider; saga: SagaRecord },
  { pace, signal }: SagaTools,
): Promise<RowChange> {
  const { row } = saga;
  signal.throwIfAborted();
  if (step === 'bucket') {
    await pace.turn(row.provider, signal);
    const options = {
      labels: bucketLabels(row),
      ...(row.storageClass === null ? {} : { storageClass: row.storageClass }),
    };
    const info = await withDeadline(deps, () => provider.createBucket(row.bucket, options));
    return { storageClass: info.storageClass, location: info.location };
  }
  if (step === 'access')
    return {
      access: await withDeadline(deps, () =>
        provider.ensureBucketAccess(row.bucket, deps.workloadIdentityOf(row.ownerId)),
      ),
    };
  const state = await withDeadline(deps, () => provider.configureBucket(row.bucket, step, wantedSettings(deps, row)));
  return { settings: withSetting(row.settings, state), settingsAt: deps.now() };
}

function fail(deps: Deps, saga: SagaRecord, { step, error }: { step: string; error: unknown }): 'settled' | 'again' {
  const { row } = saga;
  const known = toAppError(error);
  deps.log.error('bucket cannot be made', {
    storageId: row.id,
    step,
    code: known.code,
    cause: String(known.cause ?? ''),
  });
  const going = saga.write({ status: 'failed', failure: known.message, waiting: null }, () =>
    audit(deps, SYSTEM, {
      ownerId: row.ownerId,
      targetId: row.id,
      targetName: row.displayName,
      action: 'storage.failed',
      result: 'failed',
      details: { step, message: known.message },
    }),
  );
  wakeUsers(deps, row);
  return going ? 'settled' : 'again';
}

/** Environments that wait for this storage. */
function wakeUsers(deps: Deps, row: StorageRow): void {
  for (const environment of deps.environments.usingStorage(row.id)) deps.wake({ environmentId: environment.id });
}
