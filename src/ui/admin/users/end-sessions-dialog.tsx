'use client';
/** Signs somebody out everywhere. */
import { useT } from '../../messages/messages-provider.tsx';
import { ConfirmDialog } from '../../primitives/confirm-dialog.tsx';
import { toast } from '../../primitives/toast.ts';
import { trpc } from '../../trpc-client.tsx';
import { OwnQuestion } from './own-question.tsx';
import type { PersonDetail } from './people.ts';
import { usePersonChange } from './use-person-change.ts';

export function EndSessionsDialog({ person, onClose }: { person: PersonDetail; onClose: () => void }) {
  const t = useT();
  const utils = trpc.useUtils();
  const { id, name } = person;
  const change = usePersonChange(person, onClose);
  const endAll = async (confirmSelf: { confirmSelf?: true }) => {
    const { ended } = await utils.client.admin.users.endSessions.mutate({ id, ...confirmSelf });
    toast.success(t('adminUsers.sessions.ended', { count: ended }));
  };
  return (
    <>
      <ConfirmDialog
        open={!change.question.open}
        onOpenChange={onClose}
        title={t('adminUsers.sessions.endAllTitle', { name })}
        action={t('adminUsers.sessions.endAllAction')}
        busy={change.busy}
        error={change.error}
        onConfirm={() => change.run(endAll)}
      >
        {t('adminUsers.sessions.endAllText')}
      </ConfirmDialog>
      <OwnQuestion change={change} text={t('adminUsers.self.sessions')} />
    </>
  );
}
