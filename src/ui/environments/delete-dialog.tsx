'use client';
/** Deletes one environment after its name was typed. Says what is lost and what stays. */
import { useState } from 'react';
import { useT } from '../messages/messages-provider.tsx';
import { ConfirmDialog } from '../primitives/confirm-dialog.tsx';
import type { Environment } from './environment.ts';
import { useEnvironmentActions } from './use-environment-actions.ts';

interface DeleteDialogProps {
  environment: Environment;
  onClose: () => void;
  onDeleted?: () => void;
}

export function DeleteDialog({ environment, onClose, onDeleted }: DeleteDialogProps) {
  const t = useT();
  const { remove } = useEnvironmentActions();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const { name, storage } = environment;

  async function confirm() {
    setBusy(true);
    const failed = await remove(environment);
    setBusy(false);
    if (failed) return setError(failed.message);
    onClose();
    onDeleted?.();
  }

  return (
    <ConfirmDialog
      open
      onOpenChange={onClose}
      title={t('environments.deleteDialog.title', { name })}
      action={t('environments.deleteDialog.action')}
      word={name}
      busy={busy}
      error={error}
      onConfirm={() => void confirm()}
    >
      <p>{t('environments.deleteDialog.loses')}</p>
      {storage ? (
        <p className="mt-2 text-ink">{t('environments.deleteDialog.stays', { storage: storage.displayName })}</p>
      ) : null}
    </ConfirmDialog>
  );
}
