'use client';
/** Takes one of several accounts away. */
import { useState } from 'react';
import { useT } from '../messages/messages-provider.tsx';
import { ConfirmDialog } from '../primitives/confirm-dialog.tsx';
import { toast } from '../primitives/toast.ts';
import { shownError, trpc } from '../trpc-client.tsx';
import type { Account } from './account.ts';

export function RemoveAccountDialog({ account, onClose }: { account: Account; onClose: () => void }) {
  const t = useT();
  const utils = trpc.useUtils();
  const [error, setError] = useState<string | null>(null);
  const remove = trpc.identities.remove.useMutation({
    onSuccess: () => {
      // The session that it proved ended with it.
      if (account.current) return window.location.assign('/sign-in');
      toast.success(t('settings.accounts.removed'));
      void utils.identities.list.invalidate();
      onClose();
    },
    onError: (failed) => setError(shownError(failed).message),
  });
  const { issuer, subject, label, email } = account;
  return (
    <ConfirmDialog
      open
      onOpenChange={onClose}
      title={t('settings.accounts.removeTitle')}
      action={t('settings.accounts.remove')}
      busy={remove.isPending || remove.isSuccess}
      error={error}
      onConfirm={() => remove.mutate({ issuer, subject })}
    >
      {t('settings.accounts.removeText', { label, email: email || subject })}
    </ConfirmDialog>
  );
}
