'use client';
/** Deletes one kept file. */
import { useT } from '../messages/messages-provider.tsx';
import { ConfirmDialog } from '../primitives/confirm-dialog.tsx';
import { toast } from '../primitives/toast.ts';
import { trpc } from '../trpc-client.tsx';
import { useAttempt } from '../use-attempt.ts';
import type { SecretFile } from './secret-file.ts';

export function DeleteFileDialog({ file, onClose }: { file: SecretFile; onClose: () => void }) {
  const t = useT();
  const utils = trpc.useUtils();
  const { busy, error, run } = useAttempt();
  const { id, path } = file;

  async function remove() {
    await utils.client.secrets.files.delete.mutate({ id });
    utils.secrets.files.list.setData(undefined, (old) => old?.filter((one) => one.id !== id));
    void utils.secrets.outdated.invalidate();
    toast.success(t('secrets.files.deleted', { path }));
    onClose();
  }

  return (
    <ConfirmDialog
      open
      onOpenChange={onClose}
      title={t('secrets.files.deleteTitle', { path })}
      action={t('secrets.files.deleteAction')}
      busy={busy}
      error={error}
      onConfirm={() => run(remove)}
    >
      {t('secrets.files.deleteText')}
    </ConfirmDialog>
  );
}
