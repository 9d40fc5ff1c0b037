'use client';
/** The second question before one changes one's own account. */
import { useT } from '../../messages/messages-provider.tsx';
import { ConfirmDialog } from '../../primitives/confirm-dialog.tsx';
import type { PersonChange } from './use-person-change.ts';

/** @param text what it means for oneself */
export function OwnQuestion({ change, text }: { change: PersonChange; text: string }) {
  const t = useT();
  const { question, busy } = change;
  return (
    <ConfirmDialog
      open={question.open}
      onOpenChange={question.cancel}
      title={t('adminUsers.self.title')}
      action={t('adminUsers.self.action')}
      busy={busy}
      onConfirm={question.confirm}
    >
      {text}
    </ConfirmDialog>
  );
}
