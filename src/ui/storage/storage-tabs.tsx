'use client';
/** The parts of one storage, above each of them: its files, its use over time, what it is. */
import { usePathname } from 'next/navigation';
import { useT } from '../messages/messages-provider.tsx';
import { Tabs } from '../primitives/tabs.tsx';

export const STORAGE_TABS = ['files', 'usage', 'about'] as const;
export type StorageTab = (typeof STORAGE_TABS)[number];

export function StorageTabs({ current }: { current: StorageTab }) {
  const t = useT();
  const pathname = usePathname();
  return (
    <Tabs
      label={t('storages.tabs')}
      current={current}
      tabs={STORAGE_TABS.map((id) => ({
        id,
        label: t(`storages.tab.${id}`),
        href: id === 'files' ? pathname : `${pathname}?tab=${id}`,
      }))}
    />
  );
}
