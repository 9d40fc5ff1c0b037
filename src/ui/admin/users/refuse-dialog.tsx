'use client';
/** Removes the request of somebody who waits. */
import { useT } from '../../messages/messages-provider.tsx';
import { ConfirmDialog } from '../../primitives/confirm-dialog.tsx';
import { toast } from '../../primitives/toast.ts';
import { trpc } from '../../trpc-client.tsx';
import type { PersonRow } from './people.ts';
import { usePersonChange } from './use-person-change.ts';

interface RefuseDialogProps {
  person: PersonRow;
  onClose: () => void;
  onRefused?: () => void;
}

export function RefuseDialog({ person, onClose, onRefused }: RefuseDialogProps) {
  const t = useT();
  const utils = trpc.useUtils();
  const { id, name, email } = person;
  const change = usePersonChange(person, () => {
    toast.success(t('adminUsers.refuse.done', { name }));
    onClose();
    onRefused?.();
  });
  return (
    <ConfirmDialog
      open
      onOpenChange={onClose}
      title={t('adminUsers.refuse.title', { name })}
      action={t('adminUsers.refuse.action')}
      busy={change.busy}
      error={change.error}
      onConfirm={() => change.run(() => utils.client.admin.users.refuse.mutate({ id }))}
    >
      {t('adminUsers.refuse.text', { email })}
    </ConfirmDialog>
  );
}
