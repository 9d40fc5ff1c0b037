'use client';
/** Storages as rows on wide screens. */
import { HardDrive } from 'lucide-react';
import dynamic from 'next/dynamic';
import Link from 'next/link';
import { useRouter } from 'next/navigation';
import { useMemo } from 'react';
import { useT } from '../messages/messages-provider.tsx';
import { Table } from '../primitives/table.tsx';
import type { Column } from '../primitives/table-types.ts';
import { useUrlState } from '../url-state.ts';
import { readSort, writeSort } from './sort-param.ts';
import { placeOf, type Storage, storageHref } from './storage.ts';
import { Measured, StorageStatus, UsedBy } from './storage-facts.tsx';
import { StorageMenu } from './storage-menu.tsx';

const StorageTrend = dynamic(async () => (await import('./storage-trend.tsx')).StorageTrend, { ssr: false });

export function StoragesTable({ rows, loading }: { rows: readonly Storage[]; loading: boolean }) {
  const t = useT();
  const router = useRouter();
  const { get, set } = useUrlState();
  const columns = useColumns();
  const sort = readSort(get('sort'));
  return (
    <div className="overflow-hidden rounded-lg border border-line bg-surface">
      <Table
        label={t('storage.table')}
        columns={columns}
        rows={rows}
        rowKey={({ id }) => id}
        sort={sort}
        onSortChange={(next) => set({ sort: writeSort(next) })}
        onOpen={({ id }) => router.push(storageHref(id))}
        loadingRows={loading ? 3 : 0}
      />
    </div>
  );
}

function useColumns(): Column<Storage>[] {
  const t = useT();
  return useMemo(
    () => [
      {
        id: 'name',
        header: t('storage.name'),
        sortValue: ({ displayName }) => displayName,
        cell: ({ id, displayName }) => (
          <span className="flex min-w-0 items-center gap-2.5">
            <HardDrive className="icon text-ink-3" aria-hidden />
            <Link
              href={storageHref(id)}
              title={displayName}
              className="truncate rounded-sm font-medium hover:text-accent-ink"
            >
              {displayName}
            </Link>
          </span>
        ),
      },
      {
        id: 'status',
        header: t('storage.status'),
        width: '212px',
        cell: (storage) => <StorageStatus far storage={storage} look="plain" />,
      },
      {
        id: 'where',
        header: t('storage.where'),
        hideBelow: 'xl',
        width: '170px',
        cell: (storage) => (
          <span className="text-ink-2" title={storage.bucket}>
            {placeOf(t, storage)}
          </span>
        ),
      },
      {
        id: 'size',
        header: t('storage.size'),
        width: '100px',
        align: 'right',
        sortValue: ({ sizeBytes }) => sizeBytes,
        cell: (storage) => <Measured storage={storage} what="size" />,
      },
      {
        id: 'objects',
        header: t('storage.objects'),
        width: '88px',
        align: 'right',
        hideBelow: 'md',
        sortValue: ({ objects }) => objects,
        cell: (storage) => <Measured storage={storage} what="objects" />,
      },
      {
        id: 'trend',
        header: t('storages.trend.header'),
        width: '124px',
        hideBelow: 'lg',
        cell: (storage) => <StorageTrend storage={storage} />,
      },
      {
        id: 'usedBy',
        header: t('storage.usedBy'),
        width: '160px',
        hideBelow: 'lg',
        cell: (storage) => <UsedBy storage={storage} />,
      },
      {
        id: 'actions',
        header: t('storage.actions'),
        hideHeader: true,
        width: '64px',
        align: 'right',
        cell: (storage) => <StorageMenu storage={storage} />,
      },
    ],
    [t],
  );
}
