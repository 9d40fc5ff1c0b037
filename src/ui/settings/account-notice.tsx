'use client';
/** How the way to an issuer ended that was to add an account: the address says it. */
import { CircleAlert, CircleCheck } from 'lucide-react';
import { LINKING_REASONS } from '../../domain/sign-in-reason.ts';
import { useT } from '../messages/messages-provider.tsx';
import type { Outputs } from '../trpc-client.tsx';
import { useUrlState } from '../url-state.ts';

export function AccountNotice({ providers }: Pick<Outputs['identities']['list'], 'providers'>) {
  const t = useT();
  const { get } = useUrlState();
  const labelOf = (name: string | null) =>
    providers.find((provider) => provider.name === name)?.label ?? t('signIn.someIssuer');
  const reason = LINKING_REASONS.find((known) => known === get('reason'));
  if (reason) {
    const label = labelOf(get('with'));
    return (
      <div role="alert" className="flex gap-2.5 rounded-md bg-failed-soft p-3">
        <CircleAlert className="icon mt-0.5 shrink-0 text-failed" aria-hidden />
        <div className="min-w-0">
          <p className="font-semibold text-failed">{t(`settings.accounts.back.${reason}.what`, { label })}</p>
          <p className="mt-1 text-pretty text-ink">{t(`settings.accounts.back.${reason}.why`, { label })}</p>
        </div>
      </div>
    );
  }
  if (!providers.some(({ name }) => name === get('added'))) return null;
  return (
    <div role="status" className="flex gap-2.5 rounded-md bg-running-soft p-3">
      <CircleCheck className="icon mt-0.5 shrink-0 text-running" aria-hidden />
      <p>{t('settings.accounts.added', { label: labelOf(get('added')) })}</p>
    </div>
  );
}
