'use client';
/** Entries as dense rows; one opens its drawer. */
import { useMemo } from 'react';
import { Sentence } from '../../activity/sentence.tsx';
import type { Entry } from '../../activity/trail.ts';
import { useT } from '../../messages/messages-provider.tsx';
import { StatusBadge } from '../../primitives/status-badge.tsx';
import { Table } from '../../primitives/table.tsx';
import type { Column } from '../../primitives/table-types.ts';
import { Time } from '../../primitives/time.tsx';

interface AuditTableProps {
  entries: readonly Entry[];
  loadingRows: number;
  onOpen: (entry: Entry) => void;
  onEndReached: () => void;
}

export function AuditTable({ entries, loadingRows, onOpen, onEndReached }: AuditTableProps) {
  const t = useT();
  const columns = useColumns();
  return (
    <div className="overflow-hidden rounded-lg border border-line bg-surface">
      <Table
        label={t('activity.audit.table')}
        columns={columns}
        rows={entries}
        rowKey={({ id }) => String(id)}
        rowName={({ id }) => t('activity.audit.entry', { id: String(id) })}
        onOpen={onOpen}
        maxHeight="calc(100dvh - 260px)"
        onEndReached={onEndReached}
        loadingRows={loadingRows}
      />
    </div>
  );
}

function useColumns(): Column<Entry>[] {
  const t = useT();
  return useMemo(
    () => [
      {
        id: 'time',
        header: t('activity.audit.time'),
        width: '118px',
        cell: ({ at }) => <Time at={at} as="short" className="text-ink-2 text-sm" />,
      },
      {
        id: 'who',
        header: t('activity.audit.who'),
        width: '170px',
        hideBelow: 'md',
        cell: ({ actor }) => (
          <span className="block truncate" title={actor.name}>
            {actor.name}
          </span>
        ),
      },
      {
        id: 'what',
        header: t('activity.audit.what'),
        cell: (entry) => (
          <span className="block truncate">
            <Sentence entry={entry} viewer={undefined} />
          </span>
        ),
      },
      {
        id: 'target',
        header: t('activity.audit.target'),
        width: '200px',
        hideBelow: 'xl',
        cell: ({ target }) => (
          <span className="block truncate font-mono text-ink-2 text-xs" title={target.id ?? undefined}>
            {target.id}
          </span>
        ),
      },
      {
        id: 'result',
        header: t('activity.audit.result'),
        width: '100px',
        cell: ({ result }) => (
          <StatusBadge tone={result === 'done' ? 'neutral' : result === 'denied' ? 'warning' : 'failed'} look="plain">
            {t(`activity.result.${result}`)}
          </StatusBadge>
        ),
      },
      {
        id: 'address',
        header: t('activity.audit.address'),
        width: '150px',
        hideBelow: 'lg',
        cell: ({ address }) => (
          <span className="block truncate font-mono text-ink-2 text-xs" title={address}>
            {address}
          </span>
        ),
      },
    ],
    [t],
  );
}
