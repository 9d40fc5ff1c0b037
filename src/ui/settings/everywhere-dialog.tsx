'use client';
/** Ends every session of one's own, then leads to the sign-in page. */
import { useT } from '../messages/messages-provider.tsx';
import { ConfirmDialog } from '../primitives/confirm-dialog.tsx';
import { trpc } from '../trpc-client.tsx';
import { useAttempt } from '../use-attempt.ts';

export function EverywhereDialog({ onClose }: { onClose: () => void }) {
  const t = useT();
  const { client } = trpc.useUtils();
  const { busy, error, run } = useAttempt();

  async function signOut() {
    await client.profile.signOutEverywhere.mutate();
    window.location.assign('/sign-in');
  }

  return (
    <ConfirmDialog
      open
      onOpenChange={onClose}
      title={t('settings.sessions.everywhereTitle')}
      action={t('settings.sessions.everywhereAction')}
      busy={busy}
      error={error}
      onConfirm={() => run(signOut)}
    >
      {t('settings.sessions.everywhereText')}
    </ConfirmDialog>
  );
}
