'use client';
/** The list of people with its search and filters, and who waits to be let in above it. */
import { keepPreviousData } from '@tanstack/react-query';
import { SearchX } from 'lucide-react';
import { useEffect, useRef } from 'react';
import { FailedQuery } from '../../failed-query.tsx';
import { useT } from '../../messages/messages-provider.tsx';
import { Button } from '../../primitives/button.tsx';
import { EmptyState } from '../../primitives/empty-state.tsx';
import { trpc } from '../../trpc-client.tsx';
import { useUrlState, useUrlText } from '../../url-state.ts';
import { AwaitingStrip } from './awaiting-strip.tsx';
import { FILTER_NAMES, peopleRequest } from './people.ts';
import { PeopleFilters } from './people-filters.tsx';
import { PeopleTable } from './people-table.tsx';

/** Of a page; where it has fewer, the next one is read at once. */
const LEAST_FOUND = 20;
const NO_FILTERS = Object.fromEntries([...FILTER_NAMES, 'q'].map((name) => [name, null]));

export function PeopleTab() {
  const t = useT();
  const url = useUrlState();
  const [search, setSearch] = useUrlText('q');
  const request = peopleRequest(url.get);
  const query = trpc.admin.users.list.useInfiniteQuery(request, {
    getNextPageParam: ({ next }) => next,
    placeholderData: keepPreviousData,
  });
  const rows = query.data?.pages.flatMap(({ people }) => people) ?? [];
  // What is shown meanwhile is the list of before: it begins anew only when the new one is there.
  const filters = JSON.stringify({ ...request, order: null, descending: null });
  const shown = useRef(filters);
  if (!query.isPlaceholderData) shown.current = filters;
  const more = () => {
    if (query.hasNextPage && !query.isFetchingNextPage && !query.isPlaceholderData && !query.isFetchNextPageError)
      void query.fetchNextPage();
  };

  // A page may come short, even empty, although there are more.
  const short = query.hasNextPage && (query.data?.pages.at(-1)?.people.length ?? 0) < LEAST_FOUND;
  useEffect(() => {
    if (short) more();
  });

  if (query.isError && !query.data)
    return (
      <FailedQuery
        error={query.error}
        what={t('adminUsers.failedWhat')}
        onRetry={() => void query.refetch()}
        size="page"
      />
    );
  return (
    <div className="flex flex-col gap-4">
      <AwaitingStrip />
      <PeopleFilters search={search} onSearch={setSearch} />
      <PeopleTable
        key={shown.current}
        rows={rows}
        loadingRows={query.isPending || (short && rows.length === 0) ? 10 : query.isFetchingNextPage ? 3 : 0}
        onEndReached={more}
        empty={
          <EmptyState
            icon={<SearchX aria-hidden />}
            title={t('adminUsers.none.title')}
            action={
              <Button
                onClick={() => {
                  setSearch('');
                  url.set(NO_FILTERS);
                }}
              >
                {t('adminUsers.none.action')}
              </Button>
            }
          >
            {t('adminUsers.none.text')}
          </EmptyState>
        }
      />
      <Rest
        count={rows.length}
        more={query.hasNextPage}
        busy={query.isFetchingNextPage}
        failed={query.isFetchNextPageError}
        onMore={() => void query.fetchNextPage()}
      />
    </div>
  );
}

interface RestProps {
  count: number;
  more: boolean;
  busy: boolean;
  failed: boolean;
  onMore: () => void;
}

/** How many are shown, and the way to the next ones where the list does not go on by itself. */
function Rest({ count, more, busy, failed, onMore }: RestProps) {
  const t = useT();
  if (count === 0) return null;
  return (
    <div className="flex min-h-8 flex-wrap items-center justify-between gap-2 text-ink-3 text-sm">
      <span className="nums" aria-live="polite">
        {failed ? t('adminUsers.moreFailed') : t(more ? 'adminUsers.first' : 'adminUsers.all', { count })}
      </span>
      {more ? (
        <Button size="sm" busy={busy} onClick={onMore} className={failed ? undefined : 'sm:hidden'}>
          {t('adminUsers.more')}
        </Button>
      ) : null}
    </div>
  );
}
