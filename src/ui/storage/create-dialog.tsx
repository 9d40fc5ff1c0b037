'use client';
/** A new storage. */
import { isStorageName } from '../../domain/storage.ts';
import { useT } from '../messages/messages-provider.tsx';
import { toast } from '../primitives/toast.ts';
import { trpc } from '../trpc-client.tsx';
import { NameDialog } from './name-dialog.tsx';

export function CreateDialog({ onClose }: { onClose: () => void }) {
  const t = useT();
  const utils = trpc.useUtils();
  return (
    <NameDialog
      title={t('storage.create.title')}
      description={t('storage.create.text')}
      label={t('storage.name')}
      action={t('storage.create.action')}
      placeholder={t('storage.create.placeholder')}
      maxLength={64}
      fault={(name) => (isStorageName(name) ? null : t('storage.nameFault'))}
      onSave={async (displayName) => {
        const made = await utils.client.storages.create.mutate({ displayName });
        utils.storages.list.setData(undefined, (old) => old && [...old.filter(({ id }) => id !== made.id), made]);
        toast.success(t('storage.created', { name: displayName }));
      }}
      onClose={onClose}
    />
  );
}
