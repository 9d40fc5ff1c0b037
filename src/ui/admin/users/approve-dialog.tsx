'use client';
/** Lets somebody in who waits, with a role and a tier. */
import { useState } from 'react';
import { useT } from '../../messages/messages-provider.tsx';
import { FormDialog } from '../../primitives/form-dialog.tsx';
import { toast } from '../../primitives/toast.ts';
import { trpc } from '../../trpc-client.tsx';
import type { PersonRow } from './people.ts';
import { type RoleAndTier, RoleTierFields } from './role-tier-fields.tsx';
import { usePersonChange } from './use-person-change.ts';

export function ApproveDialog({ person, onClose }: { person: PersonRow; onClose: () => void }) {
  const t = useT();
  const utils = trpc.useUtils();
  const { id, name, email } = person;
  const [value, setValue] = useState<RoleAndTier>({ role: person.role, tier: person.tier });
  const change = usePersonChange(person, () => {
    toast.success(t('adminUsers.approve.done', { name }));
    onClose();
  });
  return (
    <FormDialog
      held
      size="sm"
      title={t('adminUsers.approve.title', { name })}
      description={t('adminUsers.approve.text', { email })}
      action={t('adminUsers.approve.action')}
      busy={change.busy}
      error={change.error}
      className="gap-4"
      onSubmit={() => change.run(() => utils.client.admin.users.approve.mutate({ id, ...value }))}
      onClose={onClose}
    >
      <RoleTierFields value={value} onChange={setValue} />
      {value.role === 'admin' ? <p className="text-sm text-warning">{t('adminUsers.approve.adminWarning')}</p> : null}
    </FormDialog>
  );
}
