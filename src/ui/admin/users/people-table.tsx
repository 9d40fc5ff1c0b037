'use client';
/** People, a page of the server at a time, in the order of the server. Every row opens the person beside the list. */
import { SlidersHorizontal } from 'lucide-react';
import Link from 'next/link';
import { type MouseEvent, type ReactNode, useEffect, useMemo, useRef } from 'react';
import { useT } from '../../messages/messages-provider.tsx';
import { FROM_SM, useMediaQuery } from '../../primitives/media.ts';
import { Table } from '../../primitives/table.tsx';
import type { Column } from '../../primitives/table-types.ts';
import { Time } from '../../primitives/time.tsx';
import { trpc } from '../../trpc-client.tsx';
import { useUrlState } from '../../url-state.ts';
import { type PersonRow, readPeopleSort, writePeopleSort } from './people.ts';
import { PersonStatus, RoleName } from './person-badges.tsx';

interface PeopleTableProps {
  rows: readonly PersonRow[];
  /** Rows of the skeleton: the first page, or the next one. */
  loadingRows: number;
  onEndReached?: () => void;
  empty: ReactNode;
}

export function PeopleTable({ rows, loadingRows, onEndReached, empty }: PeopleTableProps) {
  const t = useT();
  const { get, set } = useUrlState();
  const wide = useMediaQuery(FROM_SM);
  const frame = useRef<HTMLDivElement>(null);
  const sort = get('sort');
  // biome-ignore lint/correctness/useExhaustiveDependencies: another order is read from its beginning
  useEffect(() => {
    frame.current?.firstElementChild?.scrollTo(0, 0);
  }, [sort]);
  return (
    <div ref={frame} className="overflow-hidden rounded-lg border border-line bg-surface empty:hidden">
      <Table
        label={t('adminUsers.table')}
        columns={useColumns()}
        rows={rows}
        rowKey={keyOf}
        rowName={nameOf}
        sort={readPeopleSort(sort)}
        onSortChange={(next) => set({ sort: writePeopleSort(next) })}
        sorting="manual"
        onOpen={({ id }) => set({ person: id }, 'push')}
        // A phone scrolls the page, not a box within it.
        maxHeight={wide ? 'max(360px, calc(100dvh - 284px))' : undefined}
        onEndReached={wide ? onEndReached : undefined}
        loadingRows={loadingRows}
        empty={empty}
      />
    </div>
  );
}

const keyOf = ({ id }: PersonRow) => id;
const nameOf = ({ name }: PersonRow) => name;

function PersonLink({ person }: { person: PersonRow }) {
  const t = useT();
  const { href, set } = useUrlState();
  const own = trpc.profile.me.useQuery().data?.id === person.id;
  const open = (event: MouseEvent) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    set({ person: person.id }, 'push');
  };
  return (
    <span className="block min-w-0">
      <span className="flex min-w-0 items-center gap-2">
        <Link
          href={href({ person: person.id })}
          prefetch={false}
          scroll={false}
          onClick={open}
          title={person.name}
          className="truncate rounded-sm font-medium hover:text-accent-ink"
        >
          {person.name}
        </Link>
        {own ? (
          <span className="rounded-full bg-accent-soft px-1.5 text-accent-ink text-xs leading-4">
            {t('adminUsers.you')}
          </span>
        ) : null}
      </span>
      <span className="block truncate text-ink-3 text-xs md:hidden">{person.email}</span>
    </span>
  );
}

function useColumns(): Column<PersonRow>[] {
  const t = useT();
  return useMemo(
    () => [
      {
        id: 'name',
        header: t('adminUsers.column.name'),
        sortable: true,
        cell: (person) => <PersonLink person={person} />,
      },
      {
        id: 'email',
        header: t('adminUsers.column.email'),
        sortable: true,
        hideBelow: 'md',
        width: '25%',
        cell: ({ email }) => (
          <span title={email} className="text-ink-2">
            {email}
          </span>
        ),
      },
      {
        id: 'role',
        header: t('adminUsers.column.role'),
        sortable: true,
        width: '132px',
        hideBelow: 'sm',
        cell: ({ role }) => <RoleName role={role} />,
      },
      {
        id: 'tier',
        header: t('adminUsers.column.tier'),
        sortable: true,
        width: '120px',
        hideBelow: 'lg',
        cell: ({ tier, hasOverrides }) => (
          <span className="inline-flex items-center gap-1.5 text-ink-2">
            {t(`settings.tier.${tier}`)}
            {hasOverrides ? (
              <span title={t('adminUsers.ownLimits')} className="flex">
                <SlidersHorizontal className="icon text-ink-3" aria-hidden />
                <span className="sr-only">, {t('adminUsers.ownLimits')}</span>
              </span>
            ) : null}
          </span>
        ),
      },
      {
        id: 'state',
        header: t('adminUsers.column.state'),
        width: '132px',
        cell: (person) => <PersonStatus person={person} />,
      },
      {
        id: 'lastSeen',
        header: t('adminUsers.column.lastSeen'),
        sortable: true,
        width: '116px',
        hideBelow: 'lg',
        cell: ({ lastSeenAt }) => (
          <span className="text-ink-2">
            {lastSeenAt === null ? t('adminUsers.never') : <Time at={lastSeenAt} as="short" />}
          </span>
        ),
      },
      {
        id: 'created',
        header: t('adminUsers.column.created'),
        sortable: true,
        width: '116px',
        hideBelow: 'xl',
        cell: ({ createdAt }) => <Time at={createdAt} as="short" className="text-ink-2" />,
      },
    ],
    [t],
  );
}
