'use client';
/** What stands where there are no entries. */
import { FolderOpen, SearchX } from 'lucide-react';
import Link from 'next/link';
import { useT } from '../messages/messages-provider.tsx';
import { EmptyState } from '../primitives/empty-state.tsx';

export function EmptyFolder() {
  const t = useT();
  return (
    <EmptyState
      icon={<FolderOpen aria-hidden />}
      title={t('storage.files.empty.title')}
      help={
        <Link href="/help/files" className="text-accent-ink underline underline-offset-2">
          {t('storage.help.files')}
        </Link>
      }
    >
      {t('storage.files.empty.text')}
    </EmptyState>
  );
}

export function NothingFound({ place, query }: { place: string; query: string }) {
  const t = useT();
  return (
    <EmptyState icon={<SearchX aria-hidden />} title={t('files.search.none.title')}>
      {t('files.search.none.text', { folder: place, query })}
    </EmptyState>
  );
}
