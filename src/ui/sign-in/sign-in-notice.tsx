/** Why the last attempt did not sign in, and what to do now. */
import { CircleAlert, Clock3 } from 'lucide-react';
import type { SignInReason } from '../../domain/sign-in-reason.ts';
import { translator } from '../messages/translate.ts';

interface SignInNoticeProps {
  reason: SignInReason;
  /** Of the provider; null when it is not known. */
  label: string | null;
  contact: string | null;
}

/** Somebody here can change it. */
const ASK: ReadonlySet<SignInReason> = new Set<SignInReason>([
  'deactivated',
  'awaiting',
  'not_listed',
  'uninvited',
  'wrong_invitation',
  'wrong_account',
]);

export function SignInNotice({ reason, label, contact }: SignInNoticeProps) {
  const t = translator();
  const provider = { label: label ?? t('signIn.someIssuer') };
  const waits = reason === 'awaiting';
  const Icon = waits ? Clock3 : CircleAlert;
  return (
    <div role="alert" className={`mt-4 flex gap-2.5 rounded-md p-3 ${waits ? 'bg-pending-soft' : 'bg-failed-soft'}`}>
      <Icon className={`icon mt-0.5 shrink-0 ${waits ? 'text-pending' : 'text-failed'}`} aria-hidden />
      <div className="min-w-0">
        <p className={`font-semibold ${waits ? 'text-pending' : 'text-failed'}`}>
          {t(`signIn.back.${reason}.what`, provider)}
        </p>
        <p className="mt-1 text-pretty text-ink">{t(`signIn.back.${reason}.why`, provider)}</p>
        {ASK.has(reason) ? (
          <p className="mt-1 break-words text-ink">
            {contact === null ? (
              t('signIn.askAdministrator')
            ) : (
              <>
                {t('signIn.ask')}{' '}
                <a
                  className="rounded-sm text-accent-ink underline decoration-line-strong underline-offset-2"
                  href={contact.includes('://') ? contact : `mailto:${contact}`}
                  rel="noreferrer"
                >
                  {contact.replace(/^https:\/\//, '')}
                </a>
              </>
            )}
          </p>
        ) : null}
      </div>
    </div>
  );
}
