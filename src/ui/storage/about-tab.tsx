'use client';
/** What a storage is: where it lies, how it is protected, what it cannot do; its name and its end. */
import { Trash2 } from 'lucide-react';
import dynamic from 'next/dynamic';
import { type ReactNode, useState } from 'react';
import { useT } from '../messages/messages-provider.tsx';
import { Button } from '../primitives/button.tsx';
import { Card } from '../primitives/card.tsx';
import { Copyable } from '../primitives/copyable.tsx';
import { Time } from '../primitives/time.tsx';
import { keepsDays } from './kept-files.ts';
import { placeOf, type Storage } from './storage.ts';
import { UsedBy } from './storage-facts.tsx';
import { StorageLacks } from './storage-lacks.tsx';
import { StorageSettings } from './storage-settings.tsx';

const RenameDialog = dynamic(async () => (await import('./rename-storage-dialog.tsx')).RenameStorageDialog, {
  ssr: false,
});
const DeleteDialog = dynamic(async () => (await import('./delete-storage-dialog.tsx')).DeleteStorageDialog, {
  ssr: false,
});

export function AboutTab({ storage, onDeleted }: { storage: Storage; onDeleted: () => void }) {
  const t = useT();
  const [asked, setAsked] = useState<'rename' | 'delete' | null>(null);
  const gone = storage.status === 'deleting';
  const used = storage.usedBy.length > 0;
  return (
    <div className="grid items-start gap-4 lg:grid-cols-2">
      <div className="flex min-w-0 flex-col gap-4">
        <Facts storage={storage} onRename={gone ? null : () => setAsked('rename')} />
        <Card title={t('storages.about.danger')}>
          <p className="mb-4 text-ink-2">{t(used ? 'storages.about.dangerUsed' : 'storages.about.dangerText')}</p>
          <Button disabled={gone} icon={<Trash2 className="icon" aria-hidden />} onClick={() => setAsked('delete')}>
            {t('storage.delete')}
          </Button>
        </Card>
      </div>
      <div className="flex min-w-0 flex-col gap-4">
        <StorageSettings storage={storage} />
        <StorageLacks capabilities={storage.capabilities} />
      </div>
      {asked === 'rename' ? <RenameDialog storage={storage} onClose={() => setAsked(null)} /> : null}
      {asked === 'delete' ? (
        <DeleteDialog storage={storage} onClose={() => setAsked(null)} onDeleted={onDeleted} />
      ) : null}
    </div>
  );
}

function Facts({ storage, onRename }: { storage: Storage; onRename: (() => void) | null }) {
  const t = useT();
  const { displayName, bucket, location, storageClass, access, createdAt } = storage;
  const place = placeOf(t, storage);
  return (
    <Card
      title={t('storages.about.facts')}
      actions={
        onRename ? (
          <Button size="sm" onClick={onRename}>
            {t('storage.rename')}
          </Button>
        ) : null
      }
    >
      <dl className="flex flex-col gap-3">
        <Fact name={t('storage.name')}>{displayName}</Fact>
        <Fact name={t('storages.about.provider')}>{place}</Fact>
        {location && location.toLowerCase() !== place.toLowerCase() ? (
          <Fact name={t('storages.about.location')}>{location}</Fact>
        ) : null}
        {storageClass ? <Fact name={t('storages.about.class')}>{storageClass}</Fact> : null}
        <Fact name={t('storages.about.bucket')}>
          <Copyable text={bucket} className="-my-1" />
        </Fact>
        <Fact name={t('storages.about.keep')}>
          <Keeps storage={storage} />
        </Fact>
        {access ? <Fact name={t('storages.about.access')}>{access}</Fact> : null}
        <Fact name={t('storages.about.usedBy')}>
          <UsedBy storage={storage} />
        </Fact>
        <Fact name={t('storages.about.created')}>
          <Time at={createdAt} />
        </Fact>
      </dl>
    </Card>
  );
}

function Keeps({ storage }: { storage: Storage }) {
  const t = useT();
  const days = keepsDays(storage);
  if (storage.capabilities?.history === false) return t('storages.about.keepNone');
  return days === null ? t('storages.about.keepAlways') : t('storages.about.keepDays', { count: days });
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="grid grid-cols-[112px_minmax(0,1fr)] gap-3">
      <dt className="text-ink-2">{name}</dt>
      <dd className="min-w-0 break-words">{children}</dd>
    </div>
  );
}
