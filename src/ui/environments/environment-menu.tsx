'use client';
/** The further actions of an environment behind ⋯, with the dialogs they open. */
import { CopyPlus, Ellipsis, Info, Pencil, RotateCw, ScrollText, Trash2 } from 'lucide-react';
import dynamic from 'next/dynamic';
import { useState } from 'react';
import { useT } from '../messages/messages-provider.tsx';
import { IconButton } from '../primitives/icon-button.tsx';
import { Menu, MenuItem, MenuSeparator } from '../primitives/menu.tsx';
import { againHref, type Environment, environmentHref } from './environment.ts';
import { canRestart } from './environment-state.ts';
import { useEnvironmentActions } from './use-environment-actions.ts';

const RenameDialog = dynamic(async () => (await import('./rename-dialog.tsx')).RenameDialog, { ssr: false });
const DeleteDialog = dynamic(async () => (await import('./delete-dialog.tsx')).DeleteDialog, { ssr: false });

interface EnvironmentMenuProps {
  environment: Environment;
  /** On the environment's own page: no link to it. */
  own?: boolean;
  onDeleted?: () => void;
  size?: 'sm' | 'md';
}

export function EnvironmentMenu({ environment, own = false, onDeleted, size = 'md' }: EnvironmentMenuProps) {
  const t = useT();
  const { restart } = useEnvironmentActions();
  const [asked, setAsked] = useState<'rename' | 'delete' | null>(null);
  const href = environmentHref(environment.id);
  return (
    <>
      <Menu
        trigger={
          <IconButton
            size={size}
            label={t('environments.menu', { name: environment.name })}
            icon={<Ellipsis className="icon" aria-hidden />}
          />
        }
      >
        {own ? null : (
          <>
            <MenuItem href={href} icon={<Info className="icon" aria-hidden />}>
              {t('environments.details')}
            </MenuItem>
            <MenuItem href={`${href}?tab=logs`} icon={<ScrollText className="icon" aria-hidden />}>
              {t('environments.logs')}
            </MenuItem>
          </>
        )}
        <MenuItem icon={<Pencil className="icon" aria-hidden />} onSelect={() => setAsked('rename')}>
          {t('environments.rename')}
        </MenuItem>
        {canRestart(environment) ? (
          <MenuItem icon={<RotateCw className="icon" aria-hidden />} onSelect={() => void restart(environment)}>
            {t('environments.restart')}
          </MenuItem>
        ) : null}
        {environment.application.slug ? (
          <MenuItem href={againHref(environment)} icon={<CopyPlus className="icon" aria-hidden />}>
            {t('environments.again')}
          </MenuItem>
        ) : null}
        <MenuSeparator />
        <MenuItem danger icon={<Trash2 className="icon" aria-hidden />} onSelect={() => setAsked('delete')}>
          {t('environments.delete')}
        </MenuItem>
      </Menu>
      {asked === 'rename' ? <RenameDialog environment={environment} onClose={() => setAsked(null)} /> : null}
      {asked === 'delete' ? (
        <DeleteDialog environment={environment} onClose={() => setAsked(null)} onDeleted={onDeleted} />
      ) : null}
    </>
  );
}
