'use client';
/** What the list of deleted files shows of each. */
import { Ellipsis, FolderInput, History, Trash2, Undo2 } from 'lucide-react';
import { useMemo } from 'react';
import { baseName } from '../../domain/storage.ts';
import { useT } from '../messages/messages-provider.tsx';
import { IconButton } from '../primitives/icon-button.tsx';
import { Menu, MenuItem, MenuSeparator } from '../primitives/menu.tsx';
import { Bytes } from '../primitives/quantity.tsx';
import type { Column } from '../primitives/table-types.ts';
import { Time } from '../primitives/time.tsx';
import { FileIcon } from './file-icon.tsx';
import { type DeletedFile, folderOfKey, keptUntil } from './kept-files.ts';

interface DeletedColumnsOptions {
  folder: string;
  /** null = the store removes nothing by itself. */
  keptDays: number | null;
  onRestore: (items: readonly { key: string; versionId: string | null }[]) => void;
  onVersions: (file: DeletedFile) => void;
  onPurge: (file: DeletedFile) => void;
}

/** Stable while its options are. */
export function useDeletedColumns(options: DeletedColumnsOptions): Column<DeletedFile>[] {
  const { folder, keptDays, onRestore, onVersions, onPurge } = options;
  const t = useT();
  return useMemo(() => {
    const columns: Column<DeletedFile>[] = [
      {
        id: 'name',
        header: t('storage.files.name'),
        sortValue: ({ key }) => key.toLowerCase(),
        cell: (file) => <Name file={file} folder={folder} />,
      },
      {
        id: 'size',
        header: t('storage.files.size'),
        width: '104px',
        align: 'right',
        hideBelow: 'sm',
        sortValue: ({ sizeBytes }) => sizeBytes,
        cell: ({ sizeBytes }) => <Bytes value={sizeBytes} className="text-ink-2" />,
      },
      {
        id: 'deleted',
        header: t('kept.deleted.at'),
        width: '130px',
        hideBelow: 'sm',
        sortValue: ({ deletedAt }) => deletedAt,
        cell: ({ deletedAt }) => <Time at={deletedAt} as="short" className="text-ink-2 text-sm" />,
      },
      {
        id: 'until',
        header: t('kept.deleted.until'),
        width: '150px',
        hideBelow: 'md',
        cell: ({ deletedAt }) => {
          const until = keptUntil(deletedAt, keptDays);
          if (until === null) return <span className="text-ink-3 text-sm">{t('kept.deleted.always')}</span>;
          return <Time at={until} className="text-ink-2 text-sm" />;
        },
      },
      {
        id: 'actions',
        header: t('storage.actions'),
        hideHeader: true,
        width: '56px',
        align: 'right',
        cell: (file) => {
          const own = folderOfKey(file.key);
          return (
            <Menu
              trigger={
                <IconButton
                  size="sm"
                  label={t('storage.files.menu', { name: file.name })}
                  icon={<Ellipsis className="icon" aria-hidden />}
                />
              }
            >
              <MenuItem
                icon={<Undo2 className="icon" aria-hidden />}
                onSelect={() => onRestore([{ key: file.key, versionId: file.versionId }])}
              >
                {t('kept.restore')}
              </MenuItem>
              {own === '' ? null : (
                <MenuItem
                  icon={<FolderInput className="icon" aria-hidden />}
                  onSelect={() => onRestore([{ key: own, versionId: null }])}
                >
                  {t('kept.restoreFolder', { folder: baseName(own) })}
                </MenuItem>
              )}
              <MenuItem icon={<History className="icon" aria-hidden />} onSelect={() => onVersions(file)}>
                {t('kept.versions.open')}
              </MenuItem>
              <MenuSeparator />
              <MenuItem danger icon={<Trash2 className="icon" aria-hidden />} onSelect={() => onPurge(file)}>
                {t('kept.purge.open')}
              </MenuItem>
            </Menu>
          );
        },
      },
    ];
    return columns;
  }, [t, folder, keptDays, onRestore, onVersions, onPurge]);
}

/** On a phone, where and when stand below the name. */
function Name({ file: { key, name, deletedAt }, folder }: { file: DeletedFile; folder: string }) {
  const place = folderOfKey(key).slice(folder.length);
  return (
    <span className="flex min-w-0 items-center gap-2.5">
      <FileIcon kind="file" name={name} />
      <span className="min-w-0 sm:flex sm:items-baseline sm:gap-2.5">
        <span className="block truncate" title={name}>
          {name}
        </span>
        <span className="block min-w-0 truncate text-ink-3 text-sm max-sm:text-xs sm:shrink-[9999]" title={place}>
          <span className="sm:hidden">
            <Time at={deletedAt} as="short" />
            {place === '' ? null : ' · '}
          </span>
          {place}
        </span>
      </span>
    </span>
  );
}
