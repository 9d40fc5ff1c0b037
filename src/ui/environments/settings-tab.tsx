'use client';
/** What can be changed about an environment, and its end. */
import { Trash2 } from 'lucide-react';
import dynamic from 'next/dynamic';
import { useState } from 'react';
import { useT } from '../messages/messages-provider.tsx';
import { Button } from '../primitives/button.tsx';
import { Card } from '../primitives/card.tsx';
import { Copyable } from '../primitives/copyable.tsx';
import type { Environment } from './environment.ts';

const RenameDialog = dynamic(async () => (await import('./rename-dialog.tsx')).RenameDialog, { ssr: false });
const DeleteDialog = dynamic(async () => (await import('./delete-dialog.tsx')).DeleteDialog, { ssr: false });

export function SettingsTab({ environment, onDeleted }: { environment: Environment; onDeleted: () => void }) {
  const t = useT();
  const [asked, setAsked] = useState<'rename' | 'delete' | null>(null);
  const { name, envNames, storage } = environment;
  return (
    <div className="flex max-w-3xl flex-col gap-4">
      <Card title={t('environments.settings.name')}>
        <div className="flex flex-wrap items-center justify-between gap-3">
          <p className="min-w-0 break-words">{name}</p>
          <Button onClick={() => setAsked('rename')}>{t('environments.rename')}</Button>
        </div>
      </Card>
      <Card title={t('environments.settings.variables')}>
        <p className="mb-3 text-ink-2">{t('environments.settings.variablesText')}</p>
        {envNames.length === 0 ? (
          <p className="text-ink-3">{t('environments.settings.noVariables')}</p>
        ) : (
          <ul className="flex flex-col gap-1">
            {envNames.map((variable) => (
              <li key={variable}>
                <Copyable text={variable} />
              </li>
            ))}
          </ul>
        )}
      </Card>
      <Card title={t('environments.settings.danger')}>
        <p className="mb-4 text-ink-2">
          {storage
            ? t('environments.settings.dangerText', { storage: storage.displayName })
            : t('environments.settings.dangerTextPlain')}
        </p>
        <Button icon={<Trash2 className="icon" aria-hidden />} onClick={() => setAsked('delete')}>
          {t('environments.delete')}
        </Button>
      </Card>
      {asked === 'rename' ? <RenameDialog environment={environment} onClose={() => setAsked(null)} /> : null}
      {asked === 'delete' ? (
        <DeleteDialog environment={environment} onClose={() => setAsked(null)} onDeleted={onDeleted} />
      ) : null}
    </div>
  );
}
