'use client';
/** All kept contents of one file beside the page: to look at, to bring back, to remove for ever. */
import { History } from 'lucide-react';
import dynamic from 'next/dynamic';
import { useState } from 'react';
import { randomText, type StorageId } from '../../domain/ids.ts';
import { baseName } from '../../domain/storage.ts';
import { FailedQuery } from '../failed-query.tsx';
import { useFormat, useT } from '../messages/messages-provider.tsx';
import { Button } from '../primitives/button.tsx';
import { Drawer } from '../primitives/drawer.tsx';
import { EmptyState } from '../primitives/empty-state.tsx';
import { Loading, Skeleton } from '../primitives/skeleton.tsx';
import { toast } from '../primitives/toast.ts';
import { shownError, trpc } from '../trpc-client.tsx';
import { type FileVersion, keepsDays } from './kept-files.ts';
import { useRestore } from './use-restore.ts';
import { VersionItem } from './version-item.tsx';

const PurgeDialog = dynamic(async () => (await import('./purge-dialog.tsx')).PurgeDialog, { ssr: false });

interface VersionsPanelProps {
  storageId: StorageId;
  fileKey: string;
  open: boolean;
  onOpenChange: (open: boolean) => void;
}

export function VersionsPanel({ storageId, fileKey, open, onOpenChange }: VersionsPanelProps) {
  const t = useT();
  return (
    <Drawer open={open} onOpenChange={onOpenChange} title={t('kept.versions.title', { name: baseName(fileKey) })}>
      <Versions storageId={storageId} fileKey={fileKey} />
    </Drawer>
  );
}

function Versions({ storageId, fileKey }: { storageId: StorageId; fileKey: string }) {
  const t = useT();
  const storage = trpc.storages.list.useQuery().data?.find(({ id }) => id === storageId);
  const keepsNone = storage?.capabilities?.history === false;
  const query = trpc.files.versions.useInfiniteQuery(
    { id: storageId, key: fileKey },
    { enabled: storage !== undefined && !keepsNone, getNextPageParam: (page) => page.next, staleTime: 0 },
  );
  const [purged, setPurged] = useState<FileVersion | null>(null);
  const { restore, busy } = useBringBack(storageId, fileKey);
  const days = keepsDays(storage);
  if (keepsNone) {
    const why = storage.settings.find(({ setting }) => setting === 'versions')?.reason;
    return (
      <EmptyState icon={<History aria-hidden />} title={t('kept.none.title')}>
        {why ?? t('kept.none.text')}
      </EmptyState>
    );
  }
  if (query.isError && !query.data) {
    return (
      <FailedQuery error={query.error} what={t('kept.versions.failedWhat')} onRetry={() => void query.refetch()} />
    );
  }
  if (!query.data) {
    return (
      <Loading>
        <Skeleton className="h-56" />
      </Loading>
    );
  }
  const versions = query.data.pages.flatMap((page) => page.versions);
  const current = versions.find(({ replacedAt }) => replacedAt === null) ?? null;
  return (
    <>
      {versions.length === 0 ? (
        <EmptyState icon={<History aria-hidden />} title={t('kept.versions.empty.title')}>
          {t('kept.versions.empty.text')}
        </EmptyState>
      ) : (
        <ol aria-label={t('kept.versions.list')}>
          {versions.map((version, at) => (
            <VersionItem
              key={version.versionId}
              storageId={storageId}
              fileKey={fileKey}
              version={version}
              gone={at === 0 && current === null}
              last={at === versions.length - 1}
              busy={busy}
              onRestore={() => restore(version, current)}
              onPurge={() => setPurged(version)}
            />
          ))}
        </ol>
      )}
      {query.hasNextPage ? (
        <Button className="mt-4" busy={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
          {t('kept.versions.older')}
        </Button>
      ) : null}
      <p className="mt-6 border-line border-t pt-4 text-ink-3 text-sm">
        {days === null ? t('kept.versions.keptAlways') : t('kept.versions.keptDays', { count: days })}
      </p>
      {purged ? (
        <PurgeDialog storageId={storageId} fileKey={fileKey} version={purged} onClose={() => setPurged(null)} />
      ) : null}
    </>
  );
}

/** Bringing back can be undone: what was there before is a version, or it was not there. */
function useBringBack(storageId: StorageId, key: string) {
  const t = useT();
  const format = useFormat();
  const utils = trpc.useUtils();
  const { restore, busy } = useRestore(storageId);
  const undoTo = (before: FileVersion | null) => {
    if (before) return void restore([{ key, versionId: before.versionId }]);
    utils.client.files.delete.mutate({ id: storageId, keys: [key], clientKey: randomText(20) }).then(
      () => void utils.files.invalidate(),
      (error: unknown) => toast.error(shownError(error).message),
    );
  };
  return {
    busy,
    restore: (version: FileVersion, current: FileVersion | null) =>
      void restore([{ key, versionId: version.versionId }], {
        text: t('kept.versions.restored', { name: baseName(key), time: format.exact(version.modifiedAt) }),
        undo: { label: t('kept.undo'), onPress: () => undoTo(current) },
      }),
  };
}
