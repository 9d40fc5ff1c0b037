'use client';
/** The entries of a folder; only the visible ones are drawn, the next page is read when the end comes near. */
import { FolderOpen } from 'lucide-react';
import Link from 'next/link';
import { useCallback } from 'react';
import { FailedQuery } from '../failed-query.tsx';
import { useT } from '../messages/messages-provider.tsx';
import { EmptyState } from '../primitives/empty-state.tsx';
import { Table } from '../primitives/table.tsx';
import { useUrlState } from '../url-state.ts';
import type { FileEntry } from './file-paths.ts';
import type { FileQuestion } from './file-question.ts';
import { readSort, writeSort } from './sort-param.ts';
import type { Storage } from './storage.ts';
import { useFileColumns } from './use-file-columns.tsx';
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
  const columns = useFileColumns(props);
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
