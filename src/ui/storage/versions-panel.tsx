'use client';
/** All kept contents of one file beside the page: to look at, to bring back, to remove for ever. */
import { History } from 'lucide-react';
import dynamic from 'next/dynamic';
import { useState } from 'react';
import type { StorageId } from '../../domain/ids.ts';
import { baseName } from '../../domain/storage.ts';
import { FailedQuery } from '../failed-query.tsx';
import { useFormat, useT } from '../messages/messages-provider.tsx';
import { Button } from '../primitives/button.tsx';
import { Drawer } from '../primitives/drawer.tsx';
import { EmptyState } from '../primitives/empty-state.tsx';
import { Loading, Skeleton } from '../primitives/skeleton.tsx';
import { trpc } from '../trpc-client.tsx';
import { type FileVersion, keepsDays } from './kept-files.ts';
import { type BroughtBack, useBringBack } from './use-bring-back.ts';
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
  const { restore, undo, busy, restored } = useBringBack(storageId, fileKey);
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
      <Restored restored={restored} name={baseName(fileKey)} busy={busy} onUndo={undo} />
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

interface RestoredProps {
  restored: BroughtBack | null;
  name: string;
  busy: boolean;
  onUndo: () => void;
}

/** What was done, here rather than at the edge of the screen: nothing outside of the panel can be reached while it is open. */
function Restored({ restored, name, busy, onUndo }: RestoredProps) {
  const t = useT();
  const format = useFormat();
  return (
    <div role="status">
      {restored ? (
        <div className="mb-5 flex items-center justify-between gap-3 rounded-md border border-line bg-accent-soft px-3 py-2">
          <p className="min-w-0 break-words">
            {restored.running
              ? t('kept.versions.restoring')
              : t('kept.versions.restored', { name, time: format.exact(restored.version.modifiedAt) })}
          </p>
          {restored.running ? null : (
            <Button size="sm" busy={busy} onClick={onUndo}>
              {t('kept.undo')}
            </Button>
          )}
        </div>
      ) : null}
    </div>
  );
}
