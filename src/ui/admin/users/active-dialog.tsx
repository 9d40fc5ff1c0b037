'use client';
/** Takes somebody's account away at once, or gives it back. Says what ends and what stays. */
import { useState } from 'react';
import { useT } from '../../messages/messages-provider.tsx';
import { Checkbox } from '../../primitives/checkbox.tsx';
import { FormDialog } from '../../primitives/form-dialog.tsx';
import { toast } from '../../primitives/toast.ts';
import { trpc } from '../../trpc-client.tsx';
import { isReason, ReasonField } from '../reason-field.tsx';
import { OwnQuestion } from './own-question.tsx';
import type { PersonDetail } from './people.ts';
import { usePersonChange } from './use-person-change.ts';

export function ActiveDialog({ person, onClose }: { person: PersonDetail; onClose: () => void }) {
  const t = useT();
  const utils = trpc.useUtils();
  // What is asked about does not change under the question.
  const [{ id, name, active, sessions, environments }] = useState(person);
  const [reason, setReason] = useState('');
  const [fault, setFault] = useState(false);
  const [stopEnvironments, setStop] = useState(false);
  const word = active ? 'deactivate' : 'activate';
  const change = usePersonChange(person, () => {
    toast.success(t(`adminUsers.${word}.done`, { name }));
    onClose();
  });
  function submit() {
    setFault(!isReason(reason));
    if (!isReason(reason)) return;
    change.run((confirmSelf) =>
      utils.client.admin.users.setActive.mutate({ id, active: !active, reason, stopEnvironments, ...confirmSelf }),
    );
  }
  return (
    <>
      <FormDialog
        held
        size="sm"
        open={!change.question.open}
        title={t(`adminUsers.${word}.title`, { name })}
        description={
          active ? t('adminUsers.deactivate.text', { count: sessions.length }) : t('adminUsers.activate.text')
        }
        action={t(`adminUsers.${word}.action`)}
        look={active ? 'danger' : 'primary'}
        busy={change.busy}
        error={change.error}
        className="gap-4"
        onSubmit={submit}
        onClose={onClose}
      >
        <ReasonField
          value={reason}
          fault={fault}
          onChange={(next) => {
            setReason(next);
            setFault(false);
          }}
        />
        {active && environments.live > 0 ? (
          <Checkbox checked={stopEnvironments} onChange={setStop} hint={t('adminUsers.deactivate.stopHint')}>
            {t('adminUsers.deactivate.stop', { count: environments.live })}
          </Checkbox>
        ) : null}
      </FormDialog>
      <OwnQuestion change={change} text={t('adminUsers.self.deactivate')} />
    </>
  );
}
