'use client';
/** One storage as a card, on phones. */
import { HardDrive } from 'lucide-react';
import Link from 'next/link';
import { useT } from '../messages/messages-provider.tsx';
import { Button } from '../primitives/button.tsx';
import { type Storage, storageHref } from './storage.ts';
import { HowFar, Measured, StorageStatus, UsedBy } from './storage-facts.tsx';
import { StorageMenu } from './storage-menu.tsx';
import { useStorageActions } from './use-storage-actions.ts';

export function StorageCard({ storage }: { storage: Storage }) {
  const t = useT();
  return (
    <li className="rounded-lg border border-line bg-surface p-4">
      <div className="flex items-start gap-3">
        <HardDrive className="icon mt-0.5 text-ink-3" aria-hidden />
        <Link
          href={storageHref(storage.id)}
          className="min-w-0 flex-1 break-words rounded-sm font-semibold pointer-coarse:-my-3 pointer-coarse:py-3"
        >
          {storage.displayName}
        </Link>
        <StorageStatus storage={storage} />
        <span className="-my-1 -mr-2 sm:my-0">
          <StorageMenu storage={storage} />
        </span>
      </div>
      <Trouble storage={storage} />
      <dl className="mt-3 grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-1 text-sm">
        <dt className="text-ink-3">{t('storage.size')}</dt>
        <dd>
          <Measured storage={storage} what="size" />
        </dd>
        <dt className="text-ink-3">{t('storage.objects')}</dt>
        <dd>
          <Measured storage={storage} what="objects" />
        </dd>
        <dt className="text-ink-3">{t('storage.usedBy')}</dt>
        <dd className="truncate">
          <UsedBy storage={storage} />
        </dd>
      </dl>
    </li>
  );
}

/** A phone shows no titles: how far it is, what it waits for, or why it failed, with the way on. */
function Trouble({ storage }: { storage: Storage }) {
  const t = useT();
  const { busy, retry } = useStorageActions(storage);
  const { status, failure, work } = storage;
  if (status === 'failed') {
    return (
      <div className="mt-2">
        <p className="break-words text-failed text-sm">{failure}</p>
        <Button className="mt-2" size="sm" busy={busy === 'retry'} onClick={retry}>
          {t('storages.work.retry')}
        </Button>
      </div>
    );
  }
  if (work?.waiting) return <p className="mt-2 break-words text-sm text-warning">{work.waiting}</p>;
  return <HowFar storage={storage} />;
}
