'use client';
/** What can be done with one entry. */
import { Copy, Download, Ellipsis, Eye, Files, FolderInput, FolderOpen, History, Pencil, Trash2 } from 'lucide-react';
import { useT } from '../messages/messages-provider.tsx';
import { IconButton } from '../primitives/icon-button.tsx';
import { Menu, MenuItem, MenuSeparator } from '../primitives/menu.tsx';
import { toast } from '../primitives/toast.ts';
import { downloadFiles } from './download-files.ts';
import type { FileEntry } from './file-paths.ts';
import type { FileQuestion } from './file-question.ts';
import type { Storage } from './storage.ts';

interface FileMenuProps {
  storage: Storage;
  entry: FileEntry;
  onOpen: (entry: FileEntry) => void;
  onAsk: (question: FileQuestion) => void;
}

export function FileMenu({ storage, entry, onOpen, onAsk }: FileMenuProps) {
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
      <MenuItem icon={<Download className="icon" aria-hidden />} onSelect={() => downloadFiles(storage.id, [entry])}>
        {t(folder ? 'files.downloadZip' : 'storage.files.download')}
      </MenuItem>
      {!folder && storage.capabilities?.history ? (
        <MenuItem icon={<History className="icon" aria-hidden />} onSelect={() => onAsk({ kind: 'versions', entry })}>
          {t('files.versions')}
        </MenuItem>
      ) : null}
      <MenuSeparator />
      <MenuItem
        icon={<Pencil className="icon" aria-hidden />}
        keys="F2"
        onSelect={() => onAsk({ kind: 'rename', entry })}
      >
        {t('storage.files.rename')}
      </MenuItem>
      <MenuItem
        icon={<FolderInput className="icon" aria-hidden />}
        onSelect={() => onAsk({ kind: 'move', entries: [entry] })}
      >
        {t('files.move')}
      </MenuItem>
      <MenuItem
        icon={<Files className="icon" aria-hidden />}
        onSelect={() => onAsk({ kind: 'copy', entries: [entry] })}
      >
        {t('files.copy')}
      </MenuItem>
      <MenuItem icon={<Copy className="icon" aria-hidden />} onSelect={copyPath}>
        {t('storage.files.copyPath')}
      </MenuItem>
      <MenuSeparator />
      <MenuItem
        danger
        icon={<Trash2 className="icon" aria-hidden />}
        keys="delete"
        onSelect={() => onAsk({ kind: 'delete', entries: [entry] })}
      >
        {t('storage.files.delete')}
      </MenuItem>
    </Menu>
  );
}
