'use client';
/** Removes one kept content of a file for ever, after the file's name was typed. */
import type { StorageId } from '../../domain/ids.ts';
import { baseName } from '../../domain/storage.ts';
import { useFormat, useT } from '../messages/messages-provider.tsx';
import { ConfirmDialog } from '../primitives/confirm-dialog.tsx';
import { toast } from '../primitives/toast.ts';
import { trpc } from '../trpc-client.tsx';
import { useAttempt } from '../use-attempt.ts';

interface PurgeDialogProps {
  storageId: StorageId;
  fileKey: string;
  version: { versionId: string; sizeBytes: number; modifiedAt: number };
  onClose: () => void;
}

export function PurgeDialog({ storageId, fileKey, version, onClose }: PurgeDialogProps) {
  const t = useT();
  const format = useFormat();
  const utils = trpc.useUtils();
  const { busy, error, run } = useAttempt();
  const name = baseName(fileKey);

  async function purge() {
    const { versionId } = version;
    await utils.client.files.purge.mutate({ id: storageId, key: fileKey, versionId, confirm: name });
    toast.success(t('kept.purge.done', { name }));
    void utils.files.versions.invalidate({ id: storageId, key: fileKey });
    void utils.files.deleted.invalidate({ id: storageId });
    onClose();
  }

  return (
    <ConfirmDialog
      open
      onOpenChange={onClose}
      title={t('kept.purge.title')}
      action={t('kept.purge.action')}
      word={name}
      busy={busy}
      error={error}
      onConfirm={() => run(purge)}
    >
      {t('kept.purge.text', { time: format.exact(version.modifiedAt), size: format.bytes(version.sizeBytes) })}
    </ConfirmDialog>
  );
}
