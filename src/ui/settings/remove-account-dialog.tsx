'use client';
/** Takes one of several accounts away. */
import { useT } from '../messages/messages-provider.tsx';
import { ConfirmDialog } from '../primitives/confirm-dialog.tsx';
import { toast } from '../primitives/toast.ts';
import { trpc } from '../trpc-client.tsx';
import { useAttempt } from '../use-attempt.ts';
import type { Account } from './account.ts';

export function RemoveAccountDialog({ account, onClose }: { account: Account; onClose: () => void }) {
  const t = useT();
  const utils = trpc.useUtils();
  const { busy, error, run } = useAttempt();
  const { issuer, subject, label, email } = account;

  async function remove() {
    await utils.client.identities.remove.mutate({ issuer, subject });
    // The session that it proved ended with it.
    if (account.current) return window.location.assign('/sign-in');
    toast.success(t('settings.accounts.removed'));
    void utils.identities.list.invalidate();
    onClose();
  }

  return (
    <ConfirmDialog
      open
      onOpenChange={onClose}
      title={t('settings.accounts.removeTitle')}
      action={t('settings.accounts.remove')}
      busy={busy}
      error={error}
      onConfirm={() => run(remove)}
    >
      {t('settings.accounts.removeText', { label, email: email || subject })}
    </ConfirmDialog>
  );
}
