'use client';
/** Ends every session of one's own, then leads to the sign-in page. */
import { useState } from 'react';
import { useT } from '../messages/messages-provider.tsx';
import { ConfirmDialog } from '../primitives/confirm-dialog.tsx';
import { shownError, trpc } from '../trpc-client.tsx';

export function EverywhereDialog({ onClose }: { onClose: () => void }) {
  const t = useT();
  const [error, setError] = useState<string | null>(null);
  const end = trpc.profile.signOutEverywhere.useMutation({
    onSuccess: () => window.location.assign('/sign-in'),
    onError: (failed) => setError(shownError(failed).message),
  });
  return (
    <ConfirmDialog
      open
      onOpenChange={onClose}
      title={t('settings.sessions.everywhereTitle')}
      action={t('settings.sessions.everywhereAction')}
      busy={end.isPending || end.isSuccess}
      error={error}
      onConfirm={() => end.mutate()}
    >
      {t('settings.sessions.everywhereText')}
    </ConfirmDialog>
  );
}
