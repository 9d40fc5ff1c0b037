'use client';
/** The list of environments on wide screens. */
import Link from 'next/link';
import { useRouter } from 'next/navigation';
import { useMemo } from 'react';
import { useT } from '../messages/messages-provider.tsx';
import { Cores, Memory } from '../primitives/quantity.tsx';
import { Table } from '../primitives/table.tsx';
import type { Column } from '../primitives/table-types.ts';
import { Elapsed, Time } from '../primitives/time.tsx';
import { ApplicationIcon } from './application-icon.tsx';
import { type Environment, environmentHref } from './environment.ts';
import { EnvironmentButtons } from './environment-buttons.tsx';
import { EnvironmentMenu } from './environment-menu.tsx';
import { isLaunching } from './environment-state.ts';
import { EnvironmentStatus } from './environment-status.tsx';

interface EnvironmentsTableProps {
  rows: readonly Environment[];
  loading: boolean;
  selected: ReadonlySet<string>;
  onSelectedChange: (selected: ReadonlySet<string>) => void;
}

export function EnvironmentsTable({ rows, loading, selected, onSelectedChange }: EnvironmentsTableProps) {
  const t = useT();
  const router = useRouter();
  const columns = useColumns();
  return (
    <div className="overflow-hidden rounded-lg border border-line bg-surface">
      <Table
        label={t('environments.table')}
        columns={columns}
        rows={rows}
        rowKey={({ id }) => id}
        rowName={({ name }) => name}
        selected={selected}
        onSelectedChange={onSelectedChange}
        onOpen={({ id }) => router.push(environmentHref(id))}
        loadingRows={loading ? 6 : 0}
      />
    </div>
  );
}

function useColumns(): Column<Environment>[] {
  const t = useT();
  return useMemo(
    () => [
      {
        id: 'name',
        header: t('environments.column.name'),
        cell: ({ id, name, application }) => (
          <span className="flex min-w-0 items-center gap-2.5">
            <ApplicationIcon name={application.icon} />
            <Link
              href={environmentHref(id)}
              title={name}
              className="truncate rounded-sm font-medium hover:text-accent-ink"
            >
              {name}
            </Link>
            <span className="min-w-0 shrink-[9999] truncate text-ink-3 text-sm max-lg:sr-only">{application.name}</span>
          </span>
        ),
      },
      {
        id: 'status',
        header: t('environments.column.status'),
        width: '150px',
        cell: (environment) => <EnvironmentStatus environment={environment} look="plain" />,
      },
      {
        id: 'since',
        header: t('environments.column.since'),
        width: '120px',
        hideBelow: 'md',
        cell: (environment) => (
          <span className="text-ink-2 text-sm">
            {isLaunching(environment) ? (
              <Elapsed from={environment.steps[0]?.at ?? environment.createdAt} />
            ) : (
              <Time at={environment.phaseAt} as="short" />
            )}
          </span>
        ),
      },
      {
        id: 'size',
        header: t('environments.column.size'),
        width: '160px',
        hideBelow: 'lg',
        cell: ({ size }) => (
          <span className="text-ink-2">
            <Cores millicores={size.cpuMillicores} /> · <Memory mib={size.memoryMiB} />
          </span>
        ),
      },
      {
        id: 'storage',
        header: t('environments.column.storage'),
        width: '160px',
        hideBelow: 'lg',
        cell: ({ storage }) =>
          storage ? (
            <Link
              href={`/storage/${storage.id}`}
              title={storage.displayName}
              className="rounded-sm text-ink-2 hover:text-ink"
            >
              {storage.displayName}
            </Link>
          ) : null,
      },
      {
        id: 'actions',
        header: t('environments.column.actions'),
        hideHeader: true,
        width: '224px',
        align: 'right',
        cell: (environment) => (
          <span className="inline-flex items-center justify-end gap-1">
            <EnvironmentButtons environment={environment} size="sm" />
            <EnvironmentMenu environment={environment} size="sm" />
          </span>
        ),
      },
    ],
    [t],
  );
}
