'use client';
import dynamic from 'next/dynamic';
/** The accounts that lead to oneself: which, since when, one more or one less. */
import { useState } from 'react';
import { FailedQuery } from '../failed-query.tsx';
import { useT } from '../messages/messages-provider.tsx';
import { Card } from '../primitives/card.tsx';
import { Loading, Skeleton } from '../primitives/skeleton.tsx';
import { trpc } from '../trpc-client.tsx';
import type { Account } from './account.ts';
import { AccountNotice } from './account-notice.tsx';
import { AccountRow } from './account-row.tsx';
import { AddAccount } from './add-account.tsx';

const RemoveDialog = dynamic(async () => (await import('./remove-account-dialog.tsx')).RemoveAccountDialog, {
  ssr: false,
});

export function AccountsTab() {
  const t = useT();
  const query = trpc.identities.list.useQuery(undefined, { staleTime: 0, refetchOnWindowFocus: 'always' });
  const [asked, setAsked] = useState<Account | null>(null);
  if (query.isError && !query.data) {
    return (
      <FailedQuery error={query.error} what={t('settings.accounts.failedWhat')} onRetry={() => void query.refetch()} />
    );
  }
  const { data } = query;
  return (
    <>
      {data ? <AccountNotice providers={data.providers} /> : null}
      <Card flush title={t('settings.accounts.title')}>
        <p className="px-4 text-pretty text-ink-2">{t('settings.accounts.text')}</p>
        {data ? (
          <ul className="mt-3 border-line border-t">
            {data.identities.map((account) => (
              <AccountRow
                key={`${account.issuer} ${account.subject}`}
                account={account}
                only={data.identities.length === 1}
                mark={data.providers.find(({ label }) => label === account.label)?.mark ?? null}
                onRemove={data.fresh ? () => setAsked(account) : null}
              />
            ))}
          </ul>
        ) : (
          <Loading className="mt-3 border-line border-t px-4 py-3">
            <Skeleton className="h-5 w-48" />
            <Skeleton className="mt-1 h-4 w-72" />
          </Loading>
        )}
      </Card>
      {data && (data.providers.length > 0 || data.identities.length > 1) ? (
        <AddAccount providers={data.providers} fresh={data.fresh} current={data.current} />
      ) : null}
      {asked ? <RemoveDialog account={asked} onClose={() => setAsked(null)} /> : null}
    </>
  );
}
