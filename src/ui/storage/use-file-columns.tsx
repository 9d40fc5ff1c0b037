'use client';
/** What the table of a folder shows of each entry. */
import { useMemo } from 'react';
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

interface FileColumnsOptions {
  storage: Storage;
  /** Beside a preview: the name only. */
  narrow: boolean;
  onOpen: (entry: FileEntry) => void;
  hrefOf: (entry: FileEntry) => string;
  onAsk: (question: FileQuestion) => void;
}

/** Stable while its options are: the table draws anew only what changed. */
export function useFileColumns({ storage, narrow, onOpen, hrefOf, onAsk }: FileColumnsOptions): Column<FileEntry>[] {
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
