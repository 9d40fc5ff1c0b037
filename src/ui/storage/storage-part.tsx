'use client';
/** A part of a storage other than its files: the same header, its own content. */
import { useRouter } from 'next/navigation';
import type { ReactNode } from 'react';
import { Page } from '../shell/page.tsx';
import type { Storage } from './storage.ts';
import { StorageMenu } from './storage-menu.tsx';

interface StoragePartProps {
  storage: Storage;
  tabs: ReactNode;
  children: ReactNode;
}

export function StoragePart({ storage, tabs, children }: StoragePartProps) {
  const router = useRouter();
  return (
    <Page
      wide
      tabs={tabs}
      title={storage.displayName}
      actions={<StorageMenu own storage={storage} onDeleted={() => router.push('/storage')} />}
    >
      {children}
    </Page>
  );
}
