'use client';
/** Takes an invitation back, or one that has expired off the list. */
import { useT } from '../../messages/messages-provider.tsx';
import { ConfirmDialog } from '../../primitives/confirm-dialog.tsx';
import { toast } from '../../primitives/toast.ts';
import { trpc } from '../../trpc-client.tsx';
import { useAttempt } from '../../use-attempt.ts';
import type { Invitation } from './people.ts';

export function RevokeDialog({ invitation, onClose }: { invitation: Invitation; onClose: () => void }) {
  const t = useT();
  const utils = trpc.useUtils();
  const { busy, error, run } = useAttempt();
  const { id, email } = invitation;

  async function revoke() {
    await utils.client.admin.invitations.revoke.mutate({ id });
    await utils.admin.invitations.list.invalidate();
    void utils.admin.users.counts.invalidate();
    toast.success(t('adminUsers.invitations.revoked'));
    onClose();
  }

  return (
    <ConfirmDialog
      open
      onOpenChange={onClose}
      title={t('adminUsers.invitations.revokeTitle')}
      action={t('adminUsers.invitations.revokeAction')}
      busy={busy}
      error={error}
      onConfirm={() => run(revoke)}
    >
      {t('adminUsers.invitations.revokeText', { whom: email ?? t('adminUsers.invitations.anybody') })}
    </ConfirmDialog>
  );
}
