'use client';
/** Every environment of one's own: find one, act on one or on several, without leaving the list. */
import { keepPreviousData } from '@tanstack/react-query';
import { SearchX, SquareTerminal } from 'lucide-react';
import dynamic from 'next/dynamic';
import Link from 'next/link';
import { useMemo, useState } from 'react';
import { FailedQuery } from '../failed-query.tsx';
import { useT } from '../messages/messages-provider.tsx';
import { Button } from '../primitives/button.tsx';
import { EmptyState } from '../primitives/empty-state.tsx';
import { LinkButton } from '../primitives/link-button.tsx';
import { FROM_SM, useMediaQuery } from '../primitives/media.ts';
import { Page } from '../shell/page.tsx';
import { trpc } from '../trpc-client.tsx';
import { useUrlState, useUrlText } from '../url-state.ts';
import { EnvironmentFilters, FILTER_PARAMS } from './environment-filters.tsx';
import { phasesOf, readStatusFilters } from './environment-state.ts';
import { EnvironmentsPlaceholder } from './environments-placeholder.tsx';

// Only one of the two is needed on a screen.
const EnvironmentCard = dynamic(async () => (await import('./environment-card.tsx')).EnvironmentCard, { ssr: false });
const EnvironmentsTable = dynamic(async () => (await import('./environments-table.tsx')).EnvironmentsTable, {
  ssr: false,
  loading: () => <EnvironmentsPlaceholder />,
});
const BulkBar = dynamic(async () => (await import('./bulk-bar.tsx')).BulkBar, { ssr: false });

const PAGE_SIZE = 50;
const AFTER = ['after'];

export function EnvironmentsScreen() {
  const t = useT();
  const url = useUrlState();
  const [search, setSearch] = useUrlText('q', AFTER);
  const wide = useMediaQuery(FROM_SM);
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const filters = readStatusFilters(url.get('status'));
  const after = url.get('after');
  const query = trpc.environments.list.useQuery(
    {
      limit: PAGE_SIZE,
      phases: phasesOf(filters),
      applicationId: url.get('application') ?? undefined,
      storageId: url.get('storage') ?? undefined,
      search: url.get('q') || undefined,
      cursor: after ?? undefined,
    },
    { placeholderData: keepPreviousData },
  );
  const rows = query.data?.environments ?? [];
  const chosen = useMemo(() => rows.filter(({ id }) => selected.has(id)), [rows, selected]);
  const restricted = FILTER_PARAMS.some((name) => url.get(name)) || after !== null;
  const clear = () => {
    setSearch('');
    url.set(Object.fromEntries([...FILTER_PARAMS, ...AFTER].map((name) => [name, null])));
  };
  const firstEver = query.isSuccess && rows.length === 0 && !restricted;

  return (
    <Page
      wide
      title={t('environments.title')}
      actions={
        firstEver ? null : (
          <LinkButton href="/catalog" look="primary">
            {t('environments.launch')}
          </LinkButton>
        )
      }
    >
      {firstEver ? (
        <NoneYet />
      ) : (
        <div className="flex flex-col gap-4">
          <EnvironmentFilters search={search} onSearch={setSearch} />
          {query.isError && !query.data ? (
            <FailedQuery error={query.error} what={t('environments.failedWhat')} onRetry={() => void query.refetch()} />
          ) : query.isSuccess && rows.length === 0 ? (
            <NoMatch onClear={clear} />
          ) : wide ? (
            <EnvironmentsTable
              rows={rows}
              loading={query.isPending}
              selected={selected}
              onSelectedChange={setSelected}
            />
          ) : (
            <ul className="flex flex-col gap-3">
              {rows.map((environment) => (
                <EnvironmentCard key={environment.id} environment={environment} />
              ))}
            </ul>
          )}
          <Pages after={after} next={query.data?.next ?? null} />
          {chosen.length > 0 ? <BulkBar environments={chosen} onClear={() => setSelected(new Set())} /> : null}
        </div>
      )}
    </Page>
  );
}

function NoneYet() {
  const t = useT();
  return (
    <EmptyState
      icon={<SquareTerminal aria-hidden />}
      title={t('environments.empty.title')}
      action={
        <LinkButton href="/catalog" look="primary">
          {t('environments.empty.action')}
        </LinkButton>
      }
      help={
        <Link href="/help/first-launch" className="text-accent-ink underline underline-offset-2">
          {t('environments.empty.help')}
        </Link>
      }
    >
      {t('environments.empty.text')}
    </EmptyState>
  );
}

function NoMatch({ onClear }: { onClear: () => void }) {
  const t = useT();
  return (
    <EmptyState
      icon={<SearchX aria-hidden />}
      title={t('environments.none.title')}
      action={<Button onClick={onClear}>{t('environments.none.action')}</Button>}
    >
      {t('environments.none.text')}
    </EmptyState>
  );
}

function Pages({ after, next }: { after: string | null; next: string | null }) {
  const t = useT();
  const { href } = useUrlState();
  if (!after && !next) return null;
  return (
    <nav aria-label={t('environments.pages')} className="flex justify-between gap-2">
      {after ? <LinkButton href={href({ after: null })}>{t('environments.newest')}</LinkButton> : <span />}
      {next ? <LinkButton href={href({ after: next })}>{t('environments.older')}</LinkButton> : null}
    </nav>
  );
}
