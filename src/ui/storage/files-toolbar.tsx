'use client';
/** What can be done with the selected entries, or with the folder: search it, see what was deleted in it. */
import { ArchiveRestore, Download, Files, FolderInput, Pencil, RotateCw, Trash2, X } from 'lucide-react';
import { useT } from '../messages/messages-provider.tsx';
import { Button } from '../primitives/button.tsx';
import { IconButton } from '../primitives/icon-button.tsx';
import { SearchInput } from '../primitives/search-input.tsx';
import { downloadFiles } from './download-files.ts';
import type { FileEntry } from './file-paths.ts';
import type { FileQuestion } from './file-question.ts';
import type { Storage } from './storage.ts';
import type { FileView } from './use-file-view.ts';
import type { FolderEntries } from './use-files.ts';

interface FilesToolbarProps {
  storage: Storage;
  /** What is searched, in words. */
  place: string;
  chosen: FileEntry[];
  view: FileView;
  /** What is shown: the folder's entries, or what the search found. */
  list: FolderEntries;
  /** Ends a search that goes on. */
  onStop: () => void;
  onClear: () => void;
  onAsk: (question: FileQuestion) => void;
}

export function FilesToolbar(props: FilesToolbarProps) {
  const t = useT();
  const { storage, place, chosen, view, list, onStop } = props;
  const { deleted, search } = view;
  if (chosen.length > 0) return <Selection {...props} />;
  return (
    <div className="flex min-h-8 items-center justify-end gap-1 max-sm:basis-full">
      {deleted ? null : (
        <>
          <span
            role="status"
            className="nums mr-2 min-w-32 whitespace-nowrap text-right text-ink-3 text-sm max-sm:hidden"
          >
            {list.pending ? null : countText(t, list, search !== '')}
          </span>
          {search !== '' && list.more ? (
            <Button look="quiet" size="sm" onClick={list.reading ? onStop : list.readMore}>
              {t(list.reading ? 'files.search.stop' : 'files.search.more')}
            </Button>
          ) : null}
          <SearchInput
            label={t('files.search.label', { folder: place })}
            value={view.searchText}
            onChange={view.setSearch}
            className="w-60 max-sm:min-w-0 max-sm:flex-1"
          />
          <IconButton
            label={t('storage.files.refresh')}
            icon={<RotateCw className="icon" aria-hidden />}
            busy={list.reading && !list.pending && search === ''}
            onClick={list.again}
          />
        </>
      )}
      {storage.capabilities?.history ? (
        <IconButton
          label={t(deleted ? 'files.deleted.hide' : 'files.deleted.show')}
          pressed={deleted}
          icon={<ArchiveRestore className="icon" aria-hidden />}
          onClick={() => view.showDeleted(!deleted)}
        />
      ) : null}
    </div>
  );
}

function countText(t: ReturnType<typeof useT>, list: FolderEntries, searching: boolean): string {
  const count = list.entries.length;
  if (searching) return t(list.more ? 'files.search.looking' : 'files.search.found', { count });
  return t(list.more ? 'storage.files.countMore' : 'storage.files.count', { count });
}

function Selection({ storage, chosen, onClear, onAsk }: FilesToolbarProps) {
  const t = useT();
  const one = chosen.length === 1 ? chosen[0] : undefined;
  const zip = chosen.length > 1 || one?.kind === 'folder';
  return (
    <div className="flex min-h-8 flex-wrap items-center gap-1 max-sm:basis-full">
      <span role="status" className="nums mr-2 font-medium text-sm">
        {t('storage.files.selected', { count: chosen.length })}
      </span>
      <Button
        look="quiet"
        icon={<Download className="icon" aria-hidden />}
        title={zip ? t('files.downloadZip') : undefined}
        onClick={() => downloadFiles(storage.id, chosen, storage.displayName)}
      >
        <span className="max-sm:sr-only">{t('storage.files.download')}</span>
      </Button>
      {one ? (
        <Button
          look="quiet"
          icon={<Pencil className="icon" aria-hidden />}
          onClick={() => onAsk({ kind: 'rename', entry: one })}
        >
          <span className="max-sm:sr-only">{t('storage.files.rename')}</span>
        </Button>
      ) : null}
      <Button
        look="quiet"
        icon={<FolderInput className="icon" aria-hidden />}
        onClick={() => onAsk({ kind: 'move', entries: chosen })}
      >
        <span className="max-sm:sr-only">{t('storage.files.move')}</span>
      </Button>
      <Button
        look="quiet"
        icon={<Files className="icon" aria-hidden />}
        onClick={() => onAsk({ kind: 'copy', entries: chosen })}
      >
        <span className="max-sm:sr-only">{t('files.copyShort')}</span>
      </Button>
      <Button
        look="quiet"
        icon={<Trash2 className="icon" aria-hidden />}
        onClick={() => onAsk({ kind: 'delete', entries: chosen })}
      >
        <span className="max-sm:sr-only">{t('storage.files.delete')}</span>
      </Button>
      <IconButton label={t('storage.files.clear')} icon={<X className="icon" aria-hidden />} onClick={onClear} />
    </div>
  );
}
