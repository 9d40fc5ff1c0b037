'use client';
/** What can be done with one entry. */
import { Copy, Download, Ellipsis, Eye, FolderInput, FolderOpen, Pencil, Trash2 } from 'lucide-react';
import type { StorageId } from '../../domain/ids.ts';
import { useT } from '../messages/messages-provider.tsx';
import { IconButton } from '../primitives/icon-button.tsx';
import { Menu, MenuItem, MenuSeparator } from '../primitives/menu.tsx';
import { toast } from '../primitives/toast.ts';
import { downloadFiles } from './download-files.ts';
import type { FileEntry } from './file-paths.ts';
import type { FileQuestion } from './file-question.ts';

interface FileMenuProps {
  storageId: StorageId;
  entry: FileEntry;
  onOpen: (entry: FileEntry) => void;
  onAsk: (question: FileQuestion) => void;
}

export function FileMenu({ storageId, entry, onOpen, onAsk }: FileMenuProps) {
  const t = useT();
  const folder = entry.kind === 'folder';
  // The clipboard is missing on plain http beyond loopback.
  const copyPath = () => {
    const done = navigator.clipboard?.writeText(entry.key) ?? Promise.reject(new Error('no clipboard'));
    done.then(
      () => toast.success(t('storage.files.copied')),
      () => toast.error(t('action.copyFailed'), { detail: entry.key }),
    );
  };
  return (
    <Menu
      trigger={
        <IconButton
          size="sm"
          label={t('storage.files.menu', { name: entry.name })}
          icon={<Ellipsis className="icon" aria-hidden />}
        />
      }
    >
      <MenuItem
        icon={folder ? <FolderOpen className="icon" aria-hidden /> : <Eye className="icon" aria-hidden />}
        onSelect={() => onOpen(entry)}
      >
        {t(folder ? 'storage.files.open' : 'storage.files.preview')}
      </MenuItem>
      {folder ? null : (
        <MenuItem icon={<Download className="icon" aria-hidden />} onSelect={() => downloadFiles(storageId, [entry])}>
          {t('storage.files.download')}
        </MenuItem>
      )}
      <MenuItem icon={<Pencil className="icon" aria-hidden />} onSelect={() => onAsk({ kind: 'rename', entry })}>
        {t('storage.files.rename')}
      </MenuItem>
      <MenuItem
        icon={<FolderInput className="icon" aria-hidden />}
        onSelect={() => onAsk({ kind: 'move', entries: [entry] })}
      >
        {t('storage.files.move')}
      </MenuItem>
      <MenuItem icon={<Copy className="icon" aria-hidden />} onSelect={copyPath}>
        {t('storage.files.copyPath')}
      </MenuItem>
      <MenuSeparator />
      <MenuItem
        danger
        icon={<Trash2 className="icon" aria-hidden />}
        onSelect={() => onAsk({ kind: 'delete', entries: [entry] })}
      >
        {t('storage.files.delete')}
      </MenuItem>
    </Menu>
  );
}
