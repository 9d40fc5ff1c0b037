'use client';
/** One storage: its files, a plain folder, whoever writes into it, a person here or an environment; its use; what it is. */
import { HardDrive } from 'lucide-react';
import dynamic from 'next/dynamic';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { FailedQuery } from '../failed-query.tsx';
import { useT } from '../messages/messages-provider.tsx';
import { usePreload } from '../preload.ts';
import { EmptyState } from '../primitives/empty-state.tsx';
import { ErrorState } from '../primitives/error-state.tsx';
import { LinkButton } from '../primitives/link-button.tsx';
import { Loading, Skeleton } from '../primitives/skeleton.tsx';
import { usePageCrumbs } from '../shell/crumbs.tsx';
import { Page } from '../shell/page.tsx';
import { trpc } from '../trpc-client.tsx';
import { useUrlState } from '../url-state.ts';
import { type Storage, storageHref } from './storage.ts';
import { StoragePart } from './storage-part.tsx';
import { STORAGE_TABS, type StorageTab, StorageTabs } from './storage-tabs.tsx';

const loadManager = () => import('./file-manager.tsx');
const FileManager = dynamic(async () => (await loadManager()).FileManager, {
  ssr: false,
  loading: () => <Placeholder tab="files" />,
});
const UsageTab = dynamic(async () => (await import('./usage-tab.tsx')).UsageTab, { ssr: false });
const AboutTab = dynamic(async () => (await import('./about-tab.tsx')).AboutTab, { ssr: false });
const StorageProgress = dynamic(async () => (await import('./storage-progress.tsx')).StorageProgress, { ssr: false });
const DriftBanner = dynamic(async () => (await import('./drift-banner.tsx')).DriftBanner, { ssr: false });

export function FilesScreen({ id }: { id: string }) {
  const t = useT();
  usePreload(loadManager);
  const { get } = useUrlState();
  const tab = STORAGE_TABS.find((known) => known === get('tab')) ?? 'files';
  const query = trpc.storages.list.useQuery();
  const storage = query.data?.find((one) => one.id === id);
  const deleted = useDeletedName(storage);
  const name = storage?.displayName ?? '';
  usePageCrumbs(
    !storage
      ? []
      : tab === 'files'
        ? [{ label: name }]
        : [{ label: name, href: storageHref(id) }, { label: t(`storages.tab.${tab}`) }],
  );
  const back = <LinkButton href="/storage">{t('storage.files.back')}</LinkButton>;
  if (query.isError && !query.data) {
    return (
      <FailedQuery
        size="page"
        error={query.error}
        what={t('storage.failedWhat')}
        onRetry={() => void query.refetch()}
        actions={back}
      />
    );
  }
  if (query.data && !storage) {
    if (deleted !== null) {
      return (
        <EmptyState icon={<HardDrive aria-hidden />} title={t('storages.gone.title', { name: deleted })} action={back}>
          {t('storages.gone.text')}
        </EmptyState>
      );
    }
    return (
      <ErrorState
        size="page"
        heading="h1"
        what={t('storage.files.gone.what')}
        why={t('error.notFound.why')}
        actions={back}
      />
    );
  }
  return storage ? <Part tab={tab} storage={storage} /> : <Placeholder tab={tab} />;
}

function Part({ tab, storage }: { tab: StorageTab; storage: Storage }) {
  const router = useRouter();
  const tabs = (
    <>
      <StorageTabs current={tab} />
      {storage.drift.length > 0 && storage.status === 'active' ? <DriftBanner storage={storage} /> : null}
    </>
  );
  if (tab === 'files' && storage.status === 'active') return <FileManager storage={storage} tabs={tabs} />;
  return (
    <StoragePart storage={storage} tabs={tabs}>
      {tab === 'usage' ? (
        <UsageTab storage={storage} />
      ) : tab === 'about' ? (
        <AboutTab storage={storage} onDeleted={() => router.push('/storage')} />
      ) : (
        <StorageProgress storage={storage} />
      )}
    </StoragePart>
  );
}

/** Who watches a storage being deleted is told when it is gone, not that it never was. */
function useDeletedName(storage: Storage | undefined): string | null {
  const [name, setName] = useState<string | null>(null);
  const next = storage ? (storage.status === 'deleting' ? storage.displayName : null) : name;
  if (next !== name) setName(next);
  return next;
}

function Placeholder({ tab }: { tab: StorageTab }) {
  return (
    <Page wide tabs={<StorageTabs current={tab} />} title={<Skeleton className="h-7 w-48" />}>
      <Loading>
        <Skeleton className="mb-3 h-8 w-72" />
        <Skeleton className="h-96 rounded-lg" />
      </Loading>
    </Page>
  );
}
