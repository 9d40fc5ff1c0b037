'use client';
/** Asks for a snapshot: before an upgrade or a restore it shortens the way back. */
import { Camera } from 'lucide-react';
import { useT } from '../../messages/messages-provider.tsx';
import { Button } from '../../primitives/button.tsx';
import { toast } from '../../primitives/toast.ts';
import { shownError, trpc } from '../../trpc-client.tsx';

export function SnapshotButton() {
  const t = useT();
  const utils = trpc.useUtils();
  const snapshot = trpc.admin.database.snapshot.useMutation({
    onSuccess: ({ state }) => {
      if (state === 'stored') toast.success(t('adminDatabase.take.stored'));
      else toast.info(t('adminDatabase.take.underWay'), { detail: t('adminDatabase.take.underWay.detail') });
      return utils.admin.database.status.invalidate();
    },
    onError: (error) => toast.error(shownError(error).message),
  });
  return (
    <Button icon={<Camera className="icon" aria-hidden />} busy={snapshot.isPending} onClick={() => snapshot.mutate()}>
      {t('adminDatabase.take')}
    </Button>
  );
}
