'use client';
/** Files below a folder that were deleted but are kept: to bring back, one, some or a whole folder, or to remove for ever. */
import { Trash2, Undo2 } from 'lucide-react';
import dynamic from 'next/dynamic';
import { useCallback, useState } from 'react';
import type { StorageId } from '../../domain/ids.ts';
import { baseName } from '../../domain/storage.ts';
import { FailedQuery } from '../failed-query.tsx';
import { useT } from '../messages/messages-provider.tsx';
import { Button } from '../primitives/button.tsx';
import { EmptyState } from '../primitives/empty-state.tsx';
import { Table } from '../primitives/table.tsx';
import type { Sort } from '../primitives/table-types.ts';
import { trpc } from '../trpc-client.tsx';
import { type DeletedFile, keepsDays } from './kept-files.ts';
import { useDeleted } from './use-deleted.ts';
import { useDeletedColumns } from './use-deleted-columns.tsx';
import { type RestoreItem, useRestore } from './use-restore.ts';

const PurgeDialog = dynamic(async () => (await import('./purge-dialog.tsx')).PurgeDialog, { ssr: false });
const VersionsPanel = dynamic(async () => (await import('./versions-panel.tsx')).VersionsPanel, { ssr: false });

const LATEST_FIRST: Sort = { id: 'deleted', desc: true };

interface DeletedFilesProps {
  storageId: StorageId;
  /** Empty or ending in a slash. */
  folder: string;
}

export function DeletedFiles(props: DeletedFilesProps) {
  const t = useT();
  const storages = trpc.storages.list.useQuery();
  const storage = storages.data?.find(({ id }) => id === props.storageId);
  if (storage?.capabilities?.history === false) {
    return (
      <EmptyState icon={<Trash2 aria-hidden />} title={t('kept.none.title')}>
        {storage.settings.find(({ setting }) => setting === 'versions')?.reason ?? t('kept.none.text')}
      </EmptyState>
    );
  }
  return <DeletedList key={props.folder} {...props} keptDays={keepsDays(storage)} />;
}

function DeletedList({ storageId, folder, keptDays }: DeletedFilesProps & { keptDays: number | null }) {
  const t = useT();
  const list = useDeleted(storageId, folder, true);
  const { restore, busy } = useRestore(storageId);
  const [sort, setSort] = useState<Sort>(LATEST_FIRST);
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const [asked, setAsked] = useState<{ kind: 'versions' | 'purge'; file: DeletedFile } | null>(null);
  const bringBack = useCallback(
    (items: readonly RestoreItem[]) => {
      void restore(items).then((ordered) => ordered && setSelected(new Set()));
    },
    [restore],
  );
  const columns = useDeletedColumns({
    folder,
    keptDays,
    onRestore: bringBack,
    onVersions: useCallback((file: DeletedFile) => setAsked({ kind: 'versions', file }), []),
    onPurge: useCallback((file: DeletedFile) => setAsked({ kind: 'purge', file }), []),
  });
  const chosen = list.entries.filter(({ key }) => selected.has(key));
  if (list.error && list.entries.length === 0) {
    return <FailedQuery error={list.error} what={t('kept.deleted.failedWhat')} onRetry={list.again} />;
  }
  return (
    <section aria-label={t('kept.deleted.title')}>
      <div className="flex min-h-8 flex-wrap items-center justify-between gap-x-4 gap-y-2 pb-3">
        <p className="text-ink-2">
          {keptDays === null ? t('kept.deleted.keptAlways') : t('kept.deleted.keptDays', { count: keptDays })}
        </p>
        {chosen.length > 0 ? (
          <Button
            look="primary"
            size="sm"
            busy={busy}
            icon={<Undo2 className="icon" aria-hidden />}
            onClick={() => bringBack(chosen.map(({ key, versionId }) => ({ key, versionId })))}
          >
            {t('kept.restoreChosen', { count: chosen.length })}
          </Button>
        ) : folder !== '' && list.entries.length > 0 ? (
          <Button
            size="sm"
            busy={busy}
            icon={<Undo2 className="icon" aria-hidden />}
            onClick={() => bringBack([{ key: folder, versionId: null }])}
          >
            {t('kept.restoreFolder', { folder: baseName(folder) })}
          </Button>
        ) : null}
      </div>
      <div className="min-w-0 overflow-hidden rounded-lg border border-line bg-surface">
        <Table
          label={t('kept.deleted.title')}
          columns={columns}
          rows={list.entries}
          rowKey={keyOf}
          rowName={nameOf}
          sort={list.more ? null : sort}
          onSortChange={list.more ? undefined : setSort}
          selected={selected}
          onSelectedChange={setSelected}
          maxHeight="max(320px, calc(100dvh - 276px))"
          onEndReached={list.readMore}
          loadingRows={list.reading && list.entries.length === 0 ? 6 : 0}
          empty={
            <EmptyState icon={<Trash2 aria-hidden />} title={t('kept.deleted.empty.title')}>
              {t('kept.deleted.empty.text')}
            </EmptyState>
          }
        />
      </div>
      {asked?.kind === 'purge' ? (
        <PurgeDialog
          storageId={storageId}
          fileKey={asked.file.key}
          version={asked.file}
          onClose={() => setAsked(null)}
        />
      ) : null}
      {asked?.kind === 'versions' ? (
        <VersionsPanel open storageId={storageId} fileKey={asked.file.key} onOpenChange={() => setAsked(null)} />
      ) : null}
    </section>
  );
}

const keyOf = ({ key }: DeletedFile) => key;
const nameOf = ({ name }: DeletedFile) => name;
