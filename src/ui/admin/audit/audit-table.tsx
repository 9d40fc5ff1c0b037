'use client';
/** Entries as dense rows; one opens its drawer. */
import { useMemo } from 'react';
import { ResultWord } from '../../activity/result-word.tsx';
import { Sentence } from '../../activity/sentence.tsx';
import type { Entry } from '../../activity/trail.ts';
import { useT } from '../../messages/messages-provider.tsx';
import { FROM_LG, useMediaQuery } from '../../primitives/media.ts';
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
        maxHeight="calc(100dvh - 300px)"
        onEndReached={onEndReached}
        loadingRows={loadingRows}
      />
    </div>
  );
}

function useColumns(): Column<Entry>[] {
  const t = useT();
  const wide = useMediaQuery(FROM_LG);
  return useMemo(
    () => [
      {
        id: 'time',
        header: t('activity.audit.time'),
        width: wide ? '244px' : '92px',
        cell: ({ at }) => <Time at={at} as={wide ? 'exact' : 'short'} className="text-ink-2 text-sm" />,
      },
      {
        id: 'who',
        header: t('activity.audit.who'),
        width: '150px',
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
            {entry.result === 'done' ? null : (
              <span className="mr-2 sm:hidden">
                <ResultWord result={entry.result} />
              </span>
            )}
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
        hideBelow: 'sm',
        cell: ({ result }) => <ResultWord result={result} />,
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
    [t, wide],
  );
}
