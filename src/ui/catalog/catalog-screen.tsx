'use client';
/** What can be launched. The launch form opens above it (beside it on phones), so that the catalog keeps its place. */
import { LayoutGrid, SearchX } from 'lucide-react';
import { usePathname } from 'next/navigation';
import type { ReactNode } from 'react';
import { FailedQuery } from '../failed-query.tsx';
import { useT } from '../messages/messages-provider.tsx';
import { Button } from '../primitives/button.tsx';
import { Chip } from '../primitives/chip.tsx';
import { cx } from '../primitives/class-names.ts';
import { EmptyState } from '../primitives/empty-state.tsx';
import { SearchInput } from '../primitives/search-input.tsx';
import { Page } from '../shell/page.tsx';
import { trpc } from '../trpc-client.tsx';
import { useUrlState, useUrlText } from '../url-state.ts';
import type { CatalogApplication } from './application.ts';
import { ApplicationCard } from './application-card.tsx';
import { ApplicationGridSkeleton, GRID } from './application-grid.tsx';
import { FullNotice } from './full-notice.tsx';
import { useQuickLaunch } from './use-launch.ts';

/** @param children The launch form while its address is open. */
export function CatalogScreen({ children }: { children: ReactNode }) {
  const t = useT();
  const launching = usePathname() !== '/catalog';
  return (
    <>
      <div className={cx(launching && 'max-sm:hidden')} inert={launching}>
        <Page title={t('catalog.title')} description={t('catalog.intro')}>
          <Applications />
        </Page>
      </div>
      {children}
    </>
  );
}

function Applications() {
  const t = useT();
  const { get, set } = useUrlState();
  const [search, setSearch] = useUrlText('q');
  const tag = get('tag');
  const query = trpc.applications.list.useQuery();
  const { data: allowance } = trpc.profile.limits.useQuery();
  const quick = useQuickLaunch();
  if (query.isError)
    return <FailedQuery error={query.error} what={t('catalog.failedWhat')} onRetry={() => void query.refetch()} />;
  const all = query.data ?? [];
  const found = all.filter((application) => matches(application, search, tag));
  const tags = [...new Set(all.flatMap((application) => application.tags))];
  if (query.isSuccess && all.length === 0)
    return (
      <EmptyState icon={<LayoutGrid aria-hidden />} title={t('catalog.empty.title')}>
        {t('catalog.empty.text')}
      </EmptyState>
    );
  return (
    <>
      <div className="mb-4 flex min-h-8 flex-wrap items-center gap-2">
        <SearchInput label={t('catalog.search')} value={search} onChange={setSearch} className="w-full sm:w-64" />
        {/* biome-ignore lint/a11y/useSemanticElements: a fieldset would draw a frame and a legend */}
        <div role="group" aria-label={t('catalog.tags')} className="flex flex-wrap gap-2">
          {tags.map((one) => (
            <Chip key={one} selected={one === tag} onToggle={() => set({ tag: one === tag ? null : one })}>
              {one}
            </Chip>
          ))}
        </div>
      </div>
      <FullNotice allowance={allowance} />
      {query.isPending ? (
        <ApplicationGridSkeleton />
      ) : found.length === 0 ? (
        <EmptyState
          icon={<SearchX aria-hidden />}
          title={t('catalog.none.title')}
          action={
            <Button
              onClick={() => {
                setSearch('');
                set({ tag: null, q: null });
              }}
            >
              {t('catalog.none.action')}
            </Button>
          }
        >
          {t('catalog.none.text', { query: [search, tag].filter(Boolean).join(', ') })}
        </EmptyState>
      ) : (
        <ul aria-label={t('catalog.list')} className={GRID}>
          {found.map((application) => (
            <ApplicationCard
              key={application.id}
              heading="h2"
              application={application}
              allowance={allowance}
              quick={quick}
            />
          ))}
        </ul>
      )}
    </>
  );
}

function matches({ name, summary, tags, slug }: CatalogApplication, search: string, tag: string | null): boolean {
  if (tag && !tags.includes(tag)) return false;
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  const text = [name, summary, slug, ...tags].join(' ').toLowerCase();
  return words.every((word) => text.includes(word));
}
