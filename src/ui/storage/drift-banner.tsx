'use client';
/** Somebody changed settings of the bucket by hand: which, and one press to put them right. */
import { TriangleAlert } from 'lucide-react';
import Link from 'next/link';
import { useT } from '../messages/messages-provider.tsx';
import { Button } from '../primitives/button.tsx';
import { settingNames } from './setting-names.ts';
import { type Storage, storageHref } from './storage.ts';
import { useStorageActions } from './use-storage-actions.ts';

export function DriftBanner({ storage }: { storage: Storage }) {
  const t = useT();
  const { busy, repair } = useStorageActions(storage);
  const { drift } = storage;
  return (
    <section
      aria-label={t('storages.drift.label')}
      className="mt-4 flex flex-wrap items-center gap-x-4 gap-y-2 rounded-md border border-line bg-warning-soft px-3 py-2"
    >
      <p className="flex min-w-0 flex-1 basis-72 items-start gap-2 text-warning">
        <TriangleAlert className="icon mt-0.5 shrink-0" aria-hidden />
        <span className="min-w-0">
          {t('storages.drift.text', { count: drift.length, settings: settingNames(t, drift) })}{' '}
          <Link
            href={`${storageHref(storage.id)}?tab=about`}
            className="whitespace-nowrap font-medium underline underline-offset-2"
          >
            {t('storages.drift.details')}
          </Link>
        </span>
      </p>
      <Button size="sm" busy={busy === 'repair'} onClick={repair}>
        {t('storages.drift.repair')}
      </Button>
    </section>
  );
}
