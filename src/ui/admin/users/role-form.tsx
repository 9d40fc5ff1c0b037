'use client';
/** The role of somebody, changed with a reason. */
import { useState } from 'react';
import { ROLES } from '../../../domain/user.ts';
import { useT } from '../../messages/messages-provider.tsx';
import { Button } from '../../primitives/button.tsx';
import { RadioCards } from '../../primitives/radio-cards.tsx';
import { toast } from '../../primitives/toast.ts';
import { trpc } from '../../trpc-client.tsx';
import { isReason, ReasonField } from '../reason-field.tsx';
import { OwnQuestion } from './own-question.tsx';
import type { PersonDetail } from './people.ts';
import { usePersonChange } from './use-person-change.ts';

export function RoleForm({ person }: { person: PersonDetail }) {
  const t = useT();
  const utils = trpc.useUtils();
  const { id, name, lastAdmin } = person;
  const [role, setRole] = useState(person.role);
  const [reason, setReason] = useState('');
  const [fault, setFault] = useState(false);
  const roleWord = t(`settings.role.${role}`);
  const change = usePersonChange(person, () => toast.success(t('adminUsers.role.done', { name, role: roleWord })));
  function submit() {
    setFault(!isReason(reason));
    if (!isReason(reason) || change.busy) return;
    change.run((confirmSelf) => utils.client.admin.users.setRole.mutate({ id, role, reason, ...confirmSelf }));
  }
  return (
    <form
      noValidate
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <RadioCards
        label={t('adminUsers.role')}
        value={role}
        onChange={(next) => setRole(ROLES.find((one) => one === next) ?? role)}
        cards={ROLES.map((one) => ({
          value: one,
          title: t(`settings.role.${one}`),
          detail: t(`adminUsers.role.${one}Detail`),
          disabled: lastAdmin && one !== 'admin',
        }))}
      />
      {role === person.role ? null : (
        <>
          <ReasonField
            value={reason}
            fault={fault}
            onChange={(next) => {
              setReason(next);
              setFault(false);
              change.clearError();
            }}
          />
          <div className="flex flex-wrap items-center gap-2">
            <Button type="submit" look="primary" busy={change.busy}>
              {t('adminUsers.role.action', { role: roleWord })}
            </Button>
            <Button look="quiet" disabled={change.busy} onClick={() => setRole(person.role)}>
              {t('adminUsers.limits.discard')}
            </Button>
          </div>
        </>
      )}
      <div aria-live="polite" className="empty:hidden">
        {change.error ? <p className="text-failed text-sm">{change.error}</p> : null}
      </div>
      <OwnQuestion change={change} text={t('adminUsers.self.role')} />
    </form>
  );
}
