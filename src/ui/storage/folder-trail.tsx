'use client';
/** The way from the storage to the folder shown, each part a link. */
import { ChevronRight, HardDrive } from 'lucide-react';
import Link from 'next/link';
import { useT } from '../messages/messages-provider.tsx';
import { folderTrail } from './file-paths.ts';

interface FolderTrailProps {
  storageName: string;
  folder: string;
  hrefOf: (folder: string) => string;
}

export function FolderTrail({ storageName, folder, hrefOf }: FolderTrailProps) {
  const t = useT();
  const parts = [{ name: storageName, folder: '' }, ...folderTrail(folder)];
  return (
    <nav aria-label={t('storage.files.path')} className="min-w-0">
      <ol className="flex min-w-0 flex-wrap items-center gap-x-1">
        {parts.map((part, index) => {
          const last = index === parts.length - 1;
          return (
            <li key={part.folder} className="flex min-w-0 items-center gap-1">
              {index > 0 ? (
                <ChevronRight className="icon text-ink-3" aria-hidden />
              ) : (
                <HardDrive className="icon text-ink-3" aria-hidden />
              )}
              <Link
                href={hrefOf(part.folder)}
                title={part.name}
                aria-current={last ? 'location' : undefined}
                className={
                  last
                    ? 'touch inline-flex max-w-64 items-center truncate rounded-sm font-medium'
                    : 'touch inline-flex max-w-40 items-center truncate rounded-sm text-ink-2 hover:text-ink'
                }
              >
                <span className="truncate">{part.name}</span>
              </Link>
            </li>
          );
        })}
      </ol>
    </nav>
  );
}
