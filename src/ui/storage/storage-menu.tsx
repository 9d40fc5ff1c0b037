'use client';
/** What can be done to a storage, with the dialogs it opens. */
import { ChartLine, Ellipsis, FolderOpen, Info, Pencil, RotateCw, Trash2, Undo2 } from 'lucide-react';
import dynamic from 'next/dynamic';
import { useState } from 'react';
import { useT } from '../messages/messages-provider.tsx';
import { IconButton } from '../primitives/icon-button.tsx';
import { Menu, MenuItem, MenuSeparator } from '../primitives/menu.tsx';
import { type Storage, storageHref } from './storage.ts';
import { useStorageActions } from './use-storage-actions.ts';

const NameDialog = dynamic(async () => (await import('./rename-storage-dialog.tsx')).RenameStorageDialog, {
  ssr: false,
});
const DeleteDialog = dynamic(async () => (await import('./delete-storage-dialog.tsx')).DeleteStorageDialog, {
  ssr: false,
});

interface StorageMenuProps {
  storage: Storage;
  /** On the storage's own page. */
  own?: boolean;
  onDeleted?: () => void;
}

export function StorageMenu({ storage, own = false, onDeleted }: StorageMenuProps) {
  const t = useT();
  const [asked, setAsked] = useState<'rename' | 'delete' | null>(null);
  const { retry, keep } = useStorageActions(storage);
  const gone = storage.status === 'deleting';
  const href = storageHref(storage.id);
  return (
    <>
      <Menu
        trigger={
          <IconButton
            size={own ? 'md' : 'sm'}
            label={t('storage.menu', { name: storage.displayName })}
            icon={<Ellipsis className="icon" aria-hidden />}
          />
        }
      >
        {own ? null : (
          <>
            <MenuItem href={href} icon={<FolderOpen className="icon" aria-hidden />}>
              {t('storage.open')}
            </MenuItem>
            <MenuItem href={`${href}?tab=usage`} icon={<ChartLine className="icon" aria-hidden />}>
              {t('storages.tab.usage')}
            </MenuItem>
            <MenuItem href={`${href}?tab=about`} icon={<Info className="icon" aria-hidden />}>
              {t('storages.tab.about')}
            </MenuItem>
            <MenuSeparator />
          </>
        )}
        {storage.status === 'failed' ? (
          <MenuItem icon={<RotateCw className="icon" aria-hidden />} onSelect={retry}>
            {t('storages.work.retry')}
          </MenuItem>
        ) : null}
        {storage.work?.cancellable ? (
          <MenuItem icon={<Undo2 className="icon" aria-hidden />} onSelect={keep}>
            {t('storages.work.cancel')}
          </MenuItem>
        ) : null}
        <MenuItem disabled={gone} icon={<Pencil className="icon" aria-hidden />} onSelect={() => setAsked('rename')}>
          {t('storage.rename')}
        </MenuItem>
        <MenuSeparator />
        <MenuItem
          danger
          disabled={gone}
          icon={<Trash2 className="icon" aria-hidden />}
          onSelect={() => setAsked('delete')}
        >
          {t('storage.delete')}
        </MenuItem>
      </Menu>
      {asked === 'rename' ? <NameDialog storage={storage} onClose={() => setAsked(null)} /> : null}
      {asked === 'delete' ? (
        <DeleteDialog storage={storage} onClose={() => setAsked(null)} onDeleted={onDeleted} />
      ) : null}
    </>
  );
}
