'use client';
/** The entries of a folder; only the visible ones are drawn, the next page is read when the end comes near. */
import { FolderOpen } from 'lucide-react';
import Link from 'next/link';
import { useCallback, useMemo } from 'react';
import { FailedQuery } from '../failed-query.tsx';
import { useT } from '../messages/messages-provider.tsx';
import { EmptyState } from '../primitives/empty-state.tsx';
import { Bytes } from '../primitives/quantity.tsx';
import { Table } from '../primitives/table.tsx';
import type { Column } from '../primitives/table-types.ts';
import { Time } from '../primitives/time.tsx';
import { useUrlState } from '../url-state.ts';
import { FileIcon } from './file-icon.tsx';
import { nameOrder } from './file-list.ts';
import { FileMenu } from './file-menu.tsx';
import type { FileEntry } from './file-paths.ts';
import type { FileQuestion } from './file-question.ts';
import { readSort, writeSort } from './sort-param.ts';
import type { Storage } from './storage.ts';
import type { useFolder } from './use-files.ts';

interface FilesTableProps {
  storage: Storage;
  folder: string;
  query: ReturnType<typeof useFolder>['query'];
  entries: FileEntry[];
  /** All of the folder came at once, so that it can be sorted here. */
  complete: boolean;
  selected: ReadonlySet<string>;
  onSelectedChange: (selected: ReadonlySet<string>) => void;
  /** Beside a preview: the name only. */
  narrow: boolean;
  onOpen: (entry: FileEntry) => void;
  hrefOf: (entry: FileEntry) => string;
  onAsk: (question: FileQuestion) => void;
  /** Answers whether the key meant something. */
  onKey: (key: string) => boolean;
}

export function FilesTable(props: FilesTableProps) {
  const { storage, folder, query, entries, complete, selected, onSelectedChange, onOpen, onKey } = props;
  const t = useT();
  const { get, set } = useUrlState();
  const columns = useColumns(props);
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = query;
  const readMore = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);
  if (query.isError && !query.data) {
    return (
      <FailedQuery error={query.error} what={t('storage.files.failedWhat')} onRetry={() => void query.refetch()} />
    );
  }
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: keys of the table's own rows, on their way up
    <div
      className="min-w-0 overflow-hidden rounded-lg border border-line bg-surface"
      onKeyDown={(event) => {
        const onRow = event.target instanceof HTMLElement && event.target.dataset.row !== undefined;
        if (onRow && onKey(event.key)) event.preventDefault();
      }}
    >
      <Table
        key={folder}
        label={t('storage.files.table', { folder: `${storage.displayName}/${folder}` })}
        columns={columns}
        rows={entries}
        rowKey={keyOf}
        rowName={nameOf}
        sort={complete ? readSort(get('sort')) : null}
        onSortChange={complete ? (sort) => set({ sort: writeSort(sort) }) : undefined}
        selected={selected}
        onSelectedChange={onSelectedChange}
        onOpen={onOpen}
        maxHeight="max(320px, calc(100dvh - 236px))"
        onEndReached={readMore}
        loadingRows={query.isPending ? 8 : 0}
        empty={
          <EmptyState
            icon={<FolderOpen aria-hidden />}
            title={t('storage.files.empty.title')}
            help={
              <Link href="/help/files" className="text-accent-ink underline underline-offset-2">
                {t('storage.help.files')}
              </Link>
            }
          >
            {t('storage.files.empty.text')}
          </EmptyState>
        }
      />
    </div>
  );
}

const keyOf = ({ key }: FileEntry) => key;
const nameOf = ({ name }: FileEntry) => name;

function useColumns({ storage, narrow, onOpen, hrefOf, onAsk }: FilesTableProps): Column<FileEntry>[] {
  const t = useT();
  const storageId = storage.id;
  return useMemo(() => {
    const name: Column<FileEntry> = {
      id: 'name',
      header: t('storage.files.name'),
      sortValue: nameOrder,
      cell: (entry) => (
        <span className="flex min-w-0 items-center gap-2.5">
          <FileIcon kind={entry.kind} name={entry.name} />
          <a
            href={hrefOf(entry)}
            title={entry.name}
            className="truncate rounded-sm hover:text-accent-ink"
            onClick={(event) => {
              // In a new tab or window it is the browser's own link.
              if (event.metaKey || event.ctrlKey || event.shiftKey) return;
              event.preventDefault();
              onOpen(entry);
            }}
          >
            {entry.name}
          </a>
        </span>
      ),
    };
    const size: Column<FileEntry> = {
      id: 'size',
      header: t('storage.files.size'),
      width: '104px',
      align: 'right',
      sortValue: ({ sizeBytes }) => sizeBytes,
      cell: ({ sizeBytes }) => (sizeBytes === null ? null : <Bytes value={sizeBytes} className="text-ink-2" />),
    };
    const modified: Column<FileEntry> = {
      id: 'modified',
      header: t('storage.files.modified'),
      width: '150px',
      hideBelow: 'md',
      sortValue: ({ modifiedAt }) => modifiedAt,
      cell: ({ modifiedAt }) =>
        modifiedAt === null ? null : <Time at={modifiedAt} as="short" className="text-ink-2 text-sm" />,
    };
    const actions: Column<FileEntry> = {
      id: 'actions',
      header: t('storage.actions'),
      hideHeader: true,
      width: '56px',
      align: 'right',
      cell: (entry) => <FileMenu storageId={storageId} entry={entry} onOpen={onOpen} onAsk={onAsk} />,
    };
    return narrow ? [name, actions] : [name, size, modified, actions];
  }, [t, storageId, narrow, onOpen, hrefOf, onAsk]);
}
