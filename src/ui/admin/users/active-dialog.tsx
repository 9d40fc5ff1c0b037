'use client';
/** Takes somebody's account away at once, or gives it back. Says what ends and what stays. */
import { useId, useState } from 'react';
import { useT } from '../../messages/messages-provider.tsx';
import { Button } from '../../primitives/button.tsx';
import { Checkbox } from '../../primitives/checkbox.tsx';
import { Dialog } from '../../primitives/dialog.tsx';
import { toast } from '../../primitives/toast.ts';
import { trpc } from '../../trpc-client.tsx';
import { isReason, ReasonField } from '../reason-field.tsx';
import { OwnQuestion } from './own-question.tsx';
import type { PersonDetail } from './people.ts';
import { usePersonChange } from './use-person-change.ts';

export function ActiveDialog({ person, onClose }: { person: PersonDetail; onClose: () => void }) {
  const t = useT();
  const formId = useId();
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
    if (!isReason(reason) || change.busy) return;
    change.run((confirmSelf) =>
      utils.client.admin.users.setActive.mutate({ id, active: !active, reason, stopEnvironments, ...confirmSelf }),
    );
  }
  return (
    <>
      <Dialog
        open={!change.question.open}
        size="sm"
        onOpenChange={() => {
          if (!change.busy) onClose();
        }}
        title={t(`adminUsers.${word}.title`, { name })}
        description={
          active ? t('adminUsers.deactivate.text', { count: sessions.length }) : t('adminUsers.activate.text')
        }
        footer={
          <>
            <Button disabled={change.busy} onClick={onClose}>
              {t('action.cancel')}
            </Button>
            <Button type="submit" form={formId} look={active ? 'danger' : 'primary'} busy={change.busy}>
              {t(`adminUsers.${word}.action`)}
            </Button>
          </>
        }
      >
        <form
          id={formId}
          noValidate
          className="flex flex-col gap-4"
          onSubmit={(event) => {
            event.preventDefault();
            submit();
          }}
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
          <div aria-live="polite">{change.error ? <p className="text-failed text-sm">{change.error}</p> : null}</div>
        </form>
      </Dialog>
      <OwnQuestion change={change} text={t('adminUsers.self.deactivate')} />
    </>
  );
}
