'use client';
/** The largest folders of a storage as bars; each leads to the folder. */
import { Folder } from 'lucide-react';
import Link from 'next/link';
import { useFormat, useT } from '../messages/messages-provider.tsx';
import { Card } from '../primitives/card.tsx';
import { Time } from '../primitives/time.tsx';
import { storageHref } from './storage.ts';
import { shareOf, type Usage } from './usage-trend.ts';

export function UsageFolders({ storageId, usage }: { storageId: string; usage: Usage }) {
  const t = useT();
  const { folders, foldersAt, foldersPartial } = usage;
  return (
    <Card
      title={t('storages.usage.folders')}
      actions={
        foldersAt === null ? null : (
          <span className="text-ink-3 text-sm">
            {t('storages.usage.foldersAt')} <Time at={foldersAt} as="short" />
          </span>
        )
      }
    >
      {foldersPartial ? <p className="mb-3 text-sm text-warning">{t('storages.usage.partial')}</p> : null}
      {folders.length === 0 ? (
        <p className="text-ink-2">
          {t(foldersAt === null ? 'storages.usage.foldersNone' : 'storages.usage.foldersEmpty')}
        </p>
      ) : (
        <ul className="flex flex-col">
          {folders.map((folder) => (
            <FolderBar key={folder.name} storageId={storageId} folder={folder} total={usage.sizeBytes} />
          ))}
        </ul>
      )}
    </Card>
  );
}

interface FolderBarProps {
  storageId: string;
  folder: Usage['folders'][number];
  total: number | null;
}

function FolderBar({ storageId, folder, total }: FolderBarProps) {
  const t = useT();
  const format = useFormat();
  const { name, sizeBytes, objects } = folder;
  const share = shareOf(sizeBytes, total);
  const root = storageHref(storageId);
  const little = share > 0 && share < 0.01;
  const text = t(little ? 'storages.usage.shareLittle' : 'storages.usage.share', {
    size: format.bytes(sizeBytes),
    share: format.percent(little ? 0.01 : share),
  });
  return (
    <li className="border-line border-b py-2.5 first:pt-0 last:border-b-0 last:pb-0">
      <div className="flex flex-wrap items-baseline justify-between gap-x-4">
        <Link
          href={name === '' ? root : `${root}?path=${encodeURIComponent(`${name}/`)}`}
          title={name}
          className="touch flex min-w-0 items-center gap-2 rounded-sm hover:text-accent-ink"
        >
          {name === '' ? null : <Folder className="icon shrink-0 text-ink-3" aria-hidden />}
          <span className="truncate">{name === '' ? t('storages.usage.top') : name}</span>
        </Link>
        <span className="nums text-ink-2 text-sm">
          {text} · {t('storages.usage.fileCount', { count: objects })}
        </span>
      </div>
      <div aria-hidden className="mt-1.5 h-1.5 overflow-hidden rounded-full bg-line">
        <div className="h-full origin-left rounded-full bg-accent" style={{ transform: `scaleX(${share})` }} />
      </div>
    </li>
  );
}
