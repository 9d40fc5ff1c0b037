'use client';
/** A new way in by link: whom it is for and what they get; then the link, this once. */
import { useState } from 'react';
import { useFormat, useT } from '../../messages/messages-provider.tsx';
import { Button } from '../../primitives/button.tsx';
import { Copyable } from '../../primitives/copyable.tsx';
import { Dialog } from '../../primitives/dialog.tsx';
import { Field } from '../../primitives/field.tsx';
import { FormDialog } from '../../primitives/form-dialog.tsx';
import { Input } from '../../primitives/input.tsx';
import { Select } from '../../primitives/select.tsx';
import { type Outputs, trpc } from '../../trpc-client.tsx';
import { useAttempt } from '../../use-attempt.ts';
import { InvitationLink } from './invitation-link.tsx';
import { type RoleAndTier, RoleTierFields } from './role-tier-fields.tsx';

const DAYS = [1, 3, 7, 14, 30];
const EMAIL = /^[^\s@]{1,64}@[^\s@]{1,190}$/;

export function InviteDialog({ onClose }: { onClose: () => void }) {
  const t = useT();
  const { data: counts } = trpc.admin.users.counts.useQuery();
  const [made, setMade] = useState<{ link: Outputs['admin']['invitations']['create']; email: string } | null>(null);
  const named = counts?.invitable === 'named';
  if (made) return <InvitationLink link={made.link} email={made.email} named={named} onClose={onClose} />;
  if (counts?.invitable === 'nobody')
    return (
      <Dialog
        open
        size="sm"
        onOpenChange={onClose}
        title={t('adminUsers.invite.title')}
        description={t('adminUsers.invite.cannot')}
        footer={<Button onClick={onClose}>{t('action.close')}</Button>}
      >
        <Copyable block text="ALLOW_SHARED_ACCOUNT=yes npm start" />
      </Dialog>
    );
  return <InviteForm named={named} onClose={onClose} onMade={(link, email) => setMade({ link, email })} />;
}

interface InviteFormProps {
  /** The link signs in by itself: it needs an e-mail address. */
  named: boolean;
  onClose: () => void;
  onMade: (link: Outputs['admin']['invitations']['create'], email: string) => void;
}

function InviteForm({ named, onClose, onMade }: InviteFormProps) {
  const t = useT();
  const format = useFormat();
  const utils = trpc.useUtils();
  const [email, setEmail] = useState('');
  const [value, setValue] = useState<RoleAndTier>({ role: 'user', tier: 'basic' });
  const [days, setDays] = useState(7);
  const [fault, setFault] = useState(false);
  const { busy, error, run } = useAttempt();

  function submit() {
    const address = email.trim();
    const wrong = address === '' ? named : !EMAIL.test(address);
    setFault(wrong);
    if (wrong) return;
    run(async () => {
      const link = await utils.client.admin.invitations.create.mutate({ email: address || null, ...value, days });
      void utils.admin.invitations.list.invalidate();
      void utils.admin.users.counts.invalidate();
      onMade(link, address);
    });
  }

  return (
    <FormDialog
      title={t('adminUsers.invite.title')}
      description={t('adminUsers.invite.text')}
      action={t('adminUsers.invite.action')}
      busy={busy}
      error={error}
      className="gap-4"
      onSubmit={submit}
      onClose={onClose}
    >
      <Field
        optional={!named}
        label={t('adminUsers.invite.email')}
        hint={t(named ? 'adminUsers.invite.namedHint' : 'adminUsers.invite.emailHint')}
        error={fault ? t('adminUsers.invite.emailFault') : undefined}
      >
        <Input
          type="email"
          value={email}
          maxLength={254}
          autoComplete="off"
          spellCheck={false}
          onChange={(event) => {
            setEmail(event.target.value);
            setFault(false);
          }}
        />
      </Field>
      <RoleTierFields value={value} onChange={setValue} />
      {value.role === 'admin' ? <p className="text-sm text-warning">{t('adminUsers.invite.adminWarning')}</p> : null}
      <Field label={t('adminUsers.invite.days')} className="sm:max-w-[50%] sm:pr-2">
        <Select
          value={String(days)}
          onChange={(next) => setDays(Number(next))}
          options={DAYS.map((count) => ({
            value: String(count),
            label: t('adminUsers.invite.daysOf', { count }),
            hint: format.exact(Date.now() + count * 86_400_000),
          }))}
        />
      </Field>
    </FormDialog>
  );
}
