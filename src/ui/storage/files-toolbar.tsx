'use client';
/** What can be done with the selected entries, or how many entries there are. */
import { Download, FolderInput, Pencil, RotateCw, Trash2, X } from 'lucide-react';
import type { StorageId } from '../../domain/ids.ts';
import { useT } from '../messages/messages-provider.tsx';
import { Button } from '../primitives/button.tsx';
import { IconButton } from '../primitives/icon-button.tsx';
import { downloadFiles } from './download-files.ts';
import type { FileEntry } from './file-paths.ts';
import type { FileQuestion } from './file-question.ts';

interface FilesToolbarProps {
  storageId: StorageId;
  chosen: FileEntry[];
  /** null while the folder is read for the first time. */
  count: number | null;
  more: boolean;
  reading: boolean;
  onRefresh: () => void;
  onClear: () => void;
  onAsk: (question: FileQuestion) => void;
}

export function FilesToolbar(props: FilesToolbarProps) {
  const t = useT();
  const { chosen, count, more, reading, onRefresh } = props;
  if (chosen.length > 0) return <Selection {...props} />;
  return (
    <div className="flex h-8 min-w-44 items-center justify-end gap-1 max-sm:basis-full max-sm:justify-between">
      <span className="nums text-ink-3 text-sm">
        {count === null ? null : t(more ? 'storage.files.countMore' : 'storage.files.count', { count })}
      </span>
      <IconButton
        label={t('storage.files.refresh')}
        icon={<RotateCw className="icon" aria-hidden />}
        busy={reading && count !== null}
        onClick={onRefresh}
      />
    </div>
  );
}

function Selection({ storageId, chosen, onClear, onAsk }: FilesToolbarProps) {
  const t = useT();
  const files = chosen.filter(({ kind }) => kind === 'file');
  const one = chosen.length === 1 ? chosen[0] : undefined;
  return (
    <div className="flex min-h-8 flex-wrap items-center gap-1 max-sm:basis-full">
      <span role="status" className="nums mr-2 font-medium text-sm">
        {t('storage.files.selected', { count: chosen.length })}
      </span>
      <Button
        look="quiet"
        icon={<Download className="icon" aria-hidden />}
        disabled={files.length === 0 || files.length < chosen.length}
        title={files.length < chosen.length ? t('storage.files.downloadFolders') : undefined}
        onClick={() => downloadFiles(storageId, files)}
      >
        {t('storage.files.download')}
      </Button>
      {one ? (
        <Button
          look="quiet"
          icon={<Pencil className="icon" aria-hidden />}
          onClick={() => onAsk({ kind: 'rename', entry: one })}
        >
          {t('storage.files.rename')}
        </Button>
      ) : null}
      <Button
        look="quiet"
        icon={<FolderInput className="icon" aria-hidden />}
        onClick={() => onAsk({ kind: 'move', entries: chosen })}
      >
        {t('storage.files.move')}
      </Button>
      <Button
        look="quiet"
        icon={<Trash2 className="icon" aria-hidden />}
        onClick={() => onAsk({ kind: 'delete', entries: chosen })}
      >
        {t('storage.files.delete')}
      </Button>
      <IconButton label={t('storage.files.clear')} icon={<X className="icon" aria-hidden />} onClick={onClear} />
    </div>
  );
}
