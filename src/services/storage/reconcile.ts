/** Makes one storage record true: takes the making of its bucket, or its removal, as far as it goes. Safe to repeat after a crash. */
import type { StorageId } from '../../domain/ids.ts';
import type { Deps } from '../deps.ts';
import { removeStorage } from './deletion.ts';
import { onboard } from './onboarding.ts';
import type { SagaTools } from './saga.ts';

/** @returns `again` when the record turned elsewhere meanwhile. @throws faults of the provider; the caller backs off */
export async function reconcileStorage(deps: Deps, id: StorageId, tools: SagaTools): Promise<'settled' | 'again'> {
  const row = deps.storages.find(id);
  if (row?.status === 'creating') return onboard(deps, row, tools);
  if (row?.status === 'deleting') return removeStorage(deps, row, tools);
  return 'settled';
}
