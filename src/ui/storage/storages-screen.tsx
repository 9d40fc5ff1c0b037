'use client';
/** One's own storages: where files outlive environments. */
import { HardDrive, Plus } from 'lucide-react';
import dynamic from 'next/dynamic';
import Link from 'next/link';
import { FailedQuery } from '../failed-query.tsx';
import { useT } from '../messages/messages-provider.tsx';
import { Button } from '../primitives/button.tsx';
import { EmptyState } from '../primitives/empty-state.tsx';
import { FROM_SM, useMediaQuery } from '../primitives/media.ts';
import { Page } from '../shell/page.tsx';
import { trpc } from '../trpc-client.tsx';
import { useUrlState } from '../url-state.ts';
import { StorageCard } from './storage-card.tsx';
import { StoragesTable } from './storages-table.tsx';

const CreateDialog = dynamic(async () => (await import('./create-dialog.tsx')).CreateDialog, { ssr: false });

export function StoragesScreen() {
  const t = useT();
  const { get, set } = useUrlState();
  const wide = useMediaQuery(FROM_SM);
  const query = trpc.storages.list.useQuery();
  // Read with the list, so that the dialog opens whole.
  trpc.storages.options.useQuery(undefined, { staleTime: Number.POSITIVE_INFINITY });
  const rows = query.data ?? [];
  const none = query.isSuccess && rows.length === 0;
  const create = (look: 'primary' | 'secondary') => (
    <Button look={look} icon={<Plus className="icon" aria-hidden />} onClick={() => set({ new: '1' }, 'push')}>
      {t('storage.new')}
    </Button>
  );
  return (
    <Page wide title={t('storage.title')} description={t('storage.intro')} actions={none ? null : create('primary')}>
      {query.isError && !query.data ? (
        <FailedQuery error={query.error} what={t('storage.failedWhat')} onRetry={() => void query.refetch()} />
      ) : none ? (
        <EmptyState
          icon={<HardDrive aria-hidden />}
          title={t('storage.empty.title')}
          action={create('primary')}
          help={
            <Link href="/help/files" className="text-accent-ink underline underline-offset-2">
              {t('storage.help.files')}
            </Link>
          }
        >
          {t('storage.empty.text')}
        </EmptyState>
      ) : wide ? (
        <StoragesTable rows={rows} loading={query.isPending} />
      ) : (
        <ul className="flex flex-col gap-3">
          {rows.map((storage) => (
            <StorageCard key={storage.id} storage={storage} />
          ))}
        </ul>
      )}
      {get('new') === '1' ? <CreateDialog onClose={() => set({ new: null })} /> : null}
    </Page>
  );
}
