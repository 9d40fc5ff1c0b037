/** After signing out here: the issuer's own session goes on, and can be ended as well. */
import { CircleCheck } from 'lucide-react';
import { translator } from '../messages/translate.ts';

export function SignedOut({ name, label }: { name: string; label: string }) {
  const t = translator();
  return (
    <div role="status" className="mt-4 flex gap-2.5 rounded-md bg-sunken p-3">
      <CircleCheck className="icon mt-0.5 shrink-0 text-running" aria-hidden />
      <p className="min-w-0 text-pretty text-ink-2">
        {t('signIn.left', { label })}{' '}
        <a
          className="rounded-sm text-accent-ink underline decoration-line-strong underline-offset-2"
          href={`/api/auth/issuer-sign-out/${name}`}
        >
          {t('signIn.leaveIssuer', { label })}
        </a>
      </p>
    </div>
  );
}
