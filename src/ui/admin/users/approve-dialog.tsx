'use client';
/** Lets somebody in who waits, with a role and a tier. */
import { useId, useState } from 'react';
import { useT } from '../../messages/messages-provider.tsx';
import { Button } from '../../primitives/button.tsx';
import { Dialog } from '../../primitives/dialog.tsx';
import { toast } from '../../primitives/toast.ts';
import { trpc } from '../../trpc-client.tsx';
import type { PersonRow } from './people.ts';
import { type RoleAndTier, RoleTierFields } from './role-tier-fields.tsx';
import { usePersonChange } from './use-person-change.ts';

export function ApproveDialog({ person, onClose }: { person: PersonRow; onClose: () => void }) {
  const t = useT();
  const formId = useId();
  const utils = trpc.useUtils();
  const { id, name, email } = person;
  const [value, setValue] = useState<RoleAndTier>({ role: person.role, tier: person.tier });
  const change = usePersonChange(person, () => {
    toast.success(t('adminUsers.approve.done', { name }));
    onClose();
  });
  return (
    <Dialog
      open
      size="sm"
      onOpenChange={onClose}
      title={t('adminUsers.approve.title', { name })}
      description={t('adminUsers.approve.text', { email })}
      footer={
        <>
          <Button disabled={change.busy} onClick={onClose}>
            {t('action.cancel')}
          </Button>
          <Button type="submit" form={formId} look="primary" busy={change.busy}>
            {t('adminUsers.approve.action')}
          </Button>
        </>
      }
    >
      <form
        id={formId}
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          if (!change.busy) change.run(() => utils.client.admin.users.approve.mutate({ id, ...value }));
        }}
      >
        <RoleTierFields value={value} onChange={setValue} />
        {value.role === 'admin' ? <p className="text-sm text-warning">{t('adminUsers.approve.adminWarning')}</p> : null}
        <div aria-live="polite">{change.error ? <p className="text-failed text-sm">{change.error}</p> : null}</div>
      </form>
    </Dialog>
  );
}
