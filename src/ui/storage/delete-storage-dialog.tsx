'use client';
/** Deletes a storage with all its files after its name was typed; while environments use it, it says which. */
import Link from 'next/link';
import { useState } from 'react';
import { environmentHref } from '../environments/environment.ts';
import { EnvironmentStatus } from '../environments/environment-status.tsx';
import { useFormat, useT } from '../messages/messages-provider.tsx';
import { Button } from '../primitives/button.tsx';
import { ConfirmDialog } from '../primitives/confirm-dialog.tsx';
import { Dialog } from '../primitives/dialog.tsx';
import { toast } from '../primitives/toast.ts';
import { shownError, trpc } from '../trpc-client.tsx';
import type { Storage } from './storage.ts';

interface DeleteStorageDialogProps {
  storage: Storage;
  onClose: () => void;
  onDeleted?: () => void;
}

export function DeleteStorageDialog(props: DeleteStorageDialogProps) {
  return props.storage.usedBy.length > 0 ? <InUse {...props} /> : <Confirm {...props} />;
}

function InUse({ storage, onClose }: DeleteStorageDialogProps) {
  const t = useT();
  return (
    <Dialog
      open
      size="sm"
      onOpenChange={onClose}
      title={t('storage.delete.title', { name: storage.displayName })}
      description={t('storage.delete.used')}
      footer={<Button onClick={onClose}>{t('action.close')}</Button>}
    >
      <ul className="rounded-md border border-line">
        {storage.usedBy.map(({ id, name, phase }) => (
          <li key={id} className="flex items-center gap-3 border-line border-b px-3 py-2 last:border-b-0">
            <Link
              href={environmentHref(id)}
              title={name}
              className="min-w-0 flex-1 truncate rounded-sm text-accent-ink underline decoration-line-strong underline-offset-2"
            >
              {name}
            </Link>
            <EnvironmentStatus
              environment={{ phase, desired: phase === 'stopping' ? 'stopped' : 'running' }}
              look="plain"
            />
          </li>
        ))}
      </ul>
    </Dialog>
  );
}

function Confirm({ storage, onClose, onDeleted }: DeleteStorageDialogProps) {
  const t = useT();
  const format = useFormat();
  const utils = trpc.useUtils();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const { id, displayName: name, objects, sizeBytes } = storage;

  async function confirm() {
    setBusy(true);
    try {
      await utils.client.storages.delete.mutate({ id, confirm: name });
    } catch (failed) {
      setError(shownError(failed).message);
      setBusy(false);
      return;
    }
    utils.storages.list.setData(undefined, (old) =>
      old?.map((one) => (one.id === id ? { ...one, status: 'deleting' as const } : one)),
    );
    toast.success(t('storage.deleted', { name }));
    onClose();
    onDeleted?.();
  }

  return (
    <ConfirmDialog
      open
      onOpenChange={onClose}
      title={t('storage.delete.title', { name })}
      action={t('storage.delete.action')}
      word={name}
      busy={busy}
      error={error}
      onConfirm={() => void confirm()}
    >
      {objects === null || sizeBytes === null
        ? t('storage.delete.losesUnknown')
        : t('storage.delete.loses', {
            objects: t('storage.delete.files', { count: objects }),
            size: format.bytes(sizeBytes),
          })}
    </ConfirmDialog>
  );
}
