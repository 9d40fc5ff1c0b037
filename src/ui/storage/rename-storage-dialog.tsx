'use client';
/** Another name for a storage. */
import { isStorageName } from '../../domain/storage.ts';
import { useT } from '../messages/messages-provider.tsx';
import { trpc } from '../trpc-client.tsx';
import { NameDialog } from './name-dialog.tsx';
import type { Storage } from './storage.ts';

export function RenameStorageDialog({ storage, onClose }: { storage: Storage; onClose: () => void }) {
  const t = useT();
  const utils = trpc.useUtils();
  return (
    <NameDialog
      title={t('storage.rename.title')}
      description={t('storage.rename.text')}
      label={t('storage.name')}
      action={t('storage.rename.action')}
      initial={storage.displayName}
      maxLength={64}
      fault={(name) => (isStorageName(name) ? null : t('storage.nameFault'))}
      onSave={async (displayName) => {
        const after = await utils.client.storages.rename.mutate({ id: storage.id, displayName });
        utils.storages.list.setData(undefined, (old) => old?.map((one) => (one.id === after.id ? after : one)));
        void utils.environments.invalidate();
      }}
      onClose={onClose}
    />
  );
}
