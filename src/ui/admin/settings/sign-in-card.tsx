'use client';
/** How people come in, for reading: each line names the variable that settles it. */
import type { ReactNode } from 'react';
import { FailedQuery } from '../../failed-query.tsx';
import { useFormat, useT } from '../../messages/messages-provider.tsx';
import { Card } from '../../primitives/card.tsx';
import { Loading, Skeleton } from '../../primitives/skeleton.tsx';
import { type Outputs, trpc } from '../../trpc-client.tsx';

export function SignInCard() {
  const t = useT();
  const facts = trpc.admin.settings.signIn.useQuery();
  return (
    <Card title={t('adminSettings.signIn')}>
      <p className="mb-3 text-ink-2 text-sm">{t('adminSettings.signIn.text')}</p>
      {facts.data ? (
        <Facts facts={facts.data} />
      ) : facts.isError ? (
        <FailedQuery
          error={facts.error}
          what={t('adminSettings.signIn.failedWhat')}
          onRetry={() => void facts.refetch()}
        />
      ) : (
        <Loading>
          <Skeleton className="h-[456px] sm:h-[296px]" />
        </Loading>
      )}
    </Card>
  );
}

function Facts({ facts }: { facts: Outputs['admin']['settings']['signIn'] }) {
  const t = useT();
  const format = useFormat();
  const { providers, allowedDomains, allowedEmails, adminEmails, contact } = facts;
  const count = (entries: number, none: string) => (entries > 0 ? format.number(entries) : none);
  return (
    <dl>
      <Fact name={t('adminSettings.signIn.providers')} variable="AUTH_PROVIDER">
        {providers.join(', ')}
      </Fact>
      <Fact name={t('adminSettings.signIn.signUp')} variable="SIGN_UP">
        {t(`adminSettings.signIn.signUp.${facts.signUp}`)}
      </Fact>
      <Fact name={t('adminSettings.signIn.domains')} variable="ALLOWED_EMAIL_DOMAINS">
        {count(allowedDomains, t('adminSettings.signIn.anyone'))}
      </Fact>
      <Fact name={t('adminSettings.signIn.emails')} variable="ALLOWED_EMAILS">
        {count(allowedEmails, t('adminSettings.signIn.anyone'))}
      </Fact>
      <Fact name={t('adminSettings.signIn.admins')} variable="ADMIN_EMAILS">
        {count(adminEmails, t('adminSettings.signIn.none'))}
      </Fact>
      <Fact name={t('adminSettings.signIn.contact')} variable="CONTACT">
        {contact ?? t('adminSettings.signIn.noContact')}
      </Fact>
      <Fact name={t('adminSettings.signIn.session')} variable="SESSION_HOURS">
        {format.duration(facts.sessionTtlMs)}
      </Fact>
      <Fact name={t('adminSettings.signIn.idle')} variable="SESSION_IDLE_HOURS">
        {format.duration(facts.sessionIdleMs)}
      </Fact>
    </dl>
  );
}

function Fact({ name, variable, children }: { name: string; variable: string; children: ReactNode }) {
  return (
    <div className="grid grid-cols-2 items-baseline gap-x-4 border-line border-t py-2 sm:grid-cols-[220px_minmax(0,1fr)_auto]">
      <dt className="text-ink-2">{name}</dt>
      <dd className="min-w-0 break-words">{children}</dd>
      <dd className="col-span-2 font-mono text-ink-3 text-xs sm:col-span-1">{variable}</dd>
    </div>
  );
}
