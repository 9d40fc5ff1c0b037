'use client';
/** The files of one storage: a plain folder, whoever writes into it, a person here or an environment in its workspace. */
import { HardDrive } from 'lucide-react';
import dynamic from 'next/dynamic';
import { useRouter } from 'next/navigation';
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
import type { Storage } from './storage.ts';
import { StorageMenu } from './storage-menu.tsx';

const loadManager = () => import('./file-manager.tsx');
const FileManager = dynamic(async () => (await loadManager()).FileManager, {
  ssr: false,
  loading: () => <Placeholder />,
});

export function FilesScreen({ id }: { id: string }) {
  const t = useT();
  usePreload(loadManager);
  const query = trpc.storages.list.useQuery();
  const storage = query.data?.find((one) => one.id === id);
  usePageCrumbs(storage ? [{ label: storage.displayName }] : []);
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
  if (!query.data) return <Placeholder />;
  if (!storage) {
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
  if (storage.status === 'active') return <FileManager storage={storage} />;
  return <NotReady storage={storage} />;
}

function Placeholder() {
  return (
    <Page wide title={<Skeleton className="h-7 w-48" />}>
      <Loading>
        <Skeleton className="mb-3 h-8 w-72" />
        <Skeleton className="h-96 rounded-lg" />
      </Loading>
    </Page>
  );
}

function NotReady({ storage }: { storage: Storage }) {
  const t = useT();
  const router = useRouter();
  const { status, failure } = storage;
  const title =
    status === 'creating'
      ? t('storage.files.creating.title')
      : status === 'deleting'
        ? t('storage.files.deleting.title')
        : t('storage.files.failed.title');
  const text =
    status === 'creating'
      ? t('storage.files.creating.text')
      : status === 'deleting'
        ? t('storage.files.deleting.text')
        : failure;
  return (
    <Page
      wide
      title={storage.displayName}
      actions={<StorageMenu own storage={storage} onDeleted={() => router.push('/storage')} />}
    >
      <EmptyState icon={<HardDrive aria-hidden />} title={title}>
        {text}
      </EmptyState>
    </Page>
  );
}
