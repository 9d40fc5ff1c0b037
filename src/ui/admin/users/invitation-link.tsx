'use client';
/** The link of a new invitation, which nobody can read again, and how to send it. */
import { Mail, TriangleAlert } from 'lucide-react';
import { useFormat, useT } from '../../messages/messages-provider.tsx';
import { Button } from '../../primitives/button.tsx';
import { CopyButton } from '../../primitives/copyable.tsx';
import { Dialog } from '../../primitives/dialog.tsx';
import { Field } from '../../primitives/field.tsx';
import { Input } from '../../primitives/input.tsx';
import { LinkButton } from '../../primitives/link-button.tsx';
import type { Outputs } from '../../trpc-client.tsx';

interface InvitationLinkProps {
  link: Outputs['admin']['invitations']['create'];
  /** Empty: for whoever has the link. */
  email: string;
  /** It signs in by itself. */
  named: boolean;
  onClose: () => void;
}

export function InvitationLink({ link: { url, expiresAt }, email, named, onClose }: InvitationLinkProps) {
  const t = useT();
  const format = useFormat();
  const time = format.exact(expiresAt);
  const deployment = new URL(url).host;
  const mail = `mailto:${encodeURIComponent(email)}?subject=${encodeURIComponent(
    t('adminUsers.invite.mailSubject', { deployment }),
  )}&body=${encodeURIComponent(`${t('adminUsers.invite.mailBody', { deployment, time })}\n\n${url}\n`)}`;
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={t('adminUsers.invite.doneTitle')}
      description={
        email === ''
          ? t('adminUsers.invite.howOpen', { time })
          : t(named ? 'adminUsers.invite.howNamed' : 'adminUsers.invite.howFor', { email, time })
      }
      footer={
        <Button look="primary" onClick={onClose}>
          {t('adminUsers.invite.close')}
        </Button>
      }
    >
      <div className="flex flex-col gap-4">
        <Field label={t('adminUsers.invite.link')}>
          <Input readOnly mono value={url} onFocus={(event) => event.currentTarget.select()} />
        </Field>
        <div className="flex flex-wrap gap-2">
          <CopyButton text={url} label={t('adminUsers.invite.copy')} />
          <LinkButton plain size="sm" href={mail} icon={<Mail className="icon" aria-hidden />}>
            {t('adminUsers.invite.mail')}
          </LinkButton>
        </div>
        <p className="flex gap-2 text-sm text-warning">
          <TriangleAlert className="icon mt-0.5 shrink-0" aria-hidden />
          <span>{t('adminUsers.invite.once')}</span>
        </p>
      </div>
    </Dialog>
  );
}
