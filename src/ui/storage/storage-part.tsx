'use client';
/** A part of a storage other than its files: the same header, its own content. */
import { useRouter } from 'next/navigation';
import type { ReactNode } from 'react';
import { Page } from '../shell/page.tsx';
import type { Storage } from './storage.ts';
import { StorageMenu } from './storage-menu.tsx';

export function StoragePart({ storage, children }: { storage: Storage; children: ReactNode }) {
  const router = useRouter();
  return (
    <Page
      wide
      title={storage.displayName}
      actions={<StorageMenu own storage={storage} onDeleted={() => router.push('/storage')} />}
    >
      {children}
    </Page>
  );
}
