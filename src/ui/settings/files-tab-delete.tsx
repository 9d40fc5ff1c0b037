'use client';
/** Deletes one kept file. */
import { useState } from 'react';
import { useT } from '../messages/messages-provider.tsx';
import { ConfirmDialog } from '../primitives/confirm-dialog.tsx';
import { toast } from '../primitives/toast.ts';
import { shownError, trpc } from '../trpc-client.tsx';
import type { SecretFile } from './secret-file.ts';

export function DeleteFileDialog({ file, onClose }: { file: SecretFile; onClose: () => void }) {
  const t = useT();
  const utils = trpc.useUtils();
  const [error, setError] = useState<string | null>(null);
  const { id, path } = file;
  const remove = trpc.secrets.files.delete.useMutation({
    onSuccess: () => {
      utils.secrets.files.list.setData(undefined, (old) => old?.filter((one) => one.id !== id));
      void utils.secrets.outdated.invalidate();
      toast.success(t('secrets.files.deleted', { path }));
      onClose();
    },
    onError: (failed) => setError(shownError(failed).message),
  });
  return (
    <ConfirmDialog
      open
      onOpenChange={onClose}
      title={t('secrets.files.deleteTitle', { path })}
      action={t('secrets.files.deleteAction')}
      busy={remove.isPending}
      error={error}
      onConfirm={() => remove.mutate({ id })}
    >
      {t('secrets.files.deleteText')}
    </ConfirmDialog>
  );
}
