'use client';
/** What the table of a folder shows of each entry. */
import { useMemo } from 'react';
import { parentFolder } from '../../domain/storage.ts';
import { useT } from '../messages/messages-provider.tsx';
import { Bytes } from '../primitives/quantity.tsx';
import type { Column } from '../primitives/table-types.ts';
import { Time } from '../primitives/time.tsx';
import { FileIcon } from './file-icon.tsx';
import { nameOrder } from './file-list.ts';
import { FileMenu } from './file-menu.tsx';
import type { FileEntry } from './file-paths.ts';
import type { FileQuestion } from './file-question.ts';
import type { Storage } from './storage.ts';

export interface FileColumnsOptions {
  storage: Storage;
  /** Beside a preview: the name only. */
  narrow: boolean;
  /** Entries of several folders below this one: each says where it is. null = all are in one folder. */
  below?: string | null;
  onOpen: (entry: FileEntry) => void;
  hrefOf: (entry: FileEntry) => string;
  onAsk: (question: FileQuestion) => void;
}

/** Stable while its options are: the table draws anew only what changed. */
export function useFileColumns(options: FileColumnsOptions): Column<FileEntry>[] {
  const { storage, narrow, below = null, onOpen, hrefOf, onAsk } = options;
  const t = useT();
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
          {below === null ? null : <Where entry={entry} below={below} />}
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
      cell: (entry) => <FileMenu storage={storage} entry={entry} onOpen={onOpen} onAsk={onAsk} />,
    };
    return narrow ? [name, actions] : [name, size, modified, actions];
  }, [t, storage, narrow, below, onOpen, hrefOf, onAsk]);
}

/** In which folder below the one that was searched. */
function Where({ entry, below }: { entry: FileEntry; below: string }) {
  const folder = parentFolder(entry.key.replace(/\/$/, '')).slice(below.length);
  return folder === '' ? null : (
    <span className="min-w-8 shrink-[9999] truncate text-ink-3 text-sm" title={folder}>
      {folder}
    </span>
  );
}
