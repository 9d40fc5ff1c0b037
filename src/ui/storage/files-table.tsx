'use client';
/** The entries of a folder, or those a search found; only the visible ones are drawn, the next page is read when the end comes near. */
import type { ReactNode } from 'react';
import { FailedQuery } from '../failed-query.tsx';
import { Table } from '../primitives/table.tsx';
import { useUrlState } from '../url-state.ts';
import type { FileEntry } from './file-paths.ts';
import { readSort, writeSort } from './sort-param.ts';
import { type FileColumnsOptions, useFileColumns } from './use-file-columns.tsx';
import type { FolderEntries } from './use-files.ts';

interface FilesTableProps extends FileColumnsOptions {
  label: string;
  list: FolderEntries;
  failedWhat: string;
  selected: ReadonlySet<string>;
  onSelectedChange: (selected: ReadonlySet<string>) => void;
  /** Answers whether the key meant something. */
  onKey: (key: string) => boolean;
  empty: ReactNode;
}

export function FilesTable(props: FilesTableProps) {
  const { label, list, failedWhat, selected, onSelectedChange, onOpen, onKey, empty } = props;
  const { get, set } = useUrlState();
  const columns = useFileColumns(props);
  if (list.error) return <FailedQuery error={list.error} what={failedWhat} onRetry={list.again} />;
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: keys of the table's own rows, on their way up
    <div
      className="min-w-0 overflow-hidden rounded-lg border border-line bg-surface"
      onKeyDown={(event) => {
        const onRow = event.target instanceof HTMLElement && event.target.dataset.row !== undefined;
        const name = event.ctrlKey || event.metaKey ? `mod+${event.key.toLowerCase()}` : event.key;
        if (onRow && !event.defaultPrevented && onKey(name)) event.preventDefault();
      }}
    >
      <Table
        key={label}
        label={label}
        columns={columns}
        rows={list.entries}
        rowKey={keyOf}
        rowName={nameOf}
        typeAhead
        sort={list.complete ? readSort(get('sort')) : null}
        onSortChange={list.complete ? (sort) => set({ sort: writeSort(sort) }) : undefined}
        selected={selected}
        onSelectedChange={onSelectedChange}
        onOpen={onOpen}
        maxHeight="max(320px, calc(100dvh - 284px))"
        onEndReached={list.readMore}
        loadingRows={list.pending || (list.reading && list.entries.length === 0) ? 8 : 0}
        empty={empty}
      />
    </div>
  );
}

const keyOf = ({ key }: FileEntry) => key;
const nameOf = ({ name }: FileEntry) => name;
