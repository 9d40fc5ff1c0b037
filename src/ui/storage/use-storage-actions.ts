'use client';
/** What can be done about a storage that is not as it should be: try again, keep it after all, put its settings right. */
import { useState } from 'react';
import { useT } from '../messages/messages-provider.tsx';
import { toast } from '../primitives/toast.ts';
import { shownError, trpc } from '../trpc-client.tsx';
import { settingNames } from './setting-names.ts';
import type { Storage } from './storage.ts';

type Action = 'retry' | 'keep' | 'repair';

export function useStorageActions({ id, displayName: name }: Pick<Storage, 'id' | 'displayName'>) {
  const t = useT();
  const utils = trpc.useUtils();
  const [busy, setBusy] = useState<Action | null>(null);

  async function run(action: Action, call: () => Promise<Storage>, tell: (after: Storage) => void): Promise<void> {
    setBusy(action);
    try {
      const after = await call();
      utils.storages.list.setData(undefined, (old) => old?.map((one) => (one.id === id ? after : one)));
      tell(after);
    } catch (error) {
      toast.error(shownError(error).message);
      void utils.storages.list.invalidate();
    } finally {
      setBusy(null);
    }
  }

  const { storages } = utils.client;
  return {
    busy,
    retry: () =>
      void run(
        'retry',
        () => storages.retry.mutate({ id }),
        () => toast.info(t('storages.retrying', { name })),
      ),
    keep: () =>
      void run(
        'keep',
        () => storages.cancelDelete.mutate({ id }),
        () => toast.success(t('storages.kept', { name })),
      ),
    repair: () =>
      void run(
        'repair',
        () => storages.repair.mutate({ id }),
        ({ drift }) => {
          if (drift.length === 0) toast.success(t('storages.drift.repaired'));
          else toast.error(t('storages.drift.remains', { settings: settingNames(t, drift) }));
        },
      ),
  };
}
